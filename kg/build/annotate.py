"""Annotations of a release's own terms, derived and not written by hand.

Each term names the module that describes it. Each code has a label and, where its system allows it,
a link to the external concept. Each number of the fact base leads to its page. None of it is logic,
and no check reads it.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pyoxigraph as ox

from kg import terms
from kg.build.load import Knowledge
from kg.build.points import point_links
from kg.terms import ik

SEE_ALSO = terms.RDFS + "seeAlso"
_DEFINED_BY = terms.RDFS + "isDefinedBy"
_HERE = "{code}"


def annotated(knowledge: Knowledge) -> Iterator[ox.Triple]:
    """Give the labels and links of codes, the pages of points, and each term's module."""
    yield from point_links(knowledge)
    module_of = {path: module for module, path in knowledge.file_of_module.items()}
    for iri, place in knowledge.places.items():
        module = module_of.get(place.path)
        if module and iri != module and iri.startswith(terms.BASE):
            yield _triple(iri, _DEFINED_BY, ox.NamedNode(module))
    for code in knowledge.of_type(ik("Code")):
        system = knowledge.iri(code, ik("system"))
        said = knowledge.text(code, terms.NOTATION)
        if not knowledge.values(code, terms.LABEL):
            label = f"{knowledge.text(system, terms.LABEL)} {said}"
            yield _triple(code, terms.LABEL, ox.Literal(label, language="en"))
        pattern = knowledge.text(system, ik("conceptAddress"))
        if pattern:
            address = pattern.replace(_HERE, quote(said, safe=""))
            yield _triple(code, SEE_ALSO, ox.NamedNode(address))


def _triple(subject: str, predicate: str, value: ox.NamedNode | ox.Literal) -> ox.Triple:
    return ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), value)
