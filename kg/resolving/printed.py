"""How laboratories print units and remarks: what a unit on a report is in UCUM.

The spellings are data; what stands here is the grammar: powers of ten, signs that look alike,
and units that are put together of parts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import product

from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot

# No unit that is printed is longer, and no remark has more words.
LONGEST_UNIT = 48
MOST_WORDS = 8
_MOST_PARTS = 3
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_SUPERSCRIPT = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_LOOK_ALIKE = str.maketrans(
    {
        **dict.fromkeys("\u00b5\u03bc", "u"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        **dict.fromkeys("\u00a0\u2007\u2009\u202f", " "),
        **dict.fromkeys("\u2018\u2019\u2032", "'"),
        **dict.fromkeys("\u201c\u201d\u2033", '"'),
        **dict.fromkeys("\u00ba\u02da", "\u00b0"),
        "\u00d7": "x",
        "\u2264": "<=",
        "\u2265": ">=",
        "\u2103": "\u00b0C",
        "\u2109": "\u00b0F",
    }
)
_POWER = re.compile(r"^(?:x|\*)? ?(?:10(?:\*\*|\*|\^|e| )|1e)(\d{1,2})(?!\d)")
_BRACKETED_POWER = re.compile(r"^(?:x|\*)? ?10\((\d{1,2})\)")
_PER = re.compile(r" per ")


def plainly_written(text: str) -> str:
    """Write signs that look alike as one, and raised figures behind a caret."""
    if text.isascii():
        return text
    raised = _SUPERSCRIPT.sub(lambda m: "^" + m.group().translate(_RAISED), text)
    return raised.translate(_LOOK_ALIKE)


def folded_unit(unit: str) -> str:
    """Write a unit without case, blanks and the ways of writing a power of ten."""
    text = _PER.sub("/", f" {plainly_written(unit).lower().strip()} ").strip()
    text = _BRACKETED_POWER.sub(r"10^\1", text)
    text = _POWER.sub(r"10^\1", text)
    return "".join(text.split()).rstrip(".")


class PrintedUnits:
    """The spellings of units of one Snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._exact: dict[str, set[str]] = defaultdict(set)
        self._folded: dict[str, set[str]] = defaultdict(set)
        self.whole = frozenset(u.ucum for u in snapshot.printed.units if u.counts_whole)
        for unit in snapshot.printed.units:
            for spelling in unit.spellings:
                self._exact[plainly_written(spelling)].add(unit.ucum)
            for spelling in (unit.ucum, *unit.spellings):
                self._folded[folded_unit(spelling)].add(unit.ucum)

    def among(self, unit: str, accepted: Mapping[str, str]) -> str | None:
        """Find the one unit among those accepted that is printed so.

        `accepted` gives each unit by its folded spelling.
        """
        if not unit or len(unit) > LONGEST_UNIT:
            return None
        written = plainly_written(unit).strip()
        units = accepted.values()
        exactly = self._exact.get(written, set()).intersection(units)
        if len(exactly) == 1:
            return exactly.pop()
        folded = folded_unit(unit)
        if folded in accepted:
            return accepted[folded]
        found = self._folded.get(folded, set()).intersection(units) or self._put_together(
            folded, accepted
        )
        return found.pop() if len(found) == 1 else None

    def known(self, unit: str) -> frozenset[str]:
        """Give every unit that is printed so, of whatever observation."""
        written = plainly_written(unit).strip()
        return frozenset(self._exact.get(written) or self._folded.get(folded_unit(unit)) or ())

    def _put_together(self, folded: str, accepted: Mapping[str, str]) -> set[str]:
        """Read a unit part by part."""
        parts = folded.split("/")
        if not 1 < len(parts) <= _MOST_PARTS:
            return set()
        ways: list[Iterable[str]] = [(p, *self._folded.get(p, ())) for p in parts]
        tried = {folded_unit("/".join(way)) for way in product(*ways)}
        return {accepted[one] for one in tried if one in accepted}


@once_per_snapshot
def printed_units(snapshot: Snapshot) -> PrintedUnits:
    """Give the spellings of units of a Snapshot."""
    return PrintedUnits(snapshot)


class Remarks:
    """The words that stand beside a number or in its place, by what they mean."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._of: dict[str, dict[tuple[str, ...], str]] = {}
        for meaning, phrases in snapshot.printed.remarks.items():
            self._of[meaning] = {tuple(p.lower().split()): p for p in phrases}

    def whole(self, words: Iterable[str], *meanings: str) -> str | None:
        """Say which meaning words have that are a remark as they stand."""
        said = tuple(w.lower() for w in words)
        return next((m for m in meanings if said in self._of.get(m, {})), None)

    def head(self, words: list[str], meaning: str) -> int:
        """Count the words at the head that are a remark of a meaning, the longest."""
        known = self._of.get(meaning, {})
        lowered = [w.lower().rstrip(":=") for w in words[:MOST_WORDS]]
        for end in range(len(lowered), 0, -1):
            if tuple(lowered[:end]) in known:
                return end
        return 0

    def tail(self, words: list[str], meaning: str) -> int:
        """Count the words at the end that are a remark of a meaning, the longest."""
        known = self._of.get(meaning, {})
        lowered = [w.lower() for w in words[-MOST_WORDS:]]
        for start in range(len(lowered)):
            if tuple(lowered[start:]) in known:
                return len(lowered) - start
        return 0

    def any_of(self, words: Iterable[str], meaning: str) -> bool:
        """Say whether one of some words is a remark of a meaning by itself."""
        known = self._of.get(meaning, {})
        return any((w.lower(),) in known for w in words)


@once_per_snapshot
def remarks(snapshot: Snapshot) -> Remarks:
    """Give the remarks of a Snapshot."""
    return Remarks(snapshot)
