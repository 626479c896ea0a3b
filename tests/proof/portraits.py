"""A case as two portraits: the least it can be, and the most it can be.

The least shows what was given and nothing else; an unknown number is shown as the interval in
which it lies. The most also shows every possibility at once: every value of an unknown
attribute, every course, every drug an entry may be of, every flag that is open, and each
unknown number as one value in every cell. A list that was given is whole: nothing is added
to it. A portrait is made from the Case and the ontology; the engine's logic has no part in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kg.casing.case import Case, Item
from kg.interval import ANYTHING, Interval, point
from tests.proof.axioms import IK, RDFS, XSD, Axioms
from tests.proof.cells import cells
from tests.proof.drugs import OF, Drugs
from tests.proof.questions import ALLERGY, CONDITION, MEDICATION, OBSERVATION, PATIENT, Questions
from tests.proof.shown import Choice, Facts, Portrait, Side, Thing

_SAID_BY_FACTS = (IK + "hasFlag", IK + "lacks")
_KINDS = (CONDITION, OBSERVATION)


def stands_for_rest(item: Item) -> bool:
    """Say whether an item is of no entry, but stands for what a list may hold besides."""
    return item.term is None and "[" not in item.input


@dataclass
class Painter:
    """Makes portraits with what one release asks and knows."""

    axioms: Axioms
    questions: Questions = field(init=False)
    drugs: Drugs = field(init=False)
    _open: dict[str, Thing] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.questions = Questions(self.axioms)
        self.drugs = Drugs(self.axioms, self.questions)

    def portrait(
        self, case: Case, facts: Facts, side: Side, left_out: frozenset[int] = frozenset()
    ) -> Portrait:
        """Show a patient, without some of the medications."""
        possible = {2} if side == "least" else {1, 2}
        values = [
            (role, iri)
            for role, known in zip(_SAID_BY_FACTS, (facts.flags, facts.absences), strict=True)
            for iri, truth in known.items()
            if truth in possible
        ]
        values += self._values(PATIENT, case.attributes, side)
        things = [*self._given(case, side, left_out)]
        if side == "most":
            things += self._possible(case, facts)
        amounts = self._amounts(PATIENT, None, case.numbers, side)
        return Portrait(tuple(sorted(values)), tuple(amounts), tuple(things))

    def _given(self, case: Case, side: Side, left_out: frozenset[int]) -> Iterator[Thing]:
        medications = case.medications or ()
        slots = self.drugs.slots(medications, side)
        for n, item in enumerate(medications):
            if n not in left_out and not stands_for_rest(item):
                yield self.thing(MEDICATION, item, side, medications, slots[n])
        for family, items in (
            (CONDITION, case.conditions),
            (ALLERGY, case.allergies),
            (OBSERVATION, case.observations),
        ):
            for item in items or ():
                if not stands_for_rest(item):
                    yield self.thing(family, item, side)

    def _possible(self, case: Case, facts: Facts) -> Iterator[Thing]:
        """Show what there may be besides: in lists not given whole, and what was not measured."""
        for family, part, items in (
            (MEDICATION, "medications", case.medications),
            (CONDITION, "conditions", case.conditions),
            (ALLERGY, "allergies", case.allergies),
        ):
            if items is None or part in facts.partly_read:
                # As many as any definition counts, each different from all others.
                for n in range(self.questions.asked[family].most):
                    yield self._anything(family, -1 - n)
        for kind in self._unmeasured(case.observations or ()):
            if kind not in self._open:
                item = Item("", "", IK + "hasUnmeasured", term=kind)
                self._open[kind] = self.thing(OBSERVATION, item, "most")
            yield self._open[kind]

    # --- one item ---------------------------------------------------------------------------------

    def thing(
        self,
        family: str,
        item: Item,
        side: Side,
        beside: Sequence[Item] = (),
        slots: Mapping[str, int] | None = None,
    ) -> Thing:
        """Show one item; `beside` are the medications of which it may be one."""
        roles = [item.role] if side == "least" else self._narrowest(item.role)
        kinds: set[str] | None = None
        shown: list[str] = []
        if family in _KINDS and item.term is not None:
            kinds, shown = self.axioms.above(item.term), [item.term]
        elif family in _KINDS and side == "most":
            shown = sorted(self.questions.asked[family].kinds)
        choices: tuple[Choice, ...] = (Choice(),)
        if family in OF:
            choices = self.drugs.choices(family, item, side, beside, dict(slots or {}))
        return Thing(
            family,
            tuple(roles),
            tuple(shown),
            tuple(self._values(family, item.attributes, side)),
            tuple(self._amounts(family, kinds, item.numbers, side)),
            choices,
        )

    def _anything(self, family: str, slot: int) -> Thing:
        """Show an item that may be anything, in any role."""
        return self.thing(family, Item("", "", family), "most", (), {"": slot})

    def _narrowest(self, role: str) -> list[str]:
        below = self.axioms.roles_below(role)
        return sorted(r for r in below if self.axioms.roles_below(r) == {r})

    def _values(
        self, family: str, known: Mapping[str, str], side: Side
    ) -> Iterator[tuple[str, str]]:
        for prop in sorted(self.questions.asked[family].attributes.difference(_SAID_BY_FACTS)):
            if prop in known:
                yield prop, known[prop]
                continue
            yield from ((prop, v) for v in self.axioms.names(prop, IK + "unstated"))
            if side == "most":
                yield from ((prop, v) for v in sorted(self.axioms.names(prop, IK + "admits")))

    def _amounts(
        self, family: str, kinds: set[str] | None, given: Mapping[str, Interval], side: Side
    ) -> Iterator[tuple[str, Interval]]:
        for prop in self.questions.numbers(family, kinds):
            known = given.get(prop)
            if known is None:
                range_ = self.axioms.range_of(prop, IK + "plausible")
                known = ANYTHING if range_ is None else Interval(*range_)
            if side == "least":
                if not known.empty and known != ANYTHING:
                    yield prop, known
                continue
            whole = self.axioms.names(prop, RDFS + "range") == [XSD + "integer"]
            for value in cells(known, self.questions.facets(family, prop, kinds), whole=whole):
                yield prop, point(value)

    # --- observations -----------------------------------------------------------------------------

    def _unmeasured(self, given: Sequence[Item]) -> list[str]:
        """List the kinds of observation that matter and that nothing given settles.

        A kind is settled by itself, by a narrower kind, and by any kind of a group of which one
        suffices.
        """
        kinds = self.axioms.of_kind("observation")
        settled: set[str] = set()
        for item in given:
            if not item.settles:
                continue
            for above in self.axioms.above(item.term or ""):
                settled.add(above)
                if self.axioms.truth(above, IK + "oneSuffices"):
                    settled |= {k for k in kinds if above in self.axioms.above(k)}
        asked = self.questions.asked[OBSERVATION].kinds
        return [k for k in kinds if k not in settled and self.axioms.above(k) & asked]
