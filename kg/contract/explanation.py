"""An explanation: a graph from what was given to the sources, and the same in sentences."""

from __future__ import annotations

from typing import Literal

from kg.contract.report import Answer, Evidence, ReleaseMark
from kg.contract.severity import SeverityName

Told = Literal["applies", "cannot be evaluated", "does not apply"]


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


class Branch(Answer, frozen=True, kw_only=True):
    """A step in the tree, how it hangs on the one above, and what hangs on it.

    A step that stands in several places has its parts where it stands first.
    """

    id: str
    kind: str
    label: str
    how: str = ""
    parts: tuple[Branch, ...] = ()


class Position(Answer, frozen=True, kw_only=True):
    """What holds in one jurisdiction, and on what evidence."""

    severity: str | None
    evidence: tuple[Evidence, ...]


class Split(Answer, frozen=True, kw_only=True):
    """A point on which sources disagree: every reading with its passage, those taken, and why."""

    disagreement: str
    title: str
    readings: tuple[Evidence, ...]
    taken: tuple[str, ...]
    resolution: str
    reason: str
    to_be_confirmed_by: str


class Silent(Answer, frozen=True, kw_only=True):
    """An advisory that an input did not raise, or knowledge that it raises nothing, and why."""

    advisory: str
    title: str
    reason: str
    evidence: tuple[Evidence, ...] = ()


class Unsettled(Answer, frozen=True, kw_only=True):
    """An advisory that an input may raise, and what would tell."""

    advisory: str
    title: str
    severity: SeverityName
    needs: tuple[str, ...]


class Explanation(Answer, frozen=True, kw_only=True):
    """Why something is said, or why it is not.

    The same is said four times: in a line, in sentences, as a graph whose arrows go from inputs
    to advice to sources, and as a tree. `leaves` are all inputs that count, and are enough by
    themselves; `supports` are sets of them that are enough and could not be smaller.
    """

    about: str
    title: str
    verdict: Told | None
    summary: str
    steps: tuple[str, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    tree: Branch | None = None
    leaves: tuple[str, ...] = ()
    supports: tuple[tuple[str, ...], ...] = ()
    positions: dict[str, Position]
    disagreements: tuple[Split, ...] = ()
    needs: tuple[str, ...] = ()
    raises: tuple[str, ...] = ()
    unsettled: tuple[Unsettled, ...] = ()
    silent: tuple[Silent, ...] = ()
    release: ReleaseMark


_LONGEST = 140


def brief(text: str) -> str:
    """Cut a summary to what fits in one line of a card."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip(" ,;") + "…"


def listed(names: list[str], most: int = 3) -> str:
    """Name some of many, and say how many more there are."""
    names = list(dict.fromkeys(names))
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"
