"""Draw the graph of an explanation: as SVG, laid out in layers without a browser, or as DOT.

Kinds differ by outline and caption as well as by colour, so that a picture reads in print and
by those who see colours otherwise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from textwrap import shorten, wrap
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from kg import terms
from kg.contract.explanation import Edge, Explanation
from kg.explaining.layout import Layout, laid_out
from kg.explaining.picture import Box, picture_of

_WIDTH, _GAP_X, _GAP_Y, _PAD, _EDGE, _HEAD, _FOOT = 192, 72, 14, 8, 16, 64, 18
_FEWEST_COLUMNS, _BAND = 3, 54
_RESTS_ON = "What it rests on"
_LINE, _SMALL = 16, 15
# No letter is smaller than this: a picture is read on a ward's screen, at its own size.
_LEAST = 12
# Letters that fit in a box, in either size of type, and lines of each that are shown.
_LETTERS, _SMALL_LETTERS, _MOST_LINES, _MOST_SMALL = 26, 28, 4, 5
_LONGEST_CAPTION = 14


class _Look(NamedTuple):
    """How a kind of step is drawn: fill, line, dashes, corner radius, line width."""

    fill: str
    line: str
    dash: str = ""
    round: int = 3
    width: float = 1.5


_LOOKS: Mapping[str, _Look] = {
    "input": _Look("#ffffff", "#000000", round=16),
    "not recognised": _Look("#ffffff", "#8a1c1c", dash="2 4", width=2.5),
    "not given": _Look("#ffffff", "#8a1c1c", dash="2 4", round=16),
    "not so": _Look("#f4f4f4", "#555555", dash="8 3 2 3"),
    "advisory": _Look("#fbe3d3", "#a33b00", round=0, width=4),
    "criterion": _Look("#dff1ea", "#00664d", round=10),
    "population": _Look("#dff1ea", "#00664d", round=10),
    "class": _Look("#dcecf8", "#0b4f8a", width=2.5),
    "liability": _Look("#fff3cf", "#7a5b00", dash="6 3"),
    "source": _Look("#ffffff", "#444444", dash="10 4"),
    "disagreement": _Look("#f3e4f0", "#7a2a66", dash="6 2 2 2", width=2.5),
    "set aside": _Look("#eeeeee", "#222222", dash="1 4", round=16),
    "exemption": _Look("#eeeeee", "#222222", dash="1 4", round=16),
}
_PLAIN = _Look("#eef3f7", "#33495c")


class _Drawn(NamedTuple):
    """A box with its text cut into lines."""

    box: Box
    lines: tuple[str, ...]
    small: tuple[str, ...]

    @property
    def height(self) -> int:
        return _PAD * 2 + _LINE * (len(self.lines) + 1) + _SMALL * len(self.small)


def svg(found: Explanation) -> str:
    """Draw an explanation as one SVG document: the way to the advice, and below what it rests on.

    The lines to the sources are left out: they would all begin at the same box.
    """
    boxes, edges, beside = picture_of(found)
    drawn = {box.id: _cut(box) for box in boxes}
    given = [b.id for b in boxes if b.look == "input"]
    pairs = [(e.source, e.target) for e in edges]
    layout = laid_out({name: d.height for name, d in drawn.items()}, pairs, given, _GAP_Y)
    columns = max(layout.layers, _FEWEST_COLUMNS)
    width = _EDGE * 2 + columns * (_WIDTH + _GAP_X) - _GAP_X
    below, bottom = _grid([_cut(box) for box in beside], _HEAD + layout.bottom, width)
    height = bottom + _EDGE + _FOOT
    # Where several lines meet their captions would cover each other.
    meeting = Counter(e.target for e in edges)
    summary = shorten(found.summary, width // 6, placeholder=" …")
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="Helvetica, Arial, sans-serif">',
        f"<title>{_text(found.title)}</title>",
        f"<desc>{_text(' '.join(found.steps)[:2000])}</desc>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#555555"/></marker></defs>',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="{_EDGE}" y="26" font-size="17" font-weight="bold">{_text(found.title)}</text>',
        f'<text x="{_EDGE}" y="46" font-size="{_LEAST}" fill="#444444">{_text(summary)}</text>',
    ]
    lines = [_line(e, drawn, layout, captioned=meeting[e.target] == 1) for e in edges]
    for name, one in drawn.items():
        spot = layout.spots[name]
        lines.append(_box(one, _x(spot.layer), _HEAD + spot.y))
    foot = f'<text x="{_EDGE}" y="{height - 12}" font-size="{_LEAST}" fill="#444444">'
    return "\n".join([*head, *lines, *below, f"{foot}{_text(_mark(found))}</text>", "</svg>\n"])


def _mark(found: Explanation) -> str:
    """Say which release a picture is of, and what it is for."""
    return f"Release {found.release.version}, {found.release.hash[:19]}. {terms.DISCLAIMER}"


def _grid(drawn: Sequence[_Drawn], top: int, width: int) -> tuple[list[str], int]:
    """Set boxes in rows below the way; give them, and where they end."""
    if not drawn:
        return [], top
    bottom = top + _BAND
    heading = (
        f'<path d="M{_EDGE} {top + 18}H{width - _EDGE}" stroke="#bbbbbb" stroke-width="1"/>'
        f'<text x="{_EDGE}" y="{top + 40}" font-size="13" font-weight="bold">{_RESTS_ON}</text>'
    )
    parts = [heading]
    across = (width - _EDGE * 2 + _GAP_Y) // (_WIDTH + _GAP_Y)
    for n in range(0, len(drawn), across):
        row = drawn[n : n + across]
        parts += [_box(d, _EDGE + i * (_WIDTH + _GAP_Y), bottom) for i, d in enumerate(row)]
        bottom += max(d.height for d in row) + _GAP_Y
    return parts, bottom - _GAP_Y


def _text(text: str) -> str:
    """Write text so that any XML reader takes it: escaped, and without what XML cannot hold."""
    return escape("".join(c if c.isprintable() else " " for c in text))


def _cut(box: Box) -> _Drawn:
    return _Drawn(
        box,
        _lines([box.label], _LETTERS, _MOST_LINES),
        _lines(box.small, _SMALL_LETTERS, _MOST_SMALL),
    )


def _lines(texts: Sequence[str], letters: int, most: int) -> tuple[str, ...]:
    """Cut texts into lines; what does not fit is marked as cut off."""
    lines = [line for text in texts for line in wrap(text, letters)]
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1][: letters - 2].rstrip()} …"]
    return tuple(lines)


def _x(layer: int) -> int:
    return _EDGE + layer * (_WIDTH + _GAP_X)


def _box(drawn: _Drawn, x: int, y: int) -> str:
    box = drawn.box
    look = _LOOKS.get(box.look, _PLAIN)
    dash = f' stroke-dasharray="{look.dash}"' if look.dash else ""
    parts = [
        f"<g><title>{_text(box.hint)}</title>",
        f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{drawn.height}" '
        f'rx="{look.round}" fill="{look.fill}" stroke="{look.line}" '
        f'stroke-width="{look.width}"{dash}/>',
        f'<text x="{x + _PAD}" y="{y + _PAD + 9}" font-size="{_LEAST}" '
        f'fill="{look.line}">{_text(box.caption)}</text>',
    ]
    at = y + _PAD + 10
    for line in drawn.lines:
        at += _LINE
        parts.append(f'<text x="{x + _PAD}" y="{at}" font-size="13">{_text(line)}</text>')
    for line in drawn.small:
        at += _SMALL
        head = f'<text x="{x + _PAD}" y="{at}" font-size="{_LEAST}" fill="#444444">'
        parts.append(f"{head}{_text(line)}</text>")
    return "".join([*parts, "</g>"])


def _line(edge: Edge, drawn: Mapping[str, _Drawn], layout: Layout, *, captioned: bool) -> str:
    """Draw a line by the places that it has in the layers on its way."""
    start, end = layout.spots[edge.source], layout.spots[edge.target]
    way = [(_x(start.layer) + _WIDTH, start.y + drawn[edge.source].height // 2)]
    for n, y in enumerate(layout.lines[edge.source, edge.target], start.layer + 1):
        way += [(_x(n), y), (_x(n) + _WIDTH, y)]
    way.append((_x(end.layer) - 2, end.y + drawn[edge.target].height // 2))
    x, y = way[0]
    path = f"M{x} {y + _HEAD}"
    for n in range(1, len(way), 2):
        nx, ny = way[n]
        bend = (nx - x) // 2
        path += f"C{x + bend} {y + _HEAD} {nx - bend} {ny + _HEAD} {nx} {ny + _HEAD}"
        if n + 1 < len(way):
            x, y = way[n + 1]
            path += f"H{x}"
    label = _text(shorten(edge.label, 60, placeholder=" …"))
    drawn_path = (
        f'<path d="{path}" fill="none" stroke="#555555" stroke-width="1.2" '
        f'marker-end="url(#tip)"><title>{label}</title></path>'
    )
    if not captioned or not label or len(edge.label) > _LONGEST_CAPTION:
        return drawn_path
    x, y = way[-1][0] - _GAP_X // 2, _HEAD + way[-1][1] - 5
    return drawn_path + (
        f'<text x="{x}" y="{y}" font-size="{_LEAST}" fill="#444444" text-anchor="middle" '
        f'paint-order="stroke" stroke="#ffffff" stroke-width="3">{label}</text>'
    )


def dot(found: Explanation) -> str:
    """Write an explanation for Graphviz."""
    lines = ["digraph why {", "  rankdir=LR; node [shape=box, fontname=Helvetica];"]
    lines.append(f"  label={_quoted(_mark(found))};")
    lines += [
        f"  {_quoted(n.id)} [label={_quoted(f'{n.kind}: {n.label}')}, "
        f"color={quoteattr(_LOOKS.get(n.kind, _PLAIN).line)}, "
        f"style={'dashed' if _LOOKS.get(n.kind, _PLAIN).dash else 'solid'}];"
        for n in found.nodes
    ]
    lines += [
        f"  {_quoted(e.source)} -> {_quoted(e.target)} [label={_quoted(e.label)}];"
        for e in found.edges
    ]
    return "\n".join([*lines, "}\n"])


def _quoted(text: str) -> str:
    plain = "".join(c if c.isprintable() else " " for c in text)
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
