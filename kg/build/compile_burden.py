"""Compile what is reported in addition to the advice: ladders, a score, and possible changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, cast

from kg import terms
from kg.build.facts import Facts
from kg.errors import KnowledgeError
from kg.snapshot.criteria import Criterion
from kg.snapshot.ladders import BurdenStep, Ladder, RiskScore, ScoreBand, ScoreItem
from kg.snapshot.model import Change, KeptMedicine
from kg.terms import ik


class BurdenTables(TypedDict):
    """The tables of a Snapshot that this module fills."""

    ladders: dict[str, Ladder]
    grades: dict[str, str]
    changes: dict[str, Change]
    kept: dict[str, KeptMedicine]


class BurdenCompiler(Facts):
    """Compiles ladders with their steps, and what a clinician can change."""

    def tables(self, criteria: Mapping[str, Criterion]) -> BurdenTables:
        """Give the tables; a step or an item that names no criterion is refused."""
        for iri in (*self.in_force("BurdenStep"), *self.in_force("ScoreItem")):
            self._refuse_unknown(iri, criteria)
        ladders = {
            self.k.text(i, ik("ladderKey")): self._ladder(i) for i in self.in_force("Ladder")
        }
        shown = {g for ladder in ladders.values() for s in ladder.steps for g in s.liabilities}
        return BurdenTables(
            ladders=dict(sorted(ladders.items())),
            grades={g: self.k.text(g, terms.LABEL) for g in sorted(shown)},
            changes=self._changes(),
            kept=self._kept(),
        )

    def _refuse_unknown(self, iri: str, criteria: Mapping[str, Criterion]) -> None:
        name = self.k.iri(iri, ik("holdsFor"))
        if name not in criteria:
            raise KnowledgeError(
                code="no-such-criterion",
                message=f"{self.k.short(name)} is not a defined class of patients",
                subject=self.k.short(iri),
                location=self.k.where(iri),
                repair="let ik:holdsFor name a criterion or a population with a definition",
            )

    def _ladder(self, iri: str) -> Ladder:
        scores = [s for s in self.in_force("RiskScore") if iri in self.many(s, "ladder")]
        return self.term(
            Ladder,
            iri,
            steps=tuple(map(self._step, self._placed("BurdenStep", "ladder", iri))),
            score=self._score(scores[0]) if scores else None,
            statements=self.many(iri, "statement"),
        )

    def _placed(self, type_: str, belongs: str, whole: str) -> list[str]:
        """List what belongs to a ladder or a score, in its order."""
        found = [i for i in self.in_force(type_) if whole in self.many(i, belongs)]
        return sorted(found, key=lambda i: (self.whole(i, "place") or 0, i))

    def _step(self, iri: str) -> BurdenStep:
        groups = set(self.many(iri, "gradedBy"))
        return self.term(
            BurdenStep,
            iri,
            criterion=self.k.iri(iri, ik("holdsFor")),
            liabilities=tuple(g for g in self._grades() if groups & self._kinds_of(g)),
            sets_aside=self.many(iri, "setsAside"),
            shown_only=self.is_true(iri, "shownOnly"),
            statements=self.many(iri, "statement"),
        )

    def _grades(self) -> list[str]:
        """List the liabilities that drugs carry; their groups are classes."""
        return [g for g in self.kind("liability") if terms.CLASS not in self.k.iris(g, terms.TYPE)]

    def _kinds_of(self, grade: str) -> set[str]:
        """Give every class that a grade of a liability belongs to."""
        types = self.k.iris(grade, terms.TYPE)
        return set(types).union(*(self.inferred.superclasses.get(t, frozenset()) for t in types))

    def _score(self, iri: str) -> RiskScore:
        items = self._placed("ScoreItem", "ofScore", iri)
        bands = [b for b in self.in_force("ScoreBand") if iri in self.many(b, "ofScore")]
        return self.term(
            RiskScore,
            iri,
            items=tuple(map(self._item, items)),
            bands=tuple(sorted(map(self._band, bands), key=lambda b: b.low)),
            note=self.k.text(iri, terms.SCOPE_NOTE),
            statements=self.many(iri, "statement"),
        )

    def _item(self, iri: str) -> ScoreItem:
        return self.term(
            ScoreItem,
            iri,
            criterion=self.k.iri(iri, ik("holdsFor")),
            points=self.whole(iri, "points") or 0,
            statements=self.many(iri, "statement"),
        )

    def _band(self, iri: str) -> ScoreBand:
        low, high = self.whole(iri, "fromPoints") or 0, self.whole(iri, "toPoints") or 0
        return ScoreBand(self.k.text(iri, terms.LABEL), low, high)

    def _changes(self) -> dict[str, Change]:
        return {
            i: self.term(
                Change,
                i,
                operation=cast(Any, self.k.text(i, ik("operation"))),
                field=self.k.text(i, ik("changesField")),
                wording=self.k.text(i, ik("wording")),
                flag=self.maybe(i, "changesFlag"),
                value_from=self.maybe(i, "valueFrom"),
                statements=self.many(i, "statement"),
            )
            for i in self.in_force("Change")
        }

    def _kept(self) -> dict[str, KeptMedicine]:
        return {
            i: self.term(
                KeptMedicine,
                i,
                medications=self.many(i, "keeps"),
                holds_while=self.maybe(i, "keepsWhile"),
                only_by=self.k.text(i, ik("keepsUnless")),
            )
            for i in self.in_force("KeptMedicine")
        }
