"""A release answers for one index drug: another is refused, in the knowledge and in a request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from api.app import create_app
from api.settings import Settings
from kg import terms
from kg.build.release import build
from kg.casing.assemble import assemble
from kg.checking.check import check
from kg.cli.main import main
from kg.contract.report import encode_report
from kg.contract.request import request_from
from kg.errors import KnowledgeError, MalformedRequest
from kg.snapshot.model import Snapshot
from kg.terms import BASE
from tests.workshop import edit, line_of
from tests.world import world


def test_a_second_index_drug_is_refused_with_place_and_repair(mini: Path, tmp_path: Path) -> None:
    path = mini / "mini" / "drugs.ttl"
    edit(
        path,
        'ik:Drug ;\n    rdfs:label "zaromycin"@en ;\n',
        "ik:Drug ;\n    a ik:IndexDrug ;\n"
        '    rdfs:label "zaromycin"@en ;\n    ik:serviceKey "zaromycin-safety" ;\n',
    )
    with pytest.raises(KnowledgeError) as caught:
        build(mini, tmp_path / "out")
    error = caught.value
    assert error.code == "several-index-drugs"
    assert error.subject == "drug:zaromycin"
    assert error.location == f"ontology/mini/drugs.ttl:{line_of(path, 'drug:zaromycin')}"
    first = f"ontology/mini/drugs.ttl:{line_of(path, 'drug:indexumab')}"
    assert f"drug:indexumab ({first})" in error.message
    assert "ik:IndexDrug" in error.repair
    assert not (tmp_path / "out").exists()


def test_no_index_drug_is_refused(mini: Path, tmp_path: Path) -> None:
    path = mini / "mini" / "drugs.ttl"
    edit(path, "    a ik:IndexDrug ;\n", "")
    edit(path, '    ik:serviceKey "indexumab-safety" ;\n', "")
    with pytest.raises(KnowledgeError) as caught:
        build(mini, tmp_path / "out")
    assert caught.value.code == "no-index-drug"
    assert caught.value.location.startswith("ontology/release.ttl:")


# --- the index drug of a request ------------------------------------------------------------------

INDEX = "indexumab"
PATIENT: dict[str, Any] = {"medications": [{"text": "hummol"}], "context": {"phase": "before_dose"}}


def _asked(body: dict[str, Any], index_drug: str) -> dict[str, Any]:
    return body | {"context": {**body.get("context", {}), "index_drug": index_drug}}


def _answer(body: dict[str, Any]) -> bytes:
    snapshot = world()
    return encode_report(check(assemble(request_from(body), snapshot), snapshot))


@pytest.mark.parametrize("body", [{}, PATIENT], ids=["nobody", "a patient"])
def test_naming_the_drug_of_the_release_changes_nothing(body: dict[str, Any]) -> None:
    assert _answer(_asked(body, INDEX)) == _answer(body)


@pytest.mark.parametrize("other", ["hummol", "index", "", "INDEXUMAB", BASE + "drug/indexumab"])
def test_another_index_drug_is_refused(other: str) -> None:
    with pytest.raises(MalformedRequest) as caught:
        _answer(_asked(PATIENT, other))
    assert caught.value.location == "context.index_drug"
    assert INDEX in caught.value.repair


@pytest.mark.parametrize("of", ["json", "fhir"])
def test_the_service_takes_its_key_and_refuses_another(
    of: str, snapshot: Snapshot, release_folder: Path
) -> None:
    key = terms.local(snapshot.index_drug)
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": []}

    def ask(client: TestClient, asked: str | None) -> Response:
        if of == "json":
            body = {"context": {"index_drug": asked} if asked else {}}
            return client.post("/v1/check", json=body)
        return client.post(
            "/v1/check",
            params={"index_drug": asked} if asked else {},
            content=msgspec.json.encode(bundle),
            headers={"content-type": "application/fhir+json"},
        )

    with TestClient(create_app(Settings(release_folder.parent))) as client:
        plain, named, other = (ask(client, asked) for asked in (None, key, "ketoconazole"))
        document = client.get("/openapi.json").json()
    assert (plain.status_code, named.status_code, other.status_code) == (200, 200, 422)
    assert named.content == plain.content
    assert "index_drug" in other.text
    assert key in other.text
    field = document["components"]["schemas"]["ContextPart"]["properties"]["index_drug"]
    assert [b["enum"] for b in field["anyOf"] if "enum" in b] == [[key]]


def test_the_command_line_takes_it(
    release_folder: Path, snapshot: Snapshot, capsys: pytest.CaptureFixture[str]
) -> None:
    said = ["check", "--json", "--med", "ketoconazole", "--releases", str(release_folder.parent)]
    statuses, answers = [], []
    for more in ([], ["--index-drug", terms.local(snapshot.index_drug)], ["--index-drug", "x"]):
        statuses.append(main([*said, *more]))
        answers.append(capsys.readouterr())
    assert statuses == [1, 1, 2]
    assert answers[0].out == answers[1].out != ""
    assert "context.index_drug" in answers[2].err
