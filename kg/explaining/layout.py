"""Lay a graph out in layers, left to right, so that no line runs through a box.

A line that passes several layers gets a place in each of them. Within a layer the places are
ordered by where their neighbours are, swept to and fro, and then moved level with them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import networkx as nx

_SWEEPS = 6
_Layers = list[list[str]]
_NeighboursOf = Mapping[str, list[str]]


class Spot(NamedTuple):
    """Where a box stands: its layer, and the y of its upper edge."""

    layer: int
    y: int


class Layout(NamedTuple):
    """Where everything stands; lines give the y of each layer that they pass on their way."""

    spots: dict[str, Spot]
    lines: dict[tuple[str, str], tuple[int, ...]]
    layers: int
    bottom: int


def laid_out(
    heights: Mapping[str, int],
    edges: Sequence[tuple[str, str]],
    leftmost: Iterable[str],
    gap: int,
) -> Layout:
    """Lay boxes of these heights out; what is leftmost stays in the first layer."""
    layer = _layers(heights, edges, set(leftmost))
    before: dict[str, list[str]] = defaultdict(list)
    after: dict[str, list[str]] = defaultdict(list)
    passing: dict[tuple[str, str], list[str]] = {}
    columns: _Layers = [[] for _ in range(max(layer.values(), default=0) + 1)]
    for name in heights:
        columns[layer[name]].append(name)
    tall = dict(heights)
    for source, target in edges:
        way = [f"{source} > {target} @{n}" for n in range(layer[source] + 1, layer[target])]
        passing[source, target] = way
        for n, name in enumerate(way, layer[source] + 1):
            columns[n].append(name)
            tall[name] = 0
        for one, other in zip((source, *way), (*way, target), strict=True):
            after[one].append(other)
            before[other].append(one)
    _order(columns, before, after)
    tops = _levelled(columns, tall, before, after, gap)
    least = min(tops.values(), default=0)
    spots = {name: Spot(layer[name], round(tops[name] - least)) for name in heights}
    lines = {
        edge: tuple(round(tops[name] - least) for name in way) for edge, way in passing.items()
    }
    bottom = max((s.y + heights[n] for n, s in spots.items()), default=0)
    bottom = max([bottom, *(y for way in lines.values() for y in way)])
    return Layout(spots, lines, len(columns), bottom)


def _layers(
    heights: Mapping[str, int], edges: Sequence[tuple[str, str]], leftmost: set[str]
) -> dict[str, int]:
    """Put each box behind all that leads to it; what is only asked stands just before its use."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(heights)
    graph.add_edges_from(edges)
    order = list(nx.lexicographical_topological_sort(graph))
    layer: dict[str, int] = {}
    for name in order:
        layer[name] = max((layer[p] + 1 for p in graph.predecessors(name)), default=0)
    for name in reversed(order):
        followers = [layer[s] for s in graph.successors(name)]
        if followers and not graph.in_degree(name) and name not in leftmost:
            layer[name] = max(layer[name], min(followers) - 1)
    return layer


def _order(columns: _Layers, before: _NeighboursOf, after: _NeighboursOf) -> None:
    """Order each layer by the middle of its neighbours, forwards and backwards in turn."""
    for sweep in range(_SWEEPS):
        forwards = sweep % 2 == 0
        place: dict[str, float] = {}
        for column in columns if forwards else reversed(columns):
            beside = before if forwards else after
            own = {name: float(n) for n, name in enumerate(column)}
            wanted = {
                name: _middle([place[b] for b in beside.get(name, ()) if b in place], own[name])
                for name in column
            }
            column.sort(key=lambda name: (wanted[name], own[name]))
            spread = max(len(column) - 1, 1)
            place.update({name: n / spread for n, name in enumerate(column)})


def _middle(found: Sequence[float], otherwise: float) -> float:
    return sum(found) / len(found) if found else otherwise


def _levelled(
    columns: _Layers, tall: Mapping[str, int], before: _NeighboursOf, after: _NeighboursOf, gap: int
) -> dict[str, float]:
    """Move each place level with its neighbours, as far as those of its layer allow."""
    tops: dict[str, float] = {}
    for column in columns:
        y = 0.0
        for name in column:
            tops[name] = y
            y += tall[name] + gap
        for name in column:
            tops[name] -= y / 2
    for sweep in range(_SWEEPS * 2):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            wanted = {}
            for name in column:
                near = (*before.get(name, ()), *after.get(name, ()))
                centres = [tops[n] + tall[n] / 2 for n in near]
                wanted[name] = _middle(centres, tops[name] + tall[name] / 2) - tall[name] / 2
            tops.update(_apart(column, wanted, tall, gap))
    return tops


def _apart(
    column: Sequence[str], wanted: Mapping[str, float], tall: Mapping[str, int], gap: int
) -> dict[str, float]:
    """Keep the places of a layer in order and apart, each as near as can be to where it should be.

    Neighbours that would meet are moved together, to the mean of what they want.
    """
    blocks: list[tuple[float, int, float, list[str]]] = []
    for name in column:
        start, count, height, names = wanted[name], 1, float(tall[name] + gap), [name]
        while blocks and blocks[-1][0] + blocks[-1][2] > start:
            top, many, above, earlier = blocks.pop()
            start = (top * many + (start - above) * count) / (many + count)
            count, height, names = many + count, above + height, [*earlier, *names]
        blocks.append((start, count, height, names))
    places: dict[str, float] = {}
    for start, _, _, names in blocks:
        y = start
        for name in names:
            places[name] = y
            y += tall[name] + gap
    return places
