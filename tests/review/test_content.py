"""A signature binds all that a subject rests on, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import msgspec
import pytest

from kg.review.content import contents, criteria_below, words
from kg.snapshot.criteria import AllOf, AnyOf, AtLeast, Expression, Number, Of
from kg.snapshot.criteria_walk import nodes_of
from kg.snapshot.model import Snapshot

replace = msgspec.structs.replace


def changed(before: Snapshot, after: Snapshot) -> tuple[set[str], set[str]]:
    """Name the subjects whose clinical hash differs, and those whose wording does."""
    old, new = contents(before), contents(after)
    assert old.keys() == new.keys()
    clinical = {i for i in old if old[i].clinical != new[i].clinical}
    return clinical, {i for i in old if old[i].wording != new[i].wording}


def resting_on(snapshot: Snapshot, holds: Callable[[Expression], bool]) -> set[str]:
    """Name the advisories whose criteria ask something, found by the open definitions."""
    found = set()
    for iri, advisory in snapshot.advisories.items():
        named = [n for n in (advisory.applies_to, advisory.unless, *advisory.sets_aside) if n]
        trees = [snapshot.criteria[n].expression for n in named if n in snapshot.criteria]
        if any(holds(node) for tree in trees for node in nodes_of(tree, snapshot)):
            found.add(iri)
    return found


def higher(expression: Expression) -> Expression:
    """Give a definition with each upper or lower bound one higher."""
    if isinstance(expression, AllOf | AnyOf):
        return replace(expression, parts=tuple(higher(p) for p in expression.parts))
    if isinstance(expression, AtLeast):
        return replace(expression, item=higher(expression.item))
    if isinstance(expression, Number) and expression.high is not None:
        return replace(expression, high=expression.high + "1")
    if isinstance(expression, Number) and expression.low is not None:
        return replace(expression, low=expression.low + "1")
    return expression


def thresholds(snapshot: Snapshot) -> list[str]:
    """Name the criteria that hold a number themselves."""
    return [
        name
        for name, criterion in snapshot.criteria.items()
        if any(
            isinstance(n, Number)
            for n in nodes_of(criterion.expression, snapshot, into_named=False)
        )
    ]


def test_a_threshold_changes_exactly_the_advisories_that_rest_on_it(snapshot: Snapshot) -> None:
    tried = count()
    for name in thresholds(snapshot)[::4]:
        criterion = snapshot.criteria[name]
        other = replace(criterion, expression=higher(criterion.expression))
        assert other != criterion
        clinical, wording = changed(
            snapshot, replace(snapshot, criteria=snapshot.criteria | {name: other})
        )
        resting = {
            iri
            for iri, a in snapshot.advisories.items()
            if name
            in criteria_below([n for n in (a.applies_to, a.unless, *a.sets_aside) if n], snapshot)
        }
        assert (clinical, wording) == (resting, set())
        next(tried)
    assert next(tried) > 10


def test_a_member_of_a_class_changes_exactly_the_advisories_about_the_class(
    snapshot: Snapshot,
) -> None:
    asked = {
        node.term
        for criterion in snapshot.criteria.values()
        for node in nodes_of(criterion.expression, snapshot, into_named=False)
        if isinstance(node, Of) and node.term in snapshot.classes
    }
    for name in sorted(asked)[::4]:
        known = snapshot.classes[name]
        other = replace(known, members=known.members[1:])
        clinical, wording = changed(
            snapshot, replace(snapshot, classes=snapshot.classes | {name: other})
        )
        about = resting_on(snapshot, lambda n, name=name: isinstance(n, Of) and n.term == name)  # type: ignore[misc]
        assert (clinical, wording) == (about, set())
    assert len(asked) > 20


@pytest.mark.parametrize(
    ("edit", "only_wording"),
    [
        (lambda text: text + " ,", True),
        (lambda text: text.replace(" ", "  ", 1), True),
        (lambda text: "Not: " + text, False),
        (lambda text: text + " 1.5", False),
    ],
    ids=["comma", "space", "word", "number"],
)
def test_a_statement_changes_exactly_what_cites_it(
    snapshot: Snapshot, edit: Callable[[str], str], only_wording: bool
) -> None:
    cited = next(s for a in snapshot.advisories.values() for s in a.statements)
    statement = snapshot.statements[cited]
    other = replace(statement, says=edit(statement.says))
    clinical, wording = changed(
        snapshot, replace(snapshot, statements=snapshot.statements | {cited: other})
    )
    citing = {i for i, a in snapshot.advisories.items() if cited in a.statements} | {
        i for i, d in snapshot.disagreements.items() if cited in (*d.readings, *d.taken)
    }
    citing |= {
        i
        for i, a in snapshot.advisories.items()
        for c in criteria_below([n for n in (a.applies_to, a.unless, *a.sets_aside) if n], snapshot)
        if cited in snapshot.criteria[c].statements
    }
    assert citing
    assert wording == citing
    assert clinical == (set() if only_wording else citing)


def test_a_new_edition_of_a_source_brings_back_exactly_what_cites_it(snapshot: Snapshot) -> None:
    for source in sorted(snapshot.sources)[::5]:
        edition = replace(snapshot.sources[source], version="another edition")
        clinical, wording = changed(
            snapshot, replace(snapshot, sources=snapshot.sources | {source: edition})
        )
        resting = {
            iri
            for iri, content in contents(snapshot).items()
            for part in content.parts
            if part.name in snapshot.statements and snapshot.statements[part.name].source == source
        }
        assert (clinical, wording) == (resting, set())


def test_the_strength_of_an_advisory_is_signed_with_it(snapshot: Snapshot) -> None:
    for field, value in (
        ("severities", {"EU": "inform"}),
        ("unless", next(iter(snapshot.criteria))),
        ("management", "Do nothing."),
    ):
        iri, advisory = next(iter(snapshot.advisories.items()))
        other = replace(advisory, **{field: value})
        clinical, _ = changed(
            snapshot, replace(snapshot, advisories=snapshot.advisories | {iri: other})
        )
        assert clinical == {iri}, field


def test_the_same_release_gives_the_same_hashes(snapshot: Snapshot) -> None:
    assert changed(snapshot, replace(snapshot)) == (set(), set())
    assert len({c.clinical for c in contents(snapshot).values()}) == len(contents(snapshot))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Stop, then look.", "Stop then look", True),
        ("Above 1.5", "Above 15", False),
        ("Above 1,5", "Above 15", False),
        ("Give .5 mg", "Give 5 mg", False),
        ("Is it so?", "Is it so", False),
        ("less than 3", "more than 3", False),
        ("≤ 3", "< 3", False),
        ("a-b", "ab", False),
    ],
)
def test_signs_that_part_words_are_no_words(one: str, other: str, same: bool) -> None:
    assert (words(one) == words(other)) is same
