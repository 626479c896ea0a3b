"""Entries of the lists to try: drugs by what is asked of them, conditions by their hazards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any

from tests.proof.axioms import IK, And, AtLeast, Axioms, Expression, Name, Or, key
from tests.proof.covering import Factor, Level
from tests.proof.naming import REST, UNREAD, coded, codes, constant, either, label, named, number
from tests.proof.portraits import Painter
from tests.proof.questions import ALLERGY, CONDITION, MEDICATION

TODAY = date(2026, 11, 21)
# How a list stands: with what its entries say, left out, empty, or only in part.
LIST = tuple(map(Level, ("given", "missing", "empty", "in part")))
GIVEN, MISSING, EMPTY, PART = range(4)
HAS_ENTRIES = frozenset({GIVEN, PART})
_HALF = Fraction(1, 2)
# How often a detail of an entry is given where a row is aimed at it; mostly the entry is enough.
_DETAIL = 0.35


@dataclass(frozen=True)
class HalfLives:
    """So many half-lives ago, on the whole day before that many are over, or the day after."""

    number: Fraction
    over: bool


@dataclass
class Entries:
    """Makes the factors of medications, conditions and allergies."""

    painter: Painter

    @property
    def axioms(self) -> Axioms:
        """Give the ontology."""
        return self.painter.axioms

    # --- medications ------------------------------------------------------------------------------

    def medications(self) -> Iterator[Factor]:
        """Give three medications, each with its status, role, route and dose."""
        yield Factor("medications", LIST)
        offered = self._medicines()
        limits = self.painter.questions.cuts(MEDICATION, IK + "dailyDoseMg")
        near = [(number(b + d), "mg") for b in limits for d in (-_HALF, Fraction(), _HALF)]
        doses = [constant({"value": v, "unit": u}) for v, u in (*near, (10, "[IU]"))]
        for n in (1, 2, 3):
            name = f"medication {n}"
            yield Factor(name, (REST, *offered), ("medications", HAS_ENTRIES))
            real = (name, frozenset(range(1, len(offered) + 1)))
            for part, about, levels in (
                ("status", "takesOrPlans hasMedication daysSinceLastTaken", self._statuses()),
                ("role", "use", self._keys("use")),
                ("route", "route", self._keys("route")),
                ("dose", "dailyDoseMg statedDose", doses),
            ):
                asked = frozenset(IK + a for a in about.split())
                yield Factor(f"{name} {part}", (REST, *levels), real, asked, _DETAIL)

    def _medicines(self) -> list[Level]:
        sorted_ = self._drugs
        every = {d for drugs in sorted_.values() for d in drugs}
        taken = {t for d in every for t in self.axioms.types[d]}
        classes = [c for c in self.axioms.of_kind("class") if c in taken]
        return [
            *(
                Level(key(n), named(self._even_too(drugs), self.axioms), frozenset({n}))
                for n, drugs in sorted_.items()
            ),
            Level("a class by code", coded(classes, codes(set(classes), self.axioms))),
            Level("a class by name", named(classes, self.axioms)),
            UNREAD,
        ]

    @cached_property
    def _drugs(self) -> dict[str, list[str]]:
        """Sort drugs by what is asked of them."""
        found: dict[str, list[str]] = defaultdict(list)
        for drug in self.axioms.instances(IK + "Drug"):
            if IK + "IndexDrug" in self.axioms.types[drug]:
                found["the index drug"].append(drug)
            elif not self.axioms.truth(drug, IK + "assessed"):
                found["a drug nobody assessed"].append(drug)
            else:
                classes = self.painter.drugs.classes_of(drug, MEDICATION)
                for name in classes or {"a drug of which nothing is asked"}:
                    found[name].append(drug)
        found["the index drug"] = self.axioms.instances(IK + "IndexDrug")
        found["a combination"] = self.axioms.instances(IK + "Combination")
        return dict(sorted(found.items()))

    def _statuses(self) -> list[Level]:
        """Give each status; for what has been stopped, the days around every bound."""
        days = self.painter.questions.cuts(MEDICATION, IK + "daysSinceLastTaken")
        lives = self.painter.questions.cuts(MEDICATION, IK + "halfLivesSinceLastTaken")
        return [
            *(constant({"status": s}) for s in ("active", "planned", "stopped")),
            *(
                constant({"status": "stopped", "last_taken": days_ago(int(d) + e)})
                for d in days
                for e in (-1, 0)
            ),
            *(
                constant({"status": "stopped", "last_taken": HalfLives(n, over)})
                for n in lives
                for over in (False, True)
            ),
        ]

    def last_taken(self, ago: HalfLives, entry: dict[str, Any]) -> str:
        """Work out the day so many half-lives of a named drug ago."""
        drug = self._by_label.get(entry.get("text", ""), "")
        whole, rest = divmod(ago.number * self._half_life(drug), 24)
        if not rest:
            return days_ago(int(whole) - (0 if ago.over else 1))
        return days_ago(int(whole) + (1 if ago.over else 0))

    def _half_life(self, drug: str) -> Fraction:
        known = ("halfLifeUpperHours", "halfLifeTypicalHours")
        hours = [h for p in known if (h := self.axioms.text(drug, IK + p))]
        return Fraction(hours[0] if hours else "24")

    def _even_too(self, drugs: list[str]) -> list[str]:
        """Name drugs again of which a bound in half-lives falls on a whole day."""
        lives = self.painter.questions.cuts(MEDICATION, IK + "halfLivesSinceLastTaken")
        even = [
            d
            for d in drugs
            if self.axioms.text(d, IK + "halfLifeTypicalHours")
            and any((n * self._half_life(d)) % 24 == 0 for n in lives)
        ]
        return [*drugs, *even * (len(drugs) // len(even))] if even else drugs

    @cached_property
    def _by_label(self) -> dict[str, str]:
        return {label(d, self.axioms): d for d in self.axioms.instances(IK + "Drug")}

    def _keys(self, prop: str) -> list[Level]:
        admitted = self.axioms.names(IK + prop, IK + "admits")
        return list(map(constant, sorted(self.axioms.text(v, IK + "inputKey") for v in admitted)))

    # --- conditions and allergies -----------------------------------------------------------------

    def conditions(self) -> Iterator[Factor]:
        """Give three conditions, each with its status, severity and grade."""
        yield Factor("conditions", LIST)
        known = codes(set(self.axioms.of_kind("condition")), self.axioms)
        hazards = [
            Level(
                " ".join(map(key, asked)) or "asked of nothing",
                either(some, known, self.axioms),
                frozenset(asked),
            )
            for asked, some in self.hazards.items()
        ]
        bounds = self.painter.questions.cuts(CONDITION, IK + "ctcaeGrade")
        grades = [constant(int(b + d)) for b in bounds for d in (-1, 0, 1)]
        for n, offered in ((1, hazards), (2, hazards[::3]), (3, hazards[1::3])):
            name = f"condition {n}"
            yield Factor(name, (REST, *offered, UNREAD), ("conditions", HAS_ENTRIES))
            real = (name, frozenset(range(1, len(offered) + 2)))
            statuses = map(constant, ("active", "resolved", "suspected"))
            for part, about, levels in (
                ("status", "hasCondition hasPast", [*statuses]),
                ("severity", "severity", self._keys("severity")),
                ("grade", "ctcaeGrade", grades),
            ):
                asked = frozenset(IK + a for a in about.split())
                yield Factor(f"{name} {part}", (REST, *levels), real, asked, _DETAIL)

    @cached_property
    def hazards(self) -> dict[tuple[str, ...], list[str]]:
        """Sort conditions by the questions that they answer."""
        questions: dict[str, set[str]] = {}
        for iri, definition in self.axioms.definitions.items():
            for node in self._along(definition, CONDITION):
                questions.setdefault(iri, set()).update(self._kinds(node))
        found: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for condition in self.axioms.of_kind("condition"):
            above = self.axioms.above(condition)
            asked = sorted(q for q, kinds in questions.items() if above & kinds)
            found[tuple(asked)].append(condition)
        return dict(sorted(found.items()))

    def _along(self, node: Expression, family: str) -> Iterator[Expression]:
        if isinstance(node, And | Or):
            for part in node.parts:
                yield from self._along(part, family)
        elif isinstance(node, AtLeast) and family in self.axioms.roles_above(node.role):
            yield node.filler

    def _kinds(self, node: Expression) -> Iterator[str]:
        if isinstance(node, And | Or):
            for part in node.parts:
                yield from self._kinds(part)
        elif isinstance(node, Name):
            inner = self.axioms.definitions.get(node.iri)
            yield from [node.iri] if inner is None else self._kinds(inner)

    def allergies(self) -> Factor:
        """Give what a patient may be allergic to."""
        members = {
            class_: sorted(s for s, types in self.axioms.types.items() if class_ in types)
            for class_ in sorted(self.painter.questions.asked[ALLERGY].drugs)
        }
        levels = [Level(key(c), named(some, self.axioms)) for c, some in members.items()]
        others = self.axioms.instances(IK + "Allergen")
        other = Level("asked of nothing", named(others, self.axioms))
        lists = LIST[EMPTY], LIST[MISSING], LIST[PART]
        return Factor("allergies", (*lists, *levels, other, UNREAD))


def days_ago(days: int) -> str:
    """Give the day so many days before the day of the question."""
    return (TODAY - timedelta(days)).isoformat()
