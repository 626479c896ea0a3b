"""Inputs made from sound ones by small and by gross changes, the same on every machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random

_LONGEST = 20_000
# What readers stumble over: ends of texts and numbers, marks, other scripts, deep nesting.
_TEXTS = (
    "\x00 \ufeff \u202e \u0663 \u00bd \u00b5 \ud800 \U0001f48a e\u0301 null true NaN -0 1e999 -1 0 "
    "0.0000001 9999-12-31 \" ' ` \\ \\u0000 { } [ ] < > ( ) # @ | ; , : / // .. %00 & = + $ * ? "
    "<script> {{7*7}}"
).split(" ")
_GROSS = ("\n", "\r\n", "\t", " ", "9" * 40, "[" * 300, '{"a":' * 100, "(" * 200, "no " * 100)
_PIECES = (
    *(piece.encode("utf-8", "surrogatepass") for piece in (*_TEXTS, *_GROSS, "a" * 3_000)),
    *(b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"),
)

Change = Callable[[bytes, Random, Sequence[bytes]], bytes]


def mutants(seeds: Sequence[bytes], count: int, seed: int) -> Iterator[bytes]:
    """Give the seeds themselves, then so many changed ones."""
    yield from seeds
    random = Random(seed)  # noqa: S311 - the same inputs on every machine
    for _ in range(count):
        data = random.choice(seeds)
        for _ in range(random.choice((1, 1, 1, 2, 3, 8))):
            data = random.choice(_CHANGES)(data, random, seeds)
        yield data[:_LONGEST]


def _span(data: bytes, random: Random) -> tuple[int, int]:
    start = random.randint(0, len(data))
    return start, min(len(data), start + random.choice((1, 1, 2, 4, 16, 64)))


def _cut(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    start, end = _span(data, random)
    return data[:start] + data[end:]


def _end(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    return data[: random.randint(0, len(data))]


def _double(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    start, end = _span(data, random)
    return data[:end] + data[start:end] * random.choice((1, 1, 2, 50)) + data[end:]


def _insert(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    start, _end_of_span = _span(data, random)
    return data[:start] + random.choice(_PIECES) + data[start:]


def _replace(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    start, end = _span(data, random)
    return data[:start] + random.choice(_PIECES) + data[end:]


def _byte(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    if not data:
        return data
    at = random.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << random.randrange(8))]) + data[at + 1 :]


def _digit(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    places = [n for n, byte in enumerate(data) if 48 <= byte <= 57]
    if not places:
        return data
    at = random.choice(places)
    return data[:at] + random.choice((b"0", b"9", b"-1", b"1e9", b"")) + data[at + 1 :]


def _splice(data: bytes, random: Random, seeds: Sequence[bytes]) -> bytes:
    other = random.choice(seeds)
    return data[: random.randint(0, len(data))] + other[random.randint(0, len(other)) :]


def _case(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    start, end = _span(data, random)
    return data[:start] + data[start:end].swapcase() + data[end:]


_CHANGES: tuple[Change, ...] = (
    *(_cut, _end, _double, _insert, _insert, _replace, _byte, _digit, _splice, _case),
)
