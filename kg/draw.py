"""Draw the graph of an explanation: as SVG, laid out in layers without a browser, or as DOT.

Kinds differ by outline and caption as well as by colour, so that a picture reads in print and
by those who see colours otherwise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

import networkx as nx

from kg.explanation import Edge, Explanation, Node

_WIDTH, _GAP_X, _GAP_Y, _LINE, _PAD, _EDGE = 210, 70, 16, 15, 8, 20
_LETTERS, _MOST_LINES, _MOST_SOURCES = 30, 4, 4
_HEAD = 58


class _Look(NamedTuple):
    """How a kind of step is drawn: fill, line, dashes, corner radius, line width."""

    fill: str
    line: str
    dash: str = ""
    round: int = 3
    width: float = 1.5


_LOOKS: Mapping[str, _Look] = {
    "input": _Look("#ffffff", "#000000", round=16),
    "advisory": _Look("#fbe3d3", "#a33b00", round=0, width=4),
    "criterion": _Look("#dff1ea", "#00664d", round=10),
    "class": _Look("#dcecf8", "#0b4f8a", width=2.5),
    "liability": _Look("#fff3cf", "#7a5b00", dash="6 3"),
    "statement": _Look("#f2f2f2", "#444444", dash="2 3"),
    "source": _Look("#ffffff", "#444444", dash="10 4"),
    "disagreement": _Look("#f3e4f0", "#7a2a66", dash="6 2 2 2", width=2.5),
    "set aside": _Look("#eeeeee", "#222222", dash="1 4", round=16),
    "exemption": _Look("#eeeeee", "#222222", dash="1 4", round=16),
}
_PLAIN = _Look("#eef3f7", "#33495c")


def svg(found: Explanation) -> str:
    """Draw an explanation as one SVG document."""
    nodes, edges = _condensed(found.nodes, found.edges)
    places, width, height = _laid_out(nodes, edges)
    # Where several lines meet their captions would cover each other.
    alone = Counter(e.target for e in edges)
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="Helvetica, Arial, sans-serif">',
        f"<title>{escape(found.title)}</title>",
        f"<desc>{escape(' '.join(found.steps)[:2000])}</desc>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#555555"/></marker></defs>',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="{_EDGE}" y="26" font-size="17" font-weight="bold">{escape(found.title)}</text>',
        f'<text x="{_EDGE}" y="46" font-size="12" fill="#444444">{escape(found.summary)}</text>',
    ]
    body = [_line(e, places, captioned=alone[e.target] == 1) for e in edges] + [
        _box(n, places[n.id]) for n in nodes
    ]
    return "\n".join([*head, *body, "</svg>\n"])


class _Place(NamedTuple):
    x: int
    y: int
    height: int
    lines: tuple[str, ...]


def _condensed(nodes: Sequence[Node], edges: Sequence[Edge]) -> tuple[list[Node], list[Edge]]:
    """Leave statements to the text: draw each source once, with what it says how strongly."""
    said = {n.id: n for n in nodes if n.kind == "statement"}
    links: dict[tuple[str, str], list[str]] = {}
    begins = {e.target: e.source for e in edges if e.target in said}
    for edge in edges:
        if edge.source in said:
            start = begins.get(edge.source)
            if start is not None:
                links.setdefault((start, edge.target), []).append(said[edge.source].label)
    kept_links = sorted(links.items(), key=lambda link: (":" not in " ".join(link[1]), link[0]))
    shown = dict(kept_links[:_MOST_SOURCES])
    hidden = len(links) - len(shown)
    gone = set(said) | {t for s, t in links if (s, t) not in shown}
    gone -= {t for _, t in shown}
    kept = [n for n in nodes if n.id not in gone]
    lines = [e for e in edges if e.source not in gone and e.target not in gone]
    lines += [
        Edge(source=s, target=t, label=", ".join(dict.fromkeys(said_so)))
        for (s, t), said_so in shown.items()
    ]
    if hidden > 0:
        start = next(iter(links))[0]
        more = Node(id="more", kind="source", label=f"and {hidden} more")
        kept.append(more)
        lines.append(Edge(source=start, target="more", label=""))
    return kept, lines


def _laid_out(nodes: Sequence[Node], edges: Sequence[Edge]) -> tuple[dict[str, _Place], int, int]:
    """Put each step to the right of what leads to it, near the middle of that."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(n.id for n in nodes)
    graph.add_edges_from((e.source, e.target) for e in edges)
    given = {n.id for n in nodes if n.kind == "input"}
    layer: dict[str, int] = {}
    for name in nx.lexicographical_topological_sort(graph):
        layer[name] = max((layer[p] + 1 for p in graph.predecessors(name)), default=0)
    for name in reversed(list(nx.lexicographical_topological_sort(graph))):
        # What is only asked moves to where it is asked; what was given stays at the left.
        after = [layer[s] for s in graph.successors(name)]
        if after and not graph.in_degree(name) and name not in given:
            layer[name] = max(layer[name], min(after) - 1)
    columns: dict[int, list[Node]] = {}
    for node in nodes:
        columns.setdefault(layer[node.id], []).append(node)
    places: dict[str, _Place] = {}
    bottom = 0
    for column in sorted(columns):
        middle = {
            n.id: _middle([places[p] for p in graph.predecessors(n.id) if p in places])
            for n in columns[column]
        }
        y = _HEAD
        for node in sorted(columns[column], key=lambda n: (middle[n.id], n.id)):
            lines = tuple(wrap(node.label, _LETTERS)[:_MOST_LINES])
            height = _PAD * 2 + _LINE * (len(lines) + 1)
            places[node.id] = _Place(_EDGE + column * (_WIDTH + _GAP_X), y, height, lines)
            y += height + _GAP_Y
        bottom = max(bottom, y)
    width = _EDGE * 2 + (max(columns, default=0) + 1) * (_WIDTH + _GAP_X) - _GAP_X
    return _centred(places, bottom), max(width, 720), bottom + _EDGE


def _middle(places: Sequence[_Place]) -> float:
    return sum(p.y + p.height / 2 for p in places) / len(places) if places else 0.0


def _centred(places: dict[str, _Place], bottom: int) -> dict[str, _Place]:
    """Move each column to the middle of the picture's height."""
    lowest: dict[int, int] = {}
    for place in places.values():
        lowest[place.x] = max(lowest.get(place.x, 0), place.y + place.height)
    return {
        name: place._replace(y=place.y + (bottom - _GAP_Y - lowest[place.x]) // 2)
        for name, place in places.items()
    }


def _box(node: Node, place: _Place) -> str:
    look = _LOOKS.get(node.kind, _PLAIN)
    dash = f' stroke-dasharray="{look.dash}"' if look.dash else ""
    hint = f"<title>{escape(node.detail or node.iri or node.label)}</title>"
    parts = [
        f"<g>{hint}",
        f'<rect x="{place.x}" y="{place.y}" width="{_WIDTH}" height="{place.height}" '
        f'rx="{look.round}" fill="{look.fill}" stroke="{look.line}" '
        f'stroke-width="{look.width}"{dash}/>',
        f'<text x="{place.x + _PAD}" y="{place.y + _PAD + 9}" font-size="10" '
        f'fill="{look.line}">{escape(node.kind)}</text>',
    ]
    for n, line in enumerate(place.lines, 1):
        y = place.y + _PAD + 10 + n * _LINE
        parts.append(f'<text x="{place.x + _PAD}" y="{y}" font-size="12">{escape(line)}</text>')
    return "".join([*parts, "</g>"])


def _line(edge: Edge, places: Mapping[str, _Place], *, captioned: bool) -> str:
    start, end = places[edge.source], places[edge.target]
    x1, y1 = start.x + _WIDTH, start.y + start.height // 2
    x2, y2 = end.x - 2, end.y + end.height // 2
    bend = max((x2 - x1) // 2, 20)
    label = escape(edge.label[:40])
    path = (
        f'<path d="M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}" fill="none" '
        f'stroke="#555555" stroke-width="1.2" marker-end="url(#tip)"><title>{label}</title></path>'
    )
    if not captioned or not label or len(edge.label) > 14:
        return path
    x, y = x2 - _GAP_X // 2 + 4, y2 - 4
    return path + (
        f'<text x="{x}" y="{y}" font-size="9" fill="#444444" text-anchor="middle" '
        f'paint-order="stroke" stroke="#ffffff" stroke-width="3">{label}</text>'
    )


def dot(found: Explanation) -> str:
    """Write an explanation for Graphviz."""
    lines = ["digraph why {", "  rankdir=LR; node [shape=box, fontname=Helvetica];"]
    lines += [
        f"  {_quoted(n.id)} [label={_quoted(f'{n.kind}: {n.label}')}, "
        f"color={quoteattr(_LOOKS.get(n.kind, _PLAIN).line)}];"
        for n in found.nodes
    ]
    lines += [
        f"  {_quoted(e.source)} -> {_quoted(e.target)} [label={_quoted(e.label)}];"
        for e in found.edges
    ]
    return "\n".join([*lines, "}\n"])


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'
