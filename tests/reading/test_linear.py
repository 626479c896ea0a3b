"""Reading takes time in proportion to its text, whatever the text is: none is worse than linear."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from kg.casing.result_text import Unreadable, read_result
from kg.casing.units import measures
from kg.contract.json import read_once
from kg.contract.parts import ItemKind
from kg.errors import MalformedRequest
from kg.resolving.names import named, said_beside
from kg.resolving.printed import remarks
from kg.snapshot.model import Snapshot

_SHORT, _TIMES = 2_000, 8
# Linear is eightfold, the square would be 64-fold.
_GENEROUS = 28
# So little time is not worth comparing.
_A_MOMENT = 0.004

UNITS = {
    "blanks": " ",
    "blanks between": " \t",
    "separators": "a/",
    "joining words": "a and ",
    "commas": ",",
    "open brackets": "(",
    "brackets": "(a) ",
    "half brackets": "(a",
    "figures": "1,",
    "doses": "1 mg/",
    "ranges of doses": "1-2 mg per 1 ",
    "known words": "tablet daily ",
    "marks": "\u0301\u0316",
    "letters": "\u03b1",
    "signs": "+-",
    "one word": "a",
    "apostrophes": "'s ",
}


def _took(work: Callable[[str], object], text: str) -> float:
    """Give the least processor time of a few tries."""
    found = []
    for _ in range(3):
        start = time.process_time()
        work(text)
        found.append(time.process_time() - start)
    return min(found)


def _grows_linearly(work: Callable[[str], object], unit: str) -> None:
    times = _SHORT // len(unit)
    short = _took(work, f"x{unit * times}y")
    long = _took(work, f"x{unit * times * _TIMES}y")
    assert long <= max(short, _A_MOMENT) * _GENEROUS, (short, long)


@pytest.mark.parametrize("kind", ["medication", "condition", "observation"])
@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_a_name_is_looked_for_in_linear_time(unit: str, kind: ItemKind, snapshot: Snapshot) -> None:
    _grows_linearly(lambda text: named(text, kind, snapshot), unit)
    _grows_linearly(lambda text: said_beside(text, kind, snapshot), unit)


@pytest.mark.parametrize("unit", [*UNITS.values(), "H ", "ref ", "1 (", "3.1 - ", "<"])
def test_a_result_is_read_in_linear_time(unit: str, snapshot: Snapshot) -> None:
    (measure,) = (m for m in measures(snapshot).values() if m.kind.label == "potassium")

    def read(text: str) -> None:
        try:
            read_result(f"3.1 {text}", None, measure, remarks(snapshot))
        except Unreadable:
            return

    _grows_linearly(read, unit)


def test_a_repeated_name_is_found_in_linear_time() -> None:
    def read(text: str) -> None:
        many = ",".join(f'"{n}":0' for n in range(len(text)))
        with pytest.raises(MalformedRequest):
            read_once(f'{{{many},"0":1}}'.encode())

    _grows_linearly(read, "n")
