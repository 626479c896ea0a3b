"""Where each statement comes from, in PROV-O; derived and not written by hand.

A statement has a document as its primary source and names the place there; one of our own is
derived from the points that it rests on. Nothing is quoted word for word: the place is what the
words of ours were taken from. None of it is logic, and no check reads it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyoxigraph as ox

from kg import terms
from kg.build.load import Knowledge
from kg.build.points import pages
from kg.terms import ik

_PROV = "http://www.w3.org/ns/prov#"
_PART_OF = terms.DCTERMS + "isPartOf"
_OWN = "derived"
_NOT_IN_A_KEY = re.compile(r"[^a-z0-9]+")


def provenance(knowledge: Knowledge) -> Iterator[ox.Triple]:
    """Give the origin of every statement, and the label of every place in a document."""
    page_of = pages(knowledge)
    for statement in knowledge.of_type(ik("Statement")):
        source = knowledge.iri(statement, ik("source"))
        if terms.local(knowledge.iri(statement, ik("evidenceGrade"))) == _OWN:
            for number in knowledge.texts(statement, ik("encodes")):
                if page_of[number] != statement:
                    yield _link(statement, _PROV + "wasDerivedFrom", page_of[number])
            yield _link(statement, _PROV + "wasDerivedFrom", source)
            continue
        yield _link(statement, _PROV + "hadPrimarySource", source)
        locator = knowledge.text(statement, ik("locator"))
        place = f"{source}#{_NOT_IN_A_KEY.sub('-', locator.lower()).strip('-')}"
        yield _link(statement, _PROV + "wasQuotedFrom", place)
        yield _link(place, _PART_OF, source)
        label = ox.Literal(f"{knowledge.text(source, terms.LABEL)}: {locator}", language="en")
        yield ox.Triple(ox.NamedNode(place), ox.NamedNode(terms.LABEL), label)


def _link(subject: str, predicate: str, value: str) -> ox.Triple:
    return ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), ox.NamedNode(value))
