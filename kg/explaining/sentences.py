"""The graph of an explanation in sentences, and as a tree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from kg.contract.explanation import Branch, Edge, Node
from kg.snapshot.labels import together

# How one step leads to another: the words where one does, and where several do.
_VERBS = {
    "is": ("is", "are"),
    "has": ("has", "have"),
    "belongs to": ("belongs to", "belong to"),
    "may belong to": ("may belong to", "may belong to"),
    "is a kind of": ("is a kind of", "are kinds of"),
    "has, by class": ("bring, as a class,", "bring, as classes,"),
    "makes it": ("puts it among", "put it among"),
    "set aside by": ("is set aside by", "are set aside by"),
    "left out of": ("leaves it out of", "leave it out of"),
}
_ASKED = ("criterion", "population", "not so", "not given", "exemption")
# Evidence has its own place, in the positions of the jurisdictions.
_SAID_ELSEWHERE = ("statement", "source", "disagreement", "advisory")


def sentences(nodes: Sequence[Node], edges: Sequence[Edge]) -> tuple[str, ...]:
    """Say the chain in sentences, from what was given to whom the advice is for."""
    by_id = {n.id: n for n in nodes}
    into: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    answers: dict[str, str] = {}
    for edge in edges:
        into[edge.target][edge.label].append(edge.source)
        answers.setdefault(edge.source, edge.label)
    said: dict[str, None] = {}
    for node in nodes:
        if node.kind not in _SAID_ELSEWHERE:
            said.update(dict.fromkeys(_of(node, into[node.id], answers.get(node.id, ""), by_id)))
    return tuple(said)


def _of(
    node: Node, into: Mapping[str, list[str]], answer: str, known: Mapping[str, Node]
) -> Iterator[str]:
    if node.kind == "input":
        yield _ended(f"Given: {node.label}{f', {node.detail}' if node.detail else ''}")
        return
    for how, sources in into.items():
        if how in _VERBS:
            names = together([known[s].label for s in sources])
            yield _ended(f"{names} {_VERBS[how][len(sources) > 1]} {node.label}{_beside(node)}")
    if node.kind in _ASKED:
        held = answer or "asked"
        yield _ended(f"{_upper(node.label)} ({held}){f': {node.detail}' if node.detail else ''}")


def _beside(node: Node) -> str:
    return f" ({node.detail.rstrip('.')})" if node.kind == "liability" and node.detail else ""


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _ended(text: str) -> str:
    return text if text.endswith((".", "…")) else f"{text}."


def tree(root: str, nodes: Sequence[Node], edges: Sequence[Edge]) -> Branch | None:
    """Hang everything on one step: below it what leads to it, then what it leads to."""
    by_id = {n.id: n for n in nodes}
    if root not in by_id:
        return None
    up: dict[str, list[Edge]] = defaultdict(list)
    down: dict[str, list[Edge]] = defaultdict(list)
    for edge in edges:
        up[edge.target].append(edge)
        down[edge.source].append(edge)
    seen: set[str] = {root}

    def branch(name: str, how: str, *, upward: bool) -> Branch:
        parts: tuple[Branch, ...] = ()
        if name not in seen:
            seen.add(name)
            parts = hanging(name, upward=upward)
        return Branch(id=name, kind=by_id[name].kind, label=by_id[name].label, how=how, parts=parts)

    def hanging(name: str, *, upward: bool) -> tuple[Branch, ...]:
        found = up[name] if upward else down[name]
        return tuple(
            branch(e.source if upward else e.target, e.label, upward=upward) for e in found
        )

    parts = (*hanging(root, upward=True), *hanging(root, upward=False))
    return Branch(id=root, kind=by_id[root].kind, label=by_id[root].label, parts=parts)
