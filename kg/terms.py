"""The few names the engine must know, each written once.

Everything clinical has its name in the ontology and nowhere else. What stands here is the
shape of knowledge: kinds of terms, the roles that hang items on a patient, and the numbers
that are worked out from dates.
"""

from __future__ import annotations

from typing import Final

# What every answer that advises says of itself.
DISCLAIMER: Final = "Decision support for professionals; it does not replace their judgement."

BASE: Final = "https://w3id.org/inokg/"
SCHEMA: Final = BASE + "schema/"
# The named graphs of a release, and the kinds of refusals.
GRAPH: Final = BASE + "graph/"
PROBLEM: Final = BASE + "problem/"

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
DCTERMS: Final = "http://purl.org/dc/terms/"
DCAT: Final = "http://www.w3.org/ns/dcat#"
FOAF: Final = "http://xmlns.com/foaf/0.1/"
SHACL: Final = "http://www.w3.org/ns/shacl#"
VOID: Final = "http://rdfs.org/ns/void#"

TYPE: Final = RDF + "type"
FIRST: Final = RDF + "first"
REST: Final = RDF + "rest"
NIL: Final = RDF + "nil"
LABEL: Final = RDFS + "label"
SUBCLASS_OF: Final = RDFS + "subClassOf"
SUBPROPERTY_OF: Final = RDFS + "subPropertyOf"
ONTOLOGY: Final = OWL + "Ontology"
CLASS: Final = OWL + "Class"
NAMED_INDIVIDUAL: Final = OWL + "NamedIndividual"
OBJECT_PROPERTY: Final = OWL + "ObjectProperty"
DATATYPE_PROPERTY: Final = OWL + "DatatypeProperty"
ANNOTATION_PROPERTY: Final = OWL + "AnnotationProperty"
EQUIVALENT_CLASS: Final = OWL + "equivalentClass"
RESTRICTION: Final = OWL + "Restriction"
DEFINITION: Final = SKOS + "definition"
ALT_LABEL: Final = SKOS + "altLabel"
NOTATION: Final = SKOS + "notation"
SCOPE_NOTE: Final = SKOS + "scopeNote"


def ik(name: str) -> str:
    """Give the full name of a schema term."""
    return SCHEMA + name


def local(iri: str) -> str:
    """Give the last part of a name: its key within its kind."""
    return iri.rsplit("/", 1)[-1].rsplit("#", 1)[-1]


def kind(iri: str) -> str:
    """Give the folder of the namespace that a name of ours stands in, or ''."""
    return iri[len(BASE) :].split("/", 1)[0] if iri.startswith(BASE) else ""


# --- what a case is made of: roles, attributes and numbers -----------------------------------

TAKES: Final = ik("takes")
PLANS: Final = ik("plans")
STOPPED: Final = ik("stopped")
HAS_MEDICATION: Final = ik("hasMedication")
HAS_CONDITION: Final = ik("hasCondition")
HAS_ONGOING: Final = ik("hasOngoing")
HAS_PAST: Final = ik("hasPast")
HAS_OBSERVATION: Final = ik("hasObservation")
HAS_MEASURED: Final = ik("hasMeasured")
HAS_UNMEASURED: Final = ik("hasUnmeasured")
HAS_ALLERGY: Final = ik("hasAllergy")
OF_DRUG: Final = ik("ofDrug")
TO_SUBSTANCE: Final = ik("toSubstance")

HAS_FLAG: Final = ik("hasFlag")
LACKS: Final = ik("lacks")
PHASE: Final = ik("phase")
SEX: Final = ik("sex")
USE: Final = ik("use")
ROUTE: Final = ik("route")
STATED_DOSE: Final = ik("statedDose")
STATED_BASELINE: Final = ik("statedBaseline")
MEDICATION_PHASE: Final = ik("medicationPhase")
CERTAINTY: Final = ik("certainty")
SEVERITY: Final = ik("severity")
AROSE: Final = ik("arose")

AGE_YEARS: Final = ik("ageYears")
WEIGHT_KG: Final = ik("weightKg")
HEIGHT_CM: Final = ik("heightCm")
CYCLE: Final = ik("cycle")
CYCLE_DAY: Final = ik("cycleDay")
COMPLETED_CYCLES: Final = ik("completedCycles")
SALVAGE_LINE: Final = ik("salvageLine")
MONTHS_SINCE_LAST_DOSE: Final = ik("completedMonthsSinceLastDose")
DAYS_SINCE_LAST_DOSE: Final = ik("daysSinceLastDose")
DAYS_SINCE_DOSE_DUE: Final = ik("daysSinceDoseDue")
DOSE_MG_M2: Final = ik("doseMgM2")
DOSE_PER_SURFACE: Final = ik("dosePerSurface")
DOSE_TIMES_REDUCED: Final = ik("doseTimesReduced")
DAYS_SINCE_LAST_TAKEN: Final = ik("daysSinceLastTaken")
HALF_LIVES_SINCE_LAST_TAKEN: Final = ik("halfLivesSinceLastTaken")
DAILY_DOSE_MG: Final = ik("dailyDoseMg")
CTCAE_GRADE: Final = ik("ctcaeGrade")
VALUE: Final = ik("value")
TIMES_UPPER_LIMIT: Final = ik("timesUpperLimit")
TIMES_LOWER_LIMIT: Final = ik("timesLowerLimit")
BASELINE_VALUE: Final = ik("baselineValue")
CHANGE_FROM_BASELINE: Final = ik("changeFromBaseline")
TIMES_BASELINE: Final = ik("timesBaseline")
