"""What of an explanation goes into its picture: the way to the advice, and each source once.

The whole graph would not be readable. An input and the term that it was read as share a box,
what is the same of many entries hangs on none of them, many boxes of one kind become a few and
a number, and the words of the sources stay in the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kg.contract.explanation import Edge, Explanation, Node, listed
from kg.contract.severity import ORDER

_INPUT, _STATEMENT, _FACT = "input", "statement", "fact"
_MOST = {_INPUT: 8, "source": 8}
_BESIDE = ("disagreement", "source")
_MOST_OF_A_KIND, _SHARED = 12, 2
# Kinds of which the picture shows more than the name.
_TOLD = (_INPUT, "liability", "disagreement")


class Box(NamedTuple):
    """One box of a picture: how it looks, what stands in it, and what a pointer shows."""

    id: str
    look: str
    caption: str
    label: str
    small: tuple[str, ...] = ()
    hint: str = ""


class _Drawing:
    """Boxes and lines, of which some become one."""

    def __init__(self, found: Explanation) -> None:
        self.boxes = {n.id: _plain(n) for n in found.nodes if n.kind != _STATEMENT}
        self.lines = {
            (e.source, e.target): e.label
            for e in found.edges
            if e.source in self.boxes and e.target in self.boxes
        }

    def into(self, name: str) -> list[str]:
        return [s for s, t in self.lines if t == name]

    def out_of(self, name: str) -> list[str]:
        return [t for s, t in self.lines if s == name]

    def become(self, gone: Iterable[str], box: Box) -> None:
        """Put one box in the place of several."""
        old = set(gone)
        at = {name: box.id if name in old else name for name in self.boxes}
        boxes = {}
        for name, own in self.boxes.items():
            boxes[at[name]] = box if name in old else own
        self.boxes = boxes
        lines: dict[tuple[str, str], str] = {}
        for (source, target), label in self.lines.items():
            if at[source] != at[target]:
                lines.setdefault((at[source], at[target]), label)
        self.lines = lines


class Picture(NamedTuple):
    """The way to the advice, as boxes and lines, and what it rests on, as boxes beside it."""

    boxes: list[Box]
    edges: list[Edge]
    beside: list[Box]


def picture_of(found: Explanation) -> Picture:
    """Choose the boxes and lines of a picture."""
    picture = _Drawing(found)
    strengths = tuple(f"{p}: {o.severity}" for p, o in found.positions.items() if o.severity)
    if strengths and found.about in picture.boxes:
        own = picture.boxes[found.about]
        picture.boxes[found.about] = own._replace(small=("; ".join(strengths),))
    _read_as(picture, found)
    for name, box in picture.boxes.items():
        if box.look == _FACT and len(picture.into(name)) > _SHARED:
            picture.lines = {e: how for e, how in picture.lines.items() if e[1] != name}
    _sources(picture, found)
    _fewer_inputs(picture)
    for kind in dict.fromkeys(box.look for box in picture.boxes.values()):
        _fewer(kind, picture)
    beside = [b for look in _BESIDE for b in picture.boxes.values() if b.look == look]
    boxes = [b for b in picture.boxes.values() if b.look not in _BESIDE]
    edges = [
        Edge(source=s, target=t, label=how)
        for (s, t), how in picture.lines.items()
        if picture.boxes[t].look not in _BESIDE
    ]
    return Picture(boxes, edges, beside)


def _plain(node: Node) -> Box:
    small = (node.detail,) if node.kind in _TOLD and node.detail else ()
    return Box(node.id, node.kind, node.kind, node.label, small, node.detail or node.label)


def _read_as(picture: _Drawing, found: Explanation) -> None:
    """Put a term into one box with every input that was read as it."""
    given_as = {n.id for n in found.nodes if n.kind == _INPUT}
    for term in (n for n in found.nodes if n.id in picture.boxes):
        inputs = [n for n in picture.into(term.id) if n in given_as]
        alone = all(picture.out_of(n) == [term.id] for n in inputs)
        if inputs and alone and len(inputs) == len(picture.into(term.id)):
            given = [picture.boxes[n] for n in inputs]
            small = tuple(": ".join(filter(None, (g.label, *g.small))) for g in given)
            unread = "" if term.iri else f", {term.kind}"
            box = Box(term.id, _INPUT, f"given{unread}", term.label, small, " ".join(small))
            if term.iri:
                box = box._replace(caption=f"given: {term.kind}")
            picture.become([*inputs, term.id], box)


def _sources(picture: _Drawing, found: Explanation) -> None:
    """Draw each source once, with what it says how strongly and where, the strongest first."""
    said = {n.id: n for n in found.nodes if n.kind == _STATEMENT}
    begins = {e.target: e.source for e in found.edges if e.target in said}
    told: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for edge in found.edges:
        if edge.source in said and begins.get(edge.source) in picture.boxes:
            label = said[edge.source].label
            key = begins[edge.source], edge.target
            told.setdefault(key, []).append((_strength(label), f"{label} · {edge.label}"))
    for start, source in sorted(told, key=lambda k: min(told[k])):
        small = tuple(dict.fromkeys(line for _, line in sorted(told[start, source])))
        box = picture.boxes[source]._replace(small=small, hint="; ".join(small))
        picture.boxes.pop(source)
        picture.boxes[source] = box
        picture.lines[start, source] = ""


def _strength(label: str) -> int:
    severity = label.rpartition(": ")[2]
    return next((n for n, name in enumerate(ORDER) if name == severity), len(ORDER))


def _fewer_inputs(picture: _Drawing) -> None:
    """Group inputs that lead to the same step, where there are many."""
    given = [name for name, box in picture.boxes.items() if box.look == _INPUT]
    if len(given) <= _MOST[_INPUT]:
        return
    alike: dict[tuple[str, ...], list[str]] = {}
    for name in given:
        alike.setdefault(tuple(sorted(picture.out_of(name))), []).append(name)
    for names in alike.values():
        if len(names) > 1:
            _together(names, picture)


def _fewer(kind: str, picture: _Drawing) -> None:
    """Leave the first few boxes of a kind, and put the rest into one."""
    most = _MOST.get(kind, _MOST_OF_A_KIND)
    names = [name for name, box in picture.boxes.items() if box.look == kind]
    if len(names) > most:
        _together(names[most - 1 :], picture)


def _together(names: Sequence[str], picture: _Drawing) -> None:
    boxes = [picture.boxes[name] for name in names]
    first = boxes[0]
    label = listed([box.label for box in boxes], 4)
    caption = f"{len(boxes)} together: {first.look}"
    hint = "; ".join(dict.fromkeys(box.label for box in boxes))[:1000]
    picture.become(names, Box(f"all {first.id}", first.look, caption, label, (), hint))
