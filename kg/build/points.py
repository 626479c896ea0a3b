"""The numbered points of the fact base: each number that is cited leads to a page.

A fact, a threshold or a clinical decision has a page of its own; the page of a choice between
sources is its disagreement. Terms cite a point by its number, and the links to and from its page
are worked out.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from kg import terms
from kg.build.load import Knowledge
from kg.errors import KnowledgeError
from kg.terms import ik

_ENCODES = ik("encodes")


def pages(knowledge: Knowledge) -> dict[str, str]:
    """Give the term that is the page of each numbered point."""
    page_of = {
        number: fact
        for fact in knowledge.of_type(ik("Fact"), ik("Threshold"), ik("Decision"))
        for number in knowledge.texts(fact, terms.NOTATION)
    }
    for disagreement in knowledge.of_type(ik("Disagreement")):
        for number in knowledge.texts(disagreement, _ENCODES):
            page_of.setdefault(number, disagreement)
    return page_of


def refuse_lost_points(knowledge: Knowledge) -> int:
    """Refuse a number that leads nowhere; give how many are cited."""
    known, cited = pages(knowledge), set()
    for iri in sorted(knowledge.places):
        for number in knowledge.texts(iri, _ENCODES):
            cited.add(number)
            if number not in known:
                raise KnowledgeError(
                    code="point-unknown",
                    message=f"no fact, threshold, decision or disagreement has the number {number}",
                    subject=knowledge.short(iri),
                    location=knowledge.where(iri),
                    repair="correct the number, or describe the point in the folder facts",
                )
    return len(cited)


def point_links(knowledge: Knowledge) -> Iterator[ox.Triple]:
    """Give the links from what cites a point to its page, and from the page to the sources."""
    known = pages(knowledge)
    for iri in sorted(knowledge.places):
        for number in knowledge.texts(iri, _ENCODES):
            page = known[number]
            if page == iri:
                continue
            yield _link(iri, "point", page)
            if knowledge.text(page, terms.NOTATION) == number:
                for source in knowledge.iris(iri, ik("source")):
                    yield _link(page, "source", source)


def _link(subject: str, name: str, value: str) -> ox.Triple:
    return ox.Triple(ox.NamedNode(subject), ox.NamedNode(ik(name)), ox.NamedNode(value))
