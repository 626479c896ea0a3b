"""Which inputs made an advisory apply, and by which steps."""

from __future__ import annotations

from collections.abc import Iterator

from kg import terms
from kg.casing.case import Item
from kg.contract.place import order_of
from kg.interval import TRUE, Interval
from kg.judging.item_questions import ItemNode
from kg.judging.patterns import deciding_questions
from kg.judging.questions import PatientNode
from kg.judging.view import View, Witness
from kg.snapshot.criteria import AnyOf, Expression, Has, Is, Number, Of
from kg.snapshot.model import Snapshot


def witnesses(
    node: PatientNode, view: View, snapshot: Snapshot, *, steps: bool = True
) -> list[Witness]:
    """List the inputs whose own truth made a question true, each once, by place.

    Without the steps they are the same inputs, and found faster.
    """
    found: dict[tuple[str, str], Witness] = {}
    for question in deciding_questions(node, view, snapshot):
        if question.bit & node.window:
            continue
        for witness in _of_question(question, view, snapshot, said=steps):
            key = (witness.input, witness.term)
            if key in found:
                both = tuple(dict.fromkeys((*found[key].steps, *witness.steps)))
                witness = Witness(*key, witness.label, witness.detail, both)
            found[key] = witness
    if len(found) < 2:
        return list(found.values())
    return sorted(found.values(), key=lambda w: (order_of(w.input), w.term))


def _of_question(node: PatientNode, view: View, snapshot: Snapshot, *, said: bool) -> list[Witness]:
    """List the inputs that make one question true, looked up once for each view of a case."""
    key = (node.bit, said)
    found = view.seen.get(key)
    if found is None:
        found = view.seen[key] = list(_that_answer(node, view, snapshot, said=said))
    return found


def _that_answer(
    node: PatientNode, view: View, snapshot: Snapshot, *, said: bool
) -> Iterator[Witness]:
    expression = node.expression
    if isinstance(expression, Has):
        yield _has(expression, view, snapshot)
    elif isinstance(expression, Number):
        yield _number(expression, view, snapshot)
    elif node.item is not None:
        for item, sure, _ in view.items[node.family] or ():
            if sure & node.of_item:
                steps = dict.fromkeys(_steps(node.item, item, snapshot)) if said else ()
                yield Witness(item.input, item.term or "", item.label, item.detail, tuple(steps))


def _has(expression: Has, view: View, snapshot: Snapshot) -> Witness:
    prop, value = expression.property, expression.value
    if prop == terms.HAS_FLAG:
        flag = snapshot.flags[value]
        return Witness(view.case.flags[value].input, flag.population or value, flag.label)
    if prop == terms.LACKS:
        absence = snapshot.absences[value]
        return Witness(view.case.absences[value].input, value, absence.label)
    listed = snapshot.phases.get(value) or snapshot.values.get(value)
    path = snapshot.properties[prop].input or ""
    return Witness(path, value, listed.label if listed else terms.local(value))


def _number(expression: Number, view: View, snapshot: Snapshot) -> Witness:
    known = snapshot.properties[expression.property]
    given = view.case.numbers.get(expression.property)
    path = known.input or view.case.needs.get(expression.property, "").replace(": ", ".")
    label = known.label or terms.local(expression.property)
    return Witness(path, expression.property, label, in_words(given) if given else "")


def _steps(node: ItemNode, item: Item, snapshot: Snapshot) -> Iterator[str]:
    """Say what of an item made a question about it true."""
    expression = node.expression
    for part in node.parts:
        if not isinstance(expression, AnyOf) or part.judge(item) == TRUE:
            yield from _steps(part, item, snapshot)
    if not node.parts:
        step = _step(expression, item, snapshot)
        if step:
            yield step


def _step(expression: Expression, item: Item, snapshot: Snapshot) -> str:
    if isinstance(expression, Is):
        term = expression.term
        known = snapshot.conditions.get(term) or snapshot.observations.get(term)
        if known is None or term == item.term:
            return ""
        return f"{item.label} is a kind of {known.label}"
    if isinstance(expression, Of):
        return f"{item.label} belongs to: {snapshot.classes[expression.term].label}"
    if isinstance(expression, Has):
        value = snapshot.values.get(expression.value) or snapshot.roles.get(expression.value)
        return f"{item.label}: {value.label}" if value else ""
    if isinstance(expression, Number):
        label = snapshot.properties[expression.property].label or terms.local(expression.property)
        return f"{item.label}: {label} {in_words(item.numbers.get(expression.property))}".rstrip()
    return ""


def in_words(number: Interval | None) -> str:
    """Write a number, or the bounds between which it is known to lie."""
    if number is None or number.empty:
        return ""
    low = "" if number.low is None else _figure(float(number.low))
    high = "" if number.high is None else _figure(float(number.high))
    if low == high:
        return low
    if not low or not high:
        return f"at least {low}" if low else f"at most {high}"
    return f"{low} to {high}"


def _figure(number: float) -> str:
    return f"{number:.4g}" if abs(number) < 10_000 else f"{number:.0f}"
