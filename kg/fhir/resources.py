"""The parts of FHIR R4 resources that are read; what else a resource holds is left alone.

Names are those of FHIR in our spelling: `effectiveDateTime` is `effective_date_time` here.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

# A text longer than any that people write into a field; what is longer is refused, and not cut.
FhirNarrative = Annotated[str, msgspec.Meta(max_length=4000)]


class Element(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The manner of every part of a resource: typed where it is read, open elsewhere."""


class FhirCoding(Element, frozen=True, kw_only=True):
    """One code of one system."""

    system: str | None = None
    code: str | None = None
    display: FhirNarrative | None = None


class Concept(Element, frozen=True, kw_only=True):
    """A meaning, by codes, by text, or by both."""

    coding: Annotated[list[FhirCoding], msgspec.Meta(max_length=50)] = []
    text: FhirNarrative | None = None


class Quantity(Element, frozen=True, kw_only=True):
    """An amount with its unit; `code` is the unit in UCUM."""

    value: float | int | None = None
    comparator: str | None = None
    unit: str | None = None
    system: str | None = None
    code: str | None = None


class FhirRange(Element, frozen=True, kw_only=True):
    """Two amounts."""

    low: Quantity | None = None
    high: Quantity | None = None


class Ratio(Element, frozen=True, kw_only=True):
    """One amount for another."""

    numerator: Quantity | None = None
    denominator: Quantity | None = None


class Period(Element, frozen=True, kw_only=True):
    """A stretch of time."""

    start: str | None = None
    end: str | None = None


class Reference(Element, frozen=True, kw_only=True):
    """A pointer to another resource."""

    reference: str | None = None
    display: FhirNarrative | None = None


class Repeat(Element, frozen=True, kw_only=True):
    """How often within which time."""

    frequency: int | None = None
    frequency_max: int | None = None
    period: float | int | None = None
    period_max: float | int | None = None
    period_unit: str | None = None
    bounds_period: Period | None = None


class Timing(Element, frozen=True, kw_only=True):
    """When doses are taken."""

    repeat: Repeat | None = None
    code: Concept | None = None


class DoseAndRate(Element, frozen=True, kw_only=True):
    """How much is taken at a time."""

    dose_quantity: Quantity | None = None
    dose_range: FhirRange | None = None


class Dosage(Element, frozen=True, kw_only=True):
    """How a medication is taken."""

    text: FhirNarrative | None = None
    patient_instruction: FhirNarrative | None = None
    additional_instruction: list[Concept] = []
    timing: Timing | None = None
    route: Concept | None = None
    dose_and_rate: list[DoseAndRate] = []
    max_dose_per_period: Ratio | None = None
    dose: Quantity | None = None  # as an administration says it


class Resource(Element, frozen=True, kw_only=True):
    """What every resource has."""

    id: str | None = None
    contained: list[dict[str, Any]] = []


class FhirPatient(Resource, frozen=True, kw_only=True):
    """Who the patient is."""

    gender: str | None = None
    birth_date: str | None = None


class Ingredient(Element, frozen=True, kw_only=True):
    """One part of a medication."""

    item_codeable_concept: Concept | None = None
    item_reference: Reference | None = None


class Medication(Resource, frozen=True, kw_only=True):
    """What a medication is."""

    code: Concept | None = None
    ingredient: list[Ingredient] = []


class Taken(Resource, frozen=True, kw_only=True):
    """An order, a statement, an administration or a dispensing of a medication."""

    status: str | None = None
    intent: str | None = None
    do_not_perform: bool | None = None
    medication_codeable_concept: Concept | None = None
    medication_reference: Reference | None = None
    subject: Reference | None = None
    category: list[Concept] | Concept = []
    reason_code: list[Concept] = []
    course_of_therapy_type: Concept | None = None
    effective_date_time: str | None = None
    effective_period: Period | None = None
    authored_on: str | None = None
    when_handed_over: str | None = None
    dosage: list[Dosage] | Dosage = []
    dosage_instruction: list[Dosage] = []


class FhirGiven(Resource, frozen=True, kw_only=True):
    """A product of one kind that was given once, for which FHIR has a resource of its own."""

    status: str | None = None
    vaccine_code: Concept | None = None
    patient: Reference | None = None
    occurrence_date_time: str | None = None


class Stage(Element, frozen=True, kw_only=True):
    """How far a condition has gone."""

    summary: Concept | None = None
    type: Concept | None = None


class FhirCondition(Resource, frozen=True, kw_only=True):
    """A diagnosis, finding or history."""

    clinical_status: Concept | None = None
    verification_status: Concept | None = None
    severity: Concept | None = None
    code: Concept | None = None
    subject: Reference | None = None
    onset_date_time: str | None = None
    abatement_date_time: str | None = None
    abatement_period: Period | None = None
    abatement_string: str | None = None
    stage: list[Stage] = []


class Procedure(Resource, frozen=True, kw_only=True):
    """Something done to the patient, or an order to do it."""

    status: str | None = None
    intent: str | None = None
    do_not_perform: bool | None = None
    code: Concept | None = None
    subject: Reference | None = None


class Reaction(Element, frozen=True, kw_only=True):
    """One reaction to a substance."""

    substance: Concept | None = None


class AllergyIntolerance(Resource, frozen=True, kw_only=True):
    """A substance that the patient does not tolerate."""

    clinical_status: Concept | None = None
    verification_status: Concept | None = None
    code: Concept | None = None
    patient: Reference | None = None
    reaction: list[Reaction] = []


class ReferenceRange(Element, frozen=True, kw_only=True):
    """The laboratory's own limits of normal."""

    low: Quantity | None = None
    high: Quantity | None = None
    type: Concept | None = None
    applies_to: list[Concept] = []
    age: FhirRange | None = None
    text: FhirNarrative | None = None


class Result(Element, frozen=True, kw_only=True):
    """What was measured: of an observation, or of one of its components."""

    code: Concept | None = None
    value_quantity: Quantity | None = None
    value_codeable_concept: Concept | None = None
    value_string: FhirNarrative | None = None
    value_boolean: bool | None = None
    value_integer: int | None = None
    data_absent_reason: Concept | None = None
    reference_range: list[ReferenceRange] = []


class FhirObservation(Result, frozen=True, kw_only=True):
    """A measurement."""

    id: str | None = None
    status: str | None = None
    subject: Reference | None = None
    effective_date_time: str | None = None
    effective_instant: str | None = None
    effective_period: Period | None = None
    component: list[Result] = []


class DiagnosticReport(Resource, frozen=True, kw_only=True):
    """What a laboratory or a study reports; its results are observations of their own."""

    status: str | None = None
    code: Concept | None = None
    result: list[Reference] = []


class Issue(Element, frozen=True, kw_only=True):
    """One thing that a server says went wrong."""

    severity: str | None = None
    diagnostics: str | None = None
    details: Concept | None = None


class OperationOutcome(Resource, frozen=True, kw_only=True):
    """What a server says went wrong."""

    issue: list[Issue] = []


class FhirLink(Element, frozen=True, kw_only=True):
    """An address that belongs to a bundle."""

    relation: str | None = None
    url: str | None = None


class FhirSearch(Element, frozen=True, kw_only=True):
    """Why an entry is in a searchset."""

    mode: str | None = None


class FhirEntry(Element, frozen=True, kw_only=True):
    """One resource of a bundle."""

    full_url: str | None = None
    resource: dict[str, Any] | None = None
    search: FhirSearch | None = None
    modifier_extension: Any = None


class Bundle(Element, frozen=True, kw_only=True):
    """Resources that were sent together."""

    type: str | None = None
    timestamp: str | None = None
    total: int | None = None
    link: list[FhirLink] = []
    entry: list[FhirEntry] = []
