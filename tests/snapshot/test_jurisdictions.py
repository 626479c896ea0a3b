"""A jurisdiction is knowledge: a new one is an edit of Turtle, and everything takes it."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.settings import Settings
from kg.build.load import load
from kg.build.release import build
from kg.casing.assemble import assemble
from kg.checking.check import check
from kg.contract.report import Report
from kg.contract.request import request_from
from kg.errors import KnowledgeError, MalformedRequest
from kg.explaining.advisory import explain_advisory
from kg.graph.export import export
from kg.snapshot.catalogue import detail
from kg.snapshot.file import CURRENT, read_snapshot
from kg.snapshot.jurisdictions import choices, laws, ordered, speaking_in
from kg.snapshot.model import Snapshot
from tests.workshop import edit, line_of

IK = "https://w3id.org/inokg/"
HUMMING = IK + "advisory/humming-drug"
PATIENT: dict[str, Any] = {"medications": [{"text": "hummol"}], "context": {}}
# Zembla follows the reading of the EU; Terra Alta that of Zembla.
_NEW = """
jurisdiction:zembla
    a ik:Jurisdiction ;
    a owl:NamedIndividual ;
    rdfs:label "Zembla"@en ;
    skos:definition "Statements of this jurisdiction come from the label in Zembla."@en ;
    skos:notation "ZE" ;
    ik:inheritsFrom jurisdiction:eu ;
    ik:rank 4 ;
    ik:severityProperty ik:severityZE ;
.

jurisdiction:terra-alta
    a ik:Jurisdiction ;
    a owl:NamedIndividual ;
    rdfs:label "Terra Alta"@en ;
    skos:definition "Statements of this jurisdiction come from the label in Terra Alta."@en ;
    skos:notation "TA" ;
    ik:inheritsFrom jurisdiction:zembla ;
    ik:rank 5 ;
    ik:severityProperty ik:severityTA ;
.
"""
_PROPERTY = """
ik:severity{key}
    a owl:AnnotationProperty ;
    rdfs:label "severity in {key}"@en ;
    skos:definition "Relates an advisory to its severity under the reading of {key}."@en ;
.
"""
_STATEMENT = """
statement:humming-drug.zembla
    a ik:Statement ;
    rdfs:label "Zembla's label: humming"@en ;
    ik:says "Never give drugs that make hum."@en ;
    ik:source source:almanac ;
    ik:locator "Page 9" ;
    ik:jurisdiction jurisdiction:zembla ;
    ik:evidenceGrade grade:label ;
    ik:supports severity:contraindicated ;
    ik:verification verification:verified ;
.
"""


def _append(path: Path, text: str) -> None:
    path.write_text(path.read_text("utf-8") + text, encoding="utf-8")


def _with_zembla(mini: Path) -> Path:
    """Add two invented jurisdictions: Turtle, and nothing but Turtle."""
    _append(
        mini / "schema" / "advisory.ttl", "".join(_PROPERTY.format(key=k) for k in ("ZE", "TA"))
    )
    edit(mini / "schema" / "advisory.ttl", '"severity in ZE"@en', '"severity in Zembla"@en')
    _append(mini / "terms" / "jurisdictions.ttl", _NEW)
    edit(mini / "terms" / "jurisdictions.ttl", '"Zembla"@en', '"The land of Zembla"@en')
    for key, rank in (("local", 4), ("derived", 5)):
        edit(
            mini / "terms" / "jurisdictions.ttl",
            f'skos:notation "{key}" ;\n    ik:rank {rank} ;',
            f'skos:notation "{key}" ;\n    ik:rank {rank + 4} ;',
        )
    advice = mini / "mini" / "advice.ttl"
    _append(advice, _STATEMENT)
    edit(
        advice,
        "    ik:severityUK severity:caution ;\n",
        "    ik:severityUK severity:caution ;\n    ik:severityZE severity:contraindicated ;\n"
        "    ik:statement statement:humming-drug.zembla ;\n",
    )
    return mini


@pytest.fixture
def zembla(mini: Path, tmp_path: Path) -> tuple[Path, Snapshot]:
    """Build the small ontology with the invented jurisdictions."""
    folder = build(_with_zembla(mini), tmp_path / "out").folder
    return folder, read_snapshot(folder)[0]


def _report(snapshot: Snapshot, law: str | None) -> Report:
    body = PATIENT | {"context": {"jurisdiction": law} if law else {}}
    return check(assemble(request_from(body), snapshot), snapshot)


def test_a_new_jurisdiction_is_taken_everywhere(zembla: tuple[Path, Snapshot]) -> None:
    folder, snapshot = zembla
    # The closed list of the request.
    assert choices(snapshot) == ("any", "EU", "UK", "US", "ZE", "TA")
    # Reports, whose severity is that of the jurisdiction, and the strictest in any.
    found = {
        law: [f.severity for f in _report(snapshot, law).findings] for law in choices(snapshot)
    }
    assert found == {
        "any": ["contraindicated"],
        "EU": ["caution"],
        "UK": ["caution"],
        "US": ["avoid"],
        "ZE": ["contraindicated"],
        "TA": [],
    }
    # Evidence, in its order.
    (finding,) = _report(snapshot, "ZE").findings
    assert [e.jurisdiction for e in finding.evidence] == ["EU", "US", "ZE"]
    positions = explain_advisory(request_from(PATIENT), HUMMING, snapshot).positions
    assert list(positions) == ["EU", "UK", "US", "ZE", "TA"]
    assert positions["ZE"].severity == "contraindicated"
    # The catalogue, and what reviewers open.
    entry = detail("advisories", "humming-drug", snapshot)
    assert entry is not None
    assert entry["severities"]["ZE"] == "contraindicated"
    (row, *_) = csv.DictReader(io.StringIO(export(folder, "csv").decode("utf-8-sig")))
    assert (row["ZE"], row["TA"], row["EU"]) == ("contraindicated", "", "caution")


def test_the_description_of_the_interface_lists_it(zembla: tuple[Path, Snapshot]) -> None:
    folder, _ = zembla
    document = create_app(Settings(releases=folder.parent)).openapi()
    field = document["components"]["schemas"]["ContextPart"]["properties"]["jurisdiction"]
    listed = [branch["enum"] for branch in field["anyOf"] if "enum" in branch]
    assert listed == [["any", "EU", "UK", "US", "ZE", "TA"]]
    parameters = document["paths"]["/v1/check"]["post"]["parameters"]
    (beside,) = (p for p in parameters if p["name"] == "jurisdiction")
    assert beside["schema"]["enum"] == listed[0]


def test_whose_readings_count_is_inherited_near_and_far(zembla: tuple[Path, Snapshot]) -> None:
    _, snapshot = zembla
    assert speaking_in(snapshot) == {
        "any": {"EU", "UK", "US", "ZE", "TA", "local", "derived"},
        "EU": {"EU", "local", "derived"},
        "UK": {"EU", "UK", "local", "derived"},
        "US": {"US", "local", "derived"},
        "ZE": {"EU", "ZE", "local", "derived"},
        "TA": {"EU", "ZE", "TA", "local", "derived"},
    }


def test_the_release_has_the_jurisdictions_of_the_contract(snapshot: Snapshot) -> None:
    assert choices(snapshot) == ("any", "EU", "UK", "US")
    assert ordered(snapshot) == ("EU", "UK", "US", "local", "derived")
    assert laws(snapshot) == ("EU", "UK", "US")
    assert speaking_in(snapshot)["UK"] - speaking_in(snapshot)["EU"] == {"UK"}
    assert "UK" not in speaking_in(snapshot)["EU"]
    assert "EU" not in speaking_in(snapshot)["US"]


@pytest.mark.parametrize("word", ["FR", "local", "eu", ""])
def test_what_the_release_does_not_know_is_refused(word: str, snapshot: Snapshot) -> None:
    with pytest.raises(MalformedRequest) as caught:
        assemble(request_from({"context": {"jurisdiction": word}}), snapshot)
    assert caught.value.location == "context.jurisdiction"
    assert caught.value.repair == "send one of: any, EU, UK, US"


def test_one_without_key_or_place_is_refused_with_its_line(mini: Path, tmp_path: Path) -> None:
    path = mini / "terms" / "jurisdictions.ttl"
    edit(path, "    ik:rank 2 ;\n", "")
    with pytest.raises(KnowledgeError) as caught:
        build(mini, tmp_path / "out")
    assert caught.value.code == "jurisdiction-not-whole"
    line = line_of(path, "jurisdiction:uk")
    assert caught.value.location == f"ontology/terms/jurisdictions.ttl:{line}"
    assert load(mini).short(IK + "jurisdiction/uk") == caught.value.subject
    assert not (tmp_path / "out" / CURRENT).exists()
