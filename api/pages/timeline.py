"""What a report knows of days and of scores, laid out as two small charts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Literal, NamedTuple

from msgspec import UNSET

from api.pages.report_words import in_words
from kg.contract.report import Report
from kg.contract.request import Request

# The width of the chart; a day that lies further on ends at its edge.
WIDTH = 100
_MOST_DAYS, _FEWEST_DAYS = 56, 7
_MOST_LINES = 10
_NUMBER = re.compile(r"\d+")
DateKind = Literal["counts", "due"]


class DatedLine(NamedTuple):
    """One line: a result and until when it counts, or a day that is due."""

    label: str
    said: str
    kind: DateKind
    start: float
    width: float


class DrawnBand(NamedTuple):
    """One band of a score, and where it lies in the chart."""

    said: str
    start: float
    width: float


class ScoreBands(NamedTuple):
    """A score from what is sure to what is possible, among its bands."""

    name: str
    said: str
    note: str
    bands: list[DrawnBand]
    start: float
    width: float


class _Dated(NamedTuple):
    label: str
    day: date
    kind: DateKind


def timeline(report: Report, request: Request) -> list[DatedLine]:
    """List the days that the report knows, from the day of the check on; none without that day."""
    first = _day(request.context.as_of if request.context else None)
    if first is None:
        return []
    ahead = sorted({one for one in _dated(report) if one.day >= first}, key=lambda d: (d.day, d))
    days = max((one.day - first).days for one in ahead) if ahead else 0
    whole = min(max(days, _FEWEST_DAYS), _MOST_DAYS)
    lines = []
    for label, day, kind in ahead[:_MOST_LINES]:
        at = min((day - first).days, whole) * WIDTH / whole
        start = 0.0 if kind == "counts" else max(0.0, at - 1.5)
        said = f"until {in_words(str(day))}" if kind == "counts" else in_words(str(day))
        lines.append(DatedLine(label, said, kind, round(start, 1), round(max(at - start, 1.5), 1)))
    return lines


def _dated(report: Report) -> Iterator[_Dated]:
    for planned in report.plan:
        for item in planned.items or ():
            day = _day(item.counts_until if item.counts_until is not UNSET else None)
            if item.state == "done" and day is not None:
                yield _Dated(item.label, day, "counts")
        for one in planned.days or ():
            day = _day(one.day)
            if day is not None:
                yield _Dated(one.label, day, "due")


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None


def score_bands(report: Report) -> ScoreBands | None:
    """Lay a score out among its bands; None where there is none, or nothing counts towards it."""
    burden = next((b for b in report.burden.values() if b.score_detail is not UNSET), None)
    if burden is None or burden.score_detail is UNSET:
        return None
    detail = burden.score_detail
    score = burden.score
    low, high = burden.score_range or (score or 0, score or 0)
    ends = [tuple(map(int, _NUMBER.findall(band)[-2:])) for band in detail.bands]
    if not high or any(len(pair) != 2 for pair in ends):
        return None
    step = WIDTH / (ends[-1][1] + 1)
    bands = [
        DrawnBand(said, round(least * step, 1), round((most + 1 - least) * step, 1))
        for said, (least, most) in zip(detail.bands, ends, strict=True)
    ]
    said = f"{low}" if low == high else f"{low} to {high}"
    start = round(low * step, 1)
    return ScoreBands(
        detail.name, said, detail.note, bands, start, round((high + 1 - low) * step, 1)
    )
