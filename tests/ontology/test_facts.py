"""Every point of the clinical fact base stands in the graph, or is left out with a reason."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.snapshot.model import Snapshot
from tests.ontology.asking import ask, column

_FACTS = (
    range(1, 19),
    range(20, 53),
    range(55, 97),
    range(100, 124),
    range(125, 169),
    range(170, 177),
)
FACTS = [f"F-{n:03}" for numbers in _FACTS for n in numbers]
THRESHOLDS = [f"T-{n:02}" for n in range(1, 34)]
DISAGREEMENTS = [f"D-{n:02}" for n in range(1, 40)]
# C-36 to C-39 do not exist; C-40 has two parts of its own.
DECISIONS = [
    *[f"C-{n:02}" for n in range(1, 49) if n not in range(36, 40)],
    *("C-40a", "C-40b"),
]
TOPICS = """
contraindication.hypersensitivity contraindication.vod contraindication.serious_hepatic_disease
hepatic.lab_limit hepatic.vod_risk hepatic.hepatotoxic_drug hsct.dual_alkylator hsct.bilirubin
hsct.cycle_limit hsct.outcome qt.drug qt.ecg qt.history qt.electrolytes haem.dose_hold haem.monitor
haem.myelosuppressive_drug bleeding.drug bleeding.active infection.active
infection.immunosuppressant renal.esrd tls.blast_count tls.high_tumour_burden repro.pregnancy
repro.contraception repro.lactation repro.fertility pop.paediatric pop.older_adult
eligibility.indication eligibility.ph_tki eligibility.cd22 eligibility.combination vaccine.live
infusion.reaction pancreas.enzymes regimen.premedication regimen.dosing regimen.cycle_limit
""".split()
ROWS = tomllib.loads((Path(__file__).parent / "seed_rows.toml").read_text(encoding="utf-8"))["row"]


@pytest.fixture(scope="session")
def encoded(graph: ox.Store) -> dict[str, set[str]]:
    """Give, for each point of the fact base, the terms that carry it."""
    found: dict[str, set[str]] = {}
    for point, term in ask(graph, "SELECT ?point ?term { ?term ik:encodes ?point }"):
        found.setdefault(point, set()).add(term)
    return found


def test_the_lists_of_points_are_whole() -> None:
    assert (len(FACTS), len(THRESHOLDS), len(DISAGREEMENTS)) == (168, 33, 39)
    assert len(DECISIONS) == 46
    assert len(TOPICS) == 40
    assert len(ROWS) == 90


def test_every_fact_is_carried_by_a_statement_or_left_out_with_a_reason(
    encoded: dict[str, set[str]],
) -> None:
    carriers = {"statement", "omission"}
    lost = [f for f in FACTS if not carriers & {t.split(":")[0] for t in encoded.get(f, ())}]
    assert not lost


def test_every_threshold_is_carried_by_a_criterion_or_left_out_with_a_reason(
    encoded: dict[str, set[str]],
) -> None:
    carriers = {"criterion", "population", "omission", "silence"}
    lost = [t for t in THRESHOLDS if not carriers & {c.split(":")[0] for c in encoded.get(t, ())}]
    assert not lost


@pytest.mark.parametrize("point", DISAGREEMENTS)
def test_every_disagreement_shows_both_readings_their_sources_and_the_choice(
    graph: ox.Store, point: str
) -> None:
    rows = ask(
        graph,
        f"""SELECT ?d ?reading ?source ?says ?taken ?resolution {{
            ?d a ik:Disagreement ; ik:encodes "{point}" ; ik:reading ?reading ;
               ik:readingTaken ?taken ; ik:resolution ?resolution .
            ?reading ik:source ?source ; ik:says ?says }}""",
    )
    assert len({r[1] for r in rows}) >= 2
    assert len({r[3] for r in rows}) >= 2, "two readings that say the same are no disagreement"


def test_no_point_is_encoded_that_the_fact_base_does_not_have(
    encoded: dict[str, set[str]],
) -> None:
    assert not set(encoded) - {*FACTS, *THRESHOLDS, *DISAGREEMENTS, *DECISIONS}


def test_topics_are_exactly_the_closed_list(snapshot: Snapshot) -> None:
    assert sorted(snapshot.topics.values()) == sorted(TOPICS)


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_has_an_advisory_or_an_entry_of_the_plan(
    snapshot: Snapshot, topic: str
) -> None:
    used = [a.topic for a in snapshot.advisories.values()]
    used += [p.topic for p in snapshot.plan.values()]
    assert topic in {snapshot.topics[t] for t in used}


@pytest.mark.parametrize("row", ROWS, ids=[r["id"] for r in ROWS])
def test_every_row_of_the_founding_documents_is_reachable(
    graph: ox.Store, encoded: dict[str, set[str]], row: dict[str, object]
) -> None:
    points = row["points"]
    assert isinstance(points, list)
    assert [p for p in points if p not in encoded] == []
    cited = column(
        graph,
        f"""SELECT DISTINCT ?point {{
            ?s ik:source source:{row["source"]} .
            {{ ?s ik:encodes ?point }}
            UNION {{ ?d ik:reading|ik:readingTaken|ik:statement ?s ; ik:encodes ?point }} }}""",
    )
    if points:
        assert cited & set(points), f"no point of this row cites source:{row['source']}"
    else:
        assert column(graph, f"SELECT ?t {{ source:{row['source']} ik:trust ?t }}")


def test_every_number_that_is_cited_leads_to_a_page_with_words_and_sources(
    graph: ox.Store, encoded: dict[str, set[str]]
) -> None:
    rows = ask(
        graph,
        """SELECT ?number ?page {
           { ?page a ik:Fact ; skos:notation ?number } UNION
           { ?page a ik:Threshold ; skos:notation ?number } UNION
           { ?page a ik:Decision ; skos:notation ?number } UNION
           { ?page a ik:Disagreement ; ik:encodes ?number }
           ?page rdfs:label ?label }""",
    )
    pages = {row[0]: row[1] for row in rows}
    assert set(pages) == {*FACTS, *THRESHOLDS, *DISAGREEMENTS, *DECISIONS}
    assert len(set(pages.values())) == len(pages)
    linked = {tuple(row) for row in ask(graph, "SELECT ?term ?page { ?term ik:point ?page }")}
    wanted = {(t, pages[n]) for n, carriers in encoded.items() for t in carriers}
    assert linked == {(t, page) for t, page in wanted if t != page}
    defined = column(graph, "SELECT ?f { ?f a ik:Fact ; skos:definition ?d ; ik:source ?s }")
    left_out = {t for t, p in linked if t.startswith("omission:")}
    # A point that was left out on purpose has a reason and no statement, so no source of its own.
    assert len(defined) >= len(FACTS) - len(left_out)
    for threshold in THRESHOLDS:
        assert ask(graph, f"SELECT ?f {{ {pages[threshold]} dcterms:references ?f }}"), threshold
