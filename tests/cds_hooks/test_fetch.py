"""Fetching what was not sent: it helps, and it cannot be turned against an inner network."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.cds_hooks.outside import NotFetched, Outside, addresses, is_public
from api.settings import HookSettings
from tests.cds_hooks.calls import (
    INDEX,
    CallBuilder,
    a_call,
    by_advisory,
    cards,
    found,
    open_hooks,
    post,
)
from tests.cds_hooks.ehr import Ehr, certificate, fhir, serving, slow
from tests.conformance.clauses import clause
from tests.fhir.resources import ICD10, Json, coded, condition, order, patient, searchset

TOKEN = "s3cret.Token-42"  # noqa: S105 - nobody's
CIRRHOSIS = condition(coded(ICD10, "K74.6"))
HELD: dict[str, Json] = {
    "Patient/p1": patient(),
    "MedicationRequest?": found("MedicationRequest", INDEX),
    "Condition?": found("Condition", CIRRHOSIS),
    "": searchset(None),
}


def _with_token(call: CallBuilder, server: str, token: str = TOKEN) -> CallBuilder:
    return call.with_fields(
        fhirServer=server,
        fhirAuthorization={
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": "user/*.rs",
            "subject": "inokg",
        },
    )


@contextmanager
def _between(
    release: Path, folder: Path, ehr: Ehr, **more: Any
) -> Iterator[tuple[TestClient, Ehr]]:
    """Run a server and the service that may ask it."""
    serve = {k: more.pop(k) for k in ("chunked", "tls") if k in more}
    with serving(ehr, **serve) as running:
        rules = {"servers": (running.base,), "private": True, "unencrypted": True, **more}
        with open_hooks(release, folder, **rules) as client:
            yield client, running


def _bare() -> CallBuilder:
    return a_call("patient-view").keeping_back(*a_call().prefetch)


# --- it helps ----------------------------------------------------------------------------------


@clause("PD-01", "CH-31", "CH-32", "CH-21")
@pytest.mark.parametrize("chunked", [False, True])
def test_what_was_not_sent_is_fetched_with_the_token(
    release_folder: Path, tmp_path: Path, chunked: bool
) -> None:
    with _between(release_folder, tmp_path, Ehr(HELD), chunked=chunked) as (client, ehr):
        shown = by_advisory(cards(client, _with_token(_bare(), ehr.base)))
    assert "serious-hepatic-disease" in shown
    assert set(ehr.tokens) == {f"Bearer {TOKEN}"}
    assert "/fhir/Patient/p1" in ehr.asked
    assert "/fhir/MedicationRequest?patient=p1&status=active" in ehr.asked
    assert any("code=http://loinc.org%7C8636-3" in a for a in ehr.asked)


@clause("CH-31", "PD-01")
def test_only_what_is_lacking_is_fetched(release_folder: Path, tmp_path: Path) -> None:
    call = a_call("patient-view").having("medications", INDEX)
    with _between(release_folder, tmp_path, Ehr(HELD)) as (client, ehr):
        cards(client, _with_token(call, ehr.base))
        assert ehr.asked == []
        failed = {"resourceType": "OperationOutcome", "issue": []}
        cards(client, _with_token(call.sending(conditions=failed), ehr.base))
    assert [a.partition("?")[0] for a in ehr.asked] == ["/fhir/Condition"]


@clause("CH-33", "CH-91")
def test_a_list_that_was_fetched_in_part_leaves_relevance_open(
    release_folder: Path, tmp_path: Path
) -> None:
    cut = searchset("MedicationStatement?patient=p1", more_pages=True)
    call = a_call("patient-view").having("medications", order("heparin")).keeping_back("statements")
    held = Ehr({"MedicationStatement?": cut})
    with _between(release_folder, tmp_path, held) as (client, ehr):
        (gap,) = cards(client, _with_token(call, ehr.base))
        assert gap["summary"].startswith("Not known whether")
        assert cards(client, call) == [], "where nobody could be asked, the list is not kept"


@clause("CH-33")
def test_further_pages_are_followed_on_the_same_server_only(
    release_folder: Path, tmp_path: Path
) -> None:
    def paged(ehr: Ehr, target: str) -> tuple[int, dict[str, str], bytes]:
        if "page=2" in target:
            return fhir(found("Condition", CIRRHOSIS))
        page = found("Condition", condition("Gout", key="c0"))
        page["link"].append({"relation": "next", "url": f"{ehr.base}/Condition?page=2"})
        return fhir(page)

    call = a_call("patient-view").having("medications", INDEX).keeping_back("conditions")
    with _between(release_folder, tmp_path, Ehr(answer=paged)) as (client, ehr):
        shown = by_advisory(cards(client, _with_token(call, ehr.base)))
    assert "serious-hepatic-disease" in shown
    assert "further pages" not in shown["gap"]["detail"]
    elsewhere = Ehr({"Condition?": searchset("Condition?patient=p1", more_pages=True)})
    with _between(release_folder, tmp_path, elsewhere) as (client, ehr):
        gap = by_advisory(cards(client, _with_token(call, ehr.base)))["gap"]
    assert len(ehr.asked) == 1
    assert "there are further pages that were not read" in gap["detail"]


def test_pages_without_end_have_an_end(release_folder: Path, tmp_path: Path) -> None:
    def endless(ehr: Ehr, _: str) -> tuple[int, dict[str, str], bytes]:
        page = found("Condition")
        page["link"].append({"relation": "next", "url": f"{ehr.base}/Condition?page=2"})
        return fhir(page)

    call = a_call("patient-view").having("medications", INDEX).keeping_back("conditions")
    with _between(release_folder, tmp_path, Ehr(answer=endless)) as (client, ehr):
        gap = by_advisory(cards(client, _with_token(call, ehr.base)))["gap"]
    assert len(ehr.asked) == 5
    assert "further pages" in gap["detail"]


@clause("CH-03")
def test_an_encrypted_server_is_known_by_its_certificate(
    release_folder: Path, tmp_path: Path
) -> None:
    made = certificate(tmp_path)
    rules = {"tls": made, "unencrypted": False}
    with _between(release_folder, tmp_path, Ehr(HELD), certificates=made, **rules) as (client, ehr):
        assert "serious-hepatic-disease" in by_advisory(
            cards(client, _with_token(_bare(), ehr.base))
        )
    with _between(release_folder, tmp_path, Ehr(HELD), **rules) as (client, ehr):
        refusal = post(client, _with_token(_bare(), ehr.base))
    assert refusal.status_code == 412
    assert ehr.asked == []


# --- what goes wrong stays wrong ---------------------------------------------------------------


@clause("CH-32", "CH-33")
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda *_: fhir({}, 401), "the status 401"),
        (lambda *_: fhir({}, 500), "the status 500"),
        (lambda *_: fhir([1]), "no object"),
        (lambda *_: fhir({"x": 1}), "no resource"),
        (lambda *_: fhir(patient()), "something else"),
        (lambda *_: fhir({"resourceType": "OperationOutcome"}), "a fault"),
        (lambda *_: (200, {"Content-Type": "text/html"}, b"<html>"), "something else than JSON"),
        (lambda *_: (200, {"Content-Type": "application/json"}, b"{"), "no JSON"),
        (lambda *_: fhir({"resourceType": "Bundle", "x": "y" * 3_000_000}), "more than is read"),
        (lambda *_: (302, {"Location": "http://127.0.0.1:9/"}, b""), "the status 302"),
        (slow(5), "took too long"),
    ],
)
def test_an_answer_that_cannot_be_used_leaves_the_key_unread(
    release_folder: Path, tmp_path: Path, answer: Any, reason: str
) -> None:
    call = a_call("patient-view").having("medications", INDEX).keeping_back("conditions")
    with _between(release_folder, tmp_path, Ehr(answer=answer), fetch_seconds=0.7) as (client, ehr):
        begun = time.perf_counter()
        gap = by_advisory(cards(client, _with_token(call, ehr.base)))["gap"]
        assert time.perf_counter() - begun < 4
    assert "Conditions: it was not sent along, and " in gap["detail"]
    assert reason in gap["detail"]


@clause("CH-32")
def test_without_a_token_nothing_is_fetched(release_folder: Path, tmp_path: Path) -> None:
    with _between(release_folder, tmp_path, Ehr(HELD)) as (client, ehr):
        assert post(client, _bare().with_fields(fhirServer=ehr.base)).status_code == 412
    assert ehr.asked == []


# --- it cannot be turned round -----------------------------------------------------------------


@clause("CH-03", "CH-32")
@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ({"servers": ()}, "not on the list"),
        ({"servers": ("https://ehr.example/fhir",)}, "not on the list"),
        ({"unencrypted": False}, "without encryption"),
        ({"private": False}, "not public"),
        ({"servers": ("*",), "private": False}, "not public"),
    ],
)
def test_a_server_outside_the_rules_is_never_called(
    release_folder: Path, tmp_path: Path, rules: dict[str, Any], reason: str
) -> None:
    with _between(release_folder, tmp_path, Ehr(HELD), **rules) as (client, ehr):
        refusal = post(client, _with_token(_bare(), ehr.base))
    assert refusal.status_code == 412
    assert reason in refusal.json()["issue"][0]["diagnostics"]
    assert ehr.asked == []


@pytest.mark.parametrize(
    "server",
    [
        "http://169.254.169.254/latest",
        "https://ehr.example.evil.example/fhir",
        "https://ehr.example@evil.example/fhir",
        "https://user:secret@ehr.example/fhir",
        "https://ehr.example:8443/fhir",
        "https://ehr.example/other",
        "https://ehr.example/fhir/../other",
        "https://ehr.example/fhir/%2e%2e/other",
        "https://ehr.example/fhir/..%2fother",
        "https://ehr.example/fhir/..%5Cother",
        "https://ehr.example/fhirx",
        "ftp://ehr.example/fhir",
        "file:" + "///etc/passwd",
        "https:///fhir",
        "https://[::1/fhir",
        "https://ehr.example:99999/fhir",
        "https://ehr.example/fhir#x",
        "gopher://ehr.example/fhir",
        "javascript:alert(1)",
    ],
)
def test_an_address_that_is_not_quite_the_listed_one_is_refused(server: str) -> None:
    rules = HookSettings(servers=("https://ehr.example/fhir",), unencrypted=True, private=True)
    with pytest.raises(NotFetched):
        Outside(rules, rules.servers).allow(server)


def test_the_listed_address_and_what_lies_under_it_is_allowed() -> None:
    rules = HookSettings(servers=("https://ehr.example/fhir",))
    for address in ("https://ehr.example/fhir", "https://EHR.example:443/fhir/Patient/1?x=y"):
        assert Outside(rules, rules.servers).allow(address).hostname == "ehr.example"


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
        *("0.0.0.0", "100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1"),  # noqa: S104
        *("fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1"),
        *("2002:7f00:1::", "2002:a00:1::", "fe80::1%eth0", "not-an-address"),
        *("::127.0.0.1", "64:ff9b:1::7f00:1", "::ffff:0:127.0.0.1", "fec0::1", "5f00::1"),
        "192.0.0.8",
    ],
)
def test_an_address_of_an_inner_network_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_an_address_of_the_open_network_is(address: str) -> None:
    assert is_public(address)


def test_one_private_address_behind_a_name_makes_it_suspect(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def both(*_: Any, **__: Any) -> list[Any]:
        kind = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*kind, (ip, 443)) for ip in ("8.8.8.8", "127.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    with pytest.raises(NotFetched, match="not public"):
        asyncio.run(addresses("ehr.example", 443, private=False))


def test_a_name_is_looked_up_once_and_then_called_by_its_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A second look-up of the same name, which may lead elsewhere, never happens."""
    lookups: list[str] = []
    real = socket.getaddrinfo

    with serving(Ehr({"": {"resourceType": "Bundle"}})) as ehr:
        port = int(ehr.base.rsplit(":", 1)[1].split("/")[0])

        def turning(host: Any, *rest: Any, **more: Any) -> Any:
            if host == "ehr.example":
                lookups.append(host)
                to = "127.0.0.1" if len(lookups) == 1 else "203.0.113.1"
                return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (to, port))]
            return real(host, *rest, **more)

        monkeypatch.setattr(socket, "getaddrinfo", turning)
        base = f"http://ehr.example:{port}/fhir"
        rules = HookSettings(servers=(base,), unencrypted=True, private=True)

        async def twice() -> None:
            outside = Outside(rules, rules.servers)
            for _ in range(2):
                await outside.get(f"{base}/Patient/1", TOKEN)

        asyncio.run(twice())
    assert lookups == ["ehr.example"]
    assert len(ehr.asked) == 2


@clause("CH-21")
@pytest.mark.parametrize("token", ["a\r\nX: y", "a b", "ä", ""])
def test_a_token_that_could_break_out_is_not_sent(
    release_folder: Path, tmp_path: Path, token: str
) -> None:
    with _between(release_folder, tmp_path, Ehr(HELD)) as (client, ehr):
        assert post(client, _with_token(_bare(), ehr.base, token)).status_code == 412
    assert ehr.asked == []


@clause("CH-21")
def test_the_token_is_forgotten(
    release_folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with _between(release_folder, tmp_path, Ehr(HELD)) as (client, ehr):
        answer = post(client, _with_token(_bare(), ehr.base))
        refused = post(client, _with_token(_bare(), "https://other.example"))
    assert TOKEN not in answer.text + refused.text + "".join(capfd.readouterr())
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert TOKEN.encode() not in path.read_bytes(), path.name
