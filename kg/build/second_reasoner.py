"""Run the second reasoner without its time limits, and again if its answer is incomplete.

An incomplete answer lacks subsumptions, so it can be neither compared with HermiT nor counted as
a disagreement. A busy machine can cause one by chance; no axiom is then at fault.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import rustdl

from kg.errors import Inconsistency

_ATTEMPTS = 3
# Beside the limits that a call sets the package keeps clocks of its own, of a second or so for each
# class. These are the variables by which its own tests switch them off; its bound on the number of
# nodes stays, for it is no clock and cuts the same on every machine.
_CLOCKS_OFF = dict.fromkeys(
    (
        "RUSTDL_LABEL_CACHE_TIMEOUT_MS",
        "RUSTDL_ADAPTIVE_BUDGET",
        "RUSTDL_AGGREGATE_DEADLINE_MS",
        "RUSTDL_HYPER_TRUST_SAT_MIN_MS",
        "RUSTDL_REALIZE_PAIR_TIMEOUT_MS",
    ),
    "0",
)


def classify(
    document: bytes, progress: Callable[[str], None] = lambda _: None
) -> dict[str, frozenset[str]]:
    """Give all classes above each class of an RDF/XML document, by a complete answer only."""
    for attempt in range(1, _ATTEMPTS + 1):
        with _without_clocks():
            answer = rustdl.classify_bytes(
                document, format="rdf-xml", per_pair_timeout_ms=0, global_timeout_ms=0
            )
        if answer.complete:
            return _closed(answer)
        progress(f"second reasoner: cut short, attempt {attempt} of {_ATTEMPTS}")
    raise Inconsistency(
        code="second-reasoner-cut-short",
        message=f"the second reasoner gave no complete answer in {_ATTEMPTS} attempts "
        f"({_why(answer)}), so the two could not be compared",
        subject="the whole ontology",
        location="ontology",
        repair="build again when the machine is less busy; if it also fails on an idle machine, "
        "undo the last change of an axiom",
    )


@contextmanager
def _without_clocks() -> Iterator[None]:
    """Switch the package's own time limits off for one call; its warnings are checked anyway."""
    before = {name: os.environ.get(name) for name in _CLOCKS_OFF}
    os.environ.update(_CLOCKS_OFF)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rustdl.IncompleteClassificationWarning)
            yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _why(answer: rustdl.Classification) -> str:
    """Give the package's message about an incomplete answer."""
    said = {
        "it ran out of time": answer.prep_timed_out or answer.conversion_timed_out,
        f"{answer.timed_out_pairs} pairs of classes undecided": answer.timed_out_pairs,
        f"{answer.wedge_clauses_refused} clauses it cannot match": answer.wedge_clauses_refused,
        "the hierarchy of properties left out": answer.wedge_hierarchy_blind,
    }
    return "; ".join(reason for reason, holds in said.items() if holds) or "no reason given"


def _closed(answer: rustdl.Classification) -> dict[str, frozenset[str]]:
    closed: dict[str, set[str]] = {}

    def climb(iri: str) -> set[str]:
        if iri not in closed:
            closed[iri] = above = {iri, *answer.equivalent_classes(iri)}
            for wider in answer.direct_subsumers(iri):
                above |= climb(wider)
        return closed[iri]

    return {iri: frozenset(climb(iri)) for iri in answer.classes}
