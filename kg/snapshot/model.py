"""The frozen values that the release side writes and the request side reads."""

from __future__ import annotations

from typing import Literal

from msgspec import field

from kg.contract.severity import SeverityName
from kg.snapshot.criteria import Criterion
from kg.snapshot.decisions import DecisionTable
from kg.snapshot.hl7 import Doors
from kg.snapshot.laboratory import LaboratoryPrint, PrintedWords
from kg.snapshot.ladders import Ladder
from kg.snapshot.reporting import Reporting
from kg.snapshot.value import Term, Value


class Drug(Term, kw_only=True, frozen=True):
    """A drug, a fixed combination, or another substance that can be taken or cause allergy."""

    kind: Literal["drug", "index", "combination", "excipient", "allergen"]
    brands: tuple[str, ...] = ()
    misspellings: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    liabilities: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    half_life_hours: str | None = None
    half_life_upper_hours: str | None = None
    assessed: bool = False
    # By the keys of the axes: the grade on each that was judged, and those that are open.
    axes: dict[str, str] = field(default_factory=dict)
    open_axes: tuple[str, ...] = ()
    withdrawn: bool = False
    confusable_with: tuple[str, ...] = ()


class DrugClass(Term, kw_only=True, frozen=True):
    """A class of drugs, its wider classes and its members by inference."""

    parents: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    # The axes on which a drug must be judged before it surely stands outside.
    axes: tuple[str, ...] = ()


class Axis(Term, kw_only=True, frozen=True):
    """One kind of harm that a drug is judged on, and the kinds of drugs that must be."""

    term: str
    needed_of: tuple[str, ...] = ()
    # The axis that settles this one too, where no judgement speaks of it.
    settled_by: str | None = None


class Condition(Term, kw_only=True, frozen=True):
    """A class of conditions with everything that stands above it."""

    ancestors: tuple[str, ...] = ()
    assessed: bool = True
    touches: tuple[str, ...] = ()
    implied_course: str | None = None
    implied_severity: str | None = None
    implied_flag: str | None = None
    unspecified_of: str | None = None
    # Names that other terms have as well: a question each.
    open_names: tuple[str, ...] = ()
    # A single event that is past when its day lies further back, and kinds of it that are not.
    past_after_days: int | None = None
    past_up_to_grade: int | None = None
    never_past: bool = False
    # A history without a name of its own: it says of what is named beside it that it is past.
    says_only_past: bool = False


class Unit(Value, frozen=True):
    """A unit in which an observation may be given: canonical = given x factor + offset."""

    ucum: str
    factor: str
    offset: str = "0"


class Observation(Term, kw_only=True, frozen=True):
    """A class of measurements with its units, its plausible range and the limits in use."""

    ancestors: tuple[str, ...] = ()
    unit: str | None = None
    units: tuple[Unit, ...] = ()
    plausible: tuple[str, str] | None = None
    upper_limits: tuple[str, str] | None = None
    lower_limits: tuple[str, str] | None = None
    display_lower: str | None = None
    display_upper: str | None = None
    one_suffices: bool = False
    unspecified_of: str | None = None
    print: LaboratoryPrint = LaboratoryPrint()


class Derivation(Value, frozen=True):
    """How an observation follows from others."""

    kind: Literal["larger-of", "share-of", "part-of", "cube-root-correction"]
    yields: str
    sources: tuple[str, ...]


class Flag(Term, kw_only=True, frozen=True):
    """A fact that a caller states by its key."""

    key: str
    contrary: str | None = None
    population: str | None = None
    input: str | None = None
    said_by: str | None = None


class FlagGroup(Value, kw_only=True, frozen=True):
    """Flags of which none being listed means unknown, for the patients the group is about."""

    flags: tuple[str, ...]
    sex: str | None = None
    ages: tuple[str, str] | None = None
    short_name: str = ""


class ListedValue(Term, kw_only=True, frozen=True):
    """One word of a closed list: a phase, a role, a route, a severity of a condition."""

    key: str = ""
    precedes_treatment: bool = False
    grades: tuple[str, str] | None = None


class Absence(Term, kw_only=True, frozen=True):
    """The fact that something was not said, was denied or was not measured."""

    kind: Literal["no-observation", "field-unstated", "flag-unstated", "flag-denied"]
    of: str


class Property(Value, frozen=True):
    """What the engine must know of an attribute, a number or a role."""

    wider: tuple[str, ...] = ()
    admits: tuple[str, ...] = ()
    unstated: str | None = None
    input: str | None = None
    plausible: tuple[str, str] | None = None
    label: str = ""
    interval_days: int | None = None
    none_unless_given: bool = False


class TextWord(Value, kw_only=True, frozen=True):
    """Words that stand beside a name in free text, and what they say of the item."""

    words: tuple[str, ...]
    beside: Literal["medication", "salt", "maker", "diluent", "condition", "allergy", "observation"]
    status: str | None = None
    route: str | None = None
    role: str | None = None
    times_per_day: str | None = None
    course: str | None = None
    certainty: str | None = None
    severity: str | None = None
    grade: int | None = None
    arose: str | None = None
    result: str | None = None
    # How words join two parts of a text, where they do.
    joins: Literal["also", "either", "break", "cause", "caused"] | None = None
    # Whether they may stand behind what they are about.
    looks_back: bool = False
    # A name that is an everyday word but in capitals.
    in_capitals: bool = False
    # Words that say of a medicine that it is not taken.
    refutes: bool = False
    # Words behind which a text says how or for what a medicine is used.
    directs: bool = False


class ListedName(Value, kw_only=True, frozen=True):
    """What one name of a table means: a set of drugs, or a question between several sets."""

    readings: tuple[tuple[str, ...], ...]
    asks: bool = False
    abbreviation: bool = False
    # Whether it is a name in capitals only, being a word of the language otherwise.
    capitals: bool = False
    local: bool = False
    route: str = ""
    verified: bool = True


class LocalForm(Value, frozen=True):
    """The routes beside the systemic one by which a drug is given, and the words that mislead."""

    routes: tuple[str, ...] = ()
    # Words by which it is taken up all the same, whatever they say of other drugs.
    systemic_words: tuple[str, ...] = ()


class Names(Value, frozen=True):
    """The names of one kind of term in normal form, and the terms each stands for."""

    proper: dict[str, tuple[str, ...]]
    brands: dict[str, tuple[str, ...]] = field(default_factory=dict)


class Code(Value, frozen=True):
    """What one code of an outside system stands for."""

    term: str
    match: Literal["exact", "close", "broad", "narrow"] = "exact"
    route: str | None = None
    former: bool = False


class CodeRange(Value, frozen=True):
    """A stretch of codes, for the chapters and blocks of a classification."""

    first: str
    last: str
    term: str


class CodeSystem(Value, frozen=True):
    """One outside vocabulary with its codes."""

    uri: str
    label: str
    accepted: bool
    codes: dict[str, Code]
    ranges: tuple[CodeRange, ...] = ()
    by_prefix: bool = False
    # A system that adds codes to this one and leaves its own as they are.
    extended_by: str | None = None
    # The system's own words for its codes: on each line a code, a tab, and the words of a title.
    titles: str = ""


# --- advice ---------------------------------------------------------------------------------------


class Jurisdiction(Term, kw_only=True, frozen=True):
    """How far a statement reaches: a law that a request may name, or a reading beside the laws."""

    key: str
    rank: int
    chosen: bool = False
    inherits: tuple[str, ...] = ()


class Source(Term, kw_only=True, frozen=True):
    """One version of one document."""

    trust: str = ""
    version: str = ""
    issued: str = ""
    review_due: str = ""
    retrieved: str = ""


class Statement(Value, kw_only=True, frozen=True):
    """What one source says on one point."""

    label: str
    says: str
    source: str
    locator: str
    jurisdiction: str
    grade: str
    verification: str
    supports: SeverityName | None = None
    about: tuple[str, ...] = ()
    liability: str | None = None
    clears: tuple[str, ...] = ()
    erratum: str = ""
    encodes: tuple[str, ...] = ()


class Disagreement(Term, kw_only=True, frozen=True):
    """Statements that cannot both be followed, and the reading taken."""

    readings: tuple[str, ...]
    taken: tuple[str, ...]
    resolution: str
    reason: str
    to_be_confirmed_by: str
    encodes: tuple[str, ...] = ()


class Passage(Value, kw_only=True, frozen=True):
    """A sentence of an advisory; read in some jurisdictions, or where something is so, or by all.

    It stands in the order of its rank; the sentences for everybody have the rank 0.
    """

    text: str
    rank: int = 0
    read_in: tuple[str, ...] = ()
    read_where: str | None = None


class Advisory(Term, kw_only=True, frozen=True):
    """One piece of advice, and the drugs that it is about."""

    about: tuple[str, ...]
    topic: str
    applies_to: str
    severities: dict[str, SeverityName]
    management: str
    unless: str | None = None
    sets_aside: tuple[str, ...] = ()
    refines: tuple[str, ...] = ()
    monitoring: tuple[str, ...] = ()
    clears_if: tuple[str, ...] = ()
    patient_text: str = ""
    mechanism: str | None = None
    statements: tuple[str, ...] = ()
    disagreements: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    # The sentences of the management, where not everybody reads all of them.
    passages: tuple[Passage, ...] = ()
    content_hash: str = ""


class PlanEntry(Term, kw_only=True, frozen=True):
    """Advice in a phase for every patient who is given the drug that it is about."""

    about: tuple[str, ...]
    topic: str
    phases: tuple[str, ...]
    management: str
    monitoring: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
    validity_hours: int | None = None
    valid_kinds: tuple[str, ...] = ()
    days_after_last_dose: int | None = None
    results: tuple[str, ...] = ()
    shows_doses: bool = False


class Silence(Term, kw_only=True, frozen=True):
    """Something that must raise no alert, and the statements that say so."""

    topic: str
    concerns: tuple[str, ...]
    statements: tuple[str, ...] = ()


class MedicineUse(Term, kw_only=True, frozen=True):
    """One use that several medicines have: which are replaced, and which are offered, in order."""

    topics: tuple[str, ...]
    axes: frozenset[str]
    replaced: tuple[str, ...]
    offered: tuple[str, ...]
    statements: tuple[str, ...] = ()


class Change(Term, kw_only=True, frozen=True):
    """Something that somebody who treats a patient can do, and what of a request it changes."""

    operation: Literal["add", "remove", "replace"]
    field: str
    wording: str
    flag: str | None = None
    value_from: str | None = None
    statements: tuple[str, ...] = ()


class KeptMedicine(Term, kw_only=True, frozen=True):
    """Medicines that are not offered to be removed: always, or while something holds.

    With `only_by` they are offered with the words that say by whom alone.
    """

    medications: tuple[str, ...]
    holds_while: str | None = None
    only_by: str = ""


class Snapshot(Value, kw_only=True, dict=True, frozen=True):
    """The compiled form of one release: all that a check needs, and nothing else."""

    version: str
    knowledge_hash: str
    index_drug: str
    drugs: dict[str, Drug]
    classes: dict[str, DrugClass]
    conditions: dict[str, Condition]
    observations: dict[str, Observation]
    derivations: tuple[Derivation, ...]
    flags: dict[str, Flag]
    phases: dict[str, ListedValue]
    roles: dict[str, ListedValue]
    values: dict[str, ListedValue]
    absences: dict[str, Absence]
    populations: dict[str, Term]
    properties: dict[str, Property]
    systems: dict[str, CodeSystem]
    criteria: dict[str, Criterion]
    set_aside_roles: dict[str, str]
    topics: dict[str, str]
    advisories: dict[str, Advisory]
    plan: dict[str, PlanEntry]
    silences: dict[str, Silence]
    statements: dict[str, Statement]
    sources: dict[str, Source]
    disagreements: dict[str, Disagreement]
    jurisdictions: dict[str, Jurisdiction]
    mechanisms: dict[str, Term]
    liabilities: dict[str, Term] = field(default_factory=dict)
    axes: dict[str, Axis] = field(default_factory=dict)
    uses: dict[str, MedicineUse] = field(default_factory=dict)
    flag_groups: tuple[FlagGroup, ...] = ()
    text_words: tuple[TextWord, ...] = ()
    names: dict[str, Names] = field(default_factory=dict)
    listed_names: dict[str, ListedName] = field(default_factory=dict)
    forms: dict[str, LocalForm] = field(default_factory=dict)
    ladders: dict[str, Ladder] = field(default_factory=dict)
    grades: dict[str, str] = field(default_factory=dict)
    changes: dict[str, Change] = field(default_factory=dict)
    kept: dict[str, KeptMedicine] = field(default_factory=dict)
    doors: Doors = Doors()
    printed: PrintedWords = PrintedWords()
    reporting: Reporting = Reporting()
    decisions: DecisionTable = DecisionTable()
