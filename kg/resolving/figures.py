"""Numbers as people and laboratories write them: decimal signs, and signs that part thousands.

A figure that can be read in two ways is read in none: 1,234 is a thousand in one country and
little more than one in another.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

from kg.interval import exact

_SEPARATORS = re.compile(r"[.,]")
_GROUP = 3
# No laboratory prints more digits.
_LONGEST = 40


class Figure(NamedTuple):
    """One number; `parted` is what it is where its one sign parts thousands instead."""

    number: Fraction
    decimal: bool = False
    parted: Fraction | None = None
    comma: bool = False


def figure(text: str) -> Figure | None:
    """Read digits with points and commas among them; None where they are no number."""
    if len(text) > _LONGEST or not text or text[-1] in ".,":
        return None
    signs = _SEPARATORS.findall(text)
    if not signs:
        return _of(text, decimal=False)
    if len(set(signs)) == 2:
        return _with_both(text, signs)
    head, *groups = text.split(signs[0])
    if len(signs) > 1:
        whole = _thousands(head, groups)
        return None if whole is None else _of(whole, decimal=False)
    read = _of(f"{head or 0}.{groups[0]}", decimal=True)
    if read is None:
        return None
    comma = signs[0] == ","
    parted = _thousands(head, groups) if head.lstrip("0") else None
    return read._replace(parted=None if parted is None else exact(parted), comma=comma)


def _with_both(text: str, signs: list[str]) -> Figure | None:
    """Read a number in which one sign parts thousands and the other, the last, is decimal."""
    if signs.count(signs[-1]) > 1 or signs[0] == signs[-1]:
        return None
    whole, _, fraction = text.rpartition(signs[-1])
    head, *groups = whole.split(signs[0])
    joined = _thousands(head, groups)
    return None if joined is None else _of(f"{joined}.{fraction}", decimal=True)


def _thousands(head: str, groups: list[str]) -> str | None:
    if not 1 <= len(head) <= _GROUP or head.startswith("0"):
        return None
    return head + "".join(groups) if all(len(g) == _GROUP for g in groups) else None


def _of(text: str, *, decimal: bool) -> Figure | None:
    number = exact(text)
    return None if number is None else Figure(number, decimal)
