"""Measurements to try: just under, on and just over every bound that some definition sets.

With the laboratory's limit, without it so that the interval ends on the bound, as a multiple,
and as *less than* or *more than*; with a value before treatment where a change is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tests.proof.axioms import IK, Axioms, key
from tests.proof.covering import Factor
from tests.proof.naming import REST, constant, label, number
from tests.proof.portraits import Painter
from tests.proof.questions import OBSERVATION

_A_LIMIT = 20
_A_WHOLE = 20
_A_MINUTE = 60
_LIMITS = {
    "timesUpperLimit": ("upper_limit", "lowestUpperLimit", "highestUpperLimit"),
    "timesLowerLimit": ("lower_limit", "lowestLowerLimit", "highestLowerLimit"),
}
_BESIDE = (("ShareOf", "whole"), ("PartOf", "whole"), ("CubeRootCorrection", "rate"))
Entry = dict[str, Any]


@dataclass(frozen=True)
class Measurements:
    """Makes one factor of each kind of observation that matters."""

    painter: Painter

    @property
    def axioms(self) -> Axioms:
        """Give the ontology."""
        return self.painter.axioms

    def factors(self) -> Iterator[Factor]:
        """Give a factor for each kind, with what to try of it."""
        for kind in self.axioms.of_kind("observation"):
            entries = list(self._entries(kind))
            if entries:
                name = label(kind, self.axioms)
                beside = list(self._wholes(kind))
                levels = [constant([{"text": name, **e}, *beside]) for e in _once(entries)]
                twice = constant([{"text": name, **e} for e in (entries[0], entries[-1])])
                about = {a for k, _ in self._answers(kind) for a in self.axioms.above(k)}
                about |= {a for k in self._derived(kind) for a in self.axioms.above(k)}
                yield Factor(key(kind), (REST, *levels, twice), about=frozenset(about))

    def _entries(self, kind: str) -> Iterator[Entry]:
        unit = self.axioms.text(kind, IK + "canonicalUnit")
        if not unit:
            return
        found = [e for k, scale in self._answers(kind) for e in self._for(kind, k, scale)]
        if found or self._missed(kind):
            plain = self._plain(kind)
            yield {"value": plain, "unit": unit}
        if found:
            yield {"value": plain, "unit": "furlong"}
        for entry in found:
            yield entry if "unit" in entry else {**entry, "unit": unit}

    def _answers(self, kind: str) -> Iterator[tuple[str, Fraction]]:
        """Give the kinds whose bounds a value of this kind can meet, and by which factor."""
        yield kind, Fraction(1)
        for derivation in self.axioms.instances(IK + "LargerOf"):
            if kind in self.axioms.names(derivation, IK + "fromObservation"):
                yield self.axioms.names(derivation, IK + "yields")[0], Fraction(1)
        for type_, parts in (
            ("ShareOf", {"share": Fraction(100, _A_WHOLE)}),
            ("PartOf", {"part": Fraction(_A_WHOLE)}),
            ("CubeRootCorrection", {"interval": Fraction(1)}),
        ):
            for derivation in self.axioms.instances(IK + type_):
                for part, scale in parts.items():
                    if kind in self.axioms.names(derivation, IK + part):
                        yield self.axioms.names(derivation, IK + "yields")[0], scale

    def _derived(self, kind: str) -> Iterator[str]:
        """Give the kinds that are worked out with a kind as their whole or rate."""
        for type_, part in _BESIDE:
            for derivation in self.axioms.instances(IK + type_):
                if kind in self.axioms.names(derivation, IK + part):
                    yield from self.axioms.names(derivation, IK + "yields")

    def _wholes(self, kind: str) -> Iterator[Entry]:
        """Give the measurements without which a kind is no part of anything."""
        for derivation in self.axioms.instances(IK + "PartOf"):
            if kind in self.axioms.names(derivation, IK + "part"):
                for whole in self.axioms.names(derivation, IK + "whole"):
                    unit = self.axioms.text(whole, IK + "canonicalUnit")
                    yield {"text": label(whole, self.axioms), "value": _A_WHOLE, "unit": unit}

    def _missed(self, kind: str) -> bool:
        """Say whether a kind matters though no number of it is asked for."""
        wanted = {
            k
            for a in self.axioms.instances(IK + "NoObservationGiven")
            for k in self.axioms.names(a, IK + "ofKind")
        }
        return bool(self.axioms.above(kind) & wanted or any(self._derived(kind)))

    def _plain(self, kind: str) -> int | float:
        """Give a value that nothing is wrong with; wholes and rates so that sums come out even."""
        for type_, part, even in (
            ("ShareOf", "whole", _A_WHOLE),
            ("PartOf", "whole", _A_WHOLE),
            ("CubeRootCorrection", "rate", _A_MINUTE),
        ):
            for derivation in self.axioms.instances(IK + type_):
                if kind in self.axioms.names(derivation, IK + part):
                    return even
        shown = self.axioms.text(kind, IK + "displayUpper")
        low, high = self.axioms.range_of(kind, IK + "plausible") or (Fraction(), Fraction(1))
        return number(Fraction(shown) if shown else Fraction((low * 2 + high) // 3))

    def _for(self, kind: str, asked: str, scale: Fraction) -> Iterator[Entry]:
        above = self.axioms.above(asked)
        for prop in self.painter.questions.numbers(OBSERVATION, above):
            facets = self.painter.questions.facets(OBSERVATION, prop, above)
            for bound in sorted({b for f in facets for b in (f.low, f.high) if b is not None}):
                for entry in self._at(kind, key(prop), bound, scale, above):
                    if self._can_be(kind, entry):
                        yield entry

    def _at(
        self, kind: str, prop: str, bound: Fraction, scale: Fraction, above: set[str]
    ) -> Iterator[Entry]:
        if prop in _LIMITS:
            yield from self._against_limits(kind, prop, bound)
        elif prop == "value":
            for value in _around(bound * scale):
                yield {"value": number(value)}
            for sign in ("<", ">", "<="):
                yield {"value": f"{sign}{number(bound * scale)}"}
        elif scale == 1:
            yield from self._against_baseline(prop, bound, above)

    def _against_limits(self, kind: str, prop: str, bound: Fraction) -> Iterator[Entry]:
        field, lowest, highest = _LIMITS[prop]
        limit = Fraction(self.axioms.text(kind, IK + lowest) or _A_LIMIT)
        for value in _around(bound * limit):
            yield {"value": number(value), field: number(limit)}
        for sign in ("<", ">"):
            yield {"value": f"{sign}{number(bound * limit)}", field: number(limit)}
        for end in (lowest, highest):
            text = self.axioms.text(kind, IK + end)
            if text:
                for value in _around(bound * Fraction(text)):
                    yield {"value": number(value)}
        if field == "upper_limit":
            for value in _around(bound):
                yield {"value": number(value), "unit": "xULN"}
            yield {"value": f">{number(bound)}", "unit": "xULN"}

    def _against_baseline(self, prop: str, bound: Fraction, above: set[str]) -> Iterator[Entry]:
        facets = self.painter.questions.facets(OBSERVATION, IK + "value", above)
        bounds = sorted(b for f in facets for b in (f.low, f.high) if b is not None)
        value = bounds[0] * Fraction(98, 100) if bounds else Fraction(80)
        for edge in _around(bound):
            if prop == "changeFromBaseline":
                yield {"value": number(value), "baseline": number(value - edge)}
            else:
                yield {"value": number(value * edge), "baseline": number(value)}

    def _can_be(self, kind: str, entry: Entry) -> bool:
        if self.axioms.text(kind, IK + "canonicalUnit") == "{presence}":
            return entry["value"] in (0, 1, "<1")
        range_ = self.axioms.range_of(kind, IK + "plausible")
        if range_ is None or "unit" in entry:
            return True
        # Less than the least, or more than the most, that can be is nothing that can be.
        if entry["value"] in (f"<{number(range_[0])}", f">{number(range_[1])}"):
            return False
        given = [str(entry[f]).lstrip("<>=") for f in ("value", "baseline") if f in entry]
        return all(range_[0] <= Fraction(g) <= range_[1] for g in given)


def _around(bound: Fraction) -> tuple[Fraction, Fraction, Fraction]:
    step = Fraction(1, 10) if abs(bound) >= 10 else Fraction(1, 100)
    return bound - step, bound, bound + step


def _once(entries: list[Entry]) -> list[Entry]:
    return list({repr(e): e for e in entries}.values())
