"""Formulas in SMT-LIB, and answers in three values as pairs of them."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from kg.interval import FALSE, TRUE, UNKNOWN, Interval
from kg.snapshot.model import Property

YES, NO = "true", "false"


class Halves(NamedTuple):
    """An answer in three values: the formula that it is surely so, and that it may be."""

    sure: str
    possible: str


SURE, MAY_BE, NEVER = Halves(YES, YES), Halves(NO, YES), Halves(NO, NO)
CONSTANT = {TRUE: SURE, UNKNOWN: MAY_BE, FALSE: NEVER}


def every(parts: Iterable[str]) -> str:
    """Join formulas of which all must hold."""
    return _joined("and", parts, YES, NO)


def some(parts: Iterable[str]) -> str:
    """Join formulas of which one must hold."""
    return _joined("or", parts, NO, YES)


def _joined(word: str, parts: Iterable[str], neutral: str, decisive: str) -> str:
    kept = dict.fromkeys(part for part in parts if part != neutral)
    if decisive in kept:
        return decisive
    if len(kept) < 2:
        return next(iter(kept), neutral)
    return f"({word} {' '.join(kept)})"


def no(part: str) -> str:
    """Negate a formula."""
    if part in (YES, NO):
        return NO if part == YES else YES
    return f"(not {part})"


def differs(one: str, other: str) -> str:
    """Say that two formulas differ."""
    if one == other:
        return NO
    if NO in (one, other):
        return other if one == NO else one
    return f"(not (= {one} {other}))"


def all_of(parts: Iterable[Halves]) -> Halves:
    """Give the least of some answers, in both halves."""
    listed = list(parts)
    return Halves(every(a.sure for a in listed), every(a.possible for a in listed))


def any_of(parts: Iterable[Halves]) -> Halves:
    """Give the highest of some answers, in both halves."""
    listed = list(parts)
    return Halves(some(a.sure for a in listed), some(a.possible for a in listed))


def unequal(one: Halves, other: Halves) -> str:
    """Say that two answers differ in one of their halves."""
    return some((differs(one.sure, other.sure), differs(one.possible, other.possible)))


def real(number: Fraction) -> str:
    """Write a number exactly."""
    text = f"(/ {abs(number.numerator)}.0 {number.denominator}.0)"
    return f"(- {text})" if number < 0 else text


class Symbols:
    """The unknowns of one formula, with what holds of them whatever the case is."""

    def __init__(self) -> None:
        self.sorts: dict[str, str] = {}
        self.rules: dict[str, None] = {}

    def symbol(self, name: str, sort: str = "Bool") -> str:
        """Give an unknown by its name."""
        quoted = f"|{name}|"
        self.sorts[quoted] = sort
        return quoted

    def rule(self, formula: str) -> None:
        """Let something hold in every case."""
        self.rules[formula] = None

    def answer(self, name: str) -> Halves:
        """Give an unknown answer in three values: what is surely so may be so."""
        sure, possible = self.symbol(f"{name}: surely"), self.symbol(f"{name}: possibly")
        self.rule(f"(=> {sure} {possible})")
        return Halves(sure, possible)

    def fact(self, owner: str, value: str) -> Halves:
        """Give whether a flag or an absence holds."""
        return self.answer(f"{owner} {value}")

    def attribute(self, owner: str, prop: str, value: str, unsaid: int) -> Halves:
        """Give whether an attribute has a value; `unsaid` answers where it was not said."""
        given = self.symbol(f"{owner} {prop}", "String")
        same = f'(= {given} "{value}")'
        silent = f'(= {given} "")'
        sure, possible = CONSTANT[unsaid]
        return Halves(
            some((same, silent if sure == YES else NO)),
            some((same, silent if possible == YES else NO)),
        )

    def number(self, owner: str, prop: str, bounds: Interval, unsaid: int) -> Halves:
        """Give whether a number, known within bounds of its own, lies within others."""
        name = f"{owner} {prop}"
        said, there = self.symbol(f"{name}: said"), self.symbol(f"{name}: there is one")
        sure, possible = _between(self, name, bounds)
        silent = CONSTANT[unsaid]
        return Halves(
            f"(ite {said} {every((there, sure))} {silent.sure})",
            f"(ite {said} {every((there, possible))} {silent.possible})",
        )

    def text(self, claim: str) -> str:
        """Write what a solver is to look for: unknowns that obey the rules and meet a claim."""
        return "\n".join(
            (
                *(f"(declare-const {name} {sort})" for name, sort in self.sorts.items()),
                *(f"(assert {rule})" for rule in self.rules),
                f"(assert {claim})",
            )
        )


def _between(symbols: Symbols, name: str, bounds: Interval) -> tuple[str, str]:
    """Say that an unknown interval lies within bounds, and that it reaches into them."""
    below, above = symbols.symbol(f"{name}: low", "Real"), symbols.symbol(f"{name}: high", "Real")
    bounded = {end: symbols.symbol(f"{name}: has a {end}") for end in ("low", "high")}
    is_open = {end: symbols.symbol(f"{name}: {end} is open") for end in ("low", "high")}
    neither = every(no(part) for part in is_open.values())
    not_empty = some((f"(< {below} {above})", every((f"(= {below} {above})", neither))))
    symbols.rule(f"(=> {every(bounded.values())} {not_empty})")
    within, reaches = [], []
    if bounds.low is not None:
        low = real(bounds.low)
        at = every((f"(= {below} {low})", is_open["low"] if bounds.low_open else YES))
        within.append(every((bounded["low"], some((f"(> {below} {low})", at)))))
        touch = every((f"(= {above} {low})", NO if bounds.low_open else no(is_open["high"])))
        reaches.append(some((no(bounded["high"]), f"(> {above} {low})", touch)))
    if bounds.high is not None:
        high = real(bounds.high)
        at = every((f"(= {above} {high})", is_open["high"] if bounds.high_open else YES))
        within.append(every((bounded["high"], some((f"(< {above} {high})", at)))))
        touch = every((f"(= {below} {high})", NO if bounds.high_open else no(is_open["low"])))
        reaches.append(some((no(bounded["low"]), f"(< {below} {high})", touch)))
    return every(within), every(reaches)


def unsaid_of(value: str, known: Property) -> int:
    """Answer whether an attribute has a value where nothing was said: that may be a value too."""
    return TRUE if value == known.unstated else UNKNOWN
