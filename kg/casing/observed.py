"""What the name, the codes and the text of an observation say that it is.

A text may hold the unit or the whole result beside the name. Where several observations go by
one name, the unit or the form of the result says which is meant, or nothing does.
"""

from __future__ import annotations

from typing import NamedTuple

from kg.casing.units import PRESENCE, Measure, measures
from kg.contract.request import ObservationEntry
from kg.resolving.known import Known, known_terms
from kg.resolving.names import Missed
from kg.resolving.observation_names import NameAndRest, observation_terms, with_result, with_unit
from kg.resolving.printed import printed_units, remarks
from kg.resolving.remembered import Readings
from kg.resolving.resolve import Matched, Resolved
from kg.snapshot.decisions import RoleQuestion
from kg.snapshot.model import Snapshot
from kg.snapshot.names import words
from kg.snapshot.once import once_per_snapshot

PlainValue = float | int | str | bool


class ObservationRead(NamedTuple):
    """One observation that an entry may be of."""

    term: str
    known: Known
    measure: Measure
    matched: Matched = "name"
    note: str = ""


class PossibleReading(NamedTuple):
    """One observation that an entry may be of, with the value and unit that are said of it."""

    read: ObservationRead
    value: PlainValue | None
    unit: str | None
    # Whether others go by the same name, and others of them have numbers, too: then a bare number
    # says nothing.
    shared: bool = False
    rivals: bool = False

    def told_by_unit(self) -> PossibleReading:
        """Give the same, which only its unit tells apart from the likeliest."""
        return self._replace(rivals=True)


@once_per_snapshot
def measurements(snapshot: Snapshot) -> Readings[ObservationRead]:
    """Give what names and codes of observations were read as."""
    return Readings("observation", snapshot, _read)


def _read(found: Resolved, snapshot: Snapshot) -> ObservationRead:
    (term,) = found.terms
    return _of(_specific(term, snapshot), snapshot)._replace(matched=found.matched, note=found.note)


def _of(term: str, snapshot: Snapshot) -> ObservationRead:
    return ObservationRead(term, known_terms(snapshot)[term], measures(snapshot)[term])


def _specific(term: str, snapshot: Snapshot) -> str:
    """Take a group for the kind that says no more than the group, where there is one."""
    return _unspecified(snapshot).get(term, term)


@once_per_snapshot
def _unspecified(snapshot: Snapshot) -> dict[str, str]:
    return {
        known.unspecified_of: iri
        for iri, known in snapshot.observations.items()
        if known.unspecified_of is not None
    }


def candidates(entry: ObservationEntry, snapshot: Snapshot) -> list[PossibleReading] | Missed:
    """List what an entry may be of, the likeliest first; or say why it is nothing known."""
    read = measurements(snapshot).of(entry)
    text = (entry.text or "").strip()
    if isinstance(read, ObservationRead):
        if text and read.matched == "code" and _of_other_specimen(text, snapshot):
            return Missed("the text names another specimen than the code", (read.term,))
        return _of_known(read, entry, text, snapshot)
    if not text or _codes_lead_elsewhere(entry, snapshot):
        return read
    return _by_text(entry, text, snapshot) or read


def _of_known(
    read: ObservationRead, entry: ObservationEntry, text: str, snapshot: Snapshot
) -> list[PossibleReading]:
    value, unit = entry.value, entry.unit
    if value is None and text:
        split = with_result(text, snapshot)
        if split is not None and read.term in split.terms:
            value = split.beside
    elif not unit and text:
        split = with_unit(text, snapshot)
        if split is not None and read.term in split.terms:
            unit = split.beside
    found = [PossibleReading(read, value, unit)]
    if read.matched == "name":
        also = read.measure.kind.print.by_unit_also
        found += [PossibleReading(_of(t, snapshot), value, unit).told_by_unit() for t in also]
    return found


def _by_text(
    entry: ObservationEntry, text: str, snapshot: Snapshot
) -> list[PossibleReading] | None:
    """Read a text that is no name by itself: one that is shared, or holds more than a name."""
    shared = observation_terms(text, snapshot)
    if len(shared) > 1:
        return _listed(shared, entry.value, entry.unit, snapshot)
    split: NameAndRest | None
    if entry.value is None:
        split = with_result(text, snapshot)
        return None if split is None else _listed(split.terms, split.beside, entry.unit, snapshot)
    split = with_unit(text, snapshot)
    if split is None or not _agree(entry.unit, split.beside, snapshot):
        return None
    return _listed(split.terms, entry.value, entry.unit or split.beside, snapshot)


def _agree(unit: str | None, beside: str, snapshot: Snapshot) -> bool:
    """Say whether the unit beside a name is the one that was given, where one was."""
    if not (unit or "").strip():
        return True
    printed = printed_units(snapshot)
    return not printed.known(unit or "").isdisjoint(printed.known(beside))


def _listed(
    found: tuple[str, ...], value: PlainValue | None, unit: str | None, snapshot: Snapshot
) -> list[PossibleReading]:
    reads = [_of(_specific(term, snapshot), snapshot) for term in found]
    rivals = sum(read.measure.kind.unit != PRESENCE for read in reads) > 1
    listed = [
        PossibleReading(read, value, unit, shared=len(reads) > 1, rivals=rivals) for read in reads
    ]
    if len(reads) == 1:
        also = reads[0].measure.kind.print.by_unit_also
        listed += [PossibleReading(_of(t, snapshot), value, unit).told_by_unit() for t in also]
    return listed


def _codes_lead_elsewhere(entry: ObservationEntry, snapshot: Snapshot) -> bool:
    """Say whether the codes of an entry lead somewhere by themselves."""
    if entry.system is None and entry.code is None and not entry.codings:
        return False
    coded = ObservationEntry(system=entry.system, code=entry.code, codings=entry.codings)
    return isinstance(measurements(snapshot).of(coded), ObservationRead)


def _of_other_specimen(text: str, snapshot: Snapshot) -> bool:
    return remarks(snapshot).any_of(words(text), "other-specimen")


@once_per_snapshot
def used_kinds(snapshot: Snapshot) -> frozenset[str]:
    """List the kinds of which a value can bear on some advice, by itself or through another."""
    used = {
        kind
        for question in snapshot.decisions.questions
        if isinstance(question, RoleQuestion)
        for kind in question.kinds
    }
    follows = [(d.yields, source) for d in snapshot.derivations for source in d.sources]
    follows += [(w, k) for k, o in snapshot.observations.items() for w in o.print.part_of]
    while True:
        more = {source for result, source in follows if result in used} - used
        if not more:
            return frozenset(used)
        used |= more
