"""A hint names what was meant, and never says of a name that is there that it is not."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox

from kg import terms
from kg.snapshot.alike import alike, hints
from kg.snapshot.file import DATASET
from kg.snapshot.model import Snapshot


def test_no_name_of_the_graph_is_said_not_to_be_there(
    release_folder: Path, snapshot: Snapshot
) -> None:
    data = (release_folder / DATASET).read_bytes()
    named = {
        node.value
        for quad in ox.parse(data, format=ox.RdfFormat.N_QUADS)
        for node in (quad.subject, quad.predicate, quad.object)
        if isinstance(node, ox.NamedNode) and node.value.startswith(terms.BASE)
    }
    assert len(named) > 10_000
    assert {iri: alike(iri, snapshot) for iri in named if alike(iri, snapshot)} == {}


def test_what_differs_in_more_than_writing_gets_no_hint(snapshot: Snapshot) -> None:
    for name in ("condition/cirrhosi", "drug/", "", "drug/" + "x" * 400):
        assert hints([terms.BASE + name], snapshot) == []
    assert hints(["http://example.org/condition/cirrhosis"], snapshot) == []


def test_names_in_other_letters_are_told(snapshot: Snapshot) -> None:
    (said,) = hints([terms.BASE + "flag/PLANNED_HSCT"], snapshot)
    assert said == "there is no flag/PLANNED_HSCT; did you mean flag/planned-hsct?"
