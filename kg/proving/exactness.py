"""Where *cannot be told* is exact: some way to fill in what is open applies, and another does not.

Inputs of which a definition asks once are filled in independently, so minimum and maximum are exact
there. Of an input that is asked several times (a phase, a number with two bounds, a flag and its
denial) every way to fill it in is tried: values are cut into cells by what is asked, what is known
is a stretch of cells, and a solver looks for knowledge that leaves an answer open though all cells
of it agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import combinations, pairwise, product
from typing import NamedTuple

from kg import terms
from kg.interval import ANYTHING, between
from kg.proving import definitions as meant
from kg.proving.claims import Claim
from kg.proving.formula import NO, YES, Halves, Symbols, every, no, some
from kg.snapshot.advice import own_advisories
from kg.snapshot.criteria import AllOf, AnyOf, AtLeast, Expression, Has, Is, Named, Number, Of
from kg.snapshot.decisions import RoleQuestion, bounds_of
from kg.snapshot.model import Snapshot

_PART = "exact: cannot tell"
# More ways to fill in what is asked several times than this are not gone through.
_MOST_WAYS = 16_384
_OTHER = "another value"
ValueCell = str | Fraction | bool
Chosen = dict[str, ValueCell]


class _Asked(NamedTuple):
    """One input that is asked for, and the cells into which its values fall."""

    cells: tuple[ValueCell, ...]
    ordered: bool


def inexact(node: Expression, snapshot: Snapshot) -> tuple[str, Symbols]:
    """Say that knowledge leaves a definition open though every way to fill it in agrees."""
    symbols = Symbols()
    inputs = _inputs(node, snapshot)
    for key, asked in inputs.items():
        for rule in _known(key, asked, symbols):
            symbols.rule(rule)
    whole = _read(node, snapshot, symbols, inputs, {})
    ways = list(_ways(inputs))
    applies, fails = [], []
    for way in ways:
        allowed = every(_allowed(symbols, key, cell) for key, cell in way.items())
        one = _read(node, snapshot, symbols, inputs, way)
        applies.append(every((allowed, one.possible)))
        fails.append(every((allowed, no(one.sure))))
    spurious = every((whole.possible, no(some(applies))))
    unsure = every((no(whole.sure), no(some(fails))))
    return some((spurious, unsure)), symbols


def _ways(inputs: dict[str, _Asked]) -> Iterator[Chosen]:
    several = {key: asked for key, asked in inputs.items() if len(asked.cells) > 1}
    count = 1
    for asked in several.values():
        count *= len(asked.cells)
    if count > _MOST_WAYS:
        raise ValueError(f"{count} ways to fill in what is asked")
    for cells in product(*(asked.cells for asked in several.values())):
        yield dict(zip(several, cells, strict=True))


def _inputs(node: Expression, snapshot: Snapshot) -> dict[str, _Asked]:
    """Collect the inputs that a definition asks for, with their cells."""
    values: dict[str, set[str]] = {}
    bounds: dict[str, list[Number]] = {}
    flags: dict[str, _Asked] = {}
    for end in meant.ends_of(node, snapshot):
        if isinstance(end, Number):
            bounds.setdefault(end.property, []).append(end)
        elif isinstance(end, Has) and end.property == terms.HAS_FLAG:
            flags[f"flag {end.value}"] = _Asked((True, False), False)
        elif isinstance(end, Has) and end.property == terms.LACKS:
            of = snapshot.absences[end.value].of
            if of in snapshot.flags:
                flags[f"flag {of}"] = _Asked((True, False), False)
        elif isinstance(end, Has):
            values.setdefault(end.property, set()).add(end.value)
    found = dict(flags)
    for prop, named in values.items():
        known = snapshot.properties[prop]
        admitted = sorted({*known.admits, *named} - {known.unstated})
        found[prop] = _Asked((*admitted, *(() if known.admits else (_OTHER,))), False)
    for prop, numbers in bounds.items():
        found[prop] = _Asked(tuple(_cells(prop, numbers, snapshot)), True)
    return found


def _cells(prop: str, numbers: list[Number], snapshot: Snapshot) -> Iterator[Fraction]:
    """Give one number at each bound and one in each stretch between them, where it can be."""
    plausible = between(snapshot.properties[prop].plausible)
    ends = [e for n in numbers for e in (bounds_of(n).low, bounds_of(n).high) if e is not None]
    cuts = sorted({*ends})
    tried = [cuts[0] - 1, *cuts, cuts[-1] + 1]
    tried += [(a + b) / 2 for a, b in pairwise(cuts)]
    yield from sorted(t for t in tried if plausible == ANYTHING or plausible.holds(t))


def _known(key: str, asked: _Asked, symbols: Symbols) -> Iterator[str]:
    """Let something be possible; of an attribute one value or all, of a number a stretch."""
    cells = [_allowed(symbols, key, cell) for cell in asked.cells]
    yield some(cells)
    if asked.ordered:
        for here, (start, end) in enumerate(pairwise(cells)):
            later = some(cells[here + 2 :])
            yield no(every((start, no(end), later)))
    elif len(cells) > 1:
        one = some(every(c if c == kept else no(c) for c in cells) for kept in cells)
        yield some((one, every(cells)))


def _allowed(symbols: Symbols, key: str, cell: ValueCell) -> str:
    return symbols.symbol(f"{key} may be {cell}")


def _read(
    node: Expression,
    snapshot: Snapshot,
    symbols: Symbols,
    inputs: dict[str, _Asked],
    way: Chosen,
) -> Halves:
    """Read a definition over what is known, or with its inputs filled in."""

    def over(key: str, fits: Callable[[ValueCell], bool]) -> Halves:
        if key in way:
            return Halves(YES, YES) if fits(way[key]) else Halves(NO, NO)
        cells = inputs[key].cells
        inside = some(_allowed(symbols, key, c) for c in cells if fits(c))
        outside = some(_allowed(symbols, key, c) for c in cells if not fits(c))
        return Halves(every((no(outside), inside)), inside)

    def leaf(end: Expression) -> Halves:
        if isinstance(end, AtLeast):
            return symbols.answer(meant.along_name(end.role, end.least, end.item, ""))
        if isinstance(end, Is | Of):
            here = symbols.symbol(meant.membership_name(end))
            return Halves(here, here)
        if isinstance(end, Number):
            bounds = bounds_of(end)
            return over(
                end.property, lambda cell: isinstance(cell, Fraction) and bounds.holds(cell)
            )
        if isinstance(end, Has) and end.property == terms.HAS_FLAG:
            return over(f"flag {end.value}", lambda cell: cell is True)
        if isinstance(end, Has) and end.property == terms.LACKS:
            return _lacking(end.value, snapshot, symbols, over)
        assert isinstance(end, Has)  # noqa: S101 - nothing else is asked in the end
        if end.value == snapshot.properties[end.property].unstated:
            # That nothing was said is known; it is no way to fill anything in.
            silent = every(_allowed(symbols, end.property, c) for c in inputs[end.property].cells)
            return Halves(silent, silent)
        return over(end.property, lambda cell: cell == end.value)

    return meant.walked(node, snapshot, leaf)


def _lacking(
    absence: str,
    snapshot: Snapshot,
    symbols: Symbols,
    over: Callable[[str, Callable[[ValueCell], bool]], Halves],
) -> Halves:
    """Read that something is lacking: a denial is the contrary, silence is known as such."""
    known = snapshot.absences[absence]
    if known.kind == "flag-denied":
        return over(f"flag {known.of}", lambda cell: cell is False)
    if known.kind == "flag-unstated":
        both = (_allowed(symbols, f"flag {known.of}", cell) for cell in (True, False))
        silent = every(both)
        return Halves(silent, silent)
    if known.kind == "field-unstated":
        said = symbols.symbol(f"lacking {absence}")
        return Halves(said, said)
    return symbols.answer(f"lacking {absence}")


def exactness(snapshot: Snapshot) -> Iterator[Claim]:
    """Claim of every definition of an item and of every advisory that it is exact."""
    table = snapshot.decisions
    for number, question in enumerate(table.questions):
        if isinstance(question, RoleQuestion):
            fault, symbols = inexact(question.item, snapshot)
            yield Claim(_PART, f"question {number}", fault, symbols)
    for iri, advisory in own_advisories(snapshot).items():
        fault, symbols = inexact(Named(advisory.applies_to), snapshot)
        yield Claim(_PART, iri, fault, symbols)
        for node in _of_one_item(advisory.applies_to, snapshot):
            fault, symbols = inexact(node, snapshot)
            yield Claim(f"{_PART} of one item", iri, fault, symbols)


def _of_one_item(criterion: str, snapshot: Snapshot) -> Iterator[Expression]:
    """Give what one item alone may be asked twice: by parts of one clause, or of two."""
    table = snapshot.decisions
    clauses = table.criteria[criterion]
    along = {n: q for n, q in enumerate(table.questions) if isinstance(q, RoleQuestion)}
    for clause in clauses:
        for one, other in combinations([n for n in clause if n in along], 2):
            if along[one].role == along[other].role and not _apart(along[one], along[other]):
                yield AnyOf((along[one].item, along[other].item))
    for first, second in combinations(clauses, 2):
        if len(first) == len(second) == 1 and first[0] in along and second[0] in along:
            one, other = first[0], second[0]
            if along[one].family == along[other].family and not _apart(along[one], along[other]):
                yield AllOf((along[one].item, along[other].item))


def _apart(one: RoleQuestion, other: RoleQuestion) -> bool:
    """Say whether two questions ask for measurements of which none is of both kinds."""
    return bool(one.kinds and other.kinds) and not set(one.kinds) & set(other.kinds)
