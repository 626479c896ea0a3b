"""The generator tries what it says: pairs, bounds, flags, hazards, classes, lists."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from itertools import combinations, pairwise, product
from random import Random
from typing import Any

import pytest

from kg.casing.assemble import assemble
from kg.contract.request import request_from
from kg.interval import Interval
from tests.proof.axioms import IK
from tests.proof.cells import cells, decimal
from tests.proof.compare import Bench
from tests.proof.covering import Covering, Factor, Level
from tests.proof.questions import CONDITION, MEDICATION, OBSERVATION

_NEAR = Fraction(1, 5)


def test_every_pair_that_can_be_is_shown() -> None:
    def levels(n: int) -> tuple[Level, ...]:
        return tuple(Level(str(i)) for i in range(n))

    factors = [
        Factor("a", levels(3)),
        Factor("b", levels(4)),
        Factor("c", levels(3), ("a", frozenset({0, 1}))),
        Factor("d", levels(2), ("c", frozenset({1, 2}))),
    ]
    covering = Covering(factors, (frozenset(),))
    rows = []
    for row in covering.rows():
        rows.append(row)
        if not covering.left:
            break
    shown = {
        ((f.name, row[f.name]), (g.name, row[g.name]))
        for row in rows
        for f, g in combinations(factors, 2)
    }
    for f, g in combinations(factors, 2):
        for one, other in product(range(len(f.levels)), range(len(g.levels))):
            row = {f.name: one, g.name: other}
            # c matters only where a is 0 or 1, d only where c is 1 or 2; else they rest.
            possible = not (row.get("a") == 2 and (row.get("c", 0) or row.get("d", 0)))
            possible &= not (row.get("c") == 0 and row.get("d", 0))
            assert (((f.name, one), (g.name, other)) in shown) == possible
    assert len(rows) < 40


def test_most_pairs_are_shown_soon_and_the_same_every_time(bench: Bench) -> None:
    bodies, shown = bench.bodies(300)
    assert shown > 0.6
    assert bench.bodies(20)[0] == bodies[:20]


def test_every_bound_is_met_just_missed_and_just_passed(bench: Bench) -> None:
    met: dict[tuple[str, str], list[Interval]] = defaultdict(list)
    for factor in bench.requests.factors:
        if factor.needs and factor.needs[0] == "observations":
            for level in factor.levels[1:]:
                for item in _measured(bench, level):
                    for prop, known in item.numbers.items():
                        for kind in bench.axioms.above(item.term or ""):
                            met[kind, prop].append(known)
    bounds = {
        (kind, facet.role, bound)
        for facet, scope in bench.painter.questions.asked[OBSERVATION].facets
        for kind in scope
        for bound in (facet.low, facet.high)
        if bound is not None
    }
    assert len(bounds) > 20
    for kind, prop, bound in bounds:
        known = met[kind, prop]
        points = {n.low for n in known if n.low is not None and n.low == n.high}
        assert bound in points, (kind, prop, bound)
        if bench.axioms.text(kind, IK + "canonicalUnit") == "{presence}":
            assert points == {0, 1}, "it is there or not"
            continue
        range_ = bench.axioms.range_of(kind, IK + "plausible")
        if range_ is None or range_[0] < bound:
            assert any(bound - _NEAR <= p < bound for p in points), (kind, prop, bound)
        assert any(bound < p <= bound + _NEAR for p in points), (kind, prop, bound)
        ends = [n for n in known if n.low != n.high and bound in (n.low, n.high)]
        assert ends or "aseline" in prop, (kind, prop, bound)


def _measured(bench: Bench, level: Level) -> Any:
    assert level.make is not None
    body = {"observations": level.make(Random(1))}  # noqa: S311 - the same every time
    return assemble(request_from(body), bench.snapshot).observations or ()


def test_everything_that_is_asked_is_offered(bench: Bench) -> None:
    offered = {
        f.name: {a for level in f.levels for a in level.about} for f in bench.requests.factors
    }
    every = set().union(*offered.values())
    assert set(bench.axioms.instances(IK + "Flag")) <= every
    assert bench.painter.questions.asked[MEDICATION].drugs <= offered["medication 1"]
    assert bench.painter.questions.asked[MEDICATION].drugs <= offered["medication 2"]
    reached = {
        kind
        for asked, some in bench.requests.entries.hazards.items()
        for condition in some
        for kind in bench.axioms.above(condition)
        if asked
    }
    assert bench.painter.questions.asked[CONDITION].kinds <= reached


def test_what_is_meant_to_be_read_is_read(bench: Bench) -> None:
    """A level that names a term leads to that kind of item; only a few are meant to be unread."""
    unread, items = 0, 0
    for body in bench.bodies(200)[0]:
        case = assemble(request_from(body), bench.snapshot)
        for some in (case.medications, case.conditions, case.allergies):
            items += len(some or ())
        unread += sum(1 for u in case.unrecognised if "nothing" not in u.given)
        unread -= sum(1 for u in case.unrecognised if u.given.startswith("something that no list"))
        unread -= sum(1 for u in case.unrecognised if "furlong" in u.given)
        unread -= sum(1 for u in case.unrecognised if "this cannot be" in u.reason)
    assert items > 500
    assert unread <= 5


def test_cells_stand_for_every_number(bench: Bench) -> None:
    facets = [f for f, _ in bench.painter.questions.asked[OBSERVATION].facets]
    known = Interval(Fraction(1), Fraction(52), low_open=True)
    found = cells(known, facets, whole=False)
    assert Fraction(1) not in found
    assert {Fraction(10), Fraction(15), Fraction(50), Fraction(52)} <= set(found)
    assert all(a < b for a, b in pairwise(found))
    assert cells(Interval(Fraction(0), Fraction(3)), facets, whole=True) == [0, 1, 2, 3]


def test_decimals_stay_on_their_side_of_a_bound() -> None:
    third = Fraction(1, 3)
    assert abs(Fraction(decimal(third, 18, [Fraction(1, 4)])) - third) < Fraction(1, 10**17)
    assert decimal(third, 3, [Fraction(333, 1000)]) == "0.334"
    with pytest.raises(ValueError, match="cannot be told"):
        decimal(third, 1, [Fraction(3, 10), Fraction(4, 10)])
    assert decimal(Fraction(-5, 2), 2, [Fraction(0)]) == "-2.5"
    assert [decimal(Fraction(n), 2, []) for n in (0, 10)] == ["0", "10"]
