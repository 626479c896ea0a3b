"""Feedback: what is taken, what is kept, and that what was acknowledged is never lost."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from api.cds_hooks.store import Rate, broken_link, connect, rates
from tests.cds_hooks.calls import INDEX, SERVICE, TODAY, a_call, by_advisory, cards, open_hooks
from tests.conformance.clauses import clause
from tests.fhir.resources import Json, order
from tests.workshop import ROOT

MARK = "Zebra-Quagga-1867"
AT = "2026-11-21T10:00:00Z"


def _overridden(card: str, at: str = AT, **more: Any) -> Json:
    return {"card": card, "outcome": "overridden", "outcomeTimestamp": at, **more}


def _accepted(card: str, *suggestions: str, at: str = AT) -> Json:
    chosen = [{"id": s} for s in suggestions]
    return {
        "card": card,
        "outcome": "accepted",
        "acceptedSuggestions": chosen,
        "outcomeTimestamp": at,
    }


def _reason(code: str) -> Json:
    system = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"
    return {"overrideReason": {"reason": {"system": system, "code": code}}}


def _send(client: TestClient, *entries: Json) -> Any:
    return client.post(f"/cds-services/{SERVICE}/feedback", json={"feedback": list(entries)})


def _shown(client: TestClient) -> dict[str, Json]:
    call = a_call().drafting(order("citalopram", "draft", "d1")).having("medications", INDEX)
    return by_advisory(cards(client, call))


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "feedback.sqlite"


def _rows(database: Path, table: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(database) as connection:
        return connection.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608


@clause("CH-50", "CH-52")
def test_feedback_is_bound_to_advisory_and_release(hooks: TestClient, database: Path) -> None:
    shown = _shown(hooks)
    drug, gap = shown["qt-firm-drug"], shown["gap"]
    answer = _send(
        hooks,
        _accepted(drug["uuid"], drug["suggestions"][0]["uuid"]),
        _overridden(gap["uuid"]),
    )
    assert answer.status_code == 200
    assert answer.json() == {"stored": 2, "repeated": 0, "unmatched": 0}
    release = hooks.post("/v1/check", json={}).json()["release"]["hash"]
    kept = {r[1]: r for r in _rows(database, "feedback")}
    said, of_release = kept[drug["uuid"]][8:10]
    assert "https://w3id.org/inokg/advisory/qt-firm-drug" in said.split(" ")
    assert of_release == release
    assert kept[gap["uuid"]][8] == "missing"


@clause("CH-52")
def test_what_was_shown_is_counted_so_that_silence_counts_too(
    hooks: TestClient, database: Path
) -> None:
    first, second, _ = (_shown(hooks)["qt-firm-drug"]["uuid"] for _ in range(3))
    _send(hooks, _overridden(first, **_reason("risk-benefit-ratio")))
    _send(hooks, _accepted(second, str(uuid4())))
    connection = connect(database)
    release = hooks.post("/v1/check", json={}).json()["release"]["hash"]
    found = {r.advisory.rsplit("/", 1)[-1]: r for r in rates(connection)}
    connection.close()
    system = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"
    assert found["qt-firm-drug"] == Rate(
        advisory="https://w3id.org/inokg/advisory/qt-firm-drug",
        release=release,
        shown=3,
        accepted=1,
        overridden=1,
        reasons=((f"{system}|risk-benefit-ratio", 1),),
        shared=3,
    )
    # What came of a card counts for each advisory that it says, and is marked as shared.
    beside = found["electrolytes-missing"]
    assert (beside.shown, beside.accepted, beside.overridden, beside.shared) == (3, 1, 1, 3)
    assert {r[4] for r in _rows(database, "shown")} == {TODAY}


@clause("CH-52", "CH-53")
def test_feedback_may_be_repeated_and_is_counted_once(hooks: TestClient, database: Path) -> None:
    card = _shown(hooks)["qt-firm-drug"]["uuid"]
    entry = _overridden(card)
    assert _send(hooks, entry).json()["stored"] == 1
    assert _send(hooks, entry, entry).json() == {"stored": 0, "repeated": 2, "unmatched": 0}
    assert _send(hooks, entry | {"outcomeTimestamp": "2026-11-21T10:00:00+00:00"}).json()[
        "repeated"
    ] == (1)
    assert _send(hooks, _overridden(card, "2026-11-21T11:00:00Z")).json()["stored"] == 1
    assert len(_rows(database, "feedback")) == 2


@clause("CH-52")
def test_the_last_word_on_a_card_counts(hooks: TestClient, database: Path) -> None:
    card = _shown(hooks)["qt-firm-drug"]["uuid"]
    _send(hooks, _overridden(card, "2026-11-21T10:00:00Z"))
    _send(hooks, _accepted(card, str(uuid4()), at="2026-11-21T10:05:00Z"))
    connection = connect(database)
    found = {r.advisory.rsplit("/", 1)[-1]: r for r in rates(connection)}["qt-firm-drug"]
    connection.close()
    assert (found.accepted, found.overridden) == (1, 0)


@clause("CH-53")
def test_feedback_on_an_unknown_card_is_counted_as_such(hooks: TestClient) -> None:
    answer = _send(hooks, _overridden(str(uuid4())))
    assert answer.status_code == 200
    assert answer.json() == {"stored": 0, "repeated": 0, "unmatched": 1}


@clause("CH-96")
def test_feedback_that_comes_at_once_finds_its_card_in_another_worker(
    release_folder: Path, database: Path
) -> None:
    with (
        open_hooks(release_folder, database.parent) as one,
        open_hooks(release_folder, database.parent) as other,
    ):
        for _ in range(20):
            names = list({c["uuid"] for c in _shown(one).values()})
            assert _send(other, *map(_overridden, names)).json()["stored"] == len(names)


@clause("CH-96")
def test_what_fits_no_card_is_kept_apart_and_refused_once_there_is_no_room(
    hooks: TestClient, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.cds_hooks.store._MOST_UNMATCHED", 3)
    for _ in range(3):
        assert _send(hooks, _overridden(str(uuid4()))).status_code == 200
    assert len(_rows(database, "unmatched")) == 3
    assert _rows(database, "feedback") == []
    refused = _send(hooks, _overridden(str(uuid4())))
    assert refused.status_code == 503
    assert len(_rows(database, "unmatched")) == 3
    card = _shown(hooks)["qt-firm-drug"]["uuid"]
    assert _send(hooks, _overridden(card)).json()["stored"] == 1


@clause("CH-52")
def test_many_cards_of_many_calls_come_in_one(hooks: TestClient) -> None:
    names = [n for _ in range(3) for n in {c["uuid"] for c in _shown(hooks).values()}]
    answer = _send(hooks, *(_overridden(n) for n in names))
    assert answer.json()["stored"] == len(names)
    assert _send(hooks).json()["stored"] == 0


_CARD = "3d9f5a60-25c4-4f0b-9a3f-7a3c9f3a1c11"


@clause("CH-50", "CH-51", "CH-53", "FH-02")
@pytest.mark.parametrize(
    ("entry", "place"),
    [
        (_overridden(_CARD) | {"outcome": "ignored"}, "outcome"),
        ({k: v for k, v in _overridden(_CARD).items() if k != "outcome"}, "outcome"),
        (_overridden("not-a-uuid"), "card"),
        ({k: v for k, v in _overridden(_CARD).items() if k != "card"}, "card"),
        (_accepted(_CARD), "acceptedSuggestions"),
        (_accepted(_CARD, "x"), "acceptedSuggestions"),
        (_overridden(_CARD, overrideReason={}), "overrideReason"),
        (_overridden(_CARD, **_reason("a b")), "reason"),
        (_overridden(_CARD, **_reason("x" * 65)), "reason"),
        (_overridden(_CARD, overrideReason={"reason": {"code": "x", "system": MARK}}), "reason"),
        (_overridden(_CARD, "yesterday"), "outcomeTimestamp"),
        (_overridden(_CARD, "2026-11-21T10:00:00+02:00"), "outcomeTimestamp"),
        (_overridden(_CARD, "2026-13-41T10:00:00Z"), "outcomeTimestamp"),
        ({k: v for k, v in _overridden(_CARD).items() if k != "outcomeTimestamp"}, "outcome"),
    ],
)
def test_malformed_feedback_is_refused_whole(
    hooks: TestClient, database: Path, entry: Json, place: str
) -> None:
    answer = _send(hooks, _overridden(_CARD), entry)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/fhir+json"
    (issue,) = answer.json()["issue"]
    assert place.lower() in (issue["expression"][0] + issue["diagnostics"]).lower()
    assert MARK not in answer.text
    assert not database.exists() or _rows(database, "feedback") == []


@pytest.mark.parametrize("body", [b"", b"[]", b'{"feedback": {}}', b"x", b"{}"])
def test_a_body_that_is_no_feedback_is_refused(hooks: TestClient, body: bytes) -> None:
    answer = hooks.post(f"/cds-services/{SERVICE}/feedback", content=body)
    assert answer.status_code == 400


@clause("CH-52", "CH-54")
def test_reasons_are_optional_and_comments_are_not_kept(hooks: TestClient, database: Path) -> None:
    card = _shown(hooks)["qt-firm-drug"]["uuid"]
    commented = {"overrideReason": {"userComment": f"{MARK} said so"}}
    both = _reason("risk-benefit-ratio")
    both["overrideReason"]["userComment"] = MARK
    _send(
        hooks,
        _overridden(card),
        _overridden(card, "2026-11-21T11:00:00Z", **commented),
        _overridden(card, "2026-11-21T12:00:00Z", **both),
    )
    rows = _rows(database, "feedback")
    assert [(r[5], r[6]) for r in rows] == [("", 0), ("", 1), ("risk-benefit-ratio", 1)]
    for path in database.parent.iterdir():
        assert MARK.encode() not in path.read_bytes()


def test_a_reason_that_nobody_offers_is_kept_as_another(hooks: TestClient, database: Path) -> None:
    card = _shown(hooks)["qt-firm-drug"]["uuid"]
    _send(hooks, _overridden(card, **_reason(MARK)))
    assert [(r[4], r[5]) for r in _rows(database, "feedback")] == [("", "other")]
    for path in database.parent.iterdir():
        assert MARK.encode() not in path.read_bytes()


def test_an_entry_names_no_more_suggestions_than_a_card_can_have(hooks: TestClient) -> None:
    card = _shown(hooks)["qt-firm-drug"]["uuid"]
    many = _accepted(card, str(uuid4()))
    many["acceptedSuggestions"] *= 21
    refused = hooks.post(f"/cds-services/{SERVICE}/feedback", json={"feedback": [many]})
    assert refused.status_code == 400


def test_nothing_of_a_patient_is_in_the_file(hooks: TestClient, database: Path) -> None:
    call = (
        a_call()
        .drafting(order(f"citalopram {MARK}", "draft", "d1"), order("citalopram", "draft", "d2"))
        .having("medications", INDEX)
        .saying(userId=f"Practitioner/{MARK}", encounterId=MARK)
    )
    assert cards(hooks, call)
    for path in database.parent.iterdir():
        data = path.read_bytes()
        assert MARK.encode() not in data
        assert b"Patient/" not in data


def test_what_is_kept_can_only_be_added_to(hooks: TestClient, database: Path) -> None:
    _send(hooks, _overridden(_shown(hooks)["qt-firm-drug"]["uuid"]))
    with sqlite3.connect(database) as connection:
        for table, column in (("feedback", "outcome"), ("shown", "advisory")):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(f"UPDATE {table} SET {column} = 'x'")  # noqa: S608
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608


def test_an_entry_that_was_altered_breaks_the_chain(hooks: TestClient, database: Path) -> None:
    card = _shown(hooks)["qt-firm-drug"]["uuid"]
    for hour in range(3):
        _send(hooks, _overridden(card, f"2026-11-21T0{hour}:00:00Z"))
    connection = connect(database)
    assert broken_link(connection) is None
    connection.execute("DROP TRIGGER feedback_update")
    connection.execute("UPDATE feedback SET reason_code = 'other' WHERE number = 2")
    assert broken_link(connection) == 2
    connection.close()


# --- what was acknowledged survives -------------------------------------------------------------


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _post(address: str, body: Json) -> Json:
    request = urllib.request.Request(  # noqa: S310 - our own service
        address, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        found: Json = json.loads(answer.read())
        return found


@clause("CH-52", "CH-53")
def test_acknowledged_feedback_survives_a_killed_process(
    release_folder: Path, tmp_path: Path, database: Path
) -> None:
    port = _free_port()
    program = (
        "import sys, uvicorn; from pathlib import Path; from api.app import create_app; "
        "from api.settings import Settings; "
        f"uvicorn.run(create_app(Settings(Path({str(release_folder.parent)!r}))), "
        f"host='127.0.0.1', port={port}, log_level='critical')"
    )
    service = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "INOKG_DATABASE": str(database)},
    )
    base = f"http://127.0.0.1:{port}"
    try:
        _wait(f"{base}/healthz", service)
        call = a_call().drafting(order("citalopram", "draft", "d1")).having("medications", INDEX)
        shown = _post(f"{base}/cds-services/{SERVICE}", call.json())["cards"]
        acknowledged = []
        for n in range(25):
            entry = _overridden(shown[0]["uuid"], f"2026-11-21T10:00:{n:02d}Z")
            _post(f"{base}/cds-services/{SERVICE}/feedback", {"feedback": [entry]})
            acknowledged.append(entry["outcomeTimestamp"])
    finally:
        service.send_signal(signal.SIGKILL)
        service.wait(10)
    connection = connect(database)
    kept = [r[0] for r in connection.execute("SELECT at FROM feedback ORDER BY number")]
    names = {r[0] for r in connection.execute("SELECT card FROM shown")}
    assert kept == acknowledged
    assert {c["uuid"] for c in shown} <= names
    assert broken_link(connection) is None
    connection.close()


def _wait(address: str, service: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        assert service.poll() is None, "the service ended"
        try:
            with urllib.request.urlopen(address, timeout=1):  # noqa: S310
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the service did not start")


def test_cards_are_shown_even_where_they_cannot_be_counted(
    release_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("this is no folder", encoding="utf-8")
    with open_hooks(release_folder, tmp_path, database=tmp_path / "file" / "x.sqlite") as client:
        card = _shown(client)["qt-firm-drug"]["uuid"]
        answer = _send(client, _overridden(card))
    assert answer.status_code == 503
    assert answer.json()["issue"][0]["code"] == "transient"


def test_two_processes_write_one_chain(database: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from api.cds_hooks.store import FeedbackEntry, "
        f"connect, show, store; c = connect(Path({str(database)!r})); "
        "show(c, [(sys.argv[1], 'advisory', 'release', 'order-sign', '2026-11-21')]); "
        "[store(c, [FeedbackEntry(sys.argv[1], 'overridden', str(n))]) for n in range(40)]; "
        "c.close()"
    )
    writers = [
        subprocess.Popen([sys.executable, "-c", program, name], cwd=ROOT) for name in ("a", "b")
    ]
    assert [w.wait(60) for w in writers] == [0, 0]
    connection = connect(database)
    assert connection.execute("SELECT count(*) FROM feedback").fetchone() == (80,)
    assert broken_link(connection) is None
    connection.close()
