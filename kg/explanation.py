"""An explanation: a graph from what was given to the sources, and the same in sentences."""

from __future__ import annotations

from kg.report import Answer, Evidence, Reading, ReleaseMark


class Node(Answer, frozen=True, kw_only=True):
    """One step of the graph: an input, a term, a class, a criterion, an advisory or a source."""

    id: str
    kind: str
    label: str
    iri: str | None = None
    detail: str | None = None


class Edge(Answer, frozen=True, kw_only=True):
    """How one step leads to another."""

    source: str
    target: str
    label: str


class Position(Answer, frozen=True, kw_only=True):
    """What holds in one jurisdiction, and on what evidence."""

    severity: str | None
    evidence: tuple[Evidence, ...]


class Silent(Answer, frozen=True, kw_only=True):
    """An advisory that an input did not raise, and why."""

    advisory: str
    title: str
    reason: str
    evidence: tuple[Evidence, ...] = ()


class Explanation(Answer, frozen=True, kw_only=True):
    """Why something is said, or why it is not."""

    about: str
    title: str
    verdict: str | None
    summary: str
    steps: tuple[str, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    # Sets of inputs each of which is enough by itself, and none of which could be smaller.
    supports: tuple[tuple[str, ...], ...] = ()
    positions: dict[str, Position]
    disagreements: tuple[Reading, ...] = ()
    needs: tuple[str, ...] = ()
    raises: tuple[str, ...] = ()
    silent: tuple[Silent, ...] = ()
    release: ReleaseMark


_LONGEST = 140


def brief(text: str) -> str:
    """Cut a summary to what fits in one line of a card."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip(" ,;") + "…"
