"""The answer to a Case, in the words of the contract; every interface renders this one."""

from __future__ import annotations

from typing import Literal

import msgspec

from kg.model import SeverityName


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The manner of every part of a Report."""


class Suggestion(Answer, frozen=True, kw_only=True):
    """A term that may have been meant; never applied."""

    term: str
    label: str


class Recognised(Answer, frozen=True, kw_only=True):
    """An input and the term it was read as."""

    input: str
    term: str
    label: str
    matched: Literal["name", "code", "name_and_code"]
    assessed: bool
    note: str | None = None


class Unrecognised(Answer, frozen=True, kw_only=True):
    """An input that led to nothing for certain, with the reason."""

    input: str
    given: str
    reason: str
    suggestions: tuple[Suggestion, ...] = ()


class Because(Answer, frozen=True, kw_only=True):
    """An input that made an advisory apply."""

    input: str
    term: str
    label: str
    detail: str | None = None


class Evidence(Answer, frozen=True, kw_only=True):
    """What one source says on the point, and the severity that its reading gives."""

    statement: str
    source: str
    title: str
    section: str
    jurisdiction: str
    grade: str
    says: str
    severity: SeverityName | None
    verification: str
    erratum: str | None = None


class Reading(Answer, frozen=True, kw_only=True):
    """A disagreement of sources, the reading taken and why."""

    disagreement: str
    title: str
    readings: tuple[Evidence, ...]
    resolution: str
    reason: str
    to_be_confirmed_by: str


class ReviewState(Answer, frozen=True, kw_only=True):
    """How far a pharmacist has signed what is said."""

    status: Literal["unreviewed", "in_review", "approved", "disputed", "changed_since_review"]


class Finding(Answer, frozen=True, kw_only=True):
    """One advisory that applies, with the inputs that made it apply."""

    advisory: str
    topic: str
    severity: SeverityName
    title: str
    because: tuple[Because, ...]
    explanation: tuple[str, ...]
    management: str
    monitoring: tuple[str, ...]
    clears_if: tuple[str, ...]
    clears_by: tuple[tuple[dict[str, str], ...], ...]
    refined_by: str | None
    evidence: tuple[Evidence, ...]
    disagreement: Reading | None
    further_disagreements: tuple[Reading, ...]
    patient_text: str | None
    review: ReviewState


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


class Missing(Answer, frozen=True, kw_only=True):
    """One thing to supply, and the advisories that it would help to settle."""

    needs: str
    severity: SeverityName
    settles: tuple[str, ...]
    among: tuple[str, ...] = ()


class Planned(Answer, frozen=True, kw_only=True):
    """What holds for every patient in the phase given."""

    advisory: str
    topic: str
    title: str
    management: str
    monitoring: tuple[str, ...]


class Contributor(Answer, frozen=True, kw_only=True):
    """An input that adds to a burden."""

    input: str
    term: str
    label: str
    step: str


class Burden(Answer, frozen=True, kw_only=True):
    """What adds up on one axis; it orders, and never changes a severity."""

    drugs: tuple[Contributor, ...] = ()
    risk_factors: tuple[Contributor, ...] = ()
    score: int | None = None
    score_range: tuple[int, int] | None = None


class ReleaseMark(Answer, frozen=True, kw_only=True):
    """The release that answered."""

    version: str
    hash: str


class Report(Answer, frozen=True, kw_only=True):
    """Findings, what was not recognised, what is missing, and the release that answered."""

    severity: SeverityName | None
    complete: bool
    findings: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...]
    not_evaluable: tuple[NotEvaluable, ...]
    missing: tuple[Missing, ...]
    plan: tuple[Planned, ...]
    unrecognised: tuple[Unrecognised, ...]
    recognised: tuple[Recognised, ...]
    burden: dict[str, Burden]
    release: ReleaseMark


_encoder = msgspec.json.Encoder()


def encode_report(report: Report) -> bytes:
    """Write a Report as the JSON that every caller gets."""
    return _encoder.encode(report)
