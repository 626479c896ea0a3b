"""What the invented world counts beside its advice, and what can be changed in it."""

from __future__ import annotations

from kg.snapshot.ladders import BurdenStep, Ladder, RiskScore, ScoreBand, ScoreItem
from kg.snapshot.model import Change
from kg.terms import BASE
from tests.world_terms import criterion, flag


def _statement(name: str) -> tuple[str, ...]:
    return (BASE + f"statement/{name}",)


def _step(label: str, asks: str, **more: object) -> BurdenStep:
    found = {"statements": _statement("hum.a"), **more}
    return BurdenStep(label=label, criterion=criterion(asks), **found)  # type: ignore[arg-type]


def _item(label: str, points: int, asks: str) -> ScoreItem:
    return ScoreItem(label=label, criterion=criterion(asks), points=points)


LADDERS = {
    "hum": Ladder(
        label="hum",
        definition="This ladder orders what hums.",
        steps=(
            _step("zarolide", "TakesZarolide", liabilities=(BASE + "liability/zarolic",)),
            _step("hums", "TakesHumming", sets_aside=(criterion("SootherEarly"),)),
            _step("dull spark", "DullSpark"),
            _step("wide swing", "WideSwing"),
            _step("old", "Old"),
            _step("paired, shown only", "TakesPaired", shown_only=True),
        ),
        score=RiskScore(
            label="the score of hum",
            note="Made elsewhere.",
            items=(
                _item("old", 1, "Old"),
                _item("dull spark", 2, "DullSpark"),
                _item("wide swing", 2, "WideSwing"),
                _item("hums", 3, "TakesHumming"),
                _item("two paired", 3, "TwoPaired"),
            ),
            bands=(ScoreBand("low", 0, 4), ScoreBand("high", 5, 11)),
        ),
    ),
    "move": Ladder(label="move", steps=(_step("moving", "Moving"),)),
}
GRADES = {BASE + "liability/zarolic": "zarolic"}


def _change(name: str, operation: str, field: str, wording: str, **more: object) -> Change:
    return Change(
        label=name,
        operation=operation,  # type: ignore[arg-type]
        field=field,
        wording=wording,
        **more,  # type: ignore[arg-type]
    )


CHANGES = {
    BASE + f"change/{c.label}": c
    for c in (
        _change("leave-out", "remove", "medications", "without {what}"),
        _change("swap", "replace", "medications", "with {what} instead of {old}"),
        _change("wait", "replace", "context.as_of", "from {what} on"),
        _change("put-out", "add", "patient.flags", "with {what}", flag=flag("unlit")),
        _change("rest", "remove", "patient.flags", "without {what}", flag=flag("tired")),
        _change(
            "lower",
            "replace",
            "context.dose_mg_m2",
            "at {what} instead of {old}",
            value_from="context.reduced_to_mg_m2",
        ),
    )
}
