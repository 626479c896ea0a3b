"""What a signature binds: all that a subject rests on, hashed as meaning and as wording.

The clinical hash covers what is asked, of whom, and every word of what is said; the wording hash
covers the exact letters. So a comma changes the wording alone, and a number, a member of a class
or a word changes the clinical part of every subject that rests on it, and of no other.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from kg import terms
from kg.snapshot.criteria import Is, Named, Number, Of
from kg.snapshot.criteria_walk import nodes_of
from kg.snapshot.file import content_hash, encode
from kg.snapshot.model import Advisory, Disagreement, Snapshot
from kg.snapshot.once import once_per_snapshot
from kg.snapshot.value import Value

# Fields that hold sentences; a list or a tree may hold them too.
_SENTENCES = frozenset(
    {
        *("label", "definition", "says", "erratum", "management", "monitoring", "clears_if"),
        *("patient_text", "text", "resolution", "reason"),
    }
)
# What follows from the rest, or says only under which other names a thing is known.
_BESIDE = frozenset({"content_hash", "names", "encodes"})
# Signs that part words and mean nothing there; one before a figure may be part of a number.
_POINTING = re.compile(r"[.,:;'\"“”‘’](?![0-9])")


class SignedPart(Value, frozen=True):
    """One thing that a subject rests on: what it means, and its exact sentences."""

    name: str
    means: object
    says: object


class SignedContent(Value, frozen=True):
    """All that one signature binds, by its two hashes."""

    clinical: str
    wording: str
    parts: tuple[SignedPart, ...]


@once_per_snapshot
def contents(snapshot: Snapshot) -> dict[str, SignedContent]:
    """Give what a signature on each advisory and each disagreement binds."""
    found = {
        i: signed_content(_of_advisory(i, a, snapshot)) for i, a in snapshot.advisories.items()
    }
    for iri, disagreement in snapshot.disagreements.items():
        found[iri] = signed_content(_of_disagreement(iri, disagreement, snapshot))
    return found


def words(sentence: str) -> str:
    """Give the words and figures of a sentence, without the signs that part them."""
    return " ".join(_POINTING.sub(" ", sentence).split())


def signed_content(parts: Iterable[SignedPart]) -> SignedContent:
    """Put together what one signature binds."""
    ordered = tuple(sorted({p.name: p for p in parts}.values(), key=lambda p: p.name))
    return SignedContent(*hashes(ordered), parts=ordered)


def hashes(parts: Iterable[SignedPart]) -> tuple[str, str]:
    """Give the clinical and the wording hash of what some parts are together."""
    ordered = sorted(parts, key=lambda p: p.name)
    return (
        content_hash(encode([(p.name, p.means) for p in ordered])),
        content_hash(encode([(p.name, p.says) for p in ordered])),
    )


def part_of(name: str, value: object) -> SignedPart:
    """Part what a value means from how it is worded."""
    plain = msgspec.to_builtins(value)
    return SignedPart(name, _means(plain), _says(plain))


def _means(value: object, *, sentence: bool = False) -> object:
    if isinstance(value, dict):
        kept = {k: v for k, v in value.items() if k not in _BESIDE}
        return {k: _means(v, sentence=sentence or k in _SENTENCES) for k, v in kept.items()}
    if isinstance(value, list | tuple):
        return [_means(v, sentence=sentence) for v in value]
    return words(value) if sentence and isinstance(value, str) else value


def _says(value: object, *, sentence: bool = False) -> object:
    """Give the sentences alone, each where it stands."""
    if isinstance(value, dict):
        inner = {
            k: _says(v, sentence=sentence or k in _SENTENCES)
            for k, v in value.items()
            if k not in _BESIDE
        }
        return {k: v for k, v in inner.items() if v not in (None, [], {})}
    if isinstance(value, list | tuple):
        return [s for v in value if (s := _says(v, sentence=sentence)) not in (None, [], {})]
    return value if sentence and isinstance(value, str) else None


# --- what each kind of subject rests on -----------------------------------------------------------


def _of_advisory(iri: str, advisory: Advisory, snapshot: Snapshot) -> Iterator[SignedPart]:
    yield part_of(iri, advisory)
    asked = [n for n in (advisory.applies_to, advisory.unless, *advisory.sets_aside) if n]
    criteria = criteria_below(asked, snapshot)
    for name in criteria:
        yield part_of(name, snapshot.criteria[name])
    yield from _asked(criteria, snapshot)
    said = {s for name in criteria for s in snapshot.criteria[name].statements}
    yield from statement_parts({*advisory.statements, *said}, snapshot)


def _of_disagreement(iri: str, one: Disagreement, snapshot: Snapshot) -> Iterator[SignedPart]:
    yield part_of(iri, one)
    yield from statement_parts({*one.readings, *one.taken}, snapshot)


def statement_parts(names: Iterable[str], snapshot: Snapshot) -> Iterator[SignedPart]:
    """Give each statement that the release has, and the edition of the source that it is from."""
    sources = set()
    for name in names:
        if name in snapshot.statements:
            yield part_of(name, snapshot.statements[name])
            sources.add(snapshot.statements[name].source)
    for name in sources & snapshot.sources.keys():
        edition = snapshot.sources[name]
        yield part_of(name, {"version": edition.version, "issued": edition.issued})


def criteria_below(names: Iterable[str], snapshot: Snapshot) -> list[str]:
    """Give the criteria that some definitions rest on, those themselves included."""
    found: dict[str, None] = {}
    pending = list(names)
    while pending:
        name = pending.pop()
        if name in snapshot.criteria and name not in found:
            found[name] = None
            nodes = nodes_of(snapshot.criteria[name].expression, snapshot, into_named=False)
            pending += [n.criterion for n in nodes if isinstance(n, Named)]
    return sorted(found)


def _asked(criteria: Iterable[str], snapshot: Snapshot) -> Iterator[SignedPart]:
    """Give what the leaves of definitions stand for: members, kinds, units and intervals."""
    nodes = [
        n
        for name in criteria
        for n in nodes_of(snapshot.criteria[name].expression, snapshot, into_named=False)
    ]
    numbers = {n.property for n in nodes if isinstance(n, Number)}
    for name in numbers & snapshot.properties.keys():
        known = snapshot.properties[name]
        yield part_of(name, {"interval": known.interval_days, "none": known.none_unless_given})
    classes = {n.term for n in nodes if isinstance(n, Of)} & snapshot.classes.keys()
    for name in classes:
        yield part_of(name, {"members": snapshot.classes[name].members})
        if terms.HALF_LIVES_SINCE_LAST_TAKEN in numbers:
            yield _half_lives(name, snapshot)
    for name in {n.term for n in nodes if isinstance(n, Is)}:
        yield from _kind(name, snapshot)


def _half_lives(name: str, snapshot: Snapshot) -> SignedPart:
    members = {m: snapshot.drugs.get(m) for m in snapshot.classes[name].members}
    known = {m: (d.half_life_hours, d.half_life_upper_hours) for m, d in members.items() if d}
    return part_of(f"{name}#half-lives", known)


def _kind(name: str, snapshot: Snapshot) -> Iterator[SignedPart]:
    """Give the kinds that count as one of a condition or of a measurement."""
    below = {name, *_below(snapshot).get(name, ())}
    if name in snapshot.conditions:
        known = {
            i: (c.implied_course, c.implied_severity, c.implied_flag)
            for i in below
            for c in (snapshot.conditions[i],)
        }
        yield part_of(name, known)
    elif name in snapshot.observations:
        observed = snapshot.observations[name]
        yield part_of(
            name,
            {
                "kinds": sorted(below),
                "unit": observed.unit,
                "units": observed.units,
                "upper_limits": observed.upper_limits,
                "lower_limits": observed.lower_limits,
            },
        )


@once_per_snapshot
def _below(snapshot: Snapshot) -> Mapping[str, list[str]]:
    """Give the conditions and observations below each."""
    found: dict[str, list[str]] = defaultdict(list)
    for table in (snapshot.conditions, snapshot.observations):
        for iri, known in table.items():
            for ancestor in known.ancestors:
                found[ancestor].append(iri)
    return found
