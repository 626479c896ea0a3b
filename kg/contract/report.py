"""The answer to a Case, in the words of the contract; every interface renders this one."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from kg.contract.severity import SeverityName

# What an advisory asks for: to change something, to look, or nothing now.
Asks = Literal["act", "check", "know"]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The base class of every part of a Report; fields without content are left out."""


class Suggestion(Answer, frozen=True, kw_only=True):
    """A term that may have been meant; never applied. It names what it is easily taken for."""

    term: str
    label: str
    not_the_same_as: tuple[str, ...] | UnsetType = UNSET


class Read(Answer, frozen=True, kw_only=True):
    """One thing understood of an input, and where it was read; of two that differ the stricter."""

    value: str | float
    source: Literal["field", "text", "default"] = msgspec.field(name="from")
    unit: str | UnsetType = UNSET
    contradictory: Literal[True] | UnsetType = UNSET


class ReadAs(Answer, frozen=True, kw_only=True):
    """What was understood of an input beside its name; what was not said is left out."""

    status: Read | UnsetType = UNSET
    role: Read | UnsetType = UNSET
    route: Read | UnsetType = UNSET
    daily_dose: Read | UnsetType = UNSET
    severity: Read | UnsetType = UNSET
    date: Read | UnsetType = UNSET
    # Of a measurement: it and another one cannot both be true.
    contradictory: Literal[True] | UnsetType = UNSET


class Recognised(Answer, frozen=True, kw_only=True):
    """An input, the term it was read as, and what was understood beside its name.

    Of a drug, `axes` gives the grade on each axis that was judged.
    """

    input: str
    term: str
    label: str
    matched: Literal["name", "code", "name_and_code"]
    assessed: bool
    note: str | None = None
    axes: dict[str, str] | UnsetType = UNSET
    state: Literal["present", "stale", "undated"] | UnsetType = UNSET
    read_as: ReadAs | UnsetType = UNSET
    # False of what no advice reads.
    used: bool | UnsetType = UNSET
    # False where limits of normal were given that no laboratory has; `note` says which.
    limit_used: bool | UnsetType = UNSET
    stale: bool | UnsetType = UNSET


class Unrecognised(Answer, frozen=True, kw_only=True):
    """An input that led to nothing for certain, with the reason."""

    input: str
    given: str
    reason: str
    suggestions: tuple[Suggestion, ...] = ()


class LeftOut(Answer, frozen=True, kw_only=True):
    """An input that says of itself that it is no fact: refuted, cancelled, entered in error."""

    input: str
    given: str
    because: str


class Because(Answer, frozen=True, kw_only=True):
    """An input that made an advisory apply; `status` says of a medicine which side is new."""

    input: str
    term: str
    label: str
    detail: str | UnsetType = UNSET
    status: Literal["active", "planned", "stopped"] | UnsetType = UNSET


class Hazard(Answer, frozen=True, kw_only=True):
    """The kind of harm that a finding is about; a person sees one block for each."""

    key: str
    label: str


class TermLabel(Answer, frozen=True, kw_only=True):
    """A term by its name and by its label."""

    term: str
    label: str


class Evidence(Answer, frozen=True, kw_only=True):
    """What one source says on the point, and the severity that its reading gives.

    `verification` is left out where the point was verified against a copy of the source.
    """

    statement: str
    source: str
    title: str
    section: str
    jurisdiction: str
    grade: str
    says: str
    severity: SeverityName | None
    verification: str | UnsetType = UNSET
    erratum: str | UnsetType = UNSET
    review_due: str | UnsetType = UNSET
    overdue: bool | UnsetType = UNSET


class ReadingOf(Answer, frozen=True, kw_only=True):
    """How one source reads a point on which the sources disagree."""

    statement: str
    title: str
    jurisdiction: str
    says: str
    erratum: str | UnsetType = UNSET


class Reading(Answer, frozen=True, kw_only=True):
    """A disagreement of sources, the reading taken and why."""

    disagreement: str
    title: str
    readings: tuple[ReadingOf, ...]
    resolution: str
    reason: str
    to_be_confirmed_by: str


class ReadingMark(Answer, frozen=True, kw_only=True):
    """A further disagreement that bears on the point, by name, with the reading taken."""

    disagreement: str
    title: str
    resolution: str


ReviewStatus = Literal[
    "unreviewed", "in_review", "approved", "disputed", "changed_since_review", "withdrawn"
]


class ReviewState(Answer, frozen=True, kw_only=True):
    """How far a pharmacist has signed what is said.

    `changed` says what changed since: what it means, or only how it is worded.
    """

    status: ReviewStatus
    changed: Literal["clinical", "wording"] | UnsetType = UNSET


class Operation(Answer, frozen=True, kw_only=True):
    """One operation of JSON Patch on the request as it was sent."""

    op: Literal["add", "remove", "replace"]
    path: str
    value: Any = UNSET


class ClearsIf(tuple[str, ...]):
    """What would clear a finding, as one row of sentences that knows its parts.

    `advice` is what the advisory says, `remarks` what is said of this case, and `changes` says each
    change set in a few words; their sentences stand last.
    """

    advice: tuple[str, ...]
    remarks: tuple[str, ...]
    changes: tuple[str, ...]

    @classmethod
    def of(
        cls, advice: tuple[str, ...], remarks: tuple[str, ...], changes: tuple[str, ...]
    ) -> ClearsIf:
        """Put the parts in a row."""
        checked = (f"Checked: it no longer applies {change}." for change in changes)
        found = cls((*advice, *remarks, *checked))
        found.advice, found.remarks, found.changes = advice, remarks, changes
        return found


class Alternative(Answer, frozen=True, kw_only=True):
    """A medicine of the same use, checked for this patient; `raises` is the strongest it would."""

    term: str
    label: str
    raises: SeverityName | None


class Finding(Answer, frozen=True, kw_only=True):
    """One advisory that applies, with the inputs that made it apply.

    The last sentences of `clears_if` say the change sets of `clears_by`, in their order. Where
    the day of the question was given, `overdue` says whether the severity rests on nothing but
    sources that were to be reviewed before it. `stale` is true where it rests on a value older
    than it may be.
    """

    advisory: str
    topic: str
    hazard: Hazard
    severity: SeverityName
    asks: Asks
    title: str
    because: tuple[Because, ...]
    explanation: tuple[str, ...]
    management: str
    monitoring: tuple[str, ...]
    clears_if: tuple[str, ...]
    clears_by: tuple[tuple[Operation, ...], ...]
    refined_by: str | None
    evidence: tuple[Evidence, ...]
    disagreement: Reading | None
    further_disagreements: tuple[ReadingMark, ...]
    patient_text: str | None
    review: ReviewState
    alternatives: tuple[Alternative, ...] | UnsetType = UNSET
    overdue: bool | UnsetType = UNSET
    # True where it rests on a value that is older than its validity.
    stale: bool | UnsetType = UNSET

    @property
    def clearing(self) -> ClearsIf:
        """Give what would clear it by its parts; the engine always knows them."""
        assert isinstance(self.clears_if, ClearsIf)  # noqa: S101 - only the engine makes findings
        return self.clears_if


class Suppressed(Answer, frozen=True, kw_only=True):
    """A medication that an advisory left out, with the role that is the reason."""

    advisory: str
    input: str
    label: str
    because: str
    evidence: tuple[Evidence, ...]


class NotEvaluable(Answer, frozen=True, kw_only=True):
    """An advisory that could not be judged, and what would settle it."""

    advisory: str
    topic: str
    severity: SeverityName
    title: str
    needs: tuple[str, ...]


class Exempted(Answer, frozen=True, kw_only=True):
    """An advisory that would apply but for an exemption that is known."""

    advisory: str
    topic: str
    title: str
    severity: SeverityName
    because: tuple[Because, ...]
    exemption: TermLabel
    evidence: tuple[Evidence, ...]


class Could(Answer, frozen=True, kw_only=True, rename={"raises": "raise"}):
    """What may come of a thing to supply: how many alerts, and the worst of them."""

    raises: int
    worst: SeverityName


class Missing(Answer, frozen=True, kw_only=True):
    """One thing to supply, and the advisories that it would help to settle.

    `label` names it for a person, `group` says what a ward fetches together with it.
    """

    needs: str
    severity: SeverityName
    settles: tuple[str, ...]
    among: tuple[str, ...] = ()
    group: str = ""
    label: str = ""
    could: Could | UnsetType = UNSET


class FetchGroup(Answer, frozen=True, kw_only=True):
    """What a ward fetches together, by short names, each once; and what may come of it."""

    group: str
    labels: tuple[str, ...]
    could: Could


class ToFetch(Answer, frozen=True, kw_only=True):
    """What is missing as a short list for a person: by when, and where it is fetched.

    What was sent and not read stands in `unrecognised` and not here.
    """

    title: str
    groups: tuple[FetchGroup, ...]


class DoseLimit(Answer, frozen=True, kw_only=True):
    """A bound on one result for the dose in question; `passed` is left out where not known."""

    advisory: str
    severity: SeverityName
    says: str
    passed: bool | UnsetType = UNSET


class ChecklistItem(Answer, frozen=True, kw_only=True):
    """One result that a dose asks for, and how it stands.

    `done` is there and counts; `due` was not given; `overdue` was given and is too old; `undated`
    was given, and nobody said when it was taken. `counts_until` is the last day on which it counts.
    """

    label: str
    state: Literal["done", "due", "overdue", "undated"]
    input: str | UnsetType = UNSET
    value: str | UnsetType = UNSET
    taken_at: str | UnsetType = UNSET
    counts_until: str | UnsetType = UNSET
    limits: tuple[DoseLimit, ...] = ()


class PlannedDose(Answer, frozen=True, kw_only=True):
    """A dose of the scheme for this day; in mg where height and weight are known.

    `when` says in which case it is this one, where that is not known. `formula` names what the
    body surface was worked out by, and `rounded_to` the step to which the dose is rounded, in mg.
    """

    step: str
    mg_per_m2: float
    when: str | UnsetType = UNSET
    mg: float | UnsetType = UNSET
    rounded_to: float | UnsetType = UNSET
    body_surface_m2: float | UnsetType = UNSET
    formula: str | UnsetType = UNSET


class PlannedDay(Answer, frozen=True, kw_only=True):
    """A day that the scheme names, and how the day of the question stands to it."""

    label: str
    day: str
    state: Literal["ahead", "due", "overdue"] | UnsetType = UNSET


class Planned(Answer, frozen=True, kw_only=True):
    """Advice for every patient in the phase given.

    `items`, `doses` and `days` make it the checklist of this dose: which results are there and
    within their bounds, what is given, and when.
    """

    advisory: str
    topic: str
    title: str
    management: str
    monitoring: tuple[str, ...]
    until: str | UnsetType = UNSET
    items: tuple[ChecklistItem, ...] | UnsetType = UNSET
    doses: tuple[PlannedDose, ...] | UnsetType = UNSET
    days: tuple[PlannedDay, ...] | UnsetType = UNSET


class Stale(Answer, frozen=True, kw_only=True):
    """A result older than it counts: it settles nothing, and counts where it makes advice apply."""

    input: str
    label: str
    taken_at: str
    valid_hours: int
    says: str
    plan: str


class Contributor(Answer, frozen=True, kw_only=True):
    """An input that stands on a step of a ladder; of one drug in several entries the first.

    `adds` is left out where it adds, and false where it is only shown.
    """

    input: str
    term: str
    label: str
    step: str
    grade: str | UnsetType = UNSET
    detail: str | UnsetType = UNSET
    adds: bool | UnsetType = UNSET
    statements: tuple[str, ...] = ()


class ScorePart(Answer, frozen=True, kw_only=True):
    """One item of a score: its points, and whether they count for this patient."""

    label: str
    points: int
    counts: Literal["yes", "no", "unknown"]
    inputs: tuple[str, ...] = ()


class Score(Answer, frozen=True, kw_only=True):
    """How the score of a ladder came about, and what it is good for."""

    name: str
    note: str
    bands: tuple[str, ...]
    parts: tuple[ScorePart, ...]
    statements: tuple[str, ...]


class Burden(Answer, frozen=True, kw_only=True):
    """What adds up on one axis, the heaviest first; it orders, and never changes a severity.

    `height` counts the contributors that add, each once; `open` names the steps that cannot be
    told. `score` is given where every item is known, otherwise `score_range`.
    """

    drugs: tuple[Contributor, ...] = ()
    risk_factors: tuple[Contributor, ...] = ()
    score: int | None = None
    score_range: tuple[int, int] | None = None
    height: int = 0
    open: tuple[str, ...] = ()
    score_detail: Score | UnsetType = UNSET
    note: str = ""


class ReleaseMark(Answer, frozen=True, kw_only=True):
    """The release that answered, and the hash of the reviews that the answer carries."""

    version: str
    hash: str
    reviews: str | UnsetType = UNSET


class Report(Answer, frozen=True, kw_only=True):
    """Findings, what was not recognised, what is missing, and the release that answered."""

    severity: SeverityName | None
    complete: bool
    summary: str
    findings: tuple[Finding, ...]
    exempted: tuple[Exempted, ...]
    suppressed: tuple[Suppressed, ...]
    not_evaluable: tuple[NotEvaluable, ...]
    missing: tuple[Missing, ...]
    to_fetch: ToFetch
    plan: tuple[Planned, ...]
    unrecognised: tuple[Unrecognised, ...]
    recognised: tuple[Recognised, ...]
    burden: dict[str, Burden]
    release: ReleaseMark
    stale: tuple[Stale, ...] = ()
    left_out: tuple[LeftOut, ...] | UnsetType = UNSET


_encoder = msgspec.json.Encoder()


def encode_report(report: Report) -> bytes:
    """Write a Report as the JSON that every caller gets."""
    return _encoder.encode(report)
