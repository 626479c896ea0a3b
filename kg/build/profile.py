"""Report which OWL constructs the ontology uses, and so which OWL profiles it fits."""

from __future__ import annotations

from collections import Counter

import pyoxigraph as ox

from kg import terms
from kg.build.load import Knowledge

# Constructs that each of the lighter profiles lacks, as far as they occur in our fragment.
_OUTSIDE: dict[str, tuple[str, ...]] = {
    "EL": ("unionOf", "minQualifiedCardinality", "withRestrictions"),
    "QL": ("unionOf", "hasValue", "minQualifiedCardinality", "withRestrictions"),
    "RL": ("minQualifiedCardinality", "withRestrictions"),
}
_CONSTRUCTS = (
    "intersectionOf",
    "unionOf",
    "someValuesFrom",
    "hasValue",
    "minQualifiedCardinality",
    "withRestrictions",
    "equivalentClass",
    "versionIRI",
)


def profile_report(knowledge: Knowledge) -> dict[str, object]:
    """Count terms and constructs, and say of each lighter profile what keeps us out of it."""
    predicates = Counter(t.predicate.value for t in knowledge.quads)
    used = {c: predicates[terms.OWL + c] for c in _CONSTRUCTS if predicates[terms.OWL + c]}
    kinds = Counter(
        terms.local(o.value)
        for t in knowledge.quads
        if t.predicate.value == terms.TYPE and isinstance(o := t.object, ox.NamedNode)
        if isinstance(t.subject, ox.NamedNode) and o.value.startswith(terms.OWL)
    )
    return {
        "constructs": used,
        "terms": dict(sorted(kinds.items())),
        "triples": len(knowledge.quads),
        "profiles": {
            name: {"fits": not blockers, "kept out by": blockers}
            for name, outside in _OUTSIDE.items()
            for blockers in [[c for c in outside if c in used]]
        },
    }
