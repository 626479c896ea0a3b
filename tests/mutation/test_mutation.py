"""A change of the Turtle is noticed by a golden case, and the count of such changes is honest.

A small part of the mutants here; `make mutants` tries them all.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from kg.errors import KnowledgeError
from kg.snapshot.model import Snapshot
from tests.mutation.advice import advisory_mutants
from tests.mutation.change import Mutant, made
from tests.mutation.closure import differences, followed
from tests.mutation.criteria import CriterionMutants
from tests.mutation.memberships import membership_mutants
from tests.mutation.quick import Older, Workshop
from tests.mutation.run import BAR, Judged, Outcome, judged, justified, table
from tests.mutation.suite import Suite, asked_about
from tests.mutation.words import change
from tests.workshop import ONTOLOGY

SAMPLE = 120


@pytest.fixture(scope="module")
def shop(release_folder: Path) -> Workshop:
    return Workshop.of(ONTOLOGY, release_folder)


@pytest.fixture(scope="module")
def mutants(shop: Workshop) -> list[Mutant]:
    """Give the mutants of criteria and advice, in an order that no list decides."""
    found = [*advisory_mutants(shop.knowledge)]
    for criterion in sorted(asked_about(shop.snapshot)):
        found += CriterionMutants(shop.knowledge, shop.snapshot.properties, criterion).mutants()
    return sorted(found, key=lambda m: hashlib.sha256(m.name.encode()).digest())


def test_what_follows_without_a_reasoner_is_what_the_reasoners_found(shop: Workshop) -> None:
    assert differences(followed(shop.knowledge, shop.inferred), shop.inferred) == []


def test_what_follows_changes_with_the_axioms(shop: Workshop) -> None:
    mutant = next(m for m in membership_mutants(shop.knowledge) if "liability" in m.kind)
    with made(shop.knowledge, mutant.changes):
        assert differences(followed(shop.knowledge, shop.inferred), shop.inferred)
    assert differences(followed(shop.knowledge, shop.inferred), shop.inferred) == []


def test_a_release_of_another_ontology_is_refused(tmp_path: Path, release_folder: Path) -> None:
    other = tmp_path / "ontology"
    shutil.copytree(ONTOLOGY, other)
    path = other / "advisories" / "qt.ttl"
    text = path.read_text(encoding="utf-8")
    assert "ik:severityUS severity:avoid" in text
    path.write_text(text.replace("ik:severityUS severity:avoid", "ik:severityUS severity:hold"))
    with pytest.raises(Older):
        Workshop.of(other, release_folder)


def test_names_are_unique_and_nothing_is_left_changed(
    shop: Workshop, mutants: list[Mutant]
) -> None:
    assert len({m.name for m in mutants}) == len(mutants) > 1500
    assert all(m.changes for m in mutants)
    advice = (*advisory_mutants(shop.knowledge),)
    assert {m.name for m in advice} <= {m.name for m in mutants}


def test_what_is_justified_is_a_mutant(shop: Workshop, mutants: list[Mutant]) -> None:
    """A justification that has lost its mutant, as when a definition is edited, is noticed."""
    known = {m.name for m in (*mutants, *membership_mutants(shop.knowledge))}
    assert set(justified()) <= known
    assert all(len(reason) > 30 for reason in justified().values())


def test_golden_cases_notice_a_sample(shop: Workshop, mutants: list[Mutant]) -> None:
    suite = Suite.whole()
    fates = [judged(m, shop, suite) for m in mutants[:SAMPLE]]
    outcome = Outcome(fates, justified())
    assert len(outcome.of("refused")) < SAMPLE / 4
    assert outcome.share >= BAR, table(outcome)


def test_a_suite_that_expects_nothing_notices_nothing(
    shop: Workshop, mutants: list[Mutant]
) -> None:
    """The count is of what the cases expect, not of changes that break the program."""
    suite = Suite.whole().emptied()
    fates = [judged(m, shop, suite).fate for m in mutants[:SAMPLE:10]]
    assert "survived" in fates
    assert "caught" not in fates


def test_the_cases_as_they_are_pass_on_the_ontology_as_it_is(shop: Workshop) -> None:
    assert Suite.whole().notices(shop.snapshot) is None


@pytest.mark.parametrize(
    ("name", "case"),
    [
        ("QtcProlonged: [… value >= 450", "qt_interval/in-treatment-450"),
        ("dual-alkylator: dropped", "alkylators/two-transplant-planned"),
    ],
)
def test_a_change_is_named_and_noticed(
    shop: Workshop, mutants: list[Mutant], name: str, case: str
) -> None:
    found = [m for m in mutants if m.name.startswith(name)]
    suite = Suite({case: Suite.whole().cases[case]})
    compiled = [s for m in found if (s := _compiled(shop, m)) is not None]
    assert any(suite.notices(s) == case for s in compiled)


def _compiled(shop: Workshop, mutant: Mutant) -> Snapshot | None:
    try:
        return shop.compiled(mutant)
    except KnowledgeError:
        return None


def test_a_justification_of_a_mutant_that_is_caught_is_stale() -> None:
    outcome = Outcome([Judged("k", "one", "caught"), Judged("k", "two", "survived")], {"one": "-"})
    assert outcome.stale == ["one"]
    assert not outcome.holds
    assert [s.name for s in outcome.survivors] == ["two"]


def test_what_changed_is_shown_with_a_few_words_around() -> None:
    assert change("( a and value >= 450 )", "( a and value > 450 )") == (
        "[… and value >= 450 )] → [… and value > 450 )]"
    )
