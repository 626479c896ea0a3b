"""The recipes of the pharmacist's guide, run on a copy exactly as they stand there."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from kg import terms
from kg.build.expressions import plain
from kg.build.load import load
from kg.build.release import examine
from kg.cli.main import main
from kg.graph.turtle import Prefixes
from kg.snapshot.model import Snapshot
from tests.workshop import ONTOLOGY

GUIDE = (ONTOLOGY / "README.md").read_text(encoding="utf-8")
IK = "https://w3id.org/inokg/"


def _recipe(name: str) -> str:
    found = re.search(rf"<!-- recipe: {name} -->\n```\w+\n(.*?)```", GUIDE, re.DOTALL)
    assert found, f"the guide has no recipe '{name}'"
    return found.group(1)


def _add(root: Path, name: str) -> None:
    """Put a recipe into the file that the guide names for it, just before the recipe or in it."""
    before = GUIDE[: GUIDE.index(f"<!-- recipe: {name} -->")]
    path = root / re.findall(r"`([a-z_/0-9]+\.(?:ttl|sssom\.tsv))`", before)[-1]
    path.write_text(path.read_text(encoding="utf-8") + _recipe(name), encoding="utf-8")
    if path.suffix == ".ttl":
        # A new subject may need prefixes that its file did not have.
        prefixes = Prefixes.read(root / "prefixes.ttl")
        head = "".join(f"@prefix {p}: <{n}> .\n" for p, n in prefixes.namespaces.items())
        path.write_text(head + path.read_text(encoding="utf-8"), encoding="utf-8")


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """Follow all recipes on one copy and put it through every gate."""
    root = tmp_path_factory.mktemp("guide") / "ontology"
    shutil.copytree(ONTOLOGY, root)
    lines = _recipe("threshold").splitlines()
    path = root.parent / lines[0]
    text = path.read_text(encoding="utf-8")
    for old, new in zip(lines[1::2], lines[2::2], strict=True):
        assert old.startswith("- ")
        assert new.startswith("+ ")
        assert text.count(old[2:]) >= 1, old
        text = text.replace(old[2:], new[2:])
    path.write_text(text, encoding="utf-8")
    for name in ("drug", "code", "liability", "evidence"):
        _add(root, name)
    assert main(["fmt", "--ontology", str(root)]) == 0
    return examine(root).snapshot


def test_recipe_1_changes_a_threshold(changed: Snapshot) -> None:
    assert any("1.6 times" in c.definition for c in changed.criteria.values())
    assert not any("1.5 times" in c.definition for c in changed.criteria.values())


def test_recipe_2_adds_a_drug_that_inherits_from_its_class(changed: Snapshot) -> None:
    drug = changed.drugs[IK + "drug/exemplomycin"]
    # One from its class, and one from what was judged of the group of its code.
    assert drug.liabilities == (IK + "liability/qt-named", IK + "liability/qt-possible")
    assert IK + "drug/exemplomycin" in changed.classes[IK + "class/FirmQtDrug"].members
    assert drug.definition == "Exemplomycin is a medicine of the group macrolides."
    assert changed.systems[IK + "system/atc"].codes["J01FA99"].term == IK + "drug/exemplomycin"


def test_recipe_3_gives_a_drug_a_liability_of_its_own(changed: Snapshot) -> None:
    assert IK + "drug/exemplostat" in changed.classes[IK + "class/FirmQtDrug"].members
    assert IK + "statement/exemplostat.qt" in changed.statements


def test_every_name_that_the_guide_shows_is_there() -> None:
    knowledge = load(ONTOLOGY)
    names = set(re.findall(r"`([a-z_]+/[a-z_/]*(?:\.ttl|\.sssom\.tsv|/)|[a-z_]+/)`", GUIDE))
    assert names
    assert [n for n in names if not (ONTOLOGY / n).exists()] == []
    numbers = set(re.findall(r'`"([FTD]-\d+)"`', GUIDE))
    known = {e for i in knowledge.places for e in knowledge.texts(i, terms.ik("encodes"))}
    assert numbers
    assert numbers <= known
    shown = set(re.findall(r"\b(advisory:[a-z-]+)\n", GUIDE))
    assert {knowledge.prefixes.expand(s) for s in shown} <= set(knowledge.places)


def test_numbers_are_compared_in_their_plain_form() -> None:
    assert plain("1.50") == "1.5"
    assert plain("10") == "10"
    assert plain("0.05") == "0.05"
