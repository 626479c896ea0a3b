"""Shared state while reading a request: the Snapshot, the phase, the day, and a record of inputs.

Every input ends in that record, recognised or not; none is dropped in silence.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from kg.casing.closed_lists import Vocabulary, vocabulary
from kg.contract.parts import ListedPart
from kg.contract.report import ReadAs, Recognised, Suggestion, Unrecognised
from kg.contract.request import Coding, ContextPart, ListEntry, day
from kg.resolving.known import KnownTerms, known_terms
from kg.resolving.names import Missed
from kg.resolving.nothing import nothing_in
from kg.resolving.resolve import Matched
from kg.snapshot.model import Snapshot


class UnreadObservation(NamedTuple):
    """An observation that was sent and not read: where it stands, and its classes if known."""

    input: str
    classes: frozenset[str] | None


class Ledger(msgspec.Struct):
    """Accounts for every input of a request."""

    recognised: list[Recognised] = []
    unrecognised: list[Unrecognised] = []
    unread: list[UnreadObservation] = []
    # The lists of which a line says that nobody knows what else is in them.
    left_open: list[ListedPart] = []

    def mark(self, **marks: bool) -> None:
        """Add marks to what was recognised last."""
        self.recognised[-1] = msgspec.structs.replace(self.recognised[-1], **marks)

    def contradicted(self, path: str, said: str) -> None:
        """Mark what was recognised at a place as contradicted, and say by what."""
        for n, known in enumerate(self.recognised):
            if known.input == path:
                told = known.read_as if isinstance(known.read_as, ReadAs) else ReadAs()
                self.recognised[n] = msgspec.structs.replace(
                    known,
                    note="; ".join(part for part in (known.note, said) if part),
                    read_as=msgspec.structs.replace(told, contradictory=True),
                )


class Setting(msgspec.Struct):
    """The context of one request: the Snapshot, the day and the phase."""

    snapshot: Snapshot
    known: Vocabulary
    terms: KnownTerms
    context: ContextPart
    phase: str | None
    as_of: date | None
    ledger: Ledger
    # The day of the first dose, once the context or the list of medicines has said it.
    first_dose: date | None = None

    @staticmethod
    def of(context: ContextPart, snapshot: Snapshot) -> Setting:
        """Set up the context of a request whose closed-list values have been checked."""
        known = vocabulary(snapshot)
        phase = known.phases[context.phase] if context.phase is not None else None
        as_of = day(context.as_of, "context.as_of")
        return Setting(snapshot, known, known_terms(snapshot), context, phase, as_of, Ledger())

    @property
    def untreated(self) -> bool:
        """Say whether no dose has been given yet."""
        return self.phase in self.known.before_treatment

    def recognise(
        self,
        path: str,
        found: Iterable[str],
        matched: Matched,
        note: str = "",
        *,
        sure: bool = True,
        read_as: ReadAs | UnsetType = UNSET,
    ) -> None:
        """Record that an input was read as these terms, and what it says beside them."""
        terms, recognised = self.terms, self.ledger.recognised
        for term in found:
            known = terms[term]
            recognised.append(
                Recognised(
                    input=path,
                    term=term,
                    label=known.label,
                    matched=matched,
                    assessed=sure and known.assessed,
                    note=note or None,
                    read_as=read_as,
                    axes=dict(known.axes) if known.axes else UNSET,
                )
            )

    def says_nothing(self, path: str, entry: ListEntry, part: ListedPart) -> bool:
        """Recognise a line that says there is none of what its list holds, or nobody knows."""
        if not entry.text or entry.code or entry.codings:
            return False
        iri = nothing_in(entry.text, part, self.snapshot)
        if iri is None:
            return False
        said = self.snapshot.doors.nothing[iri]
        self.ledger.recognised.append(
            Recognised(input=path, term=iri, label=said.label, matched="name", assessed=True)
        )
        if said.covers != "whole" and said.part == part:
            self.ledger.left_open.append(part)
        return True

    def miss(self, path: str, given: str, missed: Missed) -> None:
        """Record that an input led to nothing for certain."""
        self.ledger.unrecognised.append(
            Unrecognised(
                input=path,
                given=given,
                reason=missed.reason,
                suggestions=tuple(map(self._suggestion, missed.suggestions)),
            )
        )

    def _suggestion(self, term: str) -> Suggestion:
        drug = self.snapshot.drugs.get(term)
        alike = drug.confusable_with if drug is not None else ()
        return Suggestion(
            term=term,
            label=self.terms[term].label,
            not_the_same_as=tuple(self.terms[t].label for t in alike) or UNSET,
        )


def given_as(item: ListEntry) -> str:
    """Write an item as it was given, for people."""
    codes = [written(c) for c in item.all_codings()]
    return "; ".join([*([item.text] if item.text else []), *codes])


def written(coding: Coding) -> str:
    """Write a code with its system."""
    return f"{coding.system or ''}|{coding.code or ''}"


def shown(name: str, value: float | int | str | bool | None, unit: str | None) -> str:
    """Write a measurement as it was given, for people."""
    number = "" if value is None else plainly(value)
    return " ".join([part for part in (name, number, unit) if part])


def plainly(value: float | int | str | bool) -> str:
    """Write a number as it was given, a whole one without a fraction."""
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)
