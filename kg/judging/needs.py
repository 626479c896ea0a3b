"""What would settle an advisory that cannot be told, named so that a person can supply it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kg import terms
from kg.casing.case import KIND, Item, unread
from kg.contract.parts import LISTS
from kg.contract.place import Place
from kg.interval import UNKNOWN
from kg.judging.item_questions import ItemNode
from kg.judging.patterns import open_questions
from kg.judging.questions import PatientNode, in_order
from kg.judging.tables import tables
from kg.judging.view import Need, View, key_of
from kg.snapshot.criteria import AtLeast, Has, Is, Number, Of
from kg.snapshot.model import Drug, Snapshot
from kg.snapshot.once import once_per_snapshot

_PART_OF_FAMILY = {one.family: Need(f"part: {one.name}") for one in LISTS if one.closed}
_OBSERVATIONS, _FLAGS = "part: observations", "part: flags"
# Fields of an item from which a property follows that has no field of its own name.
_FIELDS = {
    terms.STATED_DOSE: "daily_dose",
    terms.DAILY_DOSE_MG: "daily_dose",
    terms.CERTAINTY: "status",
    terms.VALUE: "value",
    terms.TIMES_UPPER_LIMIT: "upper_limit",
    terms.TIMES_LOWER_LIMIT: "lower_limit",
    terms.STATED_BASELINE: "baseline",
    terms.BASELINE_VALUE: "baseline",
    terms.CHANGE_FROM_BASELINE: "baseline",
    terms.TIMES_BASELINE: "baseline",
}


def needs(node: PatientNode, view: View, snapshot: Snapshot) -> tuple[Need, ...]:
    """List what would help to settle a question that is open, each thing once."""
    found: dict[Need, None] = {}
    for question in open_questions(node, view, snapshot):
        found.update(dict.fromkeys(_of_question(question, view, snapshot)))
    return tuple(found)


def item_needs(node: ItemNode, item: Item, snapshot: Snapshot) -> tuple[Need, ...]:
    """List what would help to settle a question about one item."""
    return tuple(dict.fromkeys(_of_item(node, item, snapshot)))


def _of_question(node: PatientNode, view: View, snapshot: Snapshot) -> tuple[Need, ...]:
    """Say what would settle one question, looked up once for each view of a case."""
    found = view.needs.get(node.bit)
    if found is None:
        found = view.needs[node.bit] = tuple(_settling(node, view, snapshot))
    return found


def _settling(node: PatientNode, view: View, snapshot: Snapshot) -> Iterable[Need]:
    expression = node.expression
    if isinstance(expression, AtLeast):
        return _along(node, view, snapshot)
    if isinstance(expression, Has):
        return _of_patient(expression, view, snapshot)
    if isinstance(expression, Number):
        own = view.case.needs.get(expression.property)
        return (Need(own or field_of(expression.property, "patient", snapshot)),)
    return ()


def _along(node: PatientNode, view: View, snapshot: Snapshot) -> Iterator[Need]:
    """Say what is open along a role: the whole list, a kind not measured, or an entry."""
    listed, item_node = view.items[node.family], node.item
    if listed is None or item_node is None:
        yield _PART_OF_FAMILY[node.family]
        return
    if node.kinds:
        named = unmeasured(snapshot)[view.case.observations is None]
        for kind, closing in node.kinds:
            if kind in named and closing.isdisjoint(view.kinds):
                yield named[kind]
    counted_by = tables(snapshot).counted_by
    for item in in_order(
        [i for i, _, possible in listed if possible & node.of_item], node, snapshot
    ):
        if unread(item):
            yield Need(item.needs[KIND])
            continue
        if not counted_by(item.role) & node.of_item:
            yield Need(f"{item.input}: status")
        if view.open_aside:
            yield from view.open_aside.get(key_of(item), ())
        yield from _of_item(item_node, item, snapshot)


@once_per_snapshot
def unmeasured(snapshot: Snapshot) -> tuple[dict[str, Need], dict[str, Need]]:
    """Say what to supply for each kind that was not measured: where a list was given, or none."""
    named = {kind: name for kind, name in measured_as(snapshot).items() if name}
    return (
        {kind: Need(f"observation: {name}") for kind, name in named.items()},
        {kind: Need(_OBSERVATIONS, name) for kind, name in named.items()},
    )


@once_per_snapshot
def measured_as(snapshot: Snapshot) -> dict[str, str]:
    """Name each kind of observation as a person would ask for it; a mere group has no name."""
    groups = {k for k, o in snapshot.observations.items() if o.one_suffices}
    larger = {d.yields: d.sources for d in snapshot.derivations if d.kind == "larger-of"}
    names = {}
    for kind, observation in snapshot.observations.items():
        group = next((g for g in (kind, *observation.ancestors) if g in groups), None)
        if group is not None:
            names[kind] = snapshot.observations[group].label
        elif kind in larger:
            names[kind] = " or ".join(snapshot.observations[s].label for s in larger[kind])
        else:
            below = (o for k, o in snapshot.observations.items() if k != kind)
            names[kind] = "" if any(kind in o.ancestors for o in below) else observation.label
    return names


def _of_patient(expression: Has, view: View, snapshot: Snapshot) -> Iterator[Need]:
    prop, value = expression.property, expression.value
    if prop == terms.HAS_FLAG:
        yield from _of_flag(value, view, snapshot)
    elif prop == terms.LACKS:
        absence = snapshot.absences[value]
        if absence.of in snapshot.flags:
            yield from _of_flag(absence.of, view, snapshot)
        elif (fact := view.case.absences[value]).input.startswith("observations["):
            yield Need(f"{fact.input}: a value that can be read")
        else:
            yield Need(_OBSERVATIONS, measured_as(snapshot).get(absence.of, ""))
    else:
        yield Need(field_of(prop, "patient", snapshot))


def _of_flag(iri: str, view: View, snapshot: Snapshot) -> Iterator[Need]:
    """Name a flag that is not known, with those of which one would settle it."""
    flag, fact = snapshot.flags[iri], view.case.flags[iri]
    if fact.input:
        among = (i for i in view.case.conditions or () if i.input == fact.input and unread(i))
        yield Need(next((i.needs[KIND] for i in among), f"{fact.input}: status"))
    elif not view.case.flags_given:
        yield Need(_FLAGS, flag.key)
    elif flag.contrary:
        yield Need("flag: " + " or ".join(sorted((flag.key, snapshot.flags[flag.contrary].key))))
    else:
        group = next((g.flags for g in snapshot.flag_groups if iri in g.flags), (iri,))
        yield Need("flag: " + " or ".join(sorted(snapshot.flags[f].key for f in group)))


def _of_item(node: ItemNode, item: Item, snapshot: Snapshot) -> Iterator[Need]:
    if node.judge(item) != UNKNOWN:
        return
    for part in node.parts:
        yield from _of_item(part, item, snapshot)
    expression = node.expression
    if isinstance(expression, Is):
        yield Need(item.needs.get(KIND, f"{item.input}: what it is"))
    elif isinstance(expression, Of | Has | Number):
        prop = expression.property
        single = next(iter(item.drugs)) if item.drugs and len(item.drugs) == 1 else None
        if isinstance(expression, Of) and prop == terms.OF_DRUG and single is not None:
            yield from _not_judged(expression.term, single, snapshot)
        else:
            yield Need(item.needs.get(prop) or field_of(prop, item.input, snapshot))


def _not_judged(group: str, drug: str, snapshot: Snapshot) -> Iterator[Need]:
    """Name the axes on which nobody has judged a drug, so that it may be in a class."""
    known = snapshot.drugs[drug]
    for axis in open_axes(known, snapshot.classes[group].axes, snapshot):
        yield Need(f"{axis} of {known.label}: not judged")


def open_axes(drug: Drug, among: Iterable[str], snapshot: Snapshot) -> tuple[str, ...]:
    """Name the open axes of a drug: each by the axis of which a judgement would settle it."""
    still_open = set(drug.open_axes).intersection(among)
    settling = {snapshot.axes[a].settled_by or a for a in still_open}
    return tuple(known.label for key, known in snapshot.axes.items() if key in settling)


def field_of(prop: str, owner: str, snapshot: Snapshot) -> str:
    """Name the field of the request from which a property is filled."""
    place = Place.of(snapshot.properties[prop].input or "")
    if place is not None and place.part == "patient":
        return f"part: {place.field.partition('_')[0]}"
    if place is not None and place.part == "context":
        return f"context: {place.field}"
    name = place.field if place is not None else ""
    return f"{owner}: {name or _FIELDS.get(prop, terms.local(prop))}"
