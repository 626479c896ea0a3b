"""What varies from case to case, made from the ontology: nothing clinical is written here.

A row of levels becomes one request, and the request a Case by the way that every request goes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from random import Random
from typing import Any

from tests.proof.axioms import IK, Axioms, key
from tests.proof.covering import Factor, Row
from tests.proof.entries import GIVEN, HAS_ENTRIES, LIST, PART, TODAY, Entries, HalfLives, days_ago
from tests.proof.measured import Measurements
from tests.proof.naming import REST, constant, number
from tests.proof.portraits import Painter
from tests.proof.questions import PATIENT

_ONE = Fraction(1)
_CONTEXT: tuple[str, ...] = (
    *("jurisdiction", "phase", "cycle", "day", "salvage_line", "as_of"),
    *("last_dose", "dose_due", "hsct_planned"),
)
_DOSES = (
    *((0.9, None), (0.9, 1.0), (0.9, 0.9), (0.9, 0.8)),
    *((0.84, None), (0.76, None), (0.6, None), (0.53, None), (0.5, None), (0.4, None)),
    *((0.3, None), (0.29, None), (0.29, 0.29), (0.05, None), (0.04, None)),
)


@dataclass
class Requests:
    """Turns rows into requests, over the factors of one release."""

    painter: Painter

    @property
    def axioms(self) -> Axioms:
        """Give the ontology."""
        return self.painter.axioms

    @cached_property
    def entries(self) -> Entries:
        """Give what may stand in the lists."""
        return Entries(self.painter)

    @cached_property
    def _measured(self) -> tuple[Factor, ...]:
        given = ("observations", HAS_ENTRIES)
        return tuple(replace(f, needs=given) for f in Measurements(self.painter).factors())

    @cached_property
    def factors(self) -> tuple[Factor, ...]:
        """List what varies, each after what it needs."""
        return (
            *self._patient(),
            *self._context(),
            *self.entries.medications(),
            *self.entries.conditions(),
            self.entries.allergies(),
            Factor("observations", LIST),
            *self._measured,
        )

    # --- factors ----------------------------------------------------------------------------------

    def _near(self, prop: str, step: Fraction, shift: int = 0) -> list[Fraction]:
        """Give every bound of a property, and what lies just under and over it, if it can be."""
        range_ = self.axioms.range_of(IK + prop, IK + "plausible")
        assert range_ is not None
        bounds = self.painter.questions.cuts(PATIENT, IK + prop)
        found = {b + d for b in bounds for d in (-step, Fraction(), step)}
        return sorted(n + shift for n in found if range_[0] <= n <= range_[1])

    def _whole(self, prop: str, shift: int = 0) -> list[int]:
        return list(map(int, self._near(prop, _ONE, shift)))

    def _patient(self) -> Iterator[Factor]:
        yield _of("age", "ageYears", *map(number, self._near("ageYears", Fraction(1, 10))))
        yield _of("sex", "sex", *map(key, self.axioms.names(IK + "sex", IK + "admits")))
        yield Factor("flags", LIST[:2])
        flags = self.axioms.instances(IK + "Flag")
        stated = {f: o for f in flags for o in self.axioms.names(f, IK + "contrary")}
        rivals = {o: f for f, o in stated.items()} | stated
        for flag in flags:
            rival = rivals.get(flag)
            if rival is None or flag < rival:
                pair = [f for f in (flag, rival) if f is not None]
                keys = [self.axioms.text(f, IK + "flagKey") for f in pair]
                levels = (
                    replace(constant(k), about=frozenset({f}))
                    for k, f in zip(keys, pair, strict=True)
                )
                given = ("flags", frozenset({GIVEN}))
                yield Factor(f"flag {keys[0]}", (REST, *levels), given, frozenset(pair))

    def _context(self) -> Iterator[Factor]:
        yield _of("jurisdiction", "", "EU", "UK", "US")
        phases = self.axioms.instances(IK + "Phase")
        yield _of(
            "phase",
            "phase medicationPhase",
            *(self.axioms.text(p, IK + "phaseKey") for p in phases),
        )
        early = [self.axioms.truth(p, IK + "precedesTreatment") for p in phases]
        begun = frozenset({0, *(n for n, yes in enumerate(early, 1) if not yes)})
        cycles = {*self._whole("cycle"), *self._whole("completedCycles", 1)}
        yield _of("cycle", "cycle completedCycles", *sorted(cycles))
        yield _of("day", "cycleDay lacks", *self._whole("cycleDay"))
        yield _of("salvage_line", "salvageLine", *self._whole("salvageLine"))
        yield Factor("as_of", (constant(TODAY.isoformat()), REST))
        months = self.painter.questions.cuts(PATIENT, IK + "completedMonthsSinceLastDose")
        ends = [_months_ago(int(m)) for m in months]
        lasts = {
            *map(days_ago, self._whole("daysSinceLastDose")),
            *((m + timedelta(d)).isoformat() for m in ends for d in (0, 1)),
        }
        dues = map(days_ago, self._whole("daysSinceDoseDue"))
        since = "completedMonthsSinceLastDose daysSinceLastDose daysSinceDoseDue"
        for name, about, dates in (
            ("last_dose", since, sorted(lasts)),
            ("dose_due", "daysSinceDoseDue", dues),
        ):
            yield replace(_of(name, about, *dates), needs=("phase", begun))
        yield _of("dose", "doseTimesReduced doseMgM2 dosePerSurface hasFlag lacks", *_DOSES)
        yield _of("hsct_planned", "hasFlag lacks", True, False)

    # --- one request ------------------------------------------------------------------------------

    def body(self, row: Row, random: Random) -> dict[str, Any]:
        """Write the request that a row stands for."""
        chosen = {
            f.name: level.make(random)
            for f in self.factors
            if (level := f.levels[row[f.name]]).make is not None
        }
        stands = {f.name: f.levels[row[f.name]].name for f in self.factors}
        patient = {"age_years": chosen.get("age"), "sex": chosen.get("sex")}
        if stands["flags"] == "given":
            patient["flags"] = [chosen[n] for n in chosen if n.startswith("flag ")]
        dose, reduced = chosen.get("dose", (None, None))
        context = {name: chosen[name] for name in _CONTEXT if name in chosen}
        context |= {"dose_mg_m2": dose, "reduced_to_mg_m2": reduced}
        body: dict[str, Any] = {"patient": patient, "context": context}
        for name, entries in (
            ("medications", list(self._medications(chosen))),
            ("conditions", list(self._conditions(chosen))),
            ("observations", [e for f in self._measured for e in chosen.get(f.name, ())]),
        ):
            if stands[name] != "missing":
                body[name] = entries
        if stands["allergies"] != "missing":
            body["allergies"] = [chosen["allergies"]] if "allergies" in chosen else []
        lists = ("medications", "conditions", "allergies", "observations")
        partly = [name for name in lists if stands[name] == LIST[PART].name]
        return body | ({"partly_read": partly} if partly else {})

    def _medications(self, chosen: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for name in (f"medication {n}" for n in (1, 2, 3)):
            if name in chosen:
                entry = chosen[name] | chosen.get(f"{name} status", {})
                if isinstance(entry.get("last_taken"), HalfLives):
                    entry["last_taken"] = self.entries.last_taken(entry["last_taken"], entry)
                fields = {"role": "role", "route": "route", "daily_dose": "dose"}
                more = {f: chosen.get(f"{name} {part}") for f, part in fields.items()}
                yield entry | more

    def _conditions(self, chosen: dict[str, Any]) -> Iterator[dict[str, Any]]:
        for name in (f"condition {n}" for n in (1, 2, 3)):
            if name in chosen:
                parts = ("status", "severity", "grade")
                yield chosen[name] | {p: chosen.get(f"{name} {p}") for p in parts}


def _of(name: str, about: str, *values: Any) -> Factor:
    asked = frozenset(IK + a for a in about.split())
    return Factor(name, (REST, *map(constant, values)), about=asked)


def _months_ago(months: int) -> date:
    """Give the day on which so many calendar months are completed today."""
    years, month = divmod(TODAY.month - 1 - months, 12)
    return date(TODAY.year + years, month + 1, TODAY.day)
