"""An answer says which knowledge gave it, and the same question to it gets the same bytes again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from fastapi.testclient import TestClient

from kg.cli.main import main
from tests.cds_hooks.calls import INDEX, SERVICE, TODAY, CallBuilder, a_call, open_hooks, post
from tests.fhir.resources import (
    ICD10,
    bundle,
    coded,
    condition,
    observation,
    order,
    patient,
    quantity,
    statement,
)
from tests.serving import serving

FHIR = {"Content-Type": "application/fhir+json", "Accept": "application/fhir+json"}
LINES = {"Content-Type": "application/x-ndjson"}
PATIENT: dict[str, Any] = {
    "patient": {"age_years": 60, "sex": "female", "flags": ["planned_hsct"]},
    "medications": [
        {"text": "citalopram"},
        {"text": "amiodarone", "status": "stopped", "last_taken": "2026-11-14"},
        {"text": "nonsensium"},
    ],
    "conditions": [{"text": "cirrhosis", "status": "resolved"}],
    "context": {"phase": "before_dose", "as_of": "2026-11-21", "last_dose": "2026-11-14"},
}
BUNDLE = bundle(patient(), order("citalopram"), condition(coded(ICD10, "K74.6")))
# Every door that answers about a patient, as it is asked.
DOORS: dict[str, tuple[str, dict[str, Any]]] = {
    "plain": ("/v1/check", {"json": PATIENT}),
    "fhir": ("/v1/check?as_of=2026-11-21", {"content": json.dumps(BUNDLE), "headers": FHIR}),
    "batch": ("/v1/check/batch", {"content": json.dumps(PATIENT) + "\n", "headers": LINES}),
    "explained": ("/v1/explain", {"json": {**PATIENT, "explain": "qt-firm-drug"}}),
    "silent": ("/v1/explain", {"json": {**PATIENT, "explain": "medications[2]"}}),
    "page": ("/check", {"data": {"med": "citalopram", "phase": "before_first_dose"}}),
}


def mark_of(release: Path) -> tuple[str, str]:
    """Read version and hash where they were written when the release was built."""
    made = json.loads((release / "release.json").read_text(encoding="utf-8"))
    return made["version"], made["hash"]


# --- EX-07 --------------------------------------------------------------------------------------


@pytest.mark.parametrize("door", DOORS)
def test_ex_07_every_answer_about_a_patient_names_its_release(
    door: str, client: TestClient, release_folder: Path
) -> None:
    address, sent = DOORS[door]
    answer = client.post(address, **sent)
    assert answer.status_code == 200, answer.text
    version, content = mark_of(release_folder)
    assert len(content) == len("sha256:") + 64
    assert version in answer.text
    assert content in answer.text


def test_ex_07_an_issue_names_it_wherever_it_is_filed(
    client: TestClient, release_folder: Path
) -> None:
    """A detected issue is kept by itself, away from the bundle that it came in."""
    version, content = mark_of(release_folder)
    address, sent = DOORS["fhir"]
    entries = client.post(address, **sent).json()["entry"]
    issues = [e["resource"] for e in entries if e["resource"]["resourceType"] == "DetectedIssue"]
    assert len(issues) > 1
    assert all(i["author"]["display"] == f"inokg {version}, {content}" for i in issues)


def test_ex_07_every_card_and_every_line_at_a_terminal_names_it_too(
    release_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    version, content = mark_of(release_folder)
    with open_hooks(release_folder, tmp_path) as hooks:
        shown = post(hooks, CALL.json()).json()["cards"]
    assert len(shown) > 3
    for card in shown:
        assert f"release {version} ({content[:19]})" in card["detail"], card["summary"]
    places = ["--releases", str(release_folder.parent)]
    main(["check", "--med", "citalopram", *places])
    main(["explain", "--why-not", "paracetamol", *places])
    assert capsys.readouterr().out.count(f"Release {version}, {content[:19]}") == 2


def test_ex_07_a_replay_in_another_process_gives_the_same_bytes(release_folder: Path) -> None:
    """Each run has other seeds for whatever has no order of its own, and its own process."""
    found = []
    for seed in ("1", "2"):
        with (
            serving(release_folder.parent, "--quiet", seed=seed) as service,
            httpx.Client(base_url=service.url, timeout=30) as asking,
        ):
            found.append({d: asking.post(a, **sent).content for d, (a, sent) in DOORS.items()})
    assert found[0] == found[1]
    assert all(len(content) > 500 for content in found[0].values())


# --- OP-04 --------------------------------------------------------------------------------------

CALL: CallBuilder = (
    a_call()
    .with_fields(hookInstance="9b2c7a10-5a51-4a6c-8f1e-1f1a5b0a7d11")
    .drafting(order("fluconazole 200 mg", "draft", "d1"))
    .having("medications", INDEX, order("citalopram", key="m2"))
    .having("statements", statement("amiodarone", "stopped", effectivePeriod={"end": "2026-11-10"}))
    .having("conditions", condition(coded(ICD10, "K74.6")))
    .having("ecg", observation("QTcF", valueQuantity=quantity(505, "ms")))
)


@contextmanager
def on(day: str, release: Path, folder: Path) -> Iterator[TestClient]:
    """Open the hooks on some day, with a store of feedback of their own."""
    folder.mkdir()
    with open_hooks(release, folder) as hooks:
        state: Any = hooks.app
        state.state.hooks.today = lambda: day
        yield hooks


def test_op_04_the_callers_copy_gets_the_same_cards_again(
    release_folder: Path, tmp_path: Path
) -> None:
    """A service of another day, which never saw the first call, gives the same bytes.

    The copy says which day it is about: in the call itself, or, where the call left that to the
    day on which it was made, with that day added.
    """
    dated = CALL.with_fields(extension={"org.w3id.inokg": {"context": {"as_of": TODAY}}})
    copies = [json.dumps(c.json()) for c in (CALL, dated)]
    answers = []
    for n, (day, sent) in enumerate(
        [(TODAY, copies[0]), (TODAY, copies[1]), ("2031-02-28", copies[1])]
    ):
        with on(day, release_folder, tmp_path / str(n)) as hooks:
            answer = hooks.post(f"/cds-services/{SERVICE}", content=sent)
            assert answer.status_code == 200, answer.text
            answers.append(answer.content)
    assert answers[0] == answers[1] == answers[2]
    shown = json.loads(answers[0])["cards"]
    uuids = {card["uuid"] for card in shown}
    assert len(uuids) == len(shown) > 3


def test_op_04_another_day_or_another_call_is_seen(release_folder: Path, tmp_path: Path) -> None:
    """The comparison can fail: years later the stopped drug is washed out, and uuids differ."""
    with on(TODAY, release_folder, tmp_path / "now") as hooks:
        first = post(hooks, CALL.json()).content
        other = CALL.with_fields(hookInstance="0b2c7a10-5a51-4a6c-8f1e-1f1a5b0a7d11")
        assert post(hooks, other.json()).content != first
    with on("2031-02-28", release_folder, tmp_path / "later") as hooks:
        assert post(hooks, CALL.json()).content != first


def test_op_04_nothing_of_the_patient_is_kept_here(release_folder: Path, tmp_path: Path) -> None:
    """What stays behind holds ids of cards and advice, and nothing that was sent."""
    with on(TODAY, release_folder, tmp_path / "kept") as hooks:
        shown = post(hooks, CALL.json()).json()["cards"]
    left = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    assert shown[0]["uuid"].encode() in left
    # "citalopram" may not stand there, and neither may the numbers, dates and ids that were sent.
    for sent in (b"citalopram", b"fluconazole", b"amiodarone", b"K74.6", b"505", b"2026-11-10"):
        assert sent not in left
    for sent in (b"Patient/p1", b"Practitioner/u1", b'"p1"', b"9b2c7a10-5a51"):
        assert sent not in left
