"""A result as it stands on a report: its number, unit, limits of normal, and flags.

What is left when all known parts are taken away must be nothing; else the result is a question.
Each step takes something away, and a result is short, so that no text takes long.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

import msgspec

from kg.casing.units import MULTIPLE, Measure
from kg.interval import exact
from kg.resolving.figures import Figure, figure
from kg.resolving.printed import Remarks, plainly_written

# No result that a laboratory prints is longer; what is longer is prose.
LONGEST_RESULT = 200
_MOST_STEPS = 40
# A range of normal has no more words: 3.5 - 5.1 mmol/L.
_MOST_LIMIT_WORDS = 6
_NUMBER = r"[+-]?(?:\d[\d.,]*|\.\d+)"
_LEADING = re.compile(rf"(?P<number>{_NUMBER})(?P<power>[eE][+-]?\d{{1,2}}(?![\d/]))?")
_TO = re.compile(r" ?(?:-|\.\.|to ) ?(?P<high>\d[\d.,]*)(?![\d.,*^/])")
_SIGN = re.compile(r"(<=|>=|=<|=>|<|>|=) ?")
_SIGNS = {"=<": "<=", "=>": ">=", "=": ""}
_BETWEEN = re.compile(rf"(?P<low>{_NUMBER}) ?(?:-|to |\.\.) ?(?P<high>{_NUMBER}) ?(?P<rest>.*)\Z")
_ONE = re.compile(rf"(?P<number>{_NUMBER}) ?(?P<rest>.*)\Z")
_PARTING = re.compile(r"[;|]|, |\t|\n")
_OPEN, _CLOSE = "([{", ")]}"
_SYMBOLS = "*!#^\u2191\u2193\u25b2\u25bc\u2020"
_WORDY = ("no-value", "not-done", "outcome")
_COMPARISONS = ("<", ">", "<=", ">=")


class Unreadable(Exception):
    """A result that cannot be used, and why; `not_done` where it says that none was made."""

    def __init__(self, reason: str, *, not_done: bool = False, no_value: bool = False) -> None:
        super().__init__(reason)
        self.not_done = not_done
        self.no_value = no_value


class PrintedLimits(NamedTuple):
    """PrintedLimits of normal as they were printed, and their unit where one stands beside them."""

    lower: Fraction | None = None
    upper: Fraction | None = None
    unit: str | None = None


class PrintedResult(msgspec.Struct):
    """The parts of one result; `high` where a range was given."""

    number: Fraction
    sign: str = ""
    high: Fraction | None = None
    figure: Figure | None = None
    unit: str | None = None
    limits: PrintedLimits | None = None
    doubt: str = ""


def read_result(
    value: float | int | str, unit: str | None, measure: Measure, known: Remarks
) -> PrintedResult:
    """Read a value and what was sent as its unit."""
    if not isinstance(value, str):
        number = exact(value)
        if number is None:
            raise Unreadable("the value is no number")
        decimal = isinstance(value, float)
        result, rest = PrintedResult(number, figure=Figure(number, decimal)), ""
    else:
        result, rest = _leading(value, known)
    _take(rest, result, measure, known)
    if unit and unit.strip():
        within, result.unit = result.unit, None
        _take(_plain(unit, "unit"), result, measure, known)
        if within is not None and result.unit not in (None, within):
            raise Unreadable(f"two units are given, {within} and {result.unit}")
        result.unit = result.unit or within
    return result


def _plain(text: str, what: str = "value") -> str:
    if len(text) > LONGEST_RESULT:
        raise Unreadable(f"the {what} is longer than any that a laboratory prints")
    return " ".join(_PARTING.sub(" ", plainly_written(text)).split())


def _leading(text: str, known: Remarks) -> tuple[PrintedResult, str]:
    """Read the number at the head of a result, with its sign; give what follows it."""
    rest = _plain(text)
    _refuse_words(rest, known)
    while rest:
        head = rest.lstrip(_SYMBOLS + " ")
        words = head.split()
        flagged = known.head(words, "flag")
        if flagged and flagged < len(words):
            head = " ".join(words[flagged:])
        if head == rest:
            break
        rest = head
    sign, rest = _sign(rest, known)
    match = _LEADING.match(rest)
    if match is None:
        raise Unreadable("the value is no number")
    number, rest = _figure(match), rest[match.end() :]
    result = PrintedResult(number.number, sign, figure=number)
    reaching = _TO.match(rest)
    if reaching is not None and not sign:
        high = figure(reaching.group("high").rstrip(".,"))
        if high is None or high.parted is not None or number.parted is not None:
            raise Unreadable("the value is no number that can be read in one way only")
        if high.number <= number.number:
            raise Unreadable("the value is a range that ends before it begins")
        result.high, rest = high.number, rest[reaching.end() :]
    return result, rest.strip()


def _refuse_words(text: str, known: Remarks) -> None:
    """Refuse a remark in the place of a number; what it says is kept, and no number is made."""
    said = known.whole(text.strip(".*!: ").split(), *_WORDY)
    if said == "not-done":
        raise Unreadable(f"'{text}' says that nothing was measured", not_done=True)
    if said == "no-value":
        raise Unreadable(f"'{text}' says that there is no value to use", no_value=True)
    if said == "outcome":
        raise Unreadable(f"'{text}' is a word and no value; send the number with its unit")


def _sign(text: str, known: Remarks) -> tuple[str, str]:
    match = _SIGN.match(text)
    if match is not None:
        sign = match.group(1)
        return _SIGNS.get(sign, sign), text[match.end() :]
    words = text.split()
    for sign in _COMPARISONS:
        count = known.head(words, sign)
        if count and count < len(words):
            return sign, " ".join(words[count:])
    return "", text


def _figure(match: re.Match[str]) -> Figure:
    written, power = match.group("number"), match.group("power")
    signed = written.startswith("-")
    read = figure(written.lstrip("+-").rstrip(".,"))
    if read is None:
        raise Unreadable("the value is no number that can be read in one way only")
    if power is not None:
        scaled = exact(f"{read.number.numerator}{power}") if read.number.denominator == 1 else None
        scaled = scaled or exact(written.lstrip("+-").replace(",", ".") + power)
        if scaled is None or (read.parted is not None and read.comma):
            raise Unreadable("the value is no number")
        read = Figure(scaled, True)
    return read._replace(number=-read.number) if signed else read


def _take(rest: str, result: PrintedResult, measure: Measure, known: Remarks) -> None:
    """Take unit, limits and flags away until nothing is left."""
    words = rest.split()
    for _ in range(_MOST_STEPS):
        if not words:
            return
        text = " ".join(words)
        unit = measure.unit(text)
        if unit is not None:
            _say_unit(unit, result)
            return
        left = _without_bracket(text, result, measure, known)
        for step in _STEPS if left is None else ():
            left = step(words, result, measure, known)
            if left is not None:
                break
        if left is None:
            break
        words = left
    raise Unreadable(_unread(" ".join(words), measure))


def _unread(text: str, measure: Measure) -> str:
    if measure.kind.unit and len(text.split()) == 1:
        return f"the unit {text} cannot be converted to {measure.kind.unit}"
    return f"'{text}' beside the value is not understood"


def _say_unit(unit: str, result: PrintedResult) -> None:
    if result.unit not in (None, unit):
        raise Unreadable(f"two units are given, {result.unit} and {unit}")
    result.unit = unit


def _without_bracket(
    text: str, result: PrintedResult, measure: Measure, known: Remarks
) -> list[str] | None:
    """Take away what stands in brackets at either end, where it is understood."""
    if text[-1] in _CLOSE:
        at = _opening(text)
        if at is not None and _within(text[at + 1 : -1], result, measure, known):
            return text[:at].split()
    if text[0] in _OPEN:
        at = _closing(text)
        if at is not None and _within(text[1:at], result, measure, known):
            return text[at + 1 :].split()
    return None


def _opening(text: str) -> int | None:
    """Find the bracket that the last sign of a text closes."""
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        depth += (text[at] in _CLOSE) - (text[at] in _OPEN)
        if depth == 0:
            return at
    return None


def _closing(text: str) -> int | None:
    """Find the bracket that closes the first sign of a text."""
    depth = 0
    for at, sign in enumerate(text):
        depth += (sign in _OPEN) - (sign in _CLOSE)
        if depth == 0:
            return at
    return None


def _within(inner: str, result: PrintedResult, measure: Measure, known: Remarks) -> bool:
    """Take what stands in a pair of brackets: a flag, the unit, or limits."""
    inner = inner.strip(" :")
    if not inner.strip(_SYMBOLS) or known.whole(inner.strip(_SYMBOLS).split(), "flag"):
        return True
    unit = measure.unit(inner)
    if unit is not None:
        _say_unit(unit, result)
        return True
    limits = _limits(inner.split(), measure, known)
    if limits is None:
        return False
    _say_limits(limits, result)
    return True


def _without_flag(
    words: list[str], result: PrintedResult, measure: Measure, known: Remarks
) -> list[str] | None:
    """Take away a flag at either end."""
    if not words[-1].strip(_SYMBOLS):
        return words[:-1]
    if words[-1][-1] in _SYMBOLS:
        return [*words[:-1], words[-1].rstrip(_SYMBOLS)]
    if not words[0].strip(_SYMBOLS):
        return words[1:]
    count = known.tail(words, "flag")
    if count:
        return words[:-count]
    count = known.head(words, "flag")
    return words[count:] if count else None


def _without_limits(
    words: list[str], result: PrintedResult, measure: Measure, known: Remarks
) -> list[str] | None:
    """Take away limits that stand at the end, behind a word that says so or by themselves."""
    for at in range(len(words)):
        if any(known.head(words[at:], m) for m in ("limits", "upper-limit", "lower-limit")):
            limits = _limits(words[at:], measure, known)
            if limits is not None:
                _say_limits(limits, result)
                return words[:at]
    for count in range(1, min(len(words), _MOST_LIMIT_WORDS) + 1):
        limits = _limits(words[-count:], measure, known)
        # One number with a sign is no limit unless a word or a bracket says so.
        if limits is not None and None not in limits[:2]:
            _say_limits(limits, result)
            return words[:-count]
    return None


def _limits(words: list[str], measure: Measure, known: Remarks) -> PrintedLimits | None:
    """Read limits of normal: two numbers, or one with a sign or a word that says which it is."""
    side = ""
    for meaning in ("limits", "upper-limit", "lower-limit"):
        count = known.head(words, meaning)
        if count:
            words = words[count:]
            side = meaning if meaning != "limits" else side
    text = " ".join(words).strip(" :=([{")
    text = text.rstrip(")]") if side == "" and text.count("(") < text.count(")") else text
    sign, bare = _sign(text, known)
    match = _ONE.match(bare) if sign or side in ("upper-limit", "lower-limit") else None
    if match is not None:
        numbers: list[str | None] = [match.group("number")]
    else:
        match = _BETWEEN.match(text)
        numbers = [] if match is None else [match.group("low"), match.group("high")]
    if match is None:
        return None
    rest = match.group("rest").strip()
    unit = measure.unit(rest) if rest else None
    if rest and unit is None:
        return None
    read = [figure((n or "").lstrip("+").rstrip(".,")) for n in numbers]
    if any(one is None or (one.parted is not None and one.comma) for one in read):
        return None
    found = [one.number for one in read if one is not None]
    if len(found) == 2:
        return PrintedLimits(found[0], found[1], unit)
    lower = sign.startswith(">") or (not sign and side == "lower-limit")
    return PrintedLimits(found[0], None, unit) if lower else PrintedLimits(None, found[0], unit)


def _say_limits(limits: PrintedLimits, result: PrintedResult) -> None:
    if result.limits is not None and result.limits != limits:
        result.doubt = "several ranges of normal are given, so none of them is used"
    result.limits = limits


def _without_second(
    words: list[str], result: PrintedResult, measure: Measure, known: Remarks
) -> list[str] | None:
    """Add a second amount in a smaller unit, as feet and inches are given."""
    first = measure.unit(words[0])
    if first is None or len(words) < 2 or result.unit is not None or result.sign:
        return None
    match = _ONE.match(" ".join(words[1:]))
    if match is None or result.high is not None:
        return None
    more = figure(match.group("number").rstrip(".,"))
    second = measure.unit(match.group("rest")) if match.group("rest") else None
    if more is None or second is None or MULTIPLE in (first, second):
        return None
    large, small = measure.scales[first], measure.scales[second]
    if not 0 < small.factor < large.factor or more.number * small.factor >= large.factor:
        return None
    result.number += more.number * small.factor / large.factor
    result.unit = first
    return []


_STEPS = (_without_flag, _without_limits, _without_second)
