"""Data for the HL7 interfaces (FHIR and CDS Hooks), in addition to the advice."""

from __future__ import annotations

from typing import Literal

from msgspec import field

from kg.contract.parts import ClosedPart
from kg.contract.severity import SeverityName
from kg.snapshot.value import Term, Value


class OutsideCode(Value, frozen=True):
    """A code of an outside list with the words that we show for it."""

    system: str
    code: str
    display: str = ""


class NoneStatement(Term, kw_only=True, frozen=True):
    """A statement in a record that there is none of something, or that it is not known."""

    part: ClosedPart
    covers: Literal["whole", "some", "unknown"]


class SuggestedOrder(Term, kw_only=True, frozen=True):
    """An examination that may be ordered where a finding asks for it."""

    codes: tuple[OutsideCode, ...]
    offered_for: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()


class Prefetch(Value, kw_only=True, frozen=True):
    """A search whose result a prescribing program is asked to send along with a call."""

    label: str
    query: str
    required: bool


class Doors(Value, kw_only=True, frozen=True):
    """Data for the HL7 interfaces (FHIR and CDS Hooks), in addition to the advice."""

    service: str = ""
    issue_codes: dict[str, str] = field(default_factory=dict)
    issue_severities: dict[SeverityName, str] = field(default_factory=dict)
    indicators: dict[SeverityName, str] = field(default_factory=dict)
    critical_from: dict[str, SeverityName] = field(default_factory=dict)
    reasons: dict[str, tuple[OutsideCode, ...]] = field(default_factory=dict)
    orders: dict[str, SuggestedOrder] = field(default_factory=dict)
    nothing: dict[str, NoneStatement] = field(default_factory=dict)
    planned_as: dict[str, str] = field(default_factory=dict)
    classes_of_records: dict[str, str] = field(default_factory=dict)
    prefetch: dict[str, Prefetch] = field(default_factory=dict)
    # What orders say instead of the name of a medicine, and whether it counts among other words.
    unnamed_medicines: dict[str, bool] = field(default_factory=dict)
