"""A release is made whole or not at all, and the same knowledge gives the same bytes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kg.build.release import build
from kg.errors import (
    Inconsistency,
    KgError,
    KnowledgeError,
    ShapeViolation,
    SnapshotAltered,
    SnapshotMissing,
    TurtleError,
    UnknownTerm,
    Untranslatable,
)
from kg.snapshot.file import CURRENT, read_manifest, read_snapshot
from tests.workshop import ROOT, edit, line_of

IK = "https://w3id.org/inokg/"


def test_a_release_is_read_back_as_it_was_written(mini: Path, tmp_path: Path) -> None:
    release = build(mini, tmp_path / "out")
    snapshot, manifest = read_snapshot(tmp_path / "out" / CURRENT)
    assert manifest == release.manifest
    assert snapshot.version == manifest.version == "9.9.9"
    assert snapshot.drugs[IK + "drug/zaromycin"].liabilities == (IK + "liability/humming-loud",)
    assert snapshot.drugs[IK + "drug/zaroquiet"].liabilities == ()
    assert snapshot.classes[IK + "class/HummingDrug"].members == (
        IK + "drug/hummol",
        IK + "drug/zaromycin",
    )


def test_two_builds_are_byte_identical_in_any_folder_and_under_any_hash_seed(
    mini: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "a much longer folder name" / "ontology"
    shutil.copytree(mini, elsewhere)
    digests = []
    for seed, root in (("1", mini), ("2", elsewhere)):
        out = tmp_path / f"out{seed}"
        command = [
            sys.executable,
            "-m",
            "kg.cli.main",
            "build",
            "--ontology",
            str(root),
            "--out",
            str(out),
        ]
        subprocess.run(
            command, check=True, cwd=ROOT, capture_output=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )  # fmt: skip
        folder = (out / CURRENT).resolve()
        digests.append({p.name: p.read_bytes() for p in folder.iterdir()})
    assert digests[0] == digests[1]
    assert len(digests[0]) >= 7


def _break_syntax(root: Path) -> tuple[Path, int]:
    path = root / "mini" / "drugs.ttl"
    edit(path, "    a ik:Source ;\n", "    a ik:Source\n", tidy=False)
    return path, line_of(path, "source:almanac") + 2


def _break_form(root: Path) -> tuple[Path, int]:
    path = root / "mini" / "drugs.ttl"
    edit(path, "    a ik:Source ;\n", "     a ik:Source ;\n", tidy=False)
    return path, line_of(path, "source:almanac") + 1


def _break_evidence(root: Path) -> tuple[Path, int]:
    path = root / "mini" / "advice.ttl"
    edit(path, '    ik:locator "Page 4" ;\n', "")
    return path, line_of(path, "statement:humming-drug.eu")


def _break_name(root: Path) -> tuple[Path, int]:
    path = root / "mini" / "advice.ttl"
    edit(path, "someValuesFrom class:HummingDrug", "someValuesFrom class:HumingDrug")
    return path, line_of(path, "criterion:HummingMedication")


def _break_satisfiability(root: Path) -> tuple[Path, int]:
    path = root / "mini" / "drugs.ttl"
    never = "    rdfs:subClassOf class:Zarolide ;\n    rdfs:subClassOf owl:Nothing ;\n"
    label = '    rdfs:label "zarolides cleared of humming"@en ;\n'
    definition = (
        '    skos:definition "These zarolides are cleared of the harm of their class."@en ;\n'
    )
    edit(
        path,
        label + definition + "    rdfs:subClassOf class:Zarolide ;\n",
        label + definition + never,
    )
    edit(path, "    a class:SilentZarolide ;\n", "")
    return path, line_of(path, "class:SilentZarolide")


def _break_consistency(root: Path) -> tuple[Path, int]:
    path = root / "mini" / "drugs.ttl"
    edit(path, "    rdfs:subClassOf ik:Liability ;\n", "    rdfs:subClassOf owl:Nothing ;\n")
    return Path(), 0


def _break_fragment(root: Path) -> tuple[Path, int]:
    path = root / "mini" / "advice.ttl"
    old = "        owl:onProperty ik:ofDrug ;\n        owl:someValuesFrom class:HummingDrug ;"
    edit(path, old, old.replace("someValuesFrom", "allValuesFrom"))
    return path, line_of(path, "criterion:HummingMedication")


def _break_threshold(root: Path) -> tuple[Path, int]:
    path = root / "mini" / "advice.ttl"
    edit(path, "xsd:minExclusive 60.5", "xsd:minExclusive 61.5")
    return path, line_of(path, "criterion:HumsLoudly")


def _break_codes(root: Path) -> tuple[Path, int]:
    path = root / "mini" / "advice.ttl"
    edit(path, 'skos:notation "B2"', 'skos:notation "B1"')
    return path, line_of(path, "code:book-2")


def _break_names_of_drugs(root: Path) -> tuple[Path, int]:
    path = root / "mini" / "drugs.ttl"
    edit(path, 'skos:altLabel "blandolium"@en', 'skos:altLabel "Zaromycin"@en')
    return path, line_of(path, "drug:zaromycin")


def _break_imports(root: Path) -> tuple[Path, int]:
    edit(root / "release.ttl", "    owl:imports module:mini-drugs ;\n", "")
    return root / "mini" / "drugs.ttl", line_of(root / "mini" / "drugs.ttl", "module:mini-drugs")


BREAKAGES: list[tuple[object, type[KgError], str]] = [
    (_break_syntax, TurtleError, "turtle-syntax"),
    (_break_form, TurtleError, "turtle-form"),
    (_break_evidence, ShapeViolation, "statement-without-locator"),
    (_break_name, UnknownTerm, "unknown-term"),
    (_break_satisfiability, Inconsistency, "unsatisfiable"),
    (_break_consistency, Inconsistency, "inconsistent"),
    (_break_fragment, Untranslatable, "untranslatable"),
    (_break_threshold, KnowledgeError, "threshold-differs"),
    (_break_codes, KnowledgeError, "code-clash"),
    (_break_names_of_drugs, KnowledgeError, "name-clash"),
    (_break_imports, KnowledgeError, "module-imports"),
]


@pytest.mark.parametrize(("breakage", "error", "code"), BREAKAGES, ids=[b[2] for b in BREAKAGES])
def test_broken_knowledge_fails_with_its_place_and_leaves_the_last_release(
    mini: Path, mini_releases: Path, breakage: object, error: type[KgError], code: str
) -> None:
    out = mini_releases
    good = read_manifest((out / CURRENT).resolve())
    assert callable(breakage)
    path, line = breakage(mini)
    with pytest.raises(error) as caught:
        build(mini, out)
    assert caught.value.code == code
    assert caught.value.repair
    if line:
        shown = path.relative_to(mini.parent).as_posix()
        assert caught.value.location.startswith(f"{shown}:{line}")
    assert read_snapshot(out / CURRENT)[1] == good
    assert not list(out.glob(".draft-*"))


def test_a_failed_build_is_one_line_with_file_and_repair(mini: Path, tmp_path: Path) -> None:
    _, line = _break_threshold(mini)
    command = [
        sys.executable,
        "-m",
        "kg.cli.main",
        "build",
        "--ontology",
        str(mini),
        "--out",
        str(tmp_path / "out"),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert f"mini/advice.ttl:{line}" in done.stderr
    assert "61.5" in done.stderr
    assert "to fix it" in done.stderr


def test_an_altered_snapshot_is_refused(mini_releases: Path) -> None:
    folder = mini_releases / CURRENT
    path = folder / "snapshot.json"
    path.write_bytes(path.read_bytes().replace(b"60.5", b"99.5"))
    with pytest.raises(SnapshotAltered, match="does not match"):
        read_snapshot(folder)


def test_building_the_same_again_keeps_the_release_that_is_there(
    mini: Path, mini_releases: Path
) -> None:
    out = mini_releases
    first = (out / CURRENT).resolve()
    before = (first / "snapshot.json").stat().st_ino
    assert build(mini, out).folder == first
    assert (first / "snapshot.json").stat().st_ino == before, "a sound release was touched"
    (first / "snapshot.json").write_bytes(b"{}")
    build(mini, out)
    assert read_snapshot(out / CURRENT)[0].version == "9.9.9"


def test_without_shapes_nothing_passes(mini: Path, tmp_path: Path) -> None:
    shutil.rmtree(mini / "shapes")
    with pytest.raises(KnowledgeError) as caught:
        build(mini, tmp_path / "out")
    assert caught.value.code == "no-shapes"


def test_a_withdrawn_advisory_no_longer_speaks_and_is_still_there(
    mini: Path, tmp_path: Path
) -> None:
    edit(
        mini / "mini" / "advice.ttl",
        "    ik:severityEU severity:caution ;\n",
        "    ik:severityEU severity:caution ;\n    owl:deprecated true ;\n"
        '    ik:withdrawnIn "9.9.9" ;\n    ik:withdrawnBecause "It was a trial."@en ;\n',
    )
    folder = build(mini, tmp_path / "out").folder
    assert IK + "advisory/humming-drug" not in read_snapshot(folder)[0].advisories
    assert "advisory/humming-drug" in (folder / "graph.nq").read_text(encoding="utf-8")


def test_a_missing_release_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SnapshotMissing, match="no release") as caught:
        read_snapshot(tmp_path)
    assert "inokg build" in caught.value.repair


def test_stated_and_inferred_triples_stand_in_graphs_of_their_own(mini_built: Path) -> None:
    lines = (mini_built / CURRENT / "graph.nq").read_text(encoding="utf-8").splitlines()
    inherited = f"<{IK}drug/zaromycin> <{IK}schema/hasLiability> <{IK}liability/humming-loud>"
    stated = f"<{IK}drug/hummol> <{IK}schema/hasLiability> <{IK}liability/humming-loud>"
    assert f"{inherited} <{IK}graph/inferred> ." in lines
    assert f"{stated} <{IK}graph/asserted> ." in lines
    assert f"{stated} <{IK}graph/inferred> ." not in lines


def test_a_threshold_changed_in_turtle_changes_the_build(mini: Path, mini_releases: Path) -> None:
    before = read_manifest((mini_releases / CURRENT).resolve())
    path = mini / "mini" / "advice.ttl"
    edit(path, "xsd:minExclusive 60.5", "xsd:minExclusive 61.5")
    edit(path, "above 60.5 dB", "above 61.5 dB")
    after = build(mini, mini_releases)
    snapshot, _ = read_snapshot(after.folder)
    assert after.manifest.hash != before.hash
    assert '"low":"61.5"' in (after.folder / "snapshot.json").read_text(encoding="utf-8")
    assert "61.5" in snapshot.criteria[IK + "criterion/HumsLoudly"].definition


def test_a_membership_changed_in_turtle_changes_the_build(mini: Path, tmp_path: Path) -> None:
    path = mini / "mini" / "drugs.ttl"
    edit(path, "    a class:SilentZarolide ;\n", "    a class:HummingZarolide ;\n")
    edit(path, "    ik:clears liability:Humming ;\n", "")
    snapshot, _ = read_snapshot(build(mini, tmp_path / "out").folder)
    assert IK + "drug/zaroquiet" in snapshot.classes[IK + "class/HummingDrug"].members


def test_an_advisory_changed_in_turtle_changes_the_build(mini: Path, mini_releases: Path) -> None:
    before, _ = read_snapshot(mini_releases / CURRENT)
    path = mini / "mini" / "advice.ttl"
    edit(path, "    ik:severityEU severity:caution ;\n", "    ik:severityEU severity:avoid ;\n")
    edit(
        path, 'says "Take care with drugs that make hum."', 'says "Do not use drugs that make hum."'
    )
    edit(path, "    ik:supports severity:caution ;\n", "    ik:supports severity:avoid ;\n")
    edit(path, "    ik:severityUK severity:caution ;\n", "    ik:severityUK severity:avoid ;\n")
    after, _ = read_snapshot(build(mini, mini_releases).folder)
    key = IK + "advisory/humming-drug"
    assert before.advisories[key].severities["EU"] == "caution"
    assert after.advisories[key].severities["EU"] == "avoid"
    assert before.advisories[key].content_hash != after.advisories[key].content_hash


@pytest.mark.parametrize("arguments", [["build"], ["validate"], ["fmt", "--check"]])
def test_a_missing_folder_is_one_line_and_no_traceback(
    tmp_path: Path, arguments: list[str]
) -> None:
    command = [
        sys.executable,
        "-m",
        "kg.cli.main",
        *arguments,
        "--ontology",
        str(tmp_path / "none"),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr
