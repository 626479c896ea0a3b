"""Generated definitions, for drugs that have no definition of their own.

Most drugs of the catalogue are defined by their group alone. Such a sentence stands once, as a
pattern, in the ontology; here it is filled in, so that in the files only what somebody wrote
about one drug is seen.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg import terms
from kg.errors import KnowledgeError
from kg.terms import ik

if TYPE_CHECKING:
    from kg.build.load import Knowledge

# Inside a sentence a word loses its capital; initials and short parts before a hyphen keep it.
_PLAIN_WORD = re.compile(r"[A-Z][a-z]*(?: |\Z)|[A-Z][a-z]{3,}-[a-z-]+(?: |\Z)")
# The codes of each term in the system that orders groups, and whether each names a route.
_Codes = Mapping[str, Mapping[str, bool]]


def derived_definitions(knowledge: Knowledge) -> list[ox.Triple]:
    """Give the definition of every drug that states none; refuse one that is written out."""
    patterns = {
        knowledge.text(i, ik("ofChemicalKind")): i
        for i in knowledge.of_type(ik("DefinitionPattern"))
    }
    codes: dict[str, _Codes] = {}
    derived = []
    for drug in knowledge.of_type(ik("Drug")):
        pattern = patterns.get(knowledge.text(drug, ik("chemicalKind")))
        if pattern is None:
            continue
        system = knowledge.iri(pattern, ik("groupsBySystem"))
        if system not in codes:
            codes[system] = _codes(knowledge, system)
        sentence = _sentence(knowledge, drug, pattern, _group(knowledge, drug, codes[system]))
        stated = knowledge.texts(drug, terms.DEFINITION)
        if sentence in stated:
            raise KnowledgeError(
                code="definition-written-out",
                message="this definition only says the drug's group, which the build works out",
                subject=knowledge.short(drug),
                location=knowledge.where(drug),
                repair="take its skos:definition out, or say there what is special about the drug",
            )
        if sentence and not stated:
            value = ox.Literal(sentence, language="en")
            derived.append(ox.Triple(ox.NamedNode(drug), ox.NamedNode(terms.DEFINITION), value))
    return derived


def _codes(knowledge: Knowledge, system: str) -> _Codes:
    codes: dict[str, dict[str, bool]] = defaultdict(dict)
    for code in knowledge.of_type(ik("Code")) if system else ():
        if knowledge.iri(code, ik("system")) == system:
            routed = bool(knowledge.values(code, ik("impliesRoute")))
            for term in knowledge.iris(code, terms.SKOS + "exactMatch"):
                codes[term][knowledge.text(code, terms.NOTATION)] = routed
    return codes


def _group(knowledge: Knowledge, drug: str, codes: _Codes) -> str:
    """Give the class that a drug is defined by: of its groups, the first that is no local use."""
    candidates = []
    for group in knowledge.iris(drug, terms.TYPE):
        heads = codes.get(group)
        if heads:
            own = [r for c, r in codes.get(drug, {}).items() if c.startswith(tuple(heads))]
            candidates.append((all(own or heads.values()), min(heads), group))
    return min(candidates)[2] if candidates else ""


def _sentence(knowledge: Knowledge, drug: str, pattern: str, group: str) -> str:
    text = knowledge.text(pattern, ik("definitionPattern" if group else "patternWithoutGroup"))
    name = knowledge.text(drug, terms.LABEL)
    said = _within(knowledge, group) if group else ""
    return text.format(drug=name[:1].upper() + name[1:], group=said)


def _within(knowledge: Knowledge, group: str) -> str:
    """Write a group's label as it reads inside a sentence."""
    label = knowledge.text(group, terms.LABEL)
    own = knowledge.text(group, ik("labelInSentence"))
    return own or (label[:1].lower() + label[1:] if _PLAIN_WORD.match(label) else label)
