"""What adds up on each axis for one patient: a ladder that orders, and a score beside it.

The ladders are data: each step names a class of patients, and whatever makes a patient belong to
it stands on that step. Of one drug or fact the heaviest step counts, once. Nothing here ever
changes a severity.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from msgspec import UNSET

from kg.case import Case, Item
from kg.interval import FALSE, TRUE, UNKNOWN
from kg.item_logic import ItemNode
from kg.judge import Verdict
from kg.logic import PatientNode, asked, logic
from kg.model import BurdenStep, Ladder, RiskScore, Snapshot
from kg.once import once_per_snapshot
from kg.report import Burden, Contributor, Score, ScorePart
from kg.view import View, view_of
from kg.witnesses import Witness, place, witnesses

_MEDICATION = "medications["
_COUNTS: dict[int, Literal["yes", "no", "unknown"]] = {TRUE: "yes", UNKNOWN: "unknown", FALSE: "no"}


class _Step(NamedTuple):
    """One step, ready to be asked of a patient."""

    step: BurdenStep
    node: PatientNode
    aside: tuple[ItemNode, ...]


class _Scored(NamedTuple):
    """One score, its questions ready to be asked."""

    score: RiskScore
    nodes: tuple[PatientNode, ...]
    bands: tuple[str, ...]


class _Ready(NamedTuple):
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
    patient = _Patient(_whole(verdicts, case, snapshot), seen, snapshot)
    return {axis: _burden(ready, patient) for axis, ready in _ladders(snapshot).items()}


def _whole(verdicts: Sequence[Verdict], case: Case, snapshot: Snapshot) -> View:
    """Take the case as an advisory saw it that set nothing aside."""
    seen = (v.view for v in verdicts if not v.ready.advisory.sets_aside)
    return next(seen, None) or view_of(case, asked(snapshot))


@once_per_snapshot
def _ladders(snapshot: Snapshot) -> dict[str, _Ready]:
    made = logic(snapshot)
    return {
        axis: _Ready(
            ladder,
            tuple(
                _Step(s, made.criterion(s.criterion), tuple(map(made.aside, s.sets_aside)))
                for s in ladder.steps
            ),
            _scored(ladder, snapshot),
        )
        for axis, ladder in sorted(snapshot.ladders.items())
    }


def _scored(ladder: Ladder, snapshot: Snapshot) -> _Scored | None:
    if ladder.score is None:
        return None
    nodes = tuple(logic(snapshot).criterion(i.criterion) for i in ladder.score.items)
    bands = tuple(f"{b.label} {b.low} to {b.high}" for b in ladder.score.bands)
    return _Scored(ladder.score, nodes, bands)


class _Patient(NamedTuple):
    """One patient as the ladders look at it."""

    view: View
    seen: Seen
    snapshot: Snapshot

    def made_true(self, criterion: str, node: PatientNode) -> Sequence[Witness]:
        """List what made a criterion true that sets nothing aside."""
        known = self.seen.get(criterion)
        if known is not None:
            return known
        return witnesses(node, self.view, self.snapshot, steps=False)


def _burden(ready: _Ready, patient: _Patient) -> Burden:
    drugs: dict[str, Contributor] = {}
    factors: dict[str, Contributor] = {}
    open_steps = []
    for step in ready.steps:
        answer = step.node.judge(patient.view)
        if answer == UNKNOWN:
            open_steps.append(step.step.label)
        if answer != TRUE:
            continue
        for witness in sorted(_standing(step, patient), key=lambda w: (w.label, place(w.input))):
            drug = witness.input.startswith(_MEDICATION)
            here = drugs if drug else factors
            key = witness.term if drug else f"{witness.input} {witness.term}"
            if key not in here:
                here[key] = _contributor(step.step, witness, patient.snapshot)
    found = Burden(
        drugs=tuple(drugs.values()),
        risk_factors=tuple(factors.values()),
        height=sum(c.adds is UNSET for c in (*drugs.values(), *factors.values())),
        open=tuple(open_steps),
        note=ready.ladder.definition,
    )
    return found if ready.scored is None else _with_score(found, ready.scored, patient)


def _standing(step: _Step, patient: _Patient) -> Sequence[Witness]:
    """List what stands on a step; a medicine that is surely set aside there does not."""
    found = patient.made_true(step.step.criterion, step.node)
    if not step.aside:
        return found
    items = {(i.input, i.term): i for i in patient.view.case.medications or ()}
    return [w for w in found if not _set_aside(step, items.get((w.input, w.term)))]


def _set_aside(step: _Step, item: Item | None) -> bool:
    return item is not None and any(node.judge(item) == TRUE for node in step.aside)


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
    known = _grades(snapshot)
    if (step.label, term) not in known:
        known[step.label, term] = _grade(step, term, snapshot)
    return known[step.label, term]


@once_per_snapshot
def _grades(snapshot: Snapshot) -> dict[tuple[str, str], tuple[str, tuple[str, ...]]]:
    return {}


def _grade(step: BurdenStep, term: str, snapshot: Snapshot) -> tuple[str, tuple[str, ...]]:
    drug = snapshot.drugs[term]
    grades = [g for g in step.liabilities if g in drug.liabilities]
    about = {term, *drug.classes}
    said = (iri for g in grades for iri, of in _on_liability(snapshot).get(g, ()) if of & about)
    return "; ".join(snapshot.grades[g] for g in grades), tuple(dict.fromkeys(said))


@once_per_snapshot
def _on_liability(snapshot: Snapshot) -> dict[str, list[tuple[str, frozenset[str]]]]:
    """Give the statements on each liability, with what they are about."""
    found: dict[str, list[tuple[str, frozenset[str]]]] = {}
    for iri, statement in sorted(snapshot.statements.items()):
        if statement.liability is not None:
            found.setdefault(statement.liability, []).append((iri, frozenset(statement.about)))
    return found


# --- the score ------------------------------------------------------------------------------------


def _with_score(found: Burden, scored: _Scored, patient: _Patient) -> Burden:
    answers = [node.judge(patient.view) for node in scored.nodes]
    points = [item.points for item in scored.score.items]
    least = sum(p for p, a in zip(points, answers, strict=True) if a == TRUE)
    most = sum(p for p, a in zip(points, answers, strict=True) if a != FALSE)
    return Burden(
        drugs=found.drugs,
        risk_factors=found.risk_factors,
        height=found.height,
        open=found.open,
        note=found.note,
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


def _parts(scored: _Scored, answers: Sequence[int], patient: _Patient) -> Iterator[ScorePart]:
    for item, node, answer in zip(scored.score.items, scored.nodes, answers, strict=True):
        seen = patient.made_true(item.criterion, node) if answer == TRUE else ()
        yield ScorePart(
            label=item.label,
            points=item.points,
            counts=_COUNTS[answer],
            inputs=tuple(dict.fromkeys(w.input for w in seen)),
        )
