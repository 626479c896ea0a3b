"""Compile the terms: drugs, classes, conditions, observations, flags and external codes."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, cast

from kg import terms
from kg.build.axes import AxisCompiler, Standing
from kg.build.compile_laboratory import LaboratoryCompiler
from kg.build.expressions import ratio
from kg.build.facts import Facts
from kg.build.title_tables import titles_of
from kg.errors import KnowledgeError
from kg.snapshot.model import (
    Absence,
    Code,
    CodeRange,
    CodeSystem,
    Condition,
    Derivation,
    Drug,
    DrugClass,
    Flag,
    FlagGroup,
    ListedValue,
    Observation,
    Property,
    TextWord,
    Unit,
)
from kg.terms import ik

_DRUG_KINDS = {
    ik("IndexDrug"): "index",
    ik("Combination"): "combination",
    ik("Drug"): "drug",
    ik("Excipient"): "excipient",
    ik("Allergen"): "allergen",
}
_ABSENCE_KINDS = {
    ik("NoObservationGiven"): ("no-observation", ik("ofKind")),
    ik("FieldUnstated"): ("field-unstated", ik("ofField")),
    ik("FlagUnstated"): ("flag-unstated", ik("ofFlag")),
    ik("FlagDenied"): ("flag-denied", ik("ofFlag")),
}
_DERIVATION_KINDS = {
    ik("LargerOf"): ("larger-of", ("fromObservation",)),
    ik("ShareOf"): ("share-of", ("share", "whole")),
    ik("PartOf"): ("part-of", ("part", "whole")),
    ik("CubeRootCorrection"): ("cube-root-correction", ("interval", "rate")),
}
_WORD_KINDS = {
    "MedicationWord": "medication",
    "SaltWord": "salt",
    "MakerWord": "maker",
    "DiluentWord": "diluent",
    "ConditionWord": "condition",
    "AllergyWord": "allergy",
    "ResultWord": "observation",
    "ObservationWord": "observation",
}
_MATCHES = ("exact", "close", "broad", "narrow")


class TermCompiler(Facts):
    """Compiles one kind of term a method."""

    def drugs(self, axes: AxisCompiler) -> dict[str, Drug]:
        """Compile drugs, combinations and the other substances."""
        drugs = {}
        for iri in (*self.kind("drug"), *self.kind("substance")):
            types = self.k.iris(iri, terms.TYPE)
            kind = next((k for t, k in _DRUG_KINDS.items() if t in types), None)
            if kind is None:
                continue
            judged = kind in ("drug", "combination")
            standing = axes.standing(iri) if judged else Standing({}, ())
            drugs[iri] = self.term(
                Drug,
                iri,
                kind=kind,
                brands=self.texts(iri, "brandName"),
                misspellings=self.texts(iri, "misspelling"),
                classes=tuple(sorted(self.inferred.classes_of.get(iri, frozenset()))),
                liabilities=tuple(sorted(self.inferred.liabilities_of.get(iri, frozenset()))),
                components=self.many(iri, "hasComponent"),
                half_life_hours=self.decimal(iri, "halfLifeTypicalHours"),
                half_life_upper_hours=self.decimal(iri, "halfLifeUpperHours"),
                assessed=kind == "index" or (judged and axes.assessed(standing)),
                axes=standing.grades,
                open_axes=standing.open,
                withdrawn=self.is_true(iri, "withdrawnFromMarket"),
                confusable_with=self.many(iri, "confusableWith"),
            )
        return drugs

    def classes(self, axes: AxisCompiler) -> dict[str, DrugClass]:
        """Compile the classes of drugs with their members by inference."""
        members: dict[str, list[str]] = defaultdict(list)
        for drug, classes in self.inferred.classes_of.items():
            for name in classes:
                members[name].append(drug)
        wanted = {
            i
            for i in self.k.places
            if terms.CLASS in self.k.iris(i, terms.TYPE)
            and (terms.kind(i) in ("class", "substance") or i == ik("IndexDrug"))
        }
        return {
            i: self.term(
                DrugClass,
                i,
                parents=tuple(c for c in self.above(i) if c != i),
                members=tuple(sorted(members.get(i, ()))),
                axes=axes.axes_of_class(i),
            )
            for i in sorted(wanted)
        }

    def conditions(self) -> dict[str, Condition]:
        """Compile the conditions with all that stands above each."""
        return {
            i: self.term(
                Condition,
                i,
                ancestors=(*self.above(i), ik("Condition")),
                assessed=self.k.text(i, ik("assessed")) != "false",
                touches=self.many(i, "touches"),
                implied_course=self.maybe(i, "impliesCourse"),
                implied_severity=self.maybe(i, "impliesSeverity"),
                implied_flag=self.maybe(i, "impliesFlag"),
                unspecified_of=self.maybe(i, "unspecifiedOf"),
                open_names=self.texts(i, "mayBeCalled"),
                past_after_days=self.whole(i, "pastAfterDays"),
                past_up_to_grade=self.whole(i, "pastUpToGrade"),
                never_past=self.is_true(i, "neverTakenAsPast"),
                says_only_past=self.is_true(i, "saysOnlyPast"),
            )
            for i in self.kind("condition")
        }

    def observations(self) -> dict[str, Observation]:
        """Compile the observations with their units and limits."""
        laboratory = LaboratoryCompiler(self.k, self.inferred)
        return {
            i: self.term(
                Observation,
                i,
                ancestors=(*self.above(i), ik("Observation")),
                unit=self.maybe(i, "canonicalUnit"),
                units=tuple(map(self._unit, self.many(i, "acceptsUnit"))),
                plausible=self.two_numbers(i, "plausible"),
                one_suffices=self.is_true(i, "oneSuffices"),
                upper_limits=self.pair(i, "lowestUpperLimit", "highestUpperLimit"),
                lower_limits=self.pair(i, "lowestLowerLimit", "highestLowerLimit"),
                display_lower=self.decimal(i, "displayLower"),
                display_upper=self.decimal(i, "displayUpper"),
                unspecified_of=self.maybe(i, "unspecifiedOf"),
                print=laboratory.of_observation(i),
            )
            for i in self.kind("observation")
        }

    def _unit(self, iri: str) -> Unit:
        return Unit(
            ucum=self.k.text(iri, ik("ucum")),
            factor=ratio(self.k.text(iri, ik("factor"))),
            offset=ratio(self.k.text(iri, ik("offset")) or "0"),
        )

    def derivations(self) -> tuple[Derivation, ...]:
        """Compile how observations follow from others."""
        return tuple(
            Derivation(
                kind=cast(Any, kind),
                yields=self.k.iri(i, ik("yields")),
                sources=tuple(s for role in roles for s in self.many(i, role)),
            )
            for type_, (kind, roles) in _DERIVATION_KINDS.items()
            for i in self.k.of_type(type_)
        )

    def flags(self) -> dict[str, Flag]:
        """Compile the facts that callers state by key."""
        population = {key: i for i in self.kind("population") for key in self.texts(i, "flagKey")}
        contrary = self._both_ways("contrary")
        flags = {}
        for iri in self.k.of_type(ik("Flag")):
            key = self.k.text(iri, ik("flagKey"))
            flags[iri] = self.term(
                Flag,
                iri,
                key=key,
                contrary=contrary.get(iri),
                population=population.get(key),
                input=self.maybe(iri, "input"),
                said_by=self.maybe(iri, "saidByField"),
            )
        return flags

    def _both_ways(self, name: str) -> dict[str, str]:
        pairs = [(i, o) for i in self.k.of_type(ik("Flag")) for o in self.many(i, name)]
        return dict(pairs) | {o: i for i, o in pairs}

    def listed(self, type_: str, key: str) -> dict[str, ListedValue]:
        """Compile one closed list of words."""
        return {
            i: self.term(
                ListedValue,
                i,
                key=self.k.text(i, ik(key)),
                precedes_treatment=self.is_true(i, "precedesTreatment"),
                grades=self.two_numbers(i, "grades"),
            )
            for i in self.k.of_type(ik(type_))
        }

    def flag_groups(self) -> tuple[FlagGroup, ...]:
        """Compile the flags of which none being listed means unknown."""
        return tuple(
            FlagGroup(
                flags=self.many(i, "groupFlag"),
                sex=self.maybe(i, "groupSex"),
                ages=self.two_numbers(i, "groupAges"),
                short_name=self.k.text(i, ik("shortName")),
            )
            for i in self.k.of_type(ik("FlagGroup"))
        )

    def text_words(self) -> tuple[TextWord, ...]:
        """Compile the words that stand beside names in free text."""
        return tuple(
            TextWord(
                words=self.texts(i, "inputKey"),
                beside=cast(Any, beside),
                status=self.maybe(i, "impliesStatus"),
                refutes=self.is_true(i, "refutes"),
                directs=self.is_true(i, "opensDirections"),
                route=self.maybe(i, "impliesRoute"),
                role=self.maybe(i, "impliesRole"),
                times_per_day=self.decimal(i, "timesPerDay"),
                course=self.maybe(i, "impliesCourse"),
                certainty=self.maybe(i, "impliesCertainty"),
                severity=self.maybe(i, "impliesSeverity"),
                grade=self.whole(i, "impliesGrade"),
                arose=self.maybe(i, "impliesOnset"),
                result=self.decimal(i, "impliesResult"),
                joins=cast(Any, self.k.text(i, ik("joins")) or None),
                looks_back=self.is_true(i, "looksBack"),
                in_capitals=self.is_true(i, "inCapitals"),
            )
            for type_, beside in _WORD_KINDS.items()
            for i in self.k.of_type(ik(type_))
        )

    def absences(self) -> dict[str, Absence]:
        """Compile the facts that something is missing."""
        absences = {}
        for type_, (kind, of) in _ABSENCE_KINDS.items():
            for iri in self.k.of_type(type_):
                target = self.k.iri(iri, of) or self.k.text(iri, of)
                absences[iri] = self.term(Absence, iri, kind=kind, of=target)
        return dict(sorted(absences.items()))

    def properties(self) -> dict[str, Property]:
        """Compile what the engine must know of attributes, numbers and roles."""
        return {
            i: Property(
                wider=tuple(self._wider(i)),
                admits=self.many(i, "admits"),
                unstated=self.maybe(i, "unstated"),
                input=self.maybe(i, "input"),
                plausible=self.two_numbers(i, "plausible"),
                label=self.k.text(i, terms.LABEL),
                interval_days=self.whole(i, "intervalDays"),
                none_unless_given=self.is_true(i, "noneUnlessGiven"),
            )
            for i in self.k.of_type(terms.OBJECT_PROPERTY, terms.DATATYPE_PROPERTY)
        }

    def _wider(self, prop: str) -> list[str]:
        seen: list[str] = []
        queue = [prop]
        while queue:
            name = queue.pop(0)
            if name not in seen:
                seen.append(name)
                queue += self.k.iris(name, terms.SUBPROPERTY_OF)
        return seen

    def systems(self) -> dict[str, CodeSystem]:
        """Compile the codes of outside systems."""
        codes: dict[str, dict[str, Code]] = defaultdict(dict)
        ranges: dict[str, list[CodeRange]] = defaultdict(list)
        for iri in self.k.of_type(ik("Code")):
            system = self.k.iri(iri, ik("system"))
            notation = self.k.text(iri, terms.NOTATION)
            match, term = self._match(iri)
            if self.k.values(iri, ik("codeFrom")):
                first, last = self.k.text(iri, ik("codeFrom")), self.k.text(iri, ik("codeTo"))
                ranges[system].append(CodeRange(first, last, term))
                continue
            if notation in codes[system]:
                raise KnowledgeError(
                    code="code-twice",
                    message=f"the code {notation} leads to two terms",
                    subject=self.k.short(iri),
                    location=self.k.where(iri),
                    repair="map each code of a system to one term only",
                )
            codes[system][notation] = Code(
                term=term,
                match=cast(Any, match),
                route=self.maybe(iri, "impliesRoute"),
                former=self.is_true(iri, "formerCode"),
            )
        return {
            s: CodeSystem(
                uri=self.k.text(s, ik("systemUri")),
                label=self.k.text(s, terms.LABEL),
                accepted=self.is_true(s, "acceptedInRequests"),
                by_prefix=self.is_true(s, "matchesByPrefix"),
                extended_by=self.maybe(s, "extendedBy"),
                codes=codes[s],
                ranges=tuple(sorted(ranges[s], key=lambda r: (r.first, r.last))),
                titles=titles_of(self.k.root, terms.local(s)),
            )
            for s in self.k.of_type(ik("CodeSystem"))
        }

    def _match(self, iri: str) -> tuple[str, str]:
        for match in _MATCHES:
            term = self.k.iri(iri, f"{terms.SKOS}{match}Match")
            if term:
                return match, term
        raise KnowledgeError(
            code="code-without-term",
            message="this code is not mapped to a term",
            subject=self.k.short(iri),
            location=self.k.where(iri),
            repair="say what it maps to: skos:exactMatch, closeMatch, broadMatch, narrowMatch",
        )
