"""The shorter answers to a Case: a brief report, and verdicts alone.

`full` is the Report of `kg.contract.report`. Each shorter form is worked out by itself, so that
nothing is computed that it does not show.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from kg.contract.report import (
    Answer,
    Asks,
    Hazard,
    LeftOut,
    ReleaseMark,
    Report,
    Unrecognised,
)
from kg.contract.severity import SeverityName

Detail = Literal["full", "brief", "verdicts"]
FULL: Detail = "full"
BRIEF: Detail = "brief"
VERDICTS: Detail = "verdicts"

TruthName = Literal["applies", "does_not_apply", "cannot_tell"]


class BriefBecause(Answer, frozen=True, kw_only=True):
    """An input that made an advisory apply, by its place and its label."""

    input: str
    label: str
    detail: str | UnsetType = UNSET


class BriefFinding(Answer, frozen=True, kw_only=True):
    """One advisory that applies; `do` is the first sentence of what to do, if there is anything."""

    advisory: str
    topic: str
    hazard: Hazard
    severity: SeverityName
    asks: Asks
    title: str
    because: tuple[BriefBecause, ...]
    do: str
    stale: bool | UnsetType = UNSET


class BriefExempted(Answer, frozen=True, kw_only=True):
    """An advisory that would apply but for an exemption that is known."""

    advisory: str
    severity: SeverityName
    title: str
    exemption: str


class BriefMissing(Answer, frozen=True, kw_only=True):
    """One thing to supply, with its name for people, and the worst that may come of it."""

    needs: str
    label: str
    severity: SeverityName


class BriefReport(Answer, frozen=True, kw_only=True):
    """What a ward reads: the strength, a summary, and each finding in a line."""

    severity: SeverityName | None
    complete: bool
    summary: str
    findings: tuple[BriefFinding, ...]
    exempted: tuple[BriefExempted, ...]
    unrecognised: tuple[Unrecognised, ...]
    missing: tuple[BriefMissing, ...]
    release: ReleaseMark
    left_out: tuple[LeftOut, ...] | UnsetType = UNSET


class JudgedAdvisory(Answer, frozen=True, kw_only=True):
    """One advisory and whether it applies."""

    advisory: str
    topic: str
    severity: SeverityName
    truth: TruthName


class VerdictReport(Answer, frozen=True, kw_only=True):
    """Every advisory that has a severity in the jurisdiction, in the order of reports."""

    severity: SeverityName | None
    complete: bool
    verdicts: tuple[JudgedAdvisory, ...]
    unrecognised: tuple[Unrecognised, ...]
    release: ReleaseMark
    left_out: tuple[LeftOut, ...] | UnsetType = UNSET


AnyReport: TypeAlias = Report | BriefReport | VerdictReport

_encoder = msgspec.json.Encoder()


def encode_answer(report: AnyReport) -> bytes:
    """Write an answer of any detail as the JSON that every caller gets."""
    return _encoder.encode(report)


def found_in(report: AnyReport) -> tuple[str, ...]:
    """Name the advisories that apply."""
    if isinstance(report, VerdictReport):
        return tuple([v.advisory for v in report.verdicts if v.truth == "applies"])
    return tuple([f.advisory for f in report.findings])
