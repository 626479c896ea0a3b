"""What adds up on each axis for one patient: a ladder that ranks, and a score.

The ladders are data: each step names a class of patients, and whatever makes a patient belong to
it stands on that step. Of one drug or fact the heaviest step counts, once. Nothing here ever
changes a severity.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Literal, NamedTuple

import msgspec
from msgspec import UNSET

from kg.casing.case import Case
from kg.contract.place import Place, order_of
from kg.contract.report import Burden, Contributor, Score, ScorePart
from kg.interval import FALSE, TRUE, UNKNOWN
from kg.judging.judge import Verdict
from kg.judging.patterns import truth_of
from kg.judging.questions import PatientNode, logic
from kg.judging.view import Answered, View, Witness, view_of
from kg.judging.witnesses import witnesses
from kg.snapshot.cache import cached_per_snapshot
from kg.snapshot.labels import together
from kg.snapshot.ladders import BurdenStep, Ladder, RiskScore
from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot

_COUNTS: dict[int, Literal["yes", "no", "unknown"]] = {TRUE: "yes", UNKNOWN: "unknown", FALSE: "no"}


class _Step(NamedTuple):
    """One step, ready to be asked of a patient; `aside` are the questions that set aside."""

    step: BurdenStep
    node: PatientNode
    aside: int


class _Scored(NamedTuple):
    """One score, its questions ready to be asked."""

    score: RiskScore
    items: tuple[_Step, ...]
    bands: tuple[str, ...]


class _ReadyLadder(NamedTuple):
    """One ladder, ready to be asked of a patient."""

    ladder: Ladder
    steps: tuple[_Step, ...]
    scored: _Scored | None


# What made a criterion true for which nothing was set aside.
Seen = Mapping[str, Sequence[Witness]]


def burden(
    verdicts: Sequence[Verdict], seen: Seen, case: Case, snapshot: Snapshot
) -> dict[str, Burden]:
    """Give what adds up on every axis; `seen` holds what the findings have looked up already."""
    view = whole_view(verdicts, case, snapshot)
    items = [one for listed in view.items.values() for one in listed or ()]
    patient = _OnLadders(view, items, seen, snapshot)
    return {axis: _burden(ready, patient) for axis, ready in _ladders(snapshot).items()}


def whole_view(verdicts: Sequence[Verdict], case: Case, snapshot: Snapshot) -> View:
    """Take the case as an advisory saw it that set nothing aside."""
    seen = (v.view for v in verdicts if not v.ready.advisory.sets_aside)
    return next(seen, None) or view_of(case, snapshot)


@once_per_snapshot
def _ladders(snapshot: Snapshot) -> dict[str, _ReadyLadder]:
    return {
        axis: _ReadyLadder(
            ladder,
            tuple(_step(step, snapshot) for step in ladder.steps),
            _scored(ladder.score, snapshot) if ladder.score else None,
        )
        for axis, ladder in sorted(snapshot.ladders.items())
    }


def _step(step: BurdenStep, snapshot: Snapshot) -> _Step:
    made = logic(snapshot)
    aside = reduce(or_, map(made.aside, step.sets_aside), 0)
    return _Step(step, made.criterion(step.criterion), aside)


def _scored(score: RiskScore, snapshot: Snapshot) -> _Scored:
    as_steps = (BurdenStep(label=i.label, criterion=i.criterion) for i in score.items)
    bands = tuple(f"{b.label} {b.low} to {b.high}" for b in score.bands)
    return _Scored(score, tuple(_step(s, snapshot) for s in as_steps), bands)


class _OnLadders(NamedTuple):
    """One patient as the ladders look at it."""

    view: View
    items: list[Answered]
    seen: Seen
    snapshot: Snapshot

    def truth(self, step: _Step) -> int:
        """Say whether something stands on a step."""
        return truth_of(step.node, self.view)

    def standing(self, step: _Step) -> Sequence[Witness]:
        """List what stands on a step; a medicine that is surely set aside there does not."""
        here = self.seen.get(step.step.criterion)
        if here is None:
            here = self._among_items(step)
        if here is None:
            here = witnesses(step.node, self.view, self.snapshot, steps=False)
        if not step.aside:
            return here
        gone = {(i.input, i.term) for i, sure, _ in self.items if sure & step.aside}
        return [w for w in here if (w.input, w.term) not in gone]

    def _among_items(self, step: _Step) -> list[Witness] | None:
        """List the items that answer the one question of a step, where only items answer it."""
        if len(step.node.clauses) != 1:
            return None
        (clause,) = step.node.clauses
        by_items, standing = 0, []
        for item, sure, _ in self.items:
            if sure & clause:
                by_items |= sure
                standing.append(Witness(item.input, item.term or "", item.label, item.detail))
        return standing if not self.view.sure & clause & ~by_items else None


def _burden(ready: _ReadyLadder, patient: _OnLadders) -> Burden:
    drugs: dict[str, Contributor] = {}
    factors: dict[str, Contributor] = {}
    open_steps = []
    for step in ready.steps:
        answer = patient.truth(step)
        if answer == UNKNOWN:
            open_steps.append(step.step.label)
        if answer != TRUE:
            continue
        for witness in sorted(patient.standing(step), key=_by_name):
            at = Place.of(witness.input)
            drug = at is not None and at.part == "medications"
            here = drugs if drug else factors
            key = witness.term if drug else f"{witness.input} {witness.term}"
            if key not in here:
                here[key] = _contributor(step.step, witness, patient.snapshot)
    summed = Burden(
        drugs=tuple(drugs.values()),
        risk_factors=tuple(factors.values()),
        height=sum([c.adds is UNSET for c in (*drugs.values(), *factors.values())]),
        open=tuple(open_steps),
        note=ready.ladder.definition,
    )
    return summed if ready.scored is None else _with_score(summed, ready.scored, patient)


def _by_name(witness: Witness) -> tuple[str, tuple[str, int]]:
    return witness.label, order_of(witness.input)


def _contributor(step: BurdenStep, witness: Witness, snapshot: Snapshot) -> Contributor:
    grade, statements = _graded(step, witness.term, snapshot)
    return Contributor(
        input=witness.input,
        term=witness.term,
        label=witness.label,
        step=step.label,
        grade=grade or UNSET,
        detail=witness.detail or UNSET,
        adds=False if step.shown_only else UNSET,
        statements=statements or step.statements,
    )


def _graded(step: BurdenStep, term: str, snapshot: Snapshot) -> tuple[str, tuple[str, ...]]:
    """Give how a drug is graded on the matter of a step, and the statements that say so."""
    if not step.liabilities or term not in snapshot.drugs:
        return "", ()
    return _grade(snapshot, step.liabilities, term)


@cached_per_snapshot(2048)
def _grade(
    snapshot: Snapshot, liabilities: tuple[str, ...], term: str
) -> tuple[str, tuple[str, ...]]:
    drug = snapshot.drugs[term]
    grades = [g for g in liabilities if g in drug.liabilities]
    about = {term, *drug.classes}
    said = (iri for g in grades for iri, of in _on_liability(snapshot).get(g, ()) if of & about)
    return together([snapshot.grades[g] for g in grades]), tuple(dict.fromkeys(said))


@once_per_snapshot
def _on_liability(snapshot: Snapshot) -> dict[str, list[tuple[str, frozenset[str]]]]:
    """Give the statements on each liability, with what they are about."""
    found: dict[str, list[tuple[str, frozenset[str]]]] = {}
    for iri, statement in sorted(snapshot.statements.items()):
        if statement.liability is not None:
            found.setdefault(statement.liability, []).append((iri, frozenset(statement.about)))
    return found


# --- the score ------------------------------------------------------------------------------------


def _with_score(found: Burden, scored: _Scored, patient: _OnLadders) -> Burden:
    answers = [patient.truth(item) for item in scored.items]
    points = [item.points for item in scored.score.items]
    least = sum([p for p, a in zip(points, answers, strict=True) if a == TRUE])
    most = sum([p for p, a in zip(points, answers, strict=True) if a != FALSE])
    return msgspec.structs.replace(
        found,
        score=least if least == most else None,
        score_range=None if least == most else (least, most),
        score_detail=Score(
            name=scored.score.label,
            note=scored.score.note,
            bands=scored.bands,
            parts=tuple(_parts(scored, answers, patient)),
            statements=scored.score.statements,
        ),
    )


def _parts(scored: _Scored, answers: Sequence[int], patient: _OnLadders) -> Iterator[ScorePart]:
    for item, step, answer in zip(scored.score.items, scored.items, answers, strict=True):
        seen = patient.standing(step) if answer == TRUE else ()
        inputs = dict.fromkeys([w.input for w in sorted(seen, key=_by_name)])
        yield ScorePart(
            label=item.label, points=item.points, counts=_COUNTS[answer], inputs=tuple(inputs)
        )
