"""Slips of an engine that the comparison must notice.

Each is a way in which a compiled answer could differ from the logic. They change the Snapshot
or the Case that the engine judges, and never what the reasoners are shown.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from kg.build.compile_decisions import decided
from kg.casing.assemble import assemble
from kg.casing.case import Case, Item
from kg.contract.request import request_from
from kg.interval import NOTHING, Interval, point
from kg.snapshot.criteria import AllOf, AnyOf, AtLeast, Expression, Number
from kg.snapshot.model import Snapshot
from tests.proof.axioms import BASE, IK
from tests.proof.verdicts import Verdicts, of_engine

Body = dict[str, Any]
Engine = Callable[[Body, Snapshot], Verdicts]
change = msgspec.structs.replace
# What an item says of itself; whatever else it holds is the engine's own memory.
_SAID = (
    *("input", "label", "role", "term", "classes", "drugs"),
    *("attributes", "numbers", "needs", "detail"),
)
_LISTS = ("medications", "conditions", "allergies", "observations")


def engine(body: Body, snapshot: Snapshot) -> Verdicts:
    """Give the verdicts of the engine as it is."""
    return of_engine(assemble(request_from(body), snapshot), snapshot)


# --- slips in what the engine is given ------------------------------------------------------------


def with_snapshot(alter: Callable[[Snapshot], Snapshot]) -> Callable[[Snapshot], Engine]:
    """Let the engine read and judge with another Snapshot."""

    def prepare(snapshot: Snapshot) -> Engine:
        other = decided(alter(snapshot))
        return lambda body, _: engine(body, other)

    return prepare


def with_case(alter: Callable[[Case, Snapshot], Case]) -> Callable[[Snapshot], Engine]:
    """Let the engine judge another Case."""

    def prepare(snapshot: Snapshot) -> Engine:
        def judge(body: Body, _: Snapshot) -> Verdicts:
            case = assemble(request_from(body), snapshot)
            return of_engine(alter(case, snapshot), snapshot)

        return judge

    return prepare


def _altered(item: Item, **fields: object) -> Item:
    """Change an item; what it answered before is not taken along."""
    said = {f: getattr(item, f) for f in _SAID}
    return Item(**{**said, **fields})


def _with_items(case: Case, alter: Callable[[Item], Item | None]) -> Case:
    changed = {
        name: tuple(new for i in items if (new := alter(i)) is not None)
        for name in _LISTS
        if (items := getattr(case, name)) is not None
    }
    return change(case, **changed)


def _no_list_missing(case: Case, _: Snapshot) -> Case:
    return change(case, **{n: () for n in _LISTS[:3] if getattr(case, n) is None})


def _numbers_normal(case: Case, snapshot: Snapshot) -> Case:
    """Give every number that is not known no value at all, which meets no bound."""
    nothing = dict.fromkeys(snapshot.properties, NOTHING)
    measured = {i.term for i in case.observations or ()}
    normal = tuple(
        Item("", "", IK + "hasMeasured", term=k, classes=frozenset({k, *o.ancestors}))
        for k, o in snapshot.observations.items()
        if k not in measured
    )
    given = change(case, observations=(*(case.observations or ()), *normal))
    filled = _with_items(given, lambda i: _altered(i, numbers={**nothing, **i.numbers}))
    return change(filled, numbers={**nothing, **case.numbers})


def _by_the_middle(case: Case, _: Snapshot) -> Case:
    def middle(known: Interval) -> Interval:
        if known.low is None or known.high is None:
            return known
        return point((known.low + known.high) / 2)

    return _with_items(
        case, lambda i: _altered(i, numbers={p: middle(n) for p, n in i.numbers.items()})
    )


def _stopped_as_taken(case: Case, _: Snapshot) -> Case:
    stopped, takes = IK + "stopped", IK + "takes"
    return _with_items(case, lambda i: _altered(i, role=takes) if i.role == stopped else i)


def _unread_dropped(case: Case, _: Snapshot) -> Case:
    return _with_items(case, lambda i: None if i.term is None else i)


def _suspected_as_confirmed(case: Case, _: Snapshot) -> Case:
    certainty, confirmed = IK + "certainty", BASE + "value/confirmed"

    def sure(item: Item) -> Item:
        if certainty not in item.attributes:
            return item
        return _altered(item, attributes={**item.attributes, certainty: confirmed})

    return _with_items(case, sure)


def _no_unstated(snapshot: Snapshot) -> Snapshot:
    return change(
        snapshot,
        properties={i: change(p, unstated=None) for i, p in snapshot.properties.items()},
    )


def _no_contraries(snapshot: Snapshot) -> Snapshot:
    flags = {i: change(f, contrary=None) for i, f in snapshot.flags.items()}
    return change(snapshot, flags=flags, flag_groups=())


def _all_assessed(snapshot: Snapshot) -> Snapshot:
    drugs = {i: change(d, assessed=True, open_axes=()) for i, d in snapshot.drugs.items()}
    return change(snapshot, drugs=drugs)


def _advisories(snapshot: Snapshot, **fields: object) -> Snapshot:
    changed = {i: change(a, **fields) for i, a in snapshot.advisories.items()}
    return change(snapshot, advisories=changed)


def _criteria(snapshot: Snapshot, alter: Callable[[Expression], Expression]) -> Snapshot:
    changed = {
        i: change(c, expression=rebuilt(c.expression, alter)) for i, c in snapshot.criteria.items()
    }
    return change(snapshot, criteria=changed)


def rebuilt(node: Expression, alter: Callable[[Expression], Expression]) -> Expression:
    """Change every part of an expression, the innermost first."""
    if isinstance(node, AllOf | AnyOf):
        node = type(node)(tuple(rebuilt(p, alter) for p in node.parts))
    elif isinstance(node, AtLeast):
        node = change(node, item=rebuilt(node.item, alter))
    return alter(node)


def _other_side(node: Expression) -> Expression:
    if not isinstance(node, Number):
        return node
    return change(
        node,
        low_open=node.low is not None and not node.low_open,
        high_open=node.high is not None and not node.high_open,
    )


def _one_more(node: Expression) -> Expression:
    if isinstance(node, AtLeast) and node.least > 1:
        return change(node, least=node.least + 1)
    return node


def _one_fewer(node: Expression) -> Expression:
    if isinstance(node, AtLeast) and node.least > 1:
        return change(node, least=node.least - 1)
    return node


SLIPS: dict[str, Callable[[Snapshot], Engine]] = {
    "bounds taken the other way": with_snapshot(lambda s: _criteria(s, _other_side)),
    "one more counted": with_snapshot(lambda s: _criteria(s, _one_more)),
    "one fewer counted": with_snapshot(lambda s: _criteria(s, _one_fewer)),
    "a missing list taken as none": with_case(_no_list_missing),
    "a missing value taken as normal": with_case(_numbers_normal),
    "an interval taken by its middle": with_case(_by_the_middle),
    "nothing set aside": with_snapshot(lambda s: _advisories(s, sets_aside=())),
    "nothing exempted": with_snapshot(lambda s: _advisories(s, unless=None)),
    "what was not said forgotten": with_snapshot(_no_unstated),
    "contraries forgotten": with_snapshot(_no_contraries),
    "what was stopped taken": with_case(_stopped_as_taken),
    "what was not recognised dropped": with_case(_unread_dropped),
    "what nobody assessed taken as harmless": with_snapshot(_all_assessed),
    "what is suspected taken as confirmed": with_case(_suspected_as_confirmed),
}
