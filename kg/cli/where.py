"""The command `where`: in which file and on which line a term stands."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections import defaultdict
from collections.abc import Iterator
from typing import TextIO

from kg import terms
from kg.build.load import Knowledge, load
from kg.cli.terminal import add_ontology, visible
from kg.errors import KnowledgeError
from kg.terms import ik

_FOUND, _NOT_FOUND = 0, 1
# What a term may be asked for by, beside its name in the graph.
_NAMES = (
    terms.LABEL,
    terms.ALT_LABEL,
    terms.NOTATION,
    *map(ik, ("brandName", "misspelling", "flagKey", "inputKey", "phaseKey", "encodes")),
)
_MOST = 8


def add_where(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `where`."""
    parser.add_argument(
        "text", nargs="+", metavar="TEXT", help="a name, synonym, code, number, key or IRI"
    )
    add_ontology(parser)


def run(options: argparse.Namespace) -> int:
    """Look the texts up in the files of the ontology."""
    root = options.ontology
    if not (root / "prefixes.ttl").is_file():
        raise KnowledgeError(
            code="no-ontology",
            message="there is no ontology in this folder",
            location=str(root),
            repair="name the folder 'ontology' of a checkout with --ontology",
        )
    return run_where(options.text, load(root.resolve()))


def run_where(texts: list[str], knowledge: Knowledge, out: TextIO | None = None) -> int:
    """Print one line for each place of each text, or the candidates."""
    out = out or sys.stdout
    index = _index(knowledge)
    missed = 0
    for text in texts:
        iris = index.get(_folded(text), [])
        if not iris:
            missed += 1
            out.write(visible(f"no term is called {text}") + "\n")
            iris = _near(text, index)
            out.write("did you mean:\n" if iris else "")
        out.writelines(visible(line) + "\n" for line in _lines(iris, knowledge))
    return _NOT_FOUND if missed else _FOUND


def _index(knowledge: Knowledge) -> dict[str, list[str]]:
    """Give the terms of each name that one may be asked for by."""
    index: dict[str, list[str]] = defaultdict(list)
    for iri in sorted(knowledge.places):
        short = knowledge.short(iri)
        names = {iri, short, terms.local(iri), iri.removeprefix(terms.BASE)}
        names |= {text for name in _NAMES for text in knowledge.texts(iri, name)}
        system = knowledge.iri(iri, ik("system"))
        if system:
            names.add(f"{terms.local(system)}:{knowledge.text(iri, terms.NOTATION)}")
        for name in {_folded(name) for name in names} - {""}:
            index[name].append(iri)
    return index


def _near(text: str, known: dict[str, list[str]]) -> list[str]:
    wanted = _folded(text)
    near = difflib.get_close_matches(wanted, known, n=_MOST, cutoff=0.75)
    within = [name for name in sorted(known, key=len) if wanted in name] if len(wanted) > 2 else []
    return list(dict.fromkeys(i for name in (*near, *within) for i in known[name]))[:_MOST]


def _lines(found: list[str], knowledge: Knowledge) -> Iterator[str]:
    for iri in found:
        label = knowledge.text(iri, terms.LABEL) or ", ".join(
            knowledge.text(term, terms.LABEL)
            for match in ("exact", "close", "broad", "narrow")
            for term in knowledge.iris(iri, f"{terms.SKOS}{match}Match")
        )
        yield f"{knowledge.where(iri)}: {knowledge.short(iri)}" + (f" ({label})" if label else "")


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
