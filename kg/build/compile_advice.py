"""Compile the advice: criteria, advisories, the plan, silences and their evidence."""

from __future__ import annotations

from typing import Any, cast

import msgspec

from kg import terms
from kg.build.compile_terms import TermCompiler
from kg.build.coverage import CoverageCheck
from kg.build.expressions import Translator, names_in, numbers_in, numbers_in_words, roles_in
from kg.build.facts import Facts
from kg.errors import KnowledgeError, Untranslatable
from kg.snapshot.criteria import Criterion
from kg.snapshot.file import content_hash, encode
from kg.snapshot.model import (
    Advisory,
    Disagreement,
    Jurisdiction,
    Passage,
    PlanEntry,
    Silence,
    Source,
    Statement,
)
from kg.terms import ik, local

_MEDICATION_ROLES = {ik(r) for r in ("hasMedication", "takesOrPlans", "takes", "plans", "stopped")}


class AdviceCompiler(Facts):
    """Compiles criteria first, then what rests on them."""

    def criteria(self) -> dict[str, Criterion]:
        """Translate every definition, and refuse what cannot be proven."""
        translator = Translator(self.k)
        criteria = {}
        for iri in (*self.kind("criterion"), *self.kind("population")):
            expression = translator.definition(iri)
            definition = self.k.text(iri, terms.DEFINITION)
            self._same_numbers(iri, numbers_in(expression), numbers_in_words(definition))
            criteria[iri] = Criterion(
                label=self.k.text(iri, terms.LABEL),
                definition=definition,
                expression=expression,
                encodes=self.texts(iri, "encodes"),
                statements=self.many(iri, "statement"),
                window=self.is_true(iri, "isWindow"),
            )
        self._no_circle(criteria)
        self._no_covering_union(criteria)
        return dict(sorted(criteria.items()))

    def _same_numbers(self, iri: str, axiom: set[str], sentence: set[str]) -> None:
        if axiom == sentence:
            return
        missing, surplus = sorted(axiom - sentence), sorted(sentence - axiom)
        parts = [f"the axiom has {', '.join(missing)} and the sentence has not"] if missing else []
        parts += [f"the sentence has {', '.join(surplus)} and the axiom has not"] if surplus else []
        raise KnowledgeError(
            code="threshold-differs",
            message="the definition gives a different number from the axiom: " + "; ".join(parts),
            subject=self.k.short(iri),
            location=self.k.where(iri),
            repair="give the same numbers in the sentence and in the axiom",
        )

    def _no_circle(self, criteria: dict[str, Criterion]) -> None:
        done: set[str] = set()

        def visit(iri: str, path: tuple[str, ...]) -> None:
            if iri in path:
                raise Untranslatable(
                    code="circular-definition",
                    message="this criterion is defined by itself",
                    subject=self.k.short(iri),
                    location=self.k.where(iri),
                    repair="break the circle " + " → ".join(map(self.k.short, (*path, iri))),
                )
            if iri in done or iri not in criteria:
                return
            for name in sorted(names_in(criteria[iri].expression)):
                visit(name, (*path, iri))
            done.add(iri)

        for iri in criteria:
            visit(iri, ())

    def _no_covering_union(self, criteria: dict[str, Criterion]) -> None:
        properties = TermCompiler(self.k, self.inferred).properties()
        check = CoverageCheck(criteria, properties, self.inferred.superclasses)
        for iri, criterion in criteria.items():
            cover = check.covered(criterion.expression)
            if cover:
                when = " when " + ", ".join(cover.given) if cover.given else ""
                raise Untranslatable(
                    code="covering-union",
                    message=f"whatever {cover.unknown} is, a union of this definition holds{when}",
                    subject=self.k.short(iri),
                    location=self.k.where(iri),
                    repair="say it without asking for that number or value, or leave a gap",
                )

    def set_aside_roles(self) -> dict[str, str]:
        """Say for which role a class of medications is set aside."""
        return {
            i: self.k.iri(i, ik("setsAsideBecause"))
            for i in self.kind("criterion")
            if self.k.values(i, ik("setsAsideBecause"))
        }

    def advisories(self, criteria: dict[str, Criterion]) -> dict[str, Advisory]:
        """Compile the advisories, each with the hash of all that a reviewer signs."""
        advisories = {}
        properties = {
            self.k.text(j, terms.NOTATION): p
            for j in self.k.of_type(ik("Jurisdiction"))
            for p in self.many(j, "severityProperty")
        }
        passages_of: dict[str, list[str]] = {}
        for passage in self.k.of_type(ik("Passage")):
            passages_of.setdefault(self.k.iri(passage, ik("passageOf")), []).append(passage)
        for iri in self.in_force("Advisory"):
            severities = {j: local(s) for j, p in properties.items() for s in self.k.iris(iri, p)}
            unless = self.maybe(iri, "unless")
            if unless:
                self._no_medication_in_unless(iri, unless, criteria)
                self._can_apply(iri, unless)
            passages = self._passages(iri, passages_of.get(iri, []))
            advisory = self.term(
                Advisory,
                iri,
                about=self.many(iri, "about"),
                topic=self.k.iri(iri, ik("topic")),
                applies_to=self.k.iri(iri, ik("appliesTo")),
                unless=unless,
                sets_aside=self.many(iri, "setsAside"),
                refines=self.many(iri, "refines"),
                severities=cast(Any, severities),
                management=" ".join(p.text for p in passages),
                passages=passages if len(passages) > 1 else (),
                monitoring=self.texts(iri, "monitoring"),
                clears_if=self.texts(iri, "clearsIf"),
                patient_text=" ".join(self.texts(iri, "patientText")),
                mechanism=self.maybe(iri, "mechanism"),
                statements=self.many(iri, "statement"),
                disagreements=self.many(iri, "disagreement"),
                alternatives=self.many(iri, "alternative"),
            )
            advisories[iri] = msgspec.structs.replace(
                advisory, content_hash=self._advisory_hash(advisory, criteria)
            )
        return advisories

    def _passages(self, iri: str, listed: list[str]) -> tuple[Passage, ...]:
        """Put the sentences for everybody and those for some in the order of their ranks."""
        whole = Passage(text=" ".join(self.texts(iri, "management")))
        more = (
            Passage(
                text=self.k.text(p, ik("passageText")),
                rank=self.whole(p, "rank") or 0,
                read_in=tuple(self.k.text(j, terms.NOTATION) for j in self.many(p, "readIn")),
                read_where=self.maybe(p, "readWhere"),
            )
            for p in listed
        )
        return tuple(sorted((whole, *more), key=lambda p: p.rank))

    def _no_medication_in_unless(
        self, iri: str, unless: str, criteria: dict[str, Criterion]
    ) -> None:
        reached, queue = set[str](), [unless]
        while queue:
            name = queue.pop()
            if name in reached or name not in criteria:
                continue
            reached.add(name)
            if roles_in(criteria[name].expression) & _MEDICATION_ROLES:
                raise Untranslatable(
                    code="unless-medication",
                    message="an exemption must not depend on a medication: "
                    "adding a drug would remove a finding",
                    subject=self.k.short(iri),
                    location=self.k.where(iri),
                    repair="use ik:setsAside for medications, or say it in ik:appliesTo",
                )
            queue += names_in(criteria[name].expression)

    def _can_apply(self, iri: str, unless: str) -> None:
        applies_to = self.k.iri(iri, ik("appliesTo"))
        if unless in self.inferred.superclasses.get(applies_to, frozenset()):
            raise Untranslatable(
                code="never-applies",
                message="everybody whom this advisory concerns is exempt, so it never applies",
                subject=self.k.short(iri),
                location=self.k.where(iri),
                repair="narrow ik:unless",
            )

    def _advisory_hash(self, advisory: Advisory, criteria: dict[str, Criterion]) -> str:
        """Hash all that a reviewer signs: the advisory, its criteria in full, its statements."""
        names = [n for n in (advisory.applies_to, advisory.unless, *advisory.sets_aside) if n]
        seen: dict[str, Criterion] = {}
        while names:
            name = names.pop()
            if name in criteria and name not in seen:
                seen[name] = criteria[name]
                names += names_in(criteria[name].expression)
        statements = {s: self._statement(s) for s in advisory.statements}
        return content_hash(encode([advisory, seen, statements]))

    def plan(self) -> dict[str, PlanEntry]:
        """Compile what holds for every patient in a phase."""
        return {
            i: self.term(
                PlanEntry,
                i,
                about=self.many(i, "about"),
                topic=self.k.iri(i, ik("topic")),
                phases=self.many(i, "inPhase"),
                management=" ".join(self.texts(i, "management")),
                monitoring=self.texts(i, "monitoring"),
                statements=self.many(i, "statement"),
                validity_hours=self.whole(i, "validityHours"),
                valid_kinds=self.many(i, "validKind"),
                days_after_last_dose=self.whole(i, "daysAfterLastDose"),
                results=self.many(i, "listsResult"),
                shows_doses=self.is_true(i, "showsDoses"),
            )
            for i in self.in_force("PlanEntry")
        }

    def silences(self) -> dict[str, Silence]:
        """Compile what must raise no alert."""
        return {
            i: self.term(
                Silence,
                i,
                topic=self.k.iri(i, ik("topic")),
                concerns=self.many(i, "concerns"),
                statements=self.many(i, "statement"),
            )
            for i in self.in_force("Silence")
        }

    def jurisdictions(self) -> dict[str, Jurisdiction]:
        """Compile how far statements reach, and which reading inherits which."""
        known = self.k.of_type(ik("Jurisdiction"))
        keys = {i: self.k.text(i, terms.NOTATION) for i in known}
        for iri, key in keys.items():
            if not key or self.whole(iri, "rank") is None or list(keys.values()).count(key) > 1:
                raise KnowledgeError(
                    code="jurisdiction-not-whole",
                    message="a jurisdiction has one key of its own and one place in the order",
                    subject=self.k.short(iri),
                    location=self.k.where(iri),
                    repair="give it skos:notation and ik:rank",
                )
        return {
            iri: self.term(
                Jurisdiction,
                iri,
                key=key,
                rank=self.whole(iri, "rank"),
                chosen=bool(self.many(iri, "severityProperty")),
                inherits=tuple(keys[j] for j in self.many(iri, "inheritsFrom") if j in keys),
            )
            for iri, key in keys.items()
        }

    def statements(self) -> dict[str, Statement]:
        """Compile what the sources say; a judgement without liability is in the graph alone."""
        silent = {
            i for i in self.k.of_type(ik("Judgement")) if not self.many(i, "concernsLiability")
        }
        every = self.k.of_type(ik("Statement"))
        return {i: self._statement(i) for i in every if i not in silent}

    def _statement(self, iri: str) -> Statement:
        supports = self.k.iri(iri, ik("supports"))
        return Statement(
            label=self.k.text(iri, terms.LABEL),
            says=self.k.text(iri, ik("says")),
            source=self.k.iri(iri, ik("source")),
            locator=self.k.text(iri, ik("locator")),
            jurisdiction=self.k.text(self.k.iri(iri, ik("jurisdiction")), terms.NOTATION),
            grade=local(self.k.iri(iri, ik("evidenceGrade"))),
            verification=local(self.k.iri(iri, ik("verification"))),
            supports=cast(Any, local(supports)) if supports else None,
            about=self.many(iri, "about"),
            liability=self.maybe(iri, "concernsLiability"),
            clears=self.many(iri, "clears"),
            erratum=self.k.text(iri, ik("erratum")),
            encodes=self.texts(iri, "encodes"),
        )

    def sources(self) -> dict[str, Source]:
        """Compile the documents."""
        return {
            i: self.term(
                Source,
                i,
                trust=self.k.text(i, ik("trust")),
                version=self.k.text(i, ik("documentVersion")),
                issued=self.k.text(i, terms.DCTERMS + "issued"),
                review_due=self.k.text(i, ik("reviewDue")),
                retrieved=self.k.text(i, ik("retrieved")),
            )
            for i in self.k.of_type(ik("Source"))
        }

    def disagreements(self) -> dict[str, Disagreement]:
        """Compile where the sources do not agree."""
        return {
            i: self.term(
                Disagreement,
                i,
                readings=self.many(i, "reading"),
                taken=self.many(i, "readingTaken"),
                resolution=self.k.text(i, ik("resolution")),
                reason=self.k.text(i, ik("reason")),
                to_be_confirmed_by=self.k.text(i, ik("toBeConfirmedBy")),
                encodes=self.texts(i, "encodes"),
            )
            for i in self.k.of_type(ik("Disagreement"))
        }
