"""An advisory about another drug never speaks for the index drug, and is listed as what it is."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kg.build.compile_advice import AdviceCompiler
from kg.build.load import knowledge_files, load
from kg.build.reason import Inferences
from kg.build.release import build
from kg.build.shapes import check_shapes
from kg.casing.assemble import assemble
from kg.checking.check import check
from kg.contract.explanation import Explanation
from kg.contract.report import Report, encode_report
from kg.contract.request import request_from
from kg.errors import ShapeViolation
from kg.explaining.advisory import explain_advisory
from kg.explaining.without_patient import explain_drug, explain_without_patient
from kg.graph.clinical_use import knowledge_bundle
from kg.graph.export import export
from kg.snapshot.catalogue import detail, search
from kg.snapshot.diff import diff
from kg.snapshot.file import CURRENT, read_snapshot
from kg.snapshot.model import Snapshot
from tests.workshop import ONTOLOGY, edit

IK = "https://w3id.org/inokg/"
HUMMING = IK + "advisory/humming-drug"
AZOLE = IK + "advisory/hepatotoxic-azole"
LIVER_WATCH = IK + "advisory/plan-after-transplant"
BOTH = {"medications": [{"text": "hummol"}]}


def _report(body: dict[str, Any], snapshot: Snapshot) -> Report:
    return check(assemble(request_from(body), snapshot), snapshot)


def _mini(root: Path, out: Path) -> tuple[Path, Snapshot]:
    folder = build(root, out).folder
    return folder, read_snapshot(folder)[0]


@pytest.fixture
def elsewhere(mini: Path, tmp_path: Path) -> tuple[Path, Snapshot]:
    """Build the small ontology with its one advisory about another drug."""
    edit(
        mini / "mini" / "advice.ttl",
        "    ik:about drug:indexumab ;\n    ik:appliesTo",
        "    ik:about drug:blandol ;\n    ik:appliesTo",
    )
    return _mini(mini, tmp_path / "other")


def test_it_neither_applies_nor_waits_for_anything(
    mini: Path, tmp_path: Path, elsewhere: tuple[Path, Snapshot]
) -> None:
    _, other = elsewhere
    edit(
        mini / "mini" / "advice.ttl",
        "    ik:about drug:blandol ;\n    ik:appliesTo",
        "    ik:about drug:indexumab ;\n    ik:appliesTo",
    )
    _, own = _mini(mini, tmp_path / "own")
    assert [f.advisory for f in _report(BOTH, own).findings] == [HUMMING]
    assert [n.advisory for n in _report({}, own).not_evaluable] == [HUMMING]
    bodies: tuple[dict[str, Any], ...] = (BOTH, {}, {"medications": []})
    for body in bodies:
        report = _report(body, other)
        assert HUMMING.encode() not in encode_report(report)
        assert not report.findings
        assert not report.not_evaluable
        assert report.severity is None


def test_it_is_listed_with_whom_it_is_about(elsewhere: tuple[Path, Snapshot]) -> None:
    folder, snapshot = elsewhere
    assert snapshot.advisories[HUMMING].about == (IK + "drug/blandol",)
    (entry,) = search("advisories", "humming-drug", snapshot)
    assert entry.about == (IK + "drug/blandol",)
    found = detail("advisories", "humming-drug", snapshot)
    assert found is not None
    assert found["about"] in ([IK + "drug/blandol"], (IK + "drug/blandol",))
    assert found["labels"][IK + "drug/blandol"] == "blandol"
    subject, other, definition = (e["resource"] for e in knowledge_bundle(snapshot)["entry"])
    assert (subject["code"]["text"], other["code"]["text"]) == ("indexumab", "blandol")
    assert definition["subject"][0]["reference"] == f"urn:uuid:{other['id']}"
    rows = csv.DictReader(io.StringIO(export(folder, "csv").decode("utf-8-sig")))
    assert {row["about"] for row in rows} == {"blandol"}


def test_an_explanation_says_whom_it_is_about(elsewhere: tuple[Path, Snapshot]) -> None:
    _, snapshot = elsewhere
    said = "A drug that makes hum is about blandol; it says nothing of indexumab."
    with_patient: Explanation = explain_advisory(request_from(BOTH), HUMMING, snapshot)
    assert (with_patient.verdict, with_patient.summary) == ("does not apply", said)
    assert explain_without_patient(HUMMING, snapshot).summary == said
    assert not explain_drug(IK + "drug/hummol", snapshot).raises


def test_a_comparison_of_releases_says_it(
    mini: Path, tmp_path: Path, elsewhere: tuple[Path, Snapshot]
) -> None:
    _, other = elsewhere
    own = msgspec.structs.replace(
        other,
        advisories={
            HUMMING: msgspec.structs.replace(
                other.advisories[HUMMING], about=(IK + "drug/indexumab",)
            )
        },
    )
    (effect,) = diff(own, other).effects
    assert effect.says == ("It is now about blandol; it was about indexumab.",)


@pytest.mark.parametrize(
    "wrong", ["", "    ik:about class:Zarolide ;\n"], ids=["nobody", "a class of drugs"]
)
def test_what_is_about_no_drug_is_refused(mini: Path, wrong: str) -> None:
    path = mini / "mini" / "advice.ttl"
    edit(
        path,
        "    ik:about drug:indexumab ;\n    ik:appliesTo",
        f"{wrong}    ik:appliesTo",
    )
    with pytest.raises(ShapeViolation) as caught:
        check_shapes(load(mini))
    assert caught.value.code == "advisory-without-index-drug"
    assert caught.value.location.startswith("ontology/mini/advice.ttl:")


# --- the real ontology ----------------------------------------------------------------------------


def _changed(folder: Path, iri: str, about: str) -> tuple[AdviceCompiler, Path]:
    """Copy the real ontology and let one piece of advice be about another drug."""
    root = folder / "ontology"
    shutil.copytree(ONTOLOGY, root)
    name = iri.rsplit("/", 1)[-1]
    (path,) = (p for p in knowledge_files(root) if f"\nadvisory:{name}\n" in p.read_text("utf-8"))
    head, start, rest = path.read_text("utf-8").partition(f"\nadvisory:{name}\n")
    assert rest.index("ik:about drug:inotuzumab-ozogamicin ;") < rest.index("\n.\n")
    rest = rest.replace("ik:about drug:inotuzumab-ozogamicin ;", f"ik:about drug:{about} ;", 1)
    path.write_text(head + start + rest, encoding="utf-8")
    knowledge = load(root)
    check_shapes(knowledge)
    return AdviceCompiler(knowledge, Inferences({}, {}, {}, ())), path


def test_one_advisory_of_the_real_ontology_about_another_drug_is_silent(
    snapshot: Snapshot, release_folder: Path, tmp_path: Path
) -> None:
    advice, _ = _changed(tmp_path, AZOLE, "gemtuzumab-ozogamicin")
    changed = msgspec.structs.replace(snapshot, advisories=advice.advisories(snapshot.criteria))
    differ = {i for i in snapshot.advisories if snapshot.advisories[i] != changed.advisories[i]}
    assert differ == {AZOLE}
    body = {
        "medications": [{"text": "ketoconazole"}, {"text": "citalopram"}],
        "context": {"phase": "before_first_dose"},
    }
    before, after = _report(body, snapshot), _report(body, changed)
    assert AZOLE in {f.advisory for f in before.findings}
    assert AZOLE.encode() not in encode_report(after)
    kept = [f.advisory for f in before.findings if f.advisory != AZOLE]
    assert [f.advisory for f in after.findings] == kept
    assert read_snapshot(release_folder)[0].advisories[AZOLE].about == (snapshot.index_drug,)


def test_one_entry_of_the_real_plan_about_another_drug_is_silent(
    snapshot: Snapshot, tmp_path: Path
) -> None:
    advice, _ = _changed(tmp_path, LIVER_WATCH, "gemtuzumab-ozogamicin")
    changed = msgspec.structs.replace(snapshot, plan=advice.plan())
    body = {"context": {"phase": "after_hsct"}}
    before, after = _report(body, snapshot), _report(body, changed)
    assert [p for p in before.plan if p.advisory != LIVER_WATCH] == list(after.plan)
    assert len(before.plan) == len(after.plan) + 1


def test_every_advice_of_the_release_is_about_its_index_drug(release_folder: Path) -> None:
    snapshot, _ = read_snapshot(release_folder.parent / CURRENT)
    told = {a.about for a in snapshot.advisories.values()}
    told |= {p.about for p in snapshot.plan.values()}
    assert told == {(snapshot.index_drug,)}
