"""What a release says about one term, laid out for a person to read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

import pyoxigraph as ox

from api.http.html import local_link
from kg import terms
from kg.graph.describe import in_graph

_HEAD = {terms.LABEL, terms.DEFINITION}
# Facets of datatype restrictions, as they are written in formulas.
_FACETS = {"minInclusive": "≥", "minExclusive": ">", "maxInclusive": "≤", "maxExclusive": "<"}
_JOINED = {"intersectionOf": " and ", "unionOf": " or "}


class Says(Protocol):
    """Where what is said of a term is found."""

    def about(self, iri: str) -> list[ox.Quad]:
        """Give every statement whose subject is a term, with the anonymous classes it uses."""

    def mentions(self, iri: str, most: int) -> list[tuple[str, str]]:
        """Give the terms that point to a term, each with the property."""


class ShownValue(NamedTuple):
    """One value of a property: text, and a link where it is a term."""

    text: str
    link: str = ""
    inferred: bool = False


class Row(NamedTuple):
    """One property with all its values."""

    label: str
    link: str
    values: list[ShownValue]


class TermPage(NamedTuple):
    """A term, as its page shows it."""

    iri: str
    kind: str
    label: str
    definition: str
    rows: list[Row]
    mentions: list[Row]
    more: bool


class Labels:
    """The labels of terms, looked up where they are needed."""

    def __init__(self, described: Says) -> None:
        self._described = described
        self._known: dict[str, str] = {}

    def of(self, iri: str) -> str:
        """Give the label of a term, or the last part of its name."""
        if iri not in self._known:
            known = self._described.about(iri)
            labels = (q.object for q in known if q.predicate.value == terms.LABEL)
            found = (o.value for o in labels if isinstance(o, ox.Literal))
            self._known[iri] = next(found, "") or terms.local(iri) or iri
        return self._known[iri]


def term_page(iri: str, described: Says, labels: Labels, most: int = 300) -> TermPage | None:
    """Lay out one term; None where the release does not speak of it."""
    quads = described.about(iri)
    own = [q for q in quads if isinstance(q.subject, ox.NamedNode)]
    if not own:
        return None
    words = _ClassWords(quads, labels.of)
    texts = {q.predicate.value: q.object.value for q in own if isinstance(q.object, ox.Literal)}
    mentions = described.mentions(iri, most)
    return TermPage(
        iri=iri,
        kind=terms.kind(iri),
        label=texts.get(terms.LABEL) or terms.local(iri),
        definition=texts.get(terms.DEFINITION, ""),
        rows=list(_rows(own, words, labels)),
        mentions=list(_mentions(mentions, labels)),
        more=len(mentions) >= most,
    )


def _rows(own: Sequence[ox.Quad], words: _ClassWords, labels: Labels) -> Iterator[Row]:
    by_predicate: dict[str, list[ShownValue]] = {}
    for quad in own:
        if quad.predicate.value not in _HEAD:
            value = _value(quad.object, words, labels, inferred=in_graph(quad, "inferred"))
            by_predicate.setdefault(quad.predicate.value, []).append(value)
    for predicate, values in sorted(by_predicate.items(), key=lambda f: _place(f[0])):
        ordered = sorted(values, key=lambda v: (v.inferred, v.text.casefold()))
        yield Row(labels.of(predicate), local_link(predicate), ordered)


def _place(predicate: str) -> tuple[int, str]:
    """Put what a thing is first, then what our own schema says, then the rest."""
    if predicate in (terms.TYPE, terms.SUBCLASS_OF, terms.EQUIVALENT_CLASS):
        return 0, predicate
    return (1 if predicate.startswith(terms.SCHEMA) else 2), predicate


def _value(node: object, words: _ClassWords, labels: Labels, *, inferred: bool) -> ShownValue:
    if isinstance(node, ox.NamedNode):
        return ShownValue(_named(node.value, labels), local_link(node.value), inferred)
    if isinstance(node, ox.Literal):
        return ShownValue(node.value, "", inferred)
    return ShownValue(words.of(str(node)), "", inferred)


def _named(iri: str, labels: Labels) -> str:
    """Write a name by its label; an address outside in full, for its last part says little."""
    vocabulary = iri.startswith(("http://www.w3.org/", "http://purl.org/", "http://xmlns.com/"))
    label = labels.of(iri)
    ours = iri.startswith(terms.BASE)
    return label if ours or vocabulary or label != terms.local(iri) else iri


def _mentions(found: Iterable[tuple[str, str]], labels: Labels) -> Iterator[Row]:
    by_property: dict[str, list[ShownValue]] = {}
    for subject, predicate in found:
        by_property.setdefault(predicate, []).append(
            ShownValue(labels.of(subject), local_link(subject))
        )
    for predicate, values in sorted(by_property.items()):
        ordered = sorted(values, key=lambda v: v.text.casefold())
        yield Row(labels.of(predicate), local_link(predicate), ordered)


class _ClassWords:
    """Anonymous classes in words, near to how logicians write them."""

    def __init__(self, quads: Sequence[ox.Quad], label: Callable[[str], str]) -> None:
        self._label = label
        self._known: dict[str, dict[str, object]] = {}
        for quad in quads:
            if isinstance(quad.subject, ox.BlankNode):
                self._known.setdefault(str(quad.subject), {})[quad.predicate.value] = quad.object

    def of(self, node: str) -> str:
        """Write one anonymous class."""
        said = {terms.local(p): o for p, o in self._known.get(node, {}).items()}
        for name, word in _JOINED.items():
            if name in said:
                parts = (self._part(p) for p in self._list(said[name]))
                return "(" + word.join(parts) + ")"
        if "withRestrictions" in said:
            return " ".join(self._facet(f) for f in self._list(said["withRestrictions"]))
        prop = self._part(said.get("onProperty"))
        if "someValuesFrom" in said:
            return f"{prop} some {self._part(said['someValuesFrom'])}"
        if "hasValue" in said:
            return f"{prop} value {self._part(said['hasValue'])}"
        if "minQualifiedCardinality" in said:
            number = self._part(said["minQualifiedCardinality"])
            return f"{prop} min {number} {self._part(said.get('onClass'))}"
        return "an anonymous class"

    def _part(self, node: object) -> str:
        if isinstance(node, ox.BlankNode):
            return self.of(str(node))
        if isinstance(node, ox.NamedNode):
            return self._label(node.value)
        return node.value if isinstance(node, ox.Literal) else ""

    def _facet(self, node: object) -> str:
        known = self._known.get(str(node), {})
        return " ".join(
            f"{_FACETS.get(terms.local(p), '')} {self._part(o)}" for p, o in known.items()
        )

    def _list(self, node: object) -> Iterator[object]:
        while isinstance(node, ox.BlankNode):
            known = self._known.get(str(node), {})
            yield known.get(terms.FIRST)
            node = known.get(terms.REST)
