"""The parts of a request, each described once; whatever goes through them reads these tables.

A list holds entries that stand for terms; a field stands alone, of the patient or of the context.
What a caller may send of each is in `kg.contract.request`, and a test holds the two together.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

from kg import terms

ListedPart = Literal["medications", "conditions", "allergies", "observations"]
# The lists of which an empty one says that there is none.
ClosedPart = Literal["medications", "conditions", "allergies"]
ItemKind = Literal["medication", "condition", "allergy", "observation"]
TextKind = Literal["medication", "condition", "observation"]
SinglePart = Literal["patient", "context"]

_SUBSTANCES = ("drug", "substance", "class")


class InputList(NamedTuple):
    """One list of a request.

    `family` is the role on which its entries hang on the patient. `closed` says that what is not
    in a list that is given is not there. `resources` are the types of FHIR that list it whole;
    the first is the one that is asked for. `means` are the kinds of term that its codes may stand
    for, `named_by` the names that its texts may use, in order of precedence, and `beside` the
    words that may stand beside them. `option` is its argument at the command line and its box in
    the form, which completes names from the list `completes` of the catalogue.
    """

    name: ListedPart
    kind: ItemKind
    family: str
    closed: bool
    resources: tuple[str, ...]
    means: tuple[str, ...]
    named_by: tuple[str, ...]
    beside: TextKind
    option: str
    metavar: str
    help: str
    completes: str
    # Whether an entry is a measurement, with a value and its unit.
    measured: bool = False


class InputField(NamedTuple):
    """One field of the patient or of the context, other than the flags.

    `label` is what a person reads; `option` is its argument at the command line, where it has
    one. `number` is the property of the ontology that bounds what is plausible; `element` is where
    a patient of FHIR says it.
    """

    part: SinglePart
    name: str
    label: str
    kind: type[str] | type[int] | type[float] = str
    option: str = ""
    metavar: str | None = None
    help: str = ""
    number: str = ""
    element: str = ""

    @property
    def path(self) -> str:
        """Give its place in a request."""
        return f"{self.part}.{self.name}"

    @property
    def box(self) -> str:
        """Give the name of its box in the form."""
        return self.option or self.name


LISTS = (
    InputList(
        "medications",
        "medication",
        terms.HAS_MEDICATION,
        closed=True,
        resources=("MedicationRequest", "MedicationStatement"),
        means=_SUBSTANCES,
        named_by=("drug", "class"),
        beside="medication",
        option="med",
        metavar="TEXT|CODE",
        help="a medication, by name or code; may be repeated",
        completes="drugs",
    ),
    InputList(
        "conditions",
        "condition",
        terms.HAS_CONDITION,
        closed=True,
        resources=("Condition",),
        means=("condition",),
        named_by=("condition",),
        beside="condition",
        option="condition",
        metavar="TEXT|CODE",
        help="a condition, by name or code",
        completes="conditions",
    ),
    InputList(
        "allergies",
        "allergy",
        terms.HAS_ALLERGY,
        closed=True,
        resources=("AllergyIntolerance",),
        means=_SUBSTANCES,
        named_by=("drug", "class"),
        beside="medication",
        option="allergy",
        metavar="TEXT|CODE",
        help="an allergy, by name or code",
        completes="drugs",
    ),
    InputList(
        "observations",
        "observation",
        terms.HAS_OBSERVATION,
        closed=False,
        resources=("Observation",),
        means=("observation",),
        named_by=("observation",),
        beside="observation",
        option="obs",
        metavar="NAME=VALUE",
        help="a measurement, as in 'CODE=40 umol/L (<21)'; the limits may be left out",
        completes="observations",
        measured=True,
    ),
)
LIST_NAMES = tuple(one.name for one in LISTS)
LIST_OF_KIND = {one.kind: one for one in LISTS}
LIST_OF_NAME: dict[str, InputList] = {one.name: one for one in LISTS}
# Which types of FHIR list a part of a request whole; others only add to it.
LIST_OF_RESOURCE = {resource: one.name for one in LISTS for resource in one.resources}

FIELDS = (
    InputField(
        "patient",
        "age_years",
        "Age in years",
        float,
        option="age",
        metavar="YEARS",
        help="age in years",
        number=terms.AGE_YEARS,
        element="birthDate",
    ),
    InputField("patient", "sex", "Sex", option="sex", help="female or male", element="gender"),
    InputField("patient", "weight_kg", "Weight in kg", float, number=terms.WEIGHT_KG),
    InputField("patient", "height_cm", "Height in cm", float, number=terms.HEIGHT_CM),
    InputField(
        "context",
        "phase",
        "Phase",
        option="phase",
        help="phase of treatment, as in before_first_dose",
    ),
    InputField(
        "context",
        "cycle",
        "Cycle",
        int,
        option="cycle",
        help="cycle of the dose in question",
        number=terms.CYCLE,
    ),
    InputField(
        "context",
        "day",
        "Day of the cycle",
        int,
        option="day",
        help="day of that cycle",
        number=terms.CYCLE_DAY,
    ),
    InputField(
        "context",
        "salvage_line",
        "Salvage line",
        int,
        option="salvage_line",
        metavar="N",
        help="number of the salvage line",
        number=terms.SALVAGE_LINE,
    ),
    InputField(
        "context",
        "as_of",
        "Day of the question",
        option="as_of",
        metavar="DATE",
        help="day of the question, YYYY-MM-DD",
    ),
    InputField(
        "context",
        "first_dose",
        "Day of the first dose",
        option="first_dose",
        metavar="DATE",
        help="day of the first dose given",
    ),
    InputField(
        "context",
        "last_dose",
        "Day of the last dose",
        option="last_dose",
        metavar="DATE",
        help="day of the last dose given",
    ),
    InputField("context", "dose_due", "Day the next dose was due"),
    InputField("context", "dose_mg_m2", "The dose in question, in mg/m²", float),
    InputField("context", "reduced_to_mg_m2", "An earlier reduction, to mg/m²", float),
    InputField(
        "context",
        "index_drug",
        "Index drug",
        option="index_drug",
        metavar="KEY",
        help="the drug in question; the release's own by default",
    ),
    InputField(
        "context",
        "jurisdiction",
        "Jurisdiction",
        option="jurisdiction",
        help="whose law, by its key; any (the default) is the strictest of all",
    ),
)
FIELD_OF_NAME = {one.name: one for one in FIELDS}
SINGLE_PARTS: tuple[SinglePart, ...] = get_args(SinglePart)
FLAGS = "flags"
# What a whole picture holds beside the lists: by which name it is wanted, and its field.
OF_PATIENT = (("age", "age_years"), ("sex", "sex"), (FLAGS, FLAGS))
# What of it a patient of FHIR says: by which name it is wanted, and in which element.
ELEMENTS = {
    wanted: FIELD_OF_NAME[name].element for wanted, name in OF_PATIENT if name in FIELD_OF_NAME
}
# What can be said to be assessed, and none.
MAY_BE_NONE = (*LIST_NAMES, FLAGS)
