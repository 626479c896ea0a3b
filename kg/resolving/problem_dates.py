"""The day that a date in a text names, as late as it can be meant."""

from __future__ import annotations

import re
from calendar import monthrange
from contextlib import suppress
from datetime import date, timedelta

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ISO = re.compile(r"(\d{4})-(\d\d)(?:-(\d\d))?")
_FIGURES = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d\d)\Z")
_MONTH = re.compile(r"(\d{1,2})/(\d{4})\Z")
_WORDS = re.compile(r"(?:(\d{1,2})\D{0,3})?([a-z]{3})[a-z.]* (?:(\d{1,2})\D{1,3})?(\d{4})\Z")
_YEAR = re.compile(r"\d{4}\Z")
_AGO = re.compile(r"(\d{1,3}) ?(day|week|month|year|yr|/7|/52|/12)")
_DAYS = {"day": 1, "/7": 1, "week": 7, "/52": 7, "month": 30, "/12": 30, "year": 365, "yr": 365}


def latest(text: str, as_of: date | None) -> date | None:
    """Give the last day that a date may name; None where that is not known."""
    with suppress(ValueError, OverflowError):
        return _latest(text, as_of)
    return None


def _latest(text: str, as_of: date | None) -> date | None:
    if _YEAR.match(text):
        return date(int(text), 12, 31)
    if match := _ISO.match(text):
        year, month, day = match.groups()
        return _day(int(year), int(month), int(day) if day else None)
    if match := _FIGURES.match(text):
        first, second, year = (int(g) for g in match.groups())
        year += 2000 if year < 100 else 0
        orders = {(first, second), (second, first)}
        return max(_day(year, m, d) for d, m in orders if m <= 12)
    if match := _MONTH.match(text):
        return _day(int(match.group(2)), int(match.group(1)), None)
    if match := _WORDS.match(text):
        before, month_name, after, year_text = match.groups()
        day_text = before or after
        month = _MONTHS.index(month_name) + 1
        return _day(int(year_text), month, int(day_text) if day_text else None)
    if as_of is not None and (match := _AGO.match(text)):
        return as_of - timedelta(days=int(match.group(1)) * _DAYS[match.group(2)])
    return None


def _day(year: int, month: int, day: int | None) -> date:
    return date(year, month, day or monthrange(year, month)[1])
