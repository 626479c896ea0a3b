"""Every answer says how far a pharmacist signed what it says, and may be told to say no more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.http.examples import CHECK
from api.settings import ReviewSettings, Settings
from kg.casing.assemble import assemble
from kg.checking.brief import check_in_brief, verdicts
from kg.checking.check import check
from kg.contract.request import request_from
from kg.review.reviews import APPROVAL, NO_REVIEWS, Reviews, reviews_of
from kg.review.status import ReviewStanding, needed_for
from kg.snapshot.model import Snapshot
from tests.review.test_pages import first, signed

FHIR = {"Content-Type": "application/json", "Accept": "application/fhir+json"}


@pytest.fixture(scope="module")
def asked() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(CHECK))
    return found


@pytest.fixture
def service(tmp_path: Path, release_folder: Path) -> Iterator[TestClient]:
    """Open the service over an empty store."""
    review = ReviewSettings(database=str(tmp_path / "reviews.sqlite"))
    app = create_app(Settings(releases=release_folder.parent, review=review))
    with TestClient(app, raise_server_exceptions=False) as found:
        yield found
    app.state.bench.database.close()


def found_by(service: TestClient, asked: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = service.post("/v1/check", json=asked).json()
    return answer


def one_signature(report: dict[str, Any], snapshot: Snapshot) -> str:
    """Name an advisory of a report that one person approves."""
    named: list[str] = [f["advisory"] for f in report["findings"]]
    return next(iri for iri in named if needed_for(iri, snapshot) == 1)


def states(report: dict[str, Any]) -> dict[str, dict[str, str]]:
    return {f["advisory"]: f["review"] for f in report["findings"]}


def test_what_was_signed_is_said_at_once_at_every_door(
    service: TestClient, snapshot: Snapshot, asked: dict[str, Any]
) -> None:
    before = found_by(service, asked)
    assert before["release"]["reviews"] == NO_REVIEWS.hash
    assert set(map(str, states(before).values())) == {"{'status': 'unreviewed'}"}
    subject = one_signature(before, snapshot)
    first(service)
    assert signed(service, subject)[0] == 200
    after = found_by(service, asked)
    assert states(after)[subject] == {"status": "approved"}
    assert {s["status"] for i, s in states(after).items() if i != subject} == {"unreviewed"}
    assert after["release"]["reviews"] != before["release"]["reviews"]
    assert found_by(service, asked) == after, "the same request, release and reviews"

    lines = service.post(
        "/v1/check/batch",
        content=json.dumps(asked),
        headers={"Content-Type": "application/x-ndjson"},
    )
    assert lines.json() == after
    for detail in ("brief", "verdicts"):
        short = service.post(f"/v1/check?detail={detail}", json=asked).json()
        assert short["release"] == after["release"]
    bundle = service.post("/v1/check", json=asked, headers=FHIR).json()
    issues = [r["resource"] for r in bundle["entry"]]
    status = {i["status"] for i in issues if i["resourceType"] == "DetectedIssue" and i["status"]}
    assert status == {"final", "preliminary"}
    assert after["release"]["reviews"] in json.dumps(bundle)
    key = subject.rsplit("/", 1)[-1]
    assert service.get(f"/v1/advisories/{key}").json()["review"] == {"status": "approved"}
    page = service.post("/check", data={"med": "ondansetron\nfluconazole", "age": "46"}).text
    assert "Review: unreviewed" in page


def test_a_page_and_a_card_say_it(
    service: TestClient, snapshot: Snapshot, asked: dict[str, Any]
) -> None:
    form = {"med": "ondansetron"}
    report = found_by(service, {"medications": [{"text": "ondansetron"}]})
    subject = one_signature(report, snapshot)
    first(service)
    signed(service, subject)
    assert "Review: approved" in service.post("/check", data=form).text


def only(*approved: str) -> Reviews:
    return reviews_of({i: ReviewStanding(status="approved") for i in approved}, only_approved=True)


def test_only_approved_advice_speaks_but_what_forbids_is_never_mute(
    snapshot: Snapshot, asked: dict[str, Any]
) -> None:
    case = assemble(request_from(asked), snapshot)
    free = check(case, snapshot)
    never_mute = {
        f.advisory
        for f in free.findings
        if "contraindicated" in snapshot.advisories[f.advisory].severities.values()
    }
    held = [f for f in free.findings if f.advisory not in never_mute]
    assert never_mute
    assert len(held) > 2
    report = check(case, snapshot, only(held[0].advisory))
    assert {f.advisory for f in report.findings} == never_mute | {held[0].advisory}
    waiting = {n.advisory: n for n in report.not_evaluable if n.needs == (APPROVAL,)}
    assert waiting.keys() == {f.advisory for f in held[1:]}
    assert all(waiting[f.advisory].severity == f.severity for f in held[1:])
    assert not report.complete
    assert [n.advisory for n in report.not_evaluable if n.needs != (APPROVAL,)] == [
        n.advisory for n in free.not_evaluable
    ]
    ranks = [n.severity for n in report.not_evaluable]
    order = ("contraindicated", "avoid", "hold", "caution", "inform")
    assert ranks == sorted(ranks, key=order.index)


def test_the_shorter_answers_hold_back_the_same(snapshot: Snapshot, asked: dict[str, Any]) -> None:
    case = assemble(request_from(asked), snapshot)
    full = check(case, snapshot, only())
    brief, told = check_in_brief(case, snapshot, only()), verdicts(case, snapshot, only())
    assert [f.advisory for f in brief.findings] == [f.advisory for f in full.findings]
    assert (brief.severity, brief.complete) == (full.severity, full.complete)
    truths = {v.advisory: v.truth for v in told.verdicts}
    assert {i for i, t in truths.items() if t == "applies"} == {f.advisory for f in full.findings}
    assert {n.advisory for n in full.not_evaluable} == {
        i for i, t in truths.items() if t == "cannot_tell"
    }


def test_a_case_that_was_complete_is_not_where_advice_waits(snapshot: Snapshot) -> None:
    """With everything approved nothing changes but the hash; with nothing, no answer is whole."""
    case = assemble(request_from(json.loads(json.dumps(CHECK))), snapshot)
    free, all_of = check(case, snapshot), check(case, snapshot, only(*snapshot.advisories))
    same = msgspec.to_builtins(all_of)
    assert [f["advisory"] for f in same["findings"]] == [f.advisory for f in free.findings]
    assert all_of.complete == free.complete
    assert all_of.not_evaluable == free.not_evaluable


def test_the_service_can_be_told_to_say_approved_advice_alone(
    tmp_path: Path, release_folder: Path, monkeypatch: pytest.MonkeyPatch, asked: dict[str, Any]
) -> None:
    monkeypatch.setenv("INOKG_ONLY_APPROVED", "1")
    monkeypatch.setenv("INOKG_DATABASE", str(tmp_path / "reviews.sqlite"))
    app = create_app(Settings(releases=release_folder.parent))
    with TestClient(app) as service:
        report = found_by(service, asked)
        assert not report["complete"]
        assert any(APPROVAL in n["needs"] for n in report["not_evaluable"])
        bundle = service.post("/v1/check", json=asked, headers=FHIR).text
        assert "Held back until a reviewer approves it" in bundle


def test_a_service_that_loses_its_reviews_calls_nothing_approved(
    release_folder: Path, asked: dict[str, Any]
) -> None:
    lost = ReviewSettings(
        database="postgresql://127.0.0.1:1/none?connect_timeout=1", only_approved=True
    )
    app = create_app(Settings(releases=release_folder.parent, review=lost))
    with TestClient(app, raise_server_exceptions=False) as service:
        report = found_by(service, asked)
        assert any(APPROVAL in n["needs"] for n in report["not_evaluable"])
        assert service.get("/review/sign-in").status_code == 503
