"""No drug, disease, observation or code of the ontology stands in the program's source."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from kg import terms
from kg.build.load import Knowledge, load
from tests.workshop import ONTOLOGY, ROOT

KINDS = {"drug", "substance", "class", "condition", "observation", "liability", "population"}
NAMES = (
    terms.LABEL,
    terms.ALT_LABEL,
    terms.ik("brandName"),
    terms.ik("misspelling"),
)
PLAIN = tomllib.loads((Path(__file__).parent / "plain_words.toml").read_text(encoding="utf-8"))
_SUFFIXES = {".py", ".html", ".js", ".css", ".sql"}


def _sources(root: Path) -> list[Path]:
    """List the program's own files, in every room."""
    folders = (root / package for package in ("kg", "api"))
    return sorted(p for folder in folders for p in folder.rglob("*") if p.suffix in _SUFFIXES)


SOURCES = _sources(ROOT)
_WORD = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")


@cache
def _names() -> frozenset[tuple[str, ...]]:
    return frozenset(clinical_words(load(ONTOLOGY)))


def clinical_words(knowledge: Knowledge) -> set[tuple[str, ...]]:
    """Give every name and code of the ontology as the words that it consists of."""
    found = set()
    for iri in knowledge.places:
        if terms.kind(iri) in KINDS:
            found |= {n for p in NAMES for n in knowledge.texts(iri, p)}
        elif terms.kind(iri) == "code":
            found |= set(knowledge.texts(iri, terms.NOTATION))
    words = {tuple(_WORD.findall(name.casefold())) for name in found}
    return {w for w in words if w and len("".join(w)) > 1}


def clinical_words_in(text: str, names: frozenset[tuple[str, ...]]) -> set[str]:
    """Find the names that occur in a text as whole words, in any case."""
    words = _WORD.findall(text.casefold().replace("_", " "))
    longest = max(map(len, names))
    runs = {
        tuple(words[i : i + n]) for n in range(1, longest + 1) for i in range(len(words) - n + 1)
    }
    return {" ".join(name) for name in names & runs} - set(PLAIN)


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_source_names_nothing_clinical(path: Path) -> None:
    assert clinical_words_in(path.read_text(encoding="utf-8"), _names()) == set()


def test_the_scan_looked_at_something() -> None:
    assert len(SOURCES) > 150
    looked_into = {p.parent for p in SOURCES}
    assert {p.parent for p in ROOT.glob("[ka]*/**/__init__.py")} <= looked_into
    assert len(_names()) > 5000


def test_the_scan_looks_into_a_room_within_a_room(tmp_path: Path) -> None:
    planted = tmp_path / "kg" / "room" / "corner" / "module.py"
    planted.parent.mkdir(parents=True)
    planted.write_text('NAME = "Ketoconazole"\n', encoding="utf-8")
    (found,) = _sources(tmp_path)
    assert clinical_words_in(found.read_text(encoding="utf-8"), _names())


@pytest.mark.parametrize(
    "line",
    [
        'if drug == "Ketoconazole":',
        "# as with cirrhosis",
        "LIMIT = {'J02AB02': 1}",
        "def veno_occlusive_disease() -> None:",
        'QT = "qtcf"',
    ],
)
def test_the_scan_finds_a_clinical_word(line: str) -> None:
    assert clinical_words_in(line, _names())


def test_every_plain_word_is_needed_and_has_its_reason() -> None:
    names = {" ".join(n) for n in _names()}
    assert set(PLAIN) <= names, "a word that names nothing clinical needs no exception"
    assert len(PLAIN) <= 40
    assert all(len(reason) > 10 for reason in PLAIN.values())
