"""Mutants of the advisories: dropped, otherwise exempted, otherwise severe, for others."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pyoxigraph as ox

from kg import terms
from kg.build.load import Knowledge
from kg.contract.severity import ORDER
from kg.terms import ik, local
from tests.mutation.change import Change, Mutant

_TRUE = ox.Literal("true", datatype=ox.NamedNode(terms.XSD + "boolean"))
_SEVERITIES = ("severityEU", "severityUK", "severityUS")


def advisory_mutants(knowledge: Knowledge) -> Iterator[Mutant]:
    """Give every mutant of every advisory in force."""
    advisories = [
        a
        for a in knowledge.of_type(ik("Advisory"))
        if knowledge.text(a, terms.OWL + "deprecated") != "true"
    ]
    exemptions = sorted({u for a in advisories for u in knowledge.iris(a, ik("unless"))})
    for iri in advisories:
        for kind, words, change in _of(knowledge, iri, advisories, exemptions):
            yield Mutant(kind, iri, f"{local(iri)}: {words}", (change,))


def _of(
    k: Knowledge, iri: str, advisories: list[str], exemptions: list[str]
) -> Iterator[tuple[str, str, Change]]:
    subject = ox.NamedNode(iri)

    def stated(name: str, *values: str) -> Change:
        return Change(subject, ik(name), tuple(map(ox.NamedNode, values)))

    yield "advice dropped", "dropped", Change(subject, terms.OWL + "deprecated", (_TRUE,))
    other = _other_patients(k, iri, advisories)
    applies_to = stated("appliesTo", other)
    yield "another's patients", f"applies to {local(other)}", applies_to
    for exemption in k.iris(iri, ik("unless")):
        yield "exemption dropped", f"no longer unless {local(exemption)}", stated("unless")
        (sibling,) = _next(exemption, exemptions)
        words = f"unless {local(sibling)}, not {local(exemption)}"
        yield "exemption swapped", words, stated("unless", sibling)
    for name, kind, words in (
        ("setsAside", "set-aside dropped", "no longer sets aside"),
        ("refines", "step dropped", "no longer refines"),
    ):
        values = k.iris(iri, ik(name))
        for gone in values:
            kept = (v for v in values if v != gone)
            yield kind, f"{words} {local(gone)}", stated(name, *kept)
    for name, severity in product(_SEVERITIES, ORDER):
        if [local(s) for s in k.iris(iri, ik(name))] == [severity]:
            changed = _weaker(severity)
            words = f"{changed} in {name.removeprefix('severity')}, not {severity}"
            value = stated(name, f"{terms.BASE}severity/{changed}")
            yield "severity changed", words, value


def _other_patients(k: Knowledge, iri: str, advisories: list[str]) -> str:
    """Give the patients of the next advisory on the same matter, or of the next at all."""
    own, topic = k.iri(iri, ik("appliesTo")), k.iri(iri, ik("topic"))
    place = advisories.index(iri)
    around = advisories[place + 1 :] + advisories[:place]
    around.sort(key=lambda a: k.iri(a, ik("topic")) != topic)
    return next(c for a in around if (c := k.iri(a, ik("appliesTo"))) != own)


def _next(one: str, every: list[str]) -> list[str]:
    return [every[(every.index(one) + 1) % len(every)]]


def _weaker(severity: str) -> str:
    """Give the next weaker severity; of the weakest, the next stronger one."""
    place = ORDER.index(severity)
    return ORDER[place + 1] if place + 1 < len(ORDER) else ORDER[place - 1]
