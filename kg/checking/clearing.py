"""What would clear a finding: small sets of changes, each judged again before it is offered.

Only what somebody who treats the patient can do is changed, and the release says what that is.
A set is offered where the finding no longer applies after it and nothing as strong appears in
its place; without any one of its changes the finding would be back. Leaving out a medicine can
never raise anything, for no criterion negates and no exemption rests on a medicine; there, and
where `kg.checking.clearing_quiet` says the same of another change, only the finding itself is
judged again. Everything else is judged as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

import msgspec

from kg import terms
from kg.casing.assemble import assemble
from kg.casing.case import Case
from kg.checking.changes import (
    Lever,
    as_patch,
    changes,
    in_words,
    leaving_out,
    of_field,
    of_flag,
    patched,
    replacing,
    waiting,
)
from kg.checking.clearing_cuts import (
    Cut,
    cuts,
    needed,
    quick_cuts,
    truth_without,
    unless_endless,
)
from kg.checking.clearing_kept import kept_in
from kg.checking.clearing_quiet import (
    FlagChange,
    alternatives,
    asks_for_doses,
    flag_changes,
    raises_nothing,
)
from kg.checking.clearing_waiting import closings, dosed, on, only_run_out, stopped, washouts
from kg.checking.freshness import asked_at
from kg.contract.place import Place, order_of
from kg.contract.report import Operation
from kg.contract.request import MedicationEntry, Request
from kg.contract.severity import rank
from kg.errors import CaseError
from kg.interval import FALSE, TRUE
from kg.judging.judge import Verdict, judge
from kg.judging.three_valued import truth
from kg.judging.view import seen_on
from kg.snapshot.model import Snapshot

_MOST_SETS = 6
_MOST_ALTERNATIVES = 2
_encoder = msgspec.json.Encoder()
_NO_CHANGE = "No change of treatment that could be checked clears it now."


class Cleared(NamedTuple):
    """The change sets of a finding, each of them in words, and what is remarked where none is."""

    sets: tuple[tuple[Operation, ...], ...]
    words: tuple[str, ...]
    remarks: tuple[str, ...] = ()


_NOT_CLEARED = Cleared((), (), (_NO_CHANGE,))
_Judged = Mapping[str, Verdict]


class Clearing:
    """One case, in which changes are tried."""

    def __init__(self, verdicts: Sequence[Verdict], case: Case, snapshot: Snapshot) -> None:
        self.case = case
        self.snapshot = snapshot
        self.can = changes(snapshot)
        self.before = {v.ready.iri: v.truth for v in verdicts}
        self.names = {r.input: r.label for r in reversed(case.recognised)}
        self.days: dict[date, _Judged] = {}
        now = asked_at(case) if self.can.wait else None
        self.today = now.day if now else None
        self.stopped = stopped(case) if now else []
        self.dosed = now is not None and dosed(case)
        self.kept = kept_in(verdicts, snapshot)

    def of(self, verdict: Verdict) -> Cleared:
        """Give what would clear one finding."""
        if self.case.request is None:
            return _NOT_CLEARED
        found = list(self._all(verdict, self.case.request))[:_MOST_SETS]
        if not found:
            return _NOT_CLEARED
        return Cleared(tuple(as_patch(s) for s in found), tuple(in_words(s) for s in found))

    def _all(self, verdict: Verdict, request: Request) -> Iterator[list[Lever]]:
        medicines = list(self._medicines(verdict)) if verdict.ready.medications else []
        yield from medicines
        if medicines and verdict.ready.advisory.alternatives:
            yield from self._replacements(verdict, medicines[0], request)
        for change in flag_changes(self.snapshot)[verdict.ready.iri]:
            yield from self._of_flag(verdict, change, request)
        if verdict.ready.iri in asks_for_doses(self.snapshot):
            yield from self._of_fields(verdict, request)
        if self.dosed:
            yield from self._waiting(verdict)

    # --- medicines -----------------------------------------------------------------------------

    def _medicines(self, verdict: Verdict) -> Iterator[list[Lever]]:
        """Leave out what is taken or planned, and wait until what was stopped has left."""
        if self.can.leave_out is None:
            return
        days: dict[str, date] = {}
        if self.stopped and self.today is not None:
            days = washouts(verdict.ready.iri, self.stopped, self.today, self.snapshot)
        may_go = self.kept.unless_kept(unless_endless(days))
        every_cut = quick_cuts(verdict, may_go, self.names)
        if every_cut is None:
            every_cut = cuts(verdict.ready.applies, verdict.view, may_go, self.names)
        for cut in every_cut:
            if truth_without(verdict, cut, self.snapshot) == TRUE:
                continue
            gone = self._leaving_out(cut - days.keys())
            day = max((days[path] for path in cut & days.keys()), default=None)
            if day is None:
                yield gone
            elif needed(cut, day, every_cut, days) and self._ends_quietly(verdict, day):
                yield [*gone, self._wait(day)]

    def _leaving_out(self, cut: Cut) -> list[Lever]:
        # Of one medicine that is listed twice, what is said of it decides, and not its place.
        in_order = sorted(cut, key=lambda p: (self.names[p], self._entry(p), order_of(p)))
        change = self.can.leave_out
        return [leaving_out(change, path, self._named(path)) for path in in_order if change]

    def _named(self, path: str) -> str:
        """Name an entry, with the words that say by whom alone it may go."""
        by = self.kept.only_by.get(path)
        return f"{self.names[path]}, {by}" if by else self.names[path]

    def _entry(self, path: str) -> bytes:
        place = Place.of(path)
        return _encoder.encode(None if place is None else place.value(self.case.request))

    def _wait(self, day: date) -> Lever:
        assert self.can.wait is not None  # noqa: S101 - without it no day is ever looked for
        return waiting(self.can.wait, day.isoformat())

    def _ends_quietly(self, verdict: Verdict, day: date) -> bool:
        """Say whether nothing as strong has come by a day.

        Where no dose has been given nothing but medicines changes with the days, and what is
        known of them can only run out.
        """
        ends_only = not self.dosed and only_run_out(self.snapshot)
        return ends_only or self._safe(verdict, self._on(day))

    def _replacements(
        self, verdict: Verdict, medicines: list[Lever], request: Request
    ) -> Iterator[list[Lever]]:
        """Put an alternative that the advice names in the place of the first medicine to go."""
        first, *others = medicines
        if self.can.replace is None or first.change is not self.can.leave_out:
            return
        place = Place.of_pointer(first.operations[0].path)
        listed = None if place is None else place.value(request)
        if not isinstance(listed, MedicationEntry):
            return
        offered = 0
        for drug in alternatives(self.snapshot)[verdict.ready.iri]:
            if self._taken_or_not_tolerated(drug):
                continue
            entry = {"text": self.snapshot.drugs[drug].label, "status": "planned"}
            entry |= {"role": listed.role} if listed.role is not None else {}
            chosen = [replacing(self.can.replace, str(place), entry, first.what), *others]
            silent = raises_nothing(entry, self.case, self.snapshot)
            if silent or self._holds(verdict, self._judged_after(chosen)):
                yield chosen
                offered += 1
            if offered == _MOST_ALTERNATIVES:
                return

    def _taken_or_not_tolerated(self, drug: str) -> bool:
        """Say whether a drug is in the list already, or may be what the patient cannot have."""
        entries = (*(self.case.medications or ()), *(self.case.allergies or ()))
        return any(
            drug in item.drugs if item.drugs is not None else item.role == terms.HAS_ALLERGY
            for item in entries
        )

    # --- flags and fields ----------------------------------------------------------------------

    def _of_flag(
        self, verdict: Verdict, flag: FlagChange, request: Request
    ) -> Iterator[list[Lever]]:
        listed = request.patient.flags if request.patient else None
        lever = None if listed is None else of_flag(flag.change, listed, self.snapshot)
        if lever is None:
            return
        if flag.quiet:
            turned = msgspec.structs.replace(self.case, flags={**self.case.flags, **flag.facts})
            if _judged_on(verdict, turned, self.snapshot) != TRUE:
                yield [lever]
        elif self._holds(verdict, self._judged_after([lever])):
            yield [lever]

    def _of_fields(self, verdict: Verdict, request: Request) -> Iterator[list[Lever]]:
        for change in self.can.of_fields:
            lever = of_field(change, request)
            if lever and self._holds(verdict, self._judged_after([lever])):
                yield [lever]

    # --- waiting -------------------------------------------------------------------------------

    def _waiting(self, verdict: Verdict) -> Iterator[list[Lever]]:
        """Wait for the first day on which a window after a dose is closed."""
        if self.today is None:
            return
        for day in closings(verdict.ready.iri, self.case, self.today, self.snapshot):
            later = self._on(day)
            if later[verdict.ready.iri].truth != TRUE:
                if self._safe(verdict, later):
                    yield [self._wait(day)]
                return

    def _on(self, day: date) -> _Judged:
        """Judge the case as it would be on a later day, once for each day."""
        if day not in self.days and self.today is not None:
            moved = on(day, self.case, self.today, self.snapshot)
            self.days[day] = {v.ready.iri: v for v in judge(moved, self.snapshot)}
        return self.days[day]

    # --- judging again -------------------------------------------------------------------------

    def _judged_after(self, chosen: Sequence[Lever]) -> _Judged:
        """Judge the request after a set of changes; nothing where it would be refused."""
        if self.case.request is None:
            return {}
        try:
            changed = assemble(patched(self.case.request, as_patch(chosen)), self.snapshot)
        except CaseError:
            return {}
        return {v.ready.iri: v for v in judge(changed, self.snapshot)}

    def _holds(self, verdict: Verdict, after: _Judged) -> bool:
        """Say whether the finding is gone and nothing as strong has come in its place."""
        target = after.get(verdict.ready.iri)
        return target is not None and target.truth != TRUE and self._safe(verdict, after)

    def _safe(self, verdict: Verdict, after: _Judged) -> bool:
        """Say whether nothing as strong applies or has come open that did not before."""
        return not any(
            then.truth > self.before.get(iri, FALSE)
            for iri, then in after.items()
            if iri != verdict.ready.iri and rank(then.severity) <= rank(verdict.severity)
        )


def _judged_on(verdict: Verdict, case: Case, snapshot: Snapshot) -> int:
    """Judge an advisory again on a case whose items are the same."""
    view, unless = seen_on(verdict.view, case, snapshot), verdict.ready.unless
    if unless is not None and truth(unless.clauses, view.sure, view.possible) == TRUE:
        return FALSE
    return truth(verdict.ready.applies.clauses, view.sure, view.possible)
