"""Observations that follow from others, as the ontology says how."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

import msgspec

from kg import terms
from kg.casing.case import Item
from kg.interval import Interval, larger, minus, over, times
from kg.snapshot.model import Derivation, Snapshot

_HUNDREDTH = Interval(Fraction(1, 100), Fraction(1, 100))
_A_MINUTE = 60
# Roots are bracketed this finely; no threshold has as many digits.
_DIGITS = 10**18


def derived(given: Sequence[Item], snapshot: Snapshot) -> list[Item]:
    """Fill the observations that were not given and follow from those that were."""
    by_kind = {item.term: item for item in given}
    filled: list[Item] = []
    for derivation in snapshot.derivations:
        own = by_kind.get(derivation.yields)
        if own is not None and own.settles:
            continue
        sources = [by_kind[s] for s in derivation.sources if s in by_kind]
        if derivation.kind == "larger-of":
            if sources:
                filled.append(_settling(_larger(derivation, sources, snapshot), sources))
        elif len(sources) == len(derivation.sources):
            filled.append(_computed(derivation, sources[0], sources[1], snapshot))
    return filled


def _larger(derivation: Derivation, sources: list[Item], snapshot: Snapshot) -> Item:
    """Take the largest multiple of the upper limit among those given."""
    unknown = Interval(Fraction(0), None)
    multiples = [s.numbers.get(terms.TIMES_UPPER_LIMIT, unknown) for s in sources]
    largest = multiples[0]
    for multiple in multiples[1:]:
        largest = larger(largest, multiple)
    ranked = sorted(zip(multiples, sources, strict=True), key=lambda pair: _low(pair[0]))
    surely = ranked[-1][1]
    perhaps = max(zip(multiples, sources, strict=True), key=lambda pair: _high(pair[0]))[1]
    return _item(
        derivation,
        surely,
        snapshot,
        {terms.TIMES_UPPER_LIMIT: largest},
        {terms.TIMES_UPPER_LIMIT: f"{perhaps.input}: upper_limit"},
    )


def _low(multiple: Interval) -> Fraction:
    return multiple.low if multiple.low is not None else Fraction(0)


def _high(multiple: Interval) -> tuple[bool, Fraction]:
    return (True, Fraction(0)) if multiple.high is None else (False, multiple.high)


def _computed(derivation: Derivation, one: Item, other: Item, snapshot: Snapshot) -> Item:
    """Work out a value, and the value before treatment where both sources have one."""
    formulas: dict[str, Callable[[Interval, Interval], Interval | None]] = {
        "share-of": _share,
        "part-of": _part,
        "cube-root-correction": _corrected,
    }
    formula = formulas[derivation.kind]
    numbers: dict[str, Interval] = {}
    for prop in (terms.VALUE, terms.BASELINE_VALUE):
        if prop in one.numbers and prop in other.numbers:
            found = formula(one.numbers[prop], other.numbers[prop])
            if found is not None:
                numbers[prop] = found
    if terms.VALUE in numbers and terms.BASELINE_VALUE in numbers:
        value, baseline = numbers[terms.VALUE], numbers[terms.BASELINE_VALUE]
        numbers[terms.CHANGE_FROM_BASELINE] = minus(value, baseline)
        numbers[terms.TIMES_BASELINE] = over(value, baseline)
    made = _item(derivation, one, snapshot, numbers, {}, f"{one.detail}; {other.detail}")
    return _settling(made, [one, other])


def _settling(made: Item, sources: Sequence[Item]) -> Item:
    """Let a value settle no more than those that it follows from."""
    every = all(source.settles for source in sources)
    return made if every else msgspec.structs.replace(made, settles=False)


def _share(share: Interval, whole: Interval) -> Interval:
    return times(times(share, whole), _HUNDREDTH)


def _part(part: Interval, whole: Interval) -> Interval | None:
    """Divide a part by its whole; no whole, no share."""
    return over(part, whole) if whole.low is not None and whole.low > 0 else None


def _corrected(interval: Interval, rate: Interval) -> Interval | None:
    """Divide by the cube root of the seconds between two beats, bracketed exactly."""
    if None in (interval.low, interval.high, rate.low, rate.high):
        return None
    low, _ = _cube_root(Fraction(rate.low or 0) / _A_MINUTE)
    _, high = _cube_root(Fraction(rate.high or 0) / _A_MINUTE)
    return times(interval, Interval(low, high))


def _cube_root(value: Fraction) -> tuple[Fraction, Fraction]:
    """Give two fractions between which a cube root lies; the same where it is one itself."""
    scaled = value.numerator * _DIGITS**3 // value.denominator
    low, high = 0, 1
    while high**3 <= scaled:
        high *= 2
    while high - low > 1:
        middle = (low + high) // 2
        if middle**3 <= scaled:
            low = middle
        else:
            high = middle
    root = Fraction(low, _DIGITS)
    return (root, root) if root**3 == value else (root, Fraction(high, _DIGITS))


def _item(
    derivation: Derivation,
    source: Item,
    snapshot: Snapshot,
    numbers: dict[str, Interval],
    needs: dict[str, str],
    detail: str = "",
) -> Item:
    kind = snapshot.observations[derivation.yields]
    attributes = {terms.STATED_BASELINE: terms.BASELINE_VALUE}
    return Item(
        source.input,
        kind.label,
        terms.HAS_MEASURED,
        term=derivation.yields,
        classes=frozenset({derivation.yields, *kind.ancestors}),
        attributes=attributes if terms.BASELINE_VALUE in numbers else {},
        numbers=numbers,
        needs=needs,
        detail=detail or f"{source.label} {source.detail}",
    )
