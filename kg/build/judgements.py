"""From judgement tables to triples: each row is a statement, and what it brings a liability.

What a row says is made of its grade's sentence; its source, place and check are its ground's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg import terms
from kg.build.judgement_tables import GROUND_COLUMNS, JudgementRow, JudgementTable
from kg.graph.sssom import BAR
from kg.terms import ik

if TYPE_CHECKING:
    from kg.build.load import Knowledge

# What a statement's name has between the name of its drug and that of the axis.
_JUDGED = "judged"
_DRUG = "drug"
_GROUND_NAMES = ("source", "jurisdiction", "evidence_grade", "verification")


@dataclass(frozen=True)
class AxisGrade:
    """One grade of one axis, as the ontology describes it."""

    iri: str
    liability: str
    if_unconfirmed: str
    says: str
    says_looked_up: str


@dataclass
class JudgementReader:
    """Turns the rows of judgement tables into triples, and refuses what a row may not say."""

    knowledge: Knowledge
    grounds: dict[str, JudgementRow] = field(default_factory=dict)
    tables: list[JudgementTable] = field(default_factory=list)

    def take(self, table: JudgementTable) -> None:
        """Take a table in; the grounds come first."""
        if table.columns == GROUND_COLUMNS:
            self.take_grounds(table)
        else:
            self.tables.append(table)

    @cached_property
    def _judged(self) -> set[tuple[str, str]]:
        """Give every drug or group with the axis on which a row judges it."""
        return {(row.get("drug"), row.get("axis")) for t in self.tables for row in t.rows}

    @cached_property
    def _coded(self) -> dict[str, dict[str, list[str]]]:
        """Give the codes of every drug, by the short name of the system."""
        k, found = self.knowledge, defaultdict[str, dict[str, list[str]]](dict)
        for code in k.of_type(ik("Code")):
            for drug in k.iris(code, terms.SKOS + "exactMatch"):
                if terms.kind(drug) == _DRUG:
                    system = found[terms.local(k.iri(code, ik("system")))]
                    system.setdefault(drug, []).append(k.text(code, terms.NOTATION))
        return found

    @cached_property
    def _axis_of(self) -> dict[str, str]:
        """Give the axis of every liability, by short names of axes."""
        graded = ((a, g) for (a, _), g in self.grades.items())
        return {i: axis for axis, g in graded for i in (g.liability, g.if_unconfirmed) if i}

    def _ungraded_members(self, row: JudgementRow) -> list[str]:
        """Give the drugs of a group that nothing nearer grades: they get the group's grade."""
        prefix, _, start = row.get("drug").partition(":")
        axis, k = row.get("axis"), self.knowledge
        nearer = [
            name.partition(":")[2]
            for name, judged in self._judged
            if judged == axis and name.startswith(f"{prefix}:{start}") and name != row.get("drug")
        ]
        return [
            drug
            for drug, codes in sorted(self._coded[prefix].items())
            if any(c.startswith(start) and not c.startswith(tuple(nearer)) for c in codes)
            and (k.short(drug), axis) not in self._judged
            and all(self._axis_of.get(i) != axis for i in k.iris(drug, ik("hasLiability")))
            and ik("Drug") in k.iris(drug, terms.TYPE)
        ]

    @cached_property
    def grades(self) -> dict[tuple[str, str], AxisGrade]:
        """Give the grades there are, by the short name of the axis and the word."""
        k, found = self.knowledge, {}
        for iri in k.of_type(ik("AxisGrade")):
            axis = k.short(k.iri(iri, ik("onAxis")))
            found[axis, k.text(iri, terms.NOTATION)] = AxisGrade(
                iri=iri,
                liability=k.iri(iri, ik("gradedLiability")),
                if_unconfirmed=k.iri(iri, ik("gradedLiabilityIfUnconfirmed")),
                says=k.text(iri, ik("judgementPattern")),
                says_looked_up=k.text(iri, ik("judgementPatternLookedUp")),
            )
        return found

    @cached_property
    def _of_axis(self) -> dict[str, list[str]]:
        found = defaultdict(list)
        for axis, word in self.grades:
            found[axis].append(word)
        return found

    def take_grounds(self, table: JudgementTable) -> None:
        """Take the table of grounds in; each ground stands in one row."""
        for row in table.rows:
            name = row.get("ground")
            if name in self.grounds:
                raise table.refuse(
                    row.line, "ground-twice", "this ground stands twice", name, "keep one row"
                )
            for column in _GROUND_NAMES:
                self._named(table, row, column)
            self.grounds[name] = row

    def name(self, row: JudgementRow) -> str:
        """Give the name of the statement that a row makes."""
        about = row.get("drug").replace(":", "-").removeprefix("drug-")
        axis = row.get("axis").partition(":")[2]
        return f"{terms.BASE}statement/{about}.{_JUDGED}.{axis}"

    def triples(self, table: JudgementTable, row: JudgementRow) -> Iterator[ox.Triple]:
        """Give all that a row says."""
        ground = self._ground(table, row)
        grade = self._grade(table, row)
        subject = ox.NamedNode(self.name(row))
        about, drug = self._about(table, row)
        unconfirmed = not self._verified(ground)
        pattern = grade.says if unconfirmed or not grade.says_looked_up else grade.says_looked_up
        axis = self.knowledge.text(self._named(table, row, "axis"), terms.LABEL)
        locator, detail = ground.get("locator"), row.get("detail")
        for predicate, value in (
            (terms.TYPE, ik("Statement")),
            (terms.TYPE, ik("Judgement")),
            (ik("onAxis"), self._named(table, row, "axis")),
            (ik("judgedAs"), grade.iri),
            *(
                (ik(p), self._named(table, ground, c))
                for p, c in zip(
                    ("source", "jurisdiction", "evidenceGrade", "verification"),
                    _GROUND_NAMES,
                    strict=True,
                )
            ),
            *((ik("about"), d) for d in (drug,) if d),
            *((ik(p), i) for p, c in _LINKS for i in self._several(table, row, c)),
        ):
            yield ox.Triple(subject, ox.NamedNode(predicate), ox.NamedNode(value))
        yield _words(subject, terms.LABEL, f"{about[:1].upper()}{about[1:]}: {axis}")
        yield _words(subject, ik("says"), _sentence(pattern, about))
        if not drug.startswith(f"{terms.BASE}{_DRUG}/"):
            system, _, code = row.get("drug").partition(":")
            system_iri = ox.NamedNode(f"{terms.BASE}system/{system}")
            yield ox.Triple(subject, ox.NamedNode(ik("system")), system_iri)
            yield ox.Triple(subject, ox.NamedNode(ik("ofGroup")), ox.Literal(code))
        yield _words(subject, ik("locator"), f"{locator}: {detail}" if detail else locator)
        if ground.get("note"):
            yield _words(subject, terms.SKOS + "editorialNote", ground.get("note"))
        if row.get("confidence"):
            yield ox.Triple(
                subject, ox.NamedNode(ik("confidence")), ox.Literal(row.get("confidence"))
            )
        liability = self._liability(table, row, grade, unconfirmed)
        if not liability or row.get("outranked_by"):
            return
        what = ox.NamedNode(liability)
        named = terms.kind(drug) == _DRUG
        if named and ik("Combination") in self.knowledge.iris(drug, terms.TYPE):
            # A combination stands for its parts; what is said of it is carried by them.
            return
        for member in [drug] if named else self._ungraded_members(row):
            yield ox.Triple(subject, ox.NamedNode(ik("concernsLiability")), what)
            yield ox.Triple(ox.NamedNode(member), ox.NamedNode(ik("hasLiability")), what)
            if not named:
                yield ox.Triple(subject, ox.NamedNode(ik("about")), ox.NamedNode(member))

    def _ground(self, table: JudgementTable, row: JudgementRow) -> JudgementRow:
        ground = self.grounds.get(row.get("ground"))
        if ground is None:
            raise table.refuse(
                row.line,
                "judgement-ground",
                f"no row of grounds describes '{row.get('ground')}'",
                row.get("drug"),
                "name a ground of grounds.tsv, or describe this one there",
            )
        return ground

    def _grade(self, table: JudgementTable, row: JudgementRow) -> AxisGrade:
        axis, word = row.get("axis"), row.get("grade")
        grade = self.grades.get((axis, word))
        if grade is None:
            there = ", ".join(sorted(self._of_axis.get(axis, ())))
            raise table.refuse(
                row.line,
                "judgement-grade",
                f"'{word}' is no grade of {axis}",
                row.get("drug"),
                f"use one of: {there}" if there else "name an axis that terms/axes.ttl describes",
            )
        return grade

    def _about(self, table: JudgementTable, row: JudgementRow) -> tuple[str, str]:
        """Say what a row is about: in words, and as a term where there is one."""
        k, name = self.knowledge, row.get("drug")
        prefix, _, code = name.partition(":")
        if prefix == "drug":
            drug = self._named(table, row, "drug")
            return k.text(drug, terms.LABEL), drug
        system = k.text(f"{terms.BASE}system/{prefix}", terms.LABEL)
        if not system or not code:
            raise table.refuse(
                row.line,
                "judgement-subject",
                "this is neither a drug nor a group of a code system",
                name,
                "write drug:NAME, or SYSTEM:CODE for a group",
            )
        group = k.iri(f"{terms.BASE}code/{prefix}-{code}", terms.SKOS + "exactMatch")
        return f"drugs of {system} {code} that no row of their own judges", group

    def _liability(
        self, table: JudgementTable, row: JudgementRow, grade: AxisGrade, unconfirmed: bool
    ) -> str:
        if row.get("liability"):
            return self._named(table, row, "liability")
        return grade.if_unconfirmed if unconfirmed and grade.if_unconfirmed else grade.liability

    def _verified(self, ground: JudgementRow) -> bool:
        iri = self.knowledge.prefixes.expand(ground.get("verification"))
        return self.knowledge.text(iri, ik("settles")) == "true"

    def _several(self, table: JudgementTable, row: JudgementRow, column: str) -> list[str]:
        names = row.get(column).split(BAR) if row.get(column) else []
        return [self._named(table, row, column, name) for name in names]

    def _named(self, table: JudgementTable, row: JudgementRow, column: str, name: str = "") -> str:
        """Give the term that a cell names, which some file must describe."""
        name = name or row.get(column)
        prefix = name.partition(":")[0]
        known = self.knowledge.prefixes.namespaces
        iri = self.knowledge.prefixes.expand(name) if prefix in known else ""
        if iri not in self.knowledge.places:
            raise table.refuse(
                row.line,
                "judgement-name",
                f"no file describes {name}",
                row.get("drug") or row.get("ground"),
                f"correct the cell under {column}, or describe the term",
            )
        return iri


# Columns that may name several statements.
_LINKS = (("supersedes", "supersedes"), ("outrankedBy", "outranked_by"))


def _sentence(pattern: str, about: str) -> str:
    said = pattern.format(drug=about)
    return said[:1].upper() + said[1:]


def _words(subject: ox.NamedNode, predicate: str, text: str) -> ox.Triple:
    return ox.Triple(subject, ox.NamedNode(predicate), ox.Literal(text, language="en"))


def module_triples(table: JudgementTable, module: str) -> Iterator[ox.Triple]:
    """Give what a table says of itself: it is a module of the ontology."""
    subject = ox.NamedNode(module)
    yield ox.Triple(subject, ox.NamedNode(terms.TYPE), ox.NamedNode(terms.ONTOLOGY))
    yield _words(subject, terms.LABEL, table.header["title"])
    yield _words(subject, terms.DEFINITION, table.header["description"])
