"""The bounds on results that count for the dose in question, read off the advice itself.

Of every advisory that asks for something, each bound on a value becomes a limit of its kind. A
limit stands in the checklist of a dose where its advisory could apply whatever the results are:
what is about another day, another phase or a medicine that is not taken is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import or_
from typing import NamedTuple

from msgspec import UNSET, UnsetType

from kg import terms
from kg.checking.hazards import asks_of
from kg.checking.words import NOTED
from kg.contract.report import DoseLimit
from kg.contract.severity import asks_for_care
from kg.interval import FALSE
from kg.judging.judge import Candidate, candidates
from kg.judging.questions import PatientNode
from kg.judging.three_valued import truth
from kg.judging.view import View
from kg.snapshot.criteria import AllOf, AnyOf, AtLeast, Expression, Is, Named, Number
from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot

# How a label begins that is read after its number.
_TIMES = "times "


class Bound(NamedTuple):
    """One bound: the kind of result, the advice that it belongs to, and its words."""

    kind: str
    entry: Candidate
    bit: int
    results: int
    says: str


def limits_of(kind: str, view: View, snapshot: Snapshot) -> Iterator[DoseLimit]:
    """Give the bounds on a kind of result that count here, strongest first, each once."""
    said: set[str] = set()
    for bound in _bounds(snapshot)[view.case.jurisdiction].get(kind, ()):
        # Whatever the results are, the rest must allow it.
        might = truth(bound.entry.applies, view.sure, view.possible | bound.results)
        if might == FALSE or bound.says in said:
            continue
        said.add(bound.says)
        yield DoseLimit(
            advisory=bound.entry.ready.iri,
            severity=bound.entry.severity,
            says=bound.says,
            passed=_passed(bound, view),
        )


def _passed(bound: Bound, view: View) -> bool | UnsetType:
    if view.sure & bound.bit:
        return True
    return UNSET if view.possible & bound.bit else False


@once_per_snapshot
def _bounds(snapshot: Snapshot) -> dict[str, dict[str, list[Bound]]]:
    """Collect the bounds of each jurisdiction by kind of result, in the order of reports."""
    found: dict[str, dict[str, list[Bound]]] = {}
    for jurisdiction, listed in candidates(snapshot).items():
        by_kind = found.setdefault(jurisdiction, {})
        for entry in listed:
            if not asks_for_care(entry.severity):
                continue
            if asks_of(entry.ready.iri, entry.severity, snapshot) == NOTED:
                continue
            for bound in _of_advisory(entry, snapshot):
                by_kind.setdefault(bound.kind, []).append(bound)
    return found


def _of_advisory(entry: Candidate, snapshot: Snapshot) -> Iterator[Bound]:
    nodes = list(_on_results(entry.ready.applies))
    results = reduce(or_, (node.bit for node in nodes), 0)
    for node in nodes:
        assert isinstance(node.expression, AtLeast)  # noqa: S101 - only these have items
        for term, number in _numbers(node.expression.item, snapshot):
            says = _said(term, number, snapshot)
            for kind in _kinds(term, snapshot):
                yield Bound(kind, entry, node.bit, results, says)


def _on_results(node: PatientNode) -> Iterator[PatientNode]:
    if node.family == terms.HAS_OBSERVATION:
        yield node
    for part in node.parts:
        yield from _on_results(part)


def _numbers(expression: Expression, snapshot: Snapshot) -> Iterator[tuple[str, Number]]:
    """Give each kind with the number that is asked of it, where nothing else is asked."""
    if isinstance(expression, Named):
        yield from _numbers(snapshot.criteria[expression.criterion].expression, snapshot)
    elif isinstance(expression, AnyOf):
        for part in expression.parts:
            yield from _numbers(part, snapshot)
    elif isinstance(expression, AllOf):
        kinds = [p.term for p in expression.parts if isinstance(p, Is)]
        numbers = [p for p in expression.parts if isinstance(p, Number)]
        if len(kinds) == len(numbers) == 1 and len(expression.parts) == 2:
            yield kinds[0], numbers[0]


@once_per_snapshot
def _below(snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    """Give the kinds of result that a kind holds: those below it, and those it is worked out of."""
    sources = {d.yields: d.sources for d in snapshot.derivations if d.kind == "larger-of"}
    below: dict[str, dict[str, None]] = {}
    for iri, kind in snapshot.observations.items():
        for above in (iri, *kind.ancestors):
            below.setdefault(above, {}).update(dict.fromkeys((iri, *sources.get(iri, ()))))
    return {iri: tuple(kinds) for iri, kinds in below.items()}


def _kinds(term: str, snapshot: Snapshot) -> tuple[str, ...]:
    return _below(snapshot).get(term, (term,))


def _said(term: str, number: Number, snapshot: Snapshot) -> str:
    """Say a bound in words: above 1.5 times the upper limit; below 50 10*9/L."""
    low, high = number.low, number.high
    parts = [f"{'above' if number.low_open else 'at or above'} {low}"] if low is not None else []
    parts += (
        [f"{'below' if number.high_open else 'at or below'} {high}"] if high is not None else []
    )
    bound = " and ".join(parts)
    known = snapshot.properties.get(number.property)
    label = known.label if known else ""
    if number.property == terms.VALUE:
        return f"{bound} {_unit(term, snapshot)}".rstrip()
    return f"{bound} {label}" if label.startswith(_TIMES) else f"{label} {bound}"


def _unit(term: str, snapshot: Snapshot) -> str:
    """Give the unit of a kind; of a group the one that all below it share."""
    units = {snapshot.observations[k].unit for k in _kinds(term, snapshot)} - {None}
    return next(iter(units)) or "" if len(units) == 1 else ""
