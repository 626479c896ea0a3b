"""What the graph says for a reader of reports: hazards, wards, sentences, short names."""

from __future__ import annotations

from msgspec import field

from kg.contract.report import Asks, Hazard
from kg.contract.severity import SeverityName
from kg.snapshot.value import Term, Value


class WardGroup(Term, kw_only=True, frozen=True):
    """What a ward fetches together: kinds of observation, and parts of a request.

    A part is the name of a list or of a field, or the list whose entries lack something.
    """

    rank: int
    observations: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


class SeveritySentence(Value, kw_only=True, frozen=True):
    """How a summary says what is found at a severity; `{}` is the place of the names."""

    of_medicines: str
    of_others: str


class RegimenDose(Value, kw_only=True, frozen=True):
    """A dose of the scheme: in which cycles, on which days, and by which flag it is this one."""

    label: str
    mg_per_m2: str
    from_cycle: int
    to_cycle: int
    days: tuple[int, ...]
    cycle_days: int
    when: str = ""
    if_flag: str | None = None
    unless_flag: str | None = None


class DoseSpacing(Value, kw_only=True, frozen=True):
    """How far doses may move: days either way, on which days of a cycle, and the least between."""

    least_days: int
    may_move_days: int
    days: tuple[int, ...]


class SurfaceFormula(Term, kw_only=True, frozen=True):
    """How a body surface in m2 follows: constant x height in cm ^ power x weight in kg ^ power."""

    factor: str
    height_power: str
    weight_power: str
    rounds_dose_to: str


class Reporting(Value, kw_only=True, frozen=True):
    """Data for the readers of a report, in addition to the advice."""

    hazards: dict[str, Hazard] = field(default_factory=dict)
    in_a_word: dict[str, str] = field(default_factory=dict)
    asks: dict[str, Asks] = field(default_factory=dict)
    asks_if_inform: dict[str, Asks] = field(default_factory=dict)
    groups: tuple[WardGroup, ...] = ()
    sentences: dict[SeverityName, SeveritySentence] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    short_names: dict[str, str] = field(default_factory=dict)
    doses: tuple[RegimenDose, ...] = ()
    spacing: DoseSpacing | None = None
    surface: SurfaceFormula | None = None
