"""Work out on which axes each drug was judged, and which are open.

A judgement of the drug by name decides its axis. Else a liability does, and else the row of the
longest group of a code system that one of its codes stands in. A negative that nobody confirmed
closes an axis only where the ontology lets it.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import NamedTuple

import pyoxigraph as ox

from kg import terms
from kg.build.facts import Facts
from kg.errors import KnowledgeError
from kg.snapshot.model import Axis
from kg.terms import ik

# How a grade names the liabilities that it can bring.
_BRINGS = ("gradedLiability", "gradedLiabilityIfUnconfirmed", "furtherLiability")


class Standing(NamedTuple):
    """What is known of a drug: its grade on each axis that was judged, and the open axes."""

    grades: dict[str, str]
    open: tuple[str, ...]


class _Grade(NamedTuple):
    """One grade: its word and how bad it is; whether it closes its axis, and what has it."""

    axis: str
    word: str
    rank: int
    closes: bool
    liabilities: frozenset[str]
    classes: frozenset[str]


class _AxisRow(NamedTuple):
    """One judgement as the graph holds it."""

    iri: str
    word: _Grade
    closes: bool


class AxisCompiler(Facts):
    """Compiles the axes, and where each drug stands on them."""

    @cached_property
    def _keys(self) -> dict[str, str]:
        """Give the key of every axis."""
        return {i: self.k.text(i, terms.NOTATION) for i in self.k.of_type(ik("Axis"))}

    @cached_property
    def axes(self) -> dict[str, Axis]:
        """Compile the axes by their keys, in order."""
        ordered = sorted(self._keys, key=lambda i: self.whole(i, "rank") or 0)
        return {
            self._keys[i]: self.term(
                Axis,
                i,
                term=i,
                needed_of=self.texts(i, "neededOfKind"),
                settled_by=self._keys.get(self.k.iri(i, ik("settledBy"))),
            )
            for i in ordered
        }

    @cached_property
    def _kinds(self) -> frozenset[str]:
        """Give the kinds of entries of which it is known what must be judged."""
        return frozenset(kind for axis in self._keys for kind in self.texts(axis, "neededOfKind"))

    @cached_property
    def _words(self) -> dict[str, _Grade]:
        found = {}
        for iri in self.k.of_type(ik("AxisGrade")):
            brought = (i for name in _BRINGS for i in self.many(iri, name))
            found[iri] = _Grade(
                axis=self.k.iri(iri, ik("onAxis")),
                word=self.k.text(iri, terms.NOTATION),
                rank=self.whole(iri, "rank") or 0,
                closes=self.k.text(iri, ik("settles")) != "false",
                liabilities=frozenset(brought),
                classes=frozenset(self.many(iri, "gradedClass")),
            )
        return found

    @cached_property
    def _of_liability(self) -> dict[str, _Grade]:
        """Give the worst grade that each liability stands for."""
        ordered = sorted(self._words.values(), key=lambda w: w.rank)
        return {liability: word for word in ordered for liability in word.liabilities}

    def axes_of_class(self, iri: str) -> tuple[str, ...]:
        """Give the axes on which the definition of a class of drugs asks for liabilities."""
        asked: set[str] = set()
        pending = self.k.values(iri, terms.EQUIVALENT_CLASS)
        while pending:
            node = pending.pop()
            if isinstance(node, ox.BlankNode):
                pending += [v for values in self.k.by_subject[node].values() for v in values]
            elif isinstance(node, ox.NamedNode) and terms.kind(node.value) == "liability":
                asked.add(node.value)
        found = {
            self._keys[word.axis]
            for liability, word in self._of_liability.items()
            if liability in asked or self._groups_of(liability) & asked
        }
        return tuple(sorted(found))

    def _groups_of(self, liability: str) -> frozenset[str]:
        groups = self.k.iris(liability, terms.TYPE)
        above = (self.inferred.superclasses.get(g, frozenset()) for g in groups)
        return frozenset(groups).union(*above)

    # --- drugs ---------------------------------------------------------------------------------

    @cached_property
    def _rows(
        self,
    ) -> tuple[dict[tuple[str, str], _AxisRow], dict[tuple[str, str], dict[str, _AxisRow]]]:
        """Give the judgements of drugs by name, and those of groups of each system."""
        named: dict[tuple[str, str], _AxisRow] = {}
        groups: dict[tuple[str, str], dict[str, _AxisRow]] = defaultdict(dict)
        for iri in self.k.of_type(ik("Judgement")):
            if self.many(iri, "outrankedBy"):
                continue
            word = self._words[self.k.iri(iri, ik("judgedAs"))]
            row = _AxisRow(iri, word, self._closes(iri, word))
            code = self.k.text(iri, ik("ofGroup"))
            if code:
                groups[self.k.iri(iri, ik("system")), word.axis][code] = row
            else:
                named[self.k.iri(iri, ik("about")), word.axis] = row
        return named, groups

    def _closes(self, iri: str, word: _Grade) -> bool:
        """Say whether a judgement closes its axis: a bare negative may have to be confirmed."""
        if not word.closes or word.liabilities:
            return word.closes
        wanted = self.k.text(word.axis, ik("recalledNegativeNeeds"))
        confirmed = self.is_true(self.k.iri(iri, ik("verification")), "settles")
        return not wanted or confirmed or self.k.text(iri, ik("confidence")) == wanted

    @cached_property
    def _codes(self) -> dict[str, dict[str, list[str]]]:
        """Give the codes of every term, by system."""
        found: dict[str, dict[str, list[str]]] = defaultdict(dict)
        for code in self.k.of_type(ik("Code")):
            system, said = self.k.iri(code, ik("system")), self.k.text(code, terms.NOTATION)
            for term in self.k.iris(code, terms.SKOS + "exactMatch"):
                found[term].setdefault(system, []).append(said)
        return found

    def assessed(self, standing: Standing) -> bool:
        """Say whether nothing is open that must be judged of any drug."""
        return not any(self.axes[a].needed_of for a in standing.open)

    def weight(self, drug: str) -> int:
        """Add up how bad the grades of a drug are: the lighter can stand in for the heavier."""
        ranks = {(self._keys[w.axis], w.word): w.rank for w in self._words.values()}
        return sum(ranks[grade] for grade in self.standing(drug).grades.items())

    def standing(self, drug: str) -> Standing:
        """Say where a drug stands; a combination as the worst of its parts."""
        parts = self.many(drug, "hasComponent")
        if parts:
            return self._together([self.standing(p) for p in parts])
        kind = self.k.text(drug, ik("chemicalKind"))
        carried = self.inferred.liabilities_of.get(drug, frozenset())
        judged = {axis: self._judged(drug, axis, carried) for axis in self._keys}
        return Standing(
            {self._keys[a]: w.word for a, (w, closed) in judged.items() if w and closed},
            tuple(
                sorted(self._keys[a] for a in judged if self._is_open(a, kind, judged, frozenset()))
            ),
        )

    def _is_open(
        self,
        axis: str,
        kind: str,
        judged: dict[str, tuple[_Grade | None, bool]],
        asked: frozenset[str],
    ) -> bool:
        """Say whether an axis is open: needed of such a drug, or settled by one that is open."""
        word, closed = judged[axis]
        if word is not None:
            return not closed
        if kind in self.texts(axis, "neededOfKind") or kind not in self._kinds:
            return True
        settling = self.maybe(axis, "settledBy")
        if settling is None or settling in asked:
            return False
        return self._is_open(settling, kind, judged, asked | {axis})

    def _judged(self, drug: str, axis: str, carried: frozenset[str]) -> tuple[_Grade | None, bool]:
        """Give the grade of a drug on an axis, and whether it closes the axis."""
        named, _ = self._rows
        row = named.get((drug, axis))
        carries = sorted(i for i in carried if self._axis_of(i) == axis)
        self._one_grade(drug, row, carries)
        here = [self._of_liability[i] for i in carries]
        classes = self.inferred.classes_of.get(drug, frozenset())
        here += [w for w in self._words.values() if w.axis == axis and w.classes & classes]
        if row is not None:
            return row.word, row.closes
        if here:
            return max(here, key=lambda w: w.rank), True
        return self._of_group(drug, axis)

    def _axis_of(self, liability: str) -> str:
        word = self._of_liability.get(liability)
        return word.axis if word else ""

    def _one_grade(self, drug: str, row: _AxisRow | None, carried: list[str]) -> None:
        """Refuse two grades of one drug on one axis: the stronger stands, the rest is evidence."""
        graded = {i for i in carried if not self.is_true(i, "besideGrades")}
        if row is None and len(graded) > 1:
            iri, other = drug, max(graded)
        elif row is not None and graded - set(self.many(row.iri, "concernsLiability")):
            iri, other = row.iri, min(graded - set(self.many(row.iri, "concernsLiability")))
        else:
            return
        raise KnowledgeError(
            code="two-grades",
            message=f"{self.k.short(drug)} carries {self.k.short(other)} beside another grade "
            "of the same axis",
            subject=self.k.short(iri),
            location=self.k.where(iri),
            repair="keep one grade; say of a row that yields to it what outranks it",
        )

    def _of_group(self, drug: str, axis: str) -> tuple[_Grade | None, bool]:
        _, groups = self._rows
        found: list[_AxisRow] = []
        for (system, judged), there in groups.items():
            for code in self._codes_of(drug, system) if judged == axis else ():
                longest = max((g for g in there if code.startswith(g)), key=len, default=None)
                if longest is not None:
                    found.append(there[longest])
        if not found:
            return None, False
        worst = max(found, key=lambda r: (bool(r.word.liabilities), not r.closes, r.word.rank))
        return worst.word, worst.closes

    def _codes_of(self, drug: str, system: str) -> list[str]:
        """Give the codes of a drug; where several drugs share one, it leads to their class."""
        own = self._codes.get(drug, {}).get(system)
        classes = self.k.iris(drug, terms.TYPE)
        return own or [c for t in classes for c in self._codes.get(t, {}).get(system, ())]

    def _together(self, parts: list[Standing]) -> Standing:
        ranks = {(self._keys[w.axis], w.word): w.rank for w in self._words.values()}
        grades: dict[str, str] = {}
        opened = sorted({axis for part in parts for axis in part.open})
        for part in parts:
            for axis, word in part.grades.items():
                worst = max(grades.get(axis, word), word, key=lambda w: ranks[axis, w])
                grades[axis] = worst
        return Standing({a: w for a, w in grades.items() if a not in opened}, tuple(opened))
