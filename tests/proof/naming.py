"""How a request may name a term: by its label, or by a code of an outside system."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from fractions import Fraction
from random import Random
from typing import Any

from tests.proof.axioms import IK, RDFS, Axioms
from tests.proof.covering import Level

_SKOS = "http://www.w3.org/2004/02/skos/core#"
REST = Level("left out")
UNREAD = Level("unread", lambda _: {"text": "something that no list knows"})
Make = Callable[[Random], Any]
Codes = dict[str, list[dict[str, str]]]


def constant(value: Any) -> Level:
    """Make a level that always puts the same into a request."""
    return Level(str(value), lambda _: value)


def number(value: Fraction) -> int | float:
    """Write a number as JSON does: a short decimal exactly."""
    return int(value) if value.denominator == 1 else float(value)


def label(iri: str, axioms: Axioms) -> str:
    """Give the label of a term."""
    return axioms.text(iri, RDFS + "label")


def codes(wanted: set[str], axioms: Axioms) -> Codes:
    """Collect the codes that a request may use for some terms."""
    found: Codes = defaultdict(list)
    for code in axioms.instances(IK + "Code"):
        (system,) = axioms.names(code, IK + "system")
        if axioms.truth(system, IK + "acceptedInRequests"):
            uri = axioms.text(system, IK + "systemUri")
            notation = axioms.text(code, _SKOS + "notation")
            for term in axioms.names(code, _SKOS + "exactMatch"):
                if term in wanted and notation:
                    found[term].append({"system": uri, "code": notation})
    return found


def named(some: list[str], axioms: Axioms) -> Make:
    """Name one of some terms by its label."""
    return lambda random: {"text": label(random.choice(some), axioms)}


def coded(some: list[str], known: Codes) -> Make:
    """Name one of some terms by one of its codes."""
    offered = sorted((c["system"], c["code"]) for term in some for c in known.get(term, ()))
    return lambda random: dict(zip(("system", "code"), random.choice(offered), strict=True))


def either(some: list[str], known: Codes, axioms: Axioms) -> Make:
    """Name one of some terms by its label, or now and then by a code."""
    with_code = [t for t in some if t in known]
    by_name, by_code = named(some, axioms), coded(with_code, known)
    return lambda random: (by_code if with_code and random.random() < 0.3 else by_name)(random)
