"""What is tried: each door and each format, with sound inputs and the function that reads them.

A target may refuse in an error of ours and in nothing else. Where what was read can be written
again, reading that gives the same.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from fastapi.testclient import TestClient

from api.cds_hooks.call import decode_call
from api.cds_hooks.feedback import decode_feedback
from api.cds_hooks.store import FeedbackStore
from api.cds_hooks.trust import Client, Trust, Untrusted, read_clients
from api.http.callers import CallerFile, read_callers
from api.http.forms import read_form
from api.http.negotiate import chosen
from api.pages.form import request_of
from api.review.exchange import read_reviews
from api.settings_file import use_file
from kg.casing.assemble import assemble
from kg.checking.brief import checked
from kg.contract.detail import BRIEF, FULL, VERDICTS, encode_answer
from kg.contract.place import Place
from kg.contract.request import decode_request, instant
from kg.errors import KgError
from kg.explaining.input import explain_input
from kg.fhir.check import check_fhir
from kg.fhir.request import decode_fhir, read_bundle
from kg.graph.sparql_query import read_query, refuse_long
from kg.graph.sssom import read_table, written
from kg.graph.turtle import Prefixes, canonical
from kg.resolving.resolution import resolution
from kg.snapshot.file import read_snapshot
from kg.snapshot.model import Snapshot
from kg.snapshot.releases import ONTOLOGY
from tests.workshop import ROOT

Read = Callable[[bytes], object]


@dataclass(frozen=True)
class Target:
    """One thing to try: inputs that are read, who reads them, and where a fault can be planted."""

    name: str
    seeds: list[bytes]
    read: Read
    # Module and name of a function on the way, which every input that is read goes through.
    inner: str


@dataclass(frozen=True)
class Bench:
    """What the targets read with."""

    snapshot: Snapshot
    release: Path
    client: TestClient
    scratch: Path


def _json(*bodies: Any) -> list[bytes]:
    return [json.dumps(body, ensure_ascii=False).encode() for body in bodies]


PATIENT: dict[str, Any] = {
    "patient": {"age_years": 46, "sex": "female", "weight_kg": 70, "flags": ["planned_hsct"]},
    "medications": [
        {"text": "haloperidol 5 mg PO BID", "status": "active"},
        {"system": "http://www.whocc.no/atc", "code": "J02AC04"},
    ],
    "conditions": [{"text": "history of VOD, severe", "status": "resolved"}],
    "allergies": [{"text": "penicillin - rash"}],
    "observations": [{"text": "K 3.1 mmol/L"}, {"text": "QTcF", "value": 505, "unit": "ms"}],
    "context": {"as_of": "2026-12-01", "phase": "during_treatment", "cycle": 2, "day": 8},
}
_TEXTS = {
    "medication": "paracetamol 1 g up to QDS PRN|levofloxacin 500mg (Tavanic) stopped 2.3.24",
    "condition": "no cirrhosis; ?VOD 2019|CKD stage 3b on dialysis, resolved hepatitis B",
    "allergy": "amoxicillin (anaphylaxis 2012)|NKDA|no known drug allergies",
    "observation": "ALT 120 U/L (ULN 40) H|<0.5 x10^9/L neutrophils|bilirubin 1,2 mg/dL",
}
_BUNDLE = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {"resource": {"resourceType": "Patient", "id": "p", "birthDate": "1980-02-29"}},
        {
            "resource": {
                "resourceType": "MedicationRequest",
                "id": "m",
                "status": "active",
                "intent": "order",
                "subject": {"reference": "Patient/p"},
                "medicationCodeableConcept": {"text": "haloperidol 5 mg tablets"},
            }
        },
        {
            "resource": {
                "resourceType": "Observation",
                "id": "o",
                "status": "final",
                "code": {"coding": [{"system": "http://loinc.org", "code": "1975-2"}]},
                "subject": {"reference": "Patient/p"},
                "effectiveDateTime": "2026-11-30T10:00:00Z",
                "valueQuantity": {"value": 40, "code": "umol/L"},
                "referenceRange": [{"high": {"value": 21, "code": "umol/L"}}],
            }
        },
    ],
}
_CALL = {
    "hook": "order-select",
    "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
    "context": {
        "userId": "Practitioner/1",
        "patientId": "p",
        "selections": ["MedicationRequest/m"],
        "draftOrders": _BUNDLE,
    },
    "prefetch": {"patient": _BUNDLE["entry"][0]["resource"], "medications": _BUNDLE},  # type: ignore[index]
}
_FEEDBACK = {
    "feedback": [
        {
            "card": "f6b95768-b1c8-40dc-8385-bf3504b82ffb",
            "outcome": "overridden",
            "overrideReason": {"reason": {"code": "x", "system": "http://x"}, "userComment": "c"},
            "outcomeTimestamp": "2026-12-01T10:05:31Z",
        }
    ]
}
_MESSAGE = {
    "jsonrpc": "2.0",
    "id": 7,
    "method": "tools/call",
    "params": {"name": "check", "arguments": PATIENT},
}
_FORM = (
    "medications=haloperidol+5+mg%0D%0Afluconazole&conditions=cirrhosis&observations=QTcF+505+ms"
    "&patient.age_years=46&patient.sex=female&context.as_of=2026-12-01"
)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _request(bench: Bench, detail: Any) -> Read:
    def read(data: bytes) -> bytes:
        case = assemble(decode_request(data), bench.snapshot)
        return encode_answer(checked(case, bench.snapshot, detail))

    return read


def _named(bench: Bench, kind: Any) -> Read:
    return lambda data: resolution({"text": _text(data)[:500]}, kind, bench.snapshot)


def _fhir(bench: Bench) -> Read:
    def read(data: bytes) -> object:
        asked = read_bundle(decode_fhir(data), {}, None, bench.snapshot)
        return encode_answer(check_fhir(asked, bench.snapshot))

    return read


def _explain(bench: Bench) -> Read:
    request = decode_request(json.dumps(PATIENT).encode())
    return lambda data: explain_input(request, _text(data)[:300], bench.snapshot)


def _place(data: bytes) -> None:
    place = Place.of(_text(data))
    if place is not None:
        assert Place.of(str(place)) == place


def _turtle(data: bytes) -> None:
    prefixes = _prefixes()
    once = canonical(_text(data), "fuzz.ttl", prefixes)
    assert canonical(once, "fuzz.ttl", prefixes) == once


def _prefixes() -> Prefixes:
    return Prefixes.read(ONTOLOGY / "prefixes.ttl")


def _table(data: bytes) -> None:
    once = written(read_table(_text(data), "fuzz.tsv"), _prefixes())
    assert written(read_table(once, "fuzz.tsv"), _prefixes()) == once


def _sparql(data: bytes) -> None:
    text = _text(data)
    refuse_long(text)
    read_query(text, _prefixes().namespaces)


def _batch(bench: Bench) -> Read:
    def read(data: bytes) -> None:
        headers = {"Content-Type": "application/x-ndjson"}
        answer = bench.client.post("/v1/check/batch", content=data, headers=headers)
        assert answer.status_code < 500, answer.text
        if answer.status_code == 200:
            for line in answer.content.splitlines():
                assert json.loads(line).get("problem", {}).get("status") != 500, line

    return read


def _posted(bench: Bench, path: str, media: str) -> Read:
    def read(data: bytes) -> None:
        headers = {"Content-Type": media, "Accept": "application/json, text/event-stream"}
        answer = bench.client.post(path, content=data, headers=headers)
        assert answer.status_code < 500, answer.text
        assert "Traceback" not in answer.text

    return read


def _with_header(bench: Bench, header: str, path: str) -> Read:
    def read(data: bytes) -> None:
        said = data.decode("latin-1").encode("latin-1").translate(None, b"\r\n\x00")
        answer = bench.client.get(path, headers=[(header.encode(), said)])
        assert answer.status_code < 500, answer.text

    return read


def _file(bench: Bench, name: str, reader: Callable[[Path], object]) -> Read:
    def read(data: bytes) -> object:
        path = bench.scratch / name
        path.write_bytes(data)
        return reader(path)

    return read


def _settings(path: Path) -> None:
    use_file({"INOKG_CONFIG": str(path)})


def _callers(path: Path) -> None:
    found = read_callers(path)
    again = msgspec.json.encode(CallerFile(callers=found))
    path.write_bytes(again)
    assert read_callers(path) == found


def _release(bench: Bench, name: str) -> Read:
    """Put a changed file into a copy of the release; all that is not the same is refused."""
    folder = bench.scratch / "release"
    shutil.copytree(bench.release, folder)
    sound = (folder / name).read_bytes()

    def read(data: bytes) -> object:
        (folder / name).write_bytes(data)
        try:
            found = read_snapshot(folder)
            assert data == sound, "a file was changed, and nobody noticed"
            return found
        finally:
            (folder / name).write_bytes(sound)

    return read


def _reviews(bench: Bench) -> Read:
    folder = bench.scratch / "reviews"
    folder.mkdir()
    name = "0" * 64 + ".ttl"

    def read(data: bytes) -> object:
        (folder / name).write_bytes(data)
        return read_reviews(folder)

    return read


def _token(bench: Bench) -> Read:
    key = {"kty": "EC", "crv": "P-384", "kid": "k", "x": "AA", "y": "AA"}
    clients = [Client(iss="https://ehr.example", keys=[key])]

    async def none(_: str) -> dict[str, Any]:
        return {"keys": []}

    trust = Trust(clients, FeedbackStore(bench.scratch / "feedback.sqlite"), none)

    def read(data: bytes) -> None:
        try:
            asyncio.run(trust.admit(_text(data), "https://cds.example/cds-services"))
        except Untrusted:
            return
        raise AssertionError("a token that nobody signed was accepted")

    return read


def targets(bench: Bench) -> list[Target]:
    """Give every target."""
    requests = _json(PATIENT, {"medications": []}, {"conditions": [{"text": "cirrhosis"}]})
    names = {kind: [t.encode() for t in text.split("|")] for kind, text in _TEXTS.items()}
    turtle = [(ONTOLOGY / "criteria" / name).read_bytes() for name in ("bleeding.ttl", "tls.ttl")]
    tables = sorted(ONTOLOGY.rglob("*.sssom.tsv"), key=lambda p: p.stat().st_size)[:2]
    release = (bench.release / "release.json").read_bytes()
    signed = [p.read_bytes() for p in (ROOT / "ontology" / "reviews").glob("*.ttl")] or [_SIGNED]
    jwt = b"Bearer eyJhbGciOiJFUzM4NCIsImtpZCI6ImsiLCJ0eXAiOiJKV1QifQ.eyJpc3MiOiJodHRwczovL2Vo"
    jwt += b"ci5leGFtcGxlIiwiYXVkIjoiYSIsImV4cCI6MSwiaWF0IjoxLCJqdGkiOiJqIn0.AAAA"
    return [
        Target("a request, in full", requests, _request(bench, FULL), "tests.fuzz.targets:checked"),
        Target("in brief", requests, _request(bench, BRIEF), "tests.fuzz.targets:checked"),
        Target("verdicts", requests, _request(bench, VERDICTS), "tests.fuzz.targets:checked"),
        *(
            Target(f"the text of one {kind}", texts, _named(bench, kind), _RESOLUTION)
            for kind, texts in names.items()
        ),
        Target("FHIR", _json(_BUNDLE), _fhir(bench), "tests.fuzz.targets:check_fhir"),
        Target("a hook call", _json(_CALL), decode_call, "api.cds_hooks.call:put_right"),
        Target(
            "a hook call, answered",
            _json(_CALL),
            _posted(bench, "/cds-services/inotuzumab-safety", "application/json"),
            "api.cds_hooks.routes:decode_call",
        ),
        Target(
            "feedback",
            _json(_FEEDBACK),
            lambda data: decode_feedback(data, [("http://x", "x")]),
            "api.cds_hooks.feedback:_entry",
        ),
        Target(
            "a batch",
            [b"\n".join(requests), requests[0]],
            _batch(bench),
            "api.v1.batch:BatchAnswer",
        ),
        Target(
            "the form",
            [_FORM.encode()],
            lambda data: request_of(read_form(data), bench.snapshot),
            "tests.fuzz.targets:request_of",
        ),
        Target(
            "an assistant's message",
            _json(_MESSAGE),
            _posted(bench, "/mcp", "application/json"),
            "api.mcp.routes:refuse_repeated_names",
        ),
        Target(
            "a place", [b"medications[0]", b"context.as_of"], _place, "tests.fuzz.targets:_text"
        ),
        Target(
            "what to explain",
            [b"medications[0]", b"observations[1]"],
            _explain(bench),
            "tests.fuzz.targets:explain_input",
        ),
        Target(
            "a date",
            [b"2026-12-01", b"2026-12-01T10:05:31+02:00", b"2024-02-29"],
            lambda data: instant(_text(data), "context.as_of"),
            "tests.fuzz.targets:_text",
        ),
        Target("Turtle", turtle, _turtle, "tests.fuzz.targets:canonical"),
        Target(
            "a code table",
            [p.read_bytes() for p in tables],
            _table,
            "tests.fuzz.targets:read_table",
        ),
        Target(
            "SPARQL",
            [b"SELECT ?s (COUNT(*) AS ?n) { ?s a ik:Advisory ; rdfs:label ?l . FILTER(?n > 3) }"],
            _sparql,
            "tests.fuzz.targets:read_query",
        ),
        Target("a signed token", [jwt], _token(bench), "tests.fuzz.targets:_text"),
        Target(
            "a cookie",
            [b"inokg_review=abcdef; inokg_visit=1; other=1"],
            _with_header(bench, "Cookie", "/review/queue"),
            "starlette.requests:cookie_parser",
        ),
        Target(
            "Accept",
            [b"text/html;q=0.9, application/json, */*;q=0.1"],
            lambda data: chosen(data.decode("latin-1"), ("text/html", "application/json")),
            "api.http.negotiate:_range",
        ),
        Target(
            "the list of clients",
            _json({"clients": [{"iss": "https://ehr.example", "jku": "https://ehr.example/k"}]}),
            _file(bench, "clients.json", lambda path: read_clients(path)),
            "tests.fuzz.targets:read_clients",
        ),
        Target(
            "the list of tokens",
            _json({"callers": [{"name": "ward", "sha256": "0" * 64, "requests_a_minute": 9}]}),
            _file(bench, "callers.json", _callers),
            "tests.fuzz.targets:read_callers",
        ),
        Target(
            "the file of settings",
            [b'largest_body = 500_000\ncors_origins = ["http://a"]\ncds_open = true\n'],
            _file(bench, "inokg.toml", _settings),
            "api.settings_file:_written",
        ),
        Target("the manifest", [release], _release(bench, "release.json"), _READ_RELEASE),
        Target("signed reviews", signed, _reviews(bench), "api.review.exchange:_activities"),
    ]


_RESOLUTION = "tests.fuzz.targets:resolution"
_READ_RELEASE = "tests.fuzz.targets:read_snapshot"
_SIGNED = b"""@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix ik: <https://w3id.org/inokg/schema/> .
<https://w3id.org/inokg/review/%b> a prov:Activity ; prov:used <https://w3id.org/inokg/advisory/x> .
""" % (b"0" * 64)


def tried(target: Target, data: bytes) -> bool:
    """Try one input; say whether it was read. Whatever is no refusal of ours comes through."""
    try:
        target.read(data)
    except KgError:
        return False
    return True
