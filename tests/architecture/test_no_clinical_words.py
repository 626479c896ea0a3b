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
SOURCES = sorted(
    p for folder in ("kg", "api") for p in (ROOT / folder).rglob("*") if p.suffix in _SUFFIXES
)
_WORD = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")


@cache
def _knowledge() -> Knowledge:
    return load(ONTOLOGY)


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


def clinical_words_in(text: str, names: set[tuple[str, ...]]) -> set[str]:
    """Find the names that occur in a text as whole words, in any case."""
    words = _WORD.findall(text.casefold().replace("_", " "))
    longest = max(map(len, names))
    runs = {
        tuple(words[i : i + n]) for n in range(1, longest + 1) for i in range(len(words) - n + 1)
    }
    return {" ".join(name) for name in names & runs} - set(PLAIN)


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_source_names_nothing_clinical(path: Path) -> None:
    assert (
        clinical_words_in(path.read_text(encoding="utf-8"), clinical_words(_knowledge())) == set()
    )


def test_the_scan_looked_at_something() -> None:
    assert len(SOURCES) >= 15
    assert len(clinical_words(_knowledge())) > 5000


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
    assert clinical_words_in(line, clinical_words(_knowledge()))


def test_every_plain_word_is_needed_and_has_its_reason() -> None:
    names = {" ".join(n) for n in clinical_words(_knowledge())}
    assert set(PLAIN) <= names, "a word that names nothing clinical needs no exception"
    assert len(PLAIN) <= 40
    assert all(len(reason) > 10 for reason in PLAIN.values())
