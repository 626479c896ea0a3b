"""Medicines as hospitals write them: read right or asked about, and never read wrongly."""

from __future__ import annotations

from collections import Counter

import pytest

from kg.resolving.combinations import drugs_of
from kg.resolving.medicine_names import medicine_names
from kg.resolving.names import Missed, NameMatch, resolve_text
from kg.snapshot.model import Snapshot
from kg.snapshot.names import joined, normal, words
from tests.reading.medicines import lines, score


def test_the_corpus_is_read_right_and_never_wrongly(snapshot: Snapshot) -> None:
    scores = [score(line, snapshot) for line in lines()]
    counted = Counter(one.outcome for one in scores)
    assert len(scores) >= 1200
    assert not [one for one in scores if one.outcome == "wrong"]
    assert counted["right"] / len(scores) >= 0.98


def test_a_short_name_resolves_only_where_it_is_listed(snapshot: Snapshot) -> None:
    inn = {normal(d.label) for d in snapshot.drugs.values()}
    allowed = {
        key
        for key, listed in snapshot.listed_names.items()
        if not listed.asks and (listed.abbreviation or listed.verified)
    }
    written = {
        name
        for term in (*snapshot.drugs.values(), *snapshot.classes.values())
        for name in (term.label, *term.names, *getattr(term, "brands", ()))
    } | set(snapshot.listed_names)
    short = {n for n in written if len(joined(words(n))) <= 4 and normal(n)}
    assert len(short) > 300
    resolved = {n for n in short if isinstance(resolve_text(n, "medication", snapshot), NameMatch)}
    assert {n for n in resolved if normal(n) not in inn | allowed} == set()


def test_a_trade_name_of_a_combination_never_leads_to_a_part(snapshot: Snapshot) -> None:
    tried = 0
    for key, listed in snapshot.listed_names.items():
        whole = {drugs_of(reading, snapshot) for reading in listed.readings}
        if listed.abbreviation or max(map(len, whole), default=0) < 2:
            continue
        tried += 1
        for text in (key, f"{key} 1 tablet daily", f"{key.upper()} 5 mg tablets"):
            found = resolve_text(text, "medication", snapshot)
            if isinstance(found, NameMatch):
                assert not listed.asks, text
                assert drugs_of(found.terms, snapshot) in whole, text
    assert tried > 2000


def test_a_name_that_asks_never_stands_for_one_of_its_readings(snapshot: Snapshot) -> None:
    names = medicine_names(snapshot)
    asking = [key for key, listed in snapshot.listed_names.items() if listed.asks]
    assert len(asking) > 300
    for key in asking:
        meaning = names.of(key.split())
        assert meaning is not None
        if meaning.terms is not None:
            # A proper name goes before a trade name that is written alike.
            assert any(key == normal(snapshot.drugs[t].label) for t in meaning.terms), key


@pytest.mark.parametrize(
    "text",
    [
        "citalopran",
        "not taking sertraline",
        "avoid azoles",
        "allergic to penicillin",
        "fluconazole changed to micafungin",
        "citalopram omeprazole",
        "insulin pen needles 4 mm",
        "folic acid with iron",
        "Claritin Something",
        "co-codamol / unheardofin",
    ],
)
def test_what_is_not_certain_is_a_question(text: str, snapshot: Snapshot) -> None:
    assert isinstance(resolve_text(text, "medication", snapshot), Missed)
