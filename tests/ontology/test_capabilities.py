"""The capability rows KM- and KC-, each shown on the real release."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from kg.snapshot.criteria import AllOf, AnyOf, AtLeast, Expression, Number
from kg.snapshot.model import Snapshot
from tests.ontology.asking import ask, column

IK = "https://w3id.org/inokg/"
STRENGTHS = ["inform", "caution", "hold", "avoid", "contraindicated"]


def _by_topic(snapshot: Snapshot, topic: str) -> list[str]:
    return [k for k, a in snapshot.advisories.items() if snapshot.topics[a.topic] == topic]


def _numbers(snapshot: Snapshot, name: str) -> set[tuple[str, str | None, str | None]]:
    """Give the bounds that a criterion asks, those of the criteria it names included."""
    found: set[tuple[str, str | None, str | None]] = set()

    def walk(node: Expression) -> None:
        if isinstance(node, AllOf | AnyOf):
            for part in node.parts:
                walk(part)
        elif isinstance(node, AtLeast):
            walk(node.item)
        elif isinstance(node, Number):
            low = ("(" if node.low_open else "[") + node.low if node.low else None
            high = node.high + (")" if node.high_open else "]") if node.high else None
            found.add((node.property.rsplit("/", 1)[1], low, high))
        elif getattr(node, "criterion", "") in snapshot.criteria:
            walk(snapshot.criteria[node.criterion].expression)  # type: ignore[union-attr]

    walk(snapshot.criteria[name].expression)
    return found


# KM-01 and KM-02 stand in test_bars.py and in architecture/test_no_clinical_words.py.


def test_km_03_a_class_level_rule_expands_to_members_with_named_exceptions(
    snapshot: Snapshot, graph: ox.Store
) -> None:
    cleared = column(
        graph,
        """SELECT ?drug { ?s ik:about ?drug ; ik:clears ?what ; ik:source ?source .
           ?drug a ?side . ?side rdfs:subClassOf ?class .
           ?other rdfs:subClassOf ?class , ?r . ?r owl:onProperty ik:hasLiability ;
           owl:hasValue ?l . ?l a/rdfs:subClassOf* ?what . ?drug a ik:Drug }""",
    )
    assert "drug:palonosetron" in cleared
    setrons = snapshot.classes[IK + "class/Serotonin3Antagonist"].members
    prolonging = set(snapshot.classes[IK + "class/QtProlongingDrug"].members)
    assert set(setrons) - prolonging == {IK + "drug/palonosetron"}


def test_km_05_strength_evidence_and_action_are_held_apart(
    snapshot: Snapshot, graph: ox.Store
) -> None:
    ranks = ask(graph, "SELECT ?s ?rank { ?s a ik:Severity ; ik:rank ?rank }")
    assert sorted(ranks, key=lambda r: int(r[1])) == [
        (f"severity:{s}", str(n)) for n, s in enumerate(STRENGTHS, 1)
    ]
    grades = {
        snapshot.statements[s].grade for a in snapshot.advisories.values() for s in a.statements
    }
    assert grades >= {"label", "protocol", "expert", "derived"}


def test_km_06_every_interaction_names_a_mechanism(snapshot: Snapshot, graph: ox.Store) -> None:
    for topic in ("qt.drug", "hepatic.hepatotoxic_drug", "hsct.dual_alkylator", "vaccine.live"):
        for key in _by_topic(snapshot, topic):
            assert snapshot.advisories[key].mechanism in snapshot.mechanisms, key
    silenced = column(
        graph,
        """SELECT ?class { ?silence a ik:Silence ; ik:statement/ik:encodes "F-087" ;
           ik:concerns ?class }""",
    )
    assert {"class:Cyp3a4StrongInhibitor", "class:Cyp3a4StrongInducer"} <= silenced


def test_km_07_every_statement_has_a_jurisdiction(snapshot: Snapshot) -> None:
    words = {s.jurisdiction for s in snapshot.statements.values()}
    assert words == {"EU", "UK", "US", "local", "derived"}


SPLIT = {
    # topic: (EU, UK, US) of every step whose jurisdictions differ in the fact base's last table
    "contraindication.hypersensitivity": [("contraindicated", "contraindicated", "avoid")],
    "contraindication.vod": [("contraindicated", "contraindicated", "avoid")],
    "contraindication.serious_hepatic_disease": [("contraindicated", "contraindicated", "avoid")],
    "qt.drug": [("caution", "avoid", "avoid")],
    "haem.dose_hold": [(None, None, "hold")],
    "renal.esrd": [(None, "hold", None)],  # C-15
    "hepatic.hepatotoxic_drug": [(None, "avoid", None)],  # C-14
    "infection.active": [("hold", "hold", None), (None, None, "hold")],  # C-29
    "pop.paediatric": [("avoid", "avoid", "inform")],
    "eligibility.ph_tki": [("caution", "caution", None)],
    "eligibility.combination": [("caution", "caution", None)],
}


def test_km_07_jurisdictions_differ_exactly_where_the_fact_base_says(snapshot: Snapshot) -> None:
    found: dict[str, list[tuple[str | None, ...]]] = {}
    for advisory in snapshot.advisories.values():
        triple = tuple(advisory.severities.get(j) for j in ("EU", "UK", "US"))
        if len(set(triple)) > 1:
            found.setdefault(snapshot.topics[advisory.topic], []).append(triple)
    assert found == SPLIT


def test_km_08_at_least_twelve_modifying_factors_have_their_own_evidence(
    snapshot: Snapshot, graph: ox.Store
) -> None:
    exempting = {a.unless for a in snapshot.advisories.values() if a.unless}
    setting_aside = {s for a in snapshot.advisories.values() for s in a.sets_aside}
    refined = {a.applies_to for a in snapshot.advisories.values() if a.refines}
    assert len(exempting | setting_aside | refined) >= 12
    for role in setting_aside:
        assert role in snapshot.set_aside_roles, role


@pytest.mark.parametrize("point", ["F-086", "F-087", "F-088", "F-089", "F-090", "F-110", "F-138"])
def test_km_09_negative_knowledge_is_an_assertion_with_its_source(
    graph: ox.Store, point: str
) -> None:
    rows = ask(
        graph,
        f"""SELECT ?silence ?source {{ ?silence a ik:Silence ; ik:statement ?s ; ik:concerns ?c .
            ?s ik:encodes "{point}" ; ik:source ?source }}""",
    )
    assert rows


def test_km_10_one_query_returns_all_disagreements(graph: ox.Store) -> None:
    rows = column(
        graph,
        """SELECT DISTINCT ?id { ?d a ik:Disagreement ; ik:encodes ?id ; ik:reading ?a , ?b ;
           ik:readingTaken ?taken ; ik:reason ?why ; ik:toBeConfirmedBy ?who .
           FILTER (?a != ?b) FILTER (STRSTARTS(?id, "D-")) }""",
    )
    assert len(rows) == 39


NAMED = """quinidine procainamide amiodarone clarithromycin erythromycin azithromycin ketoconazole
terfenadine astemizole amitriptyline imipramine nortriptyline clomipramine citalopram
haloperidol""".split()


@pytest.mark.parametrize("drug", NAMED)
def test_kc_02_every_drug_that_the_documents_name_gives_the_strong_qt_step(
    snapshot: Snapshot, drug: str
) -> None:
    assert IK + f"drug/{drug}" in snapshot.classes[IK + "class/FirmQtDrug"].members
    assert IK + "liability/qt-named" in snapshot.drugs[IK + f"drug/{drug}"].liabilities


def test_kc_02_at_least_sixty_further_members_with_source_and_tier(graph: ox.Store) -> None:
    graded = column(
        graph,
        """SELECT DISTINCT ?drug { ?s ik:about ?drug ; ik:concernsLiability ?l ; ik:source ?o .
           ?l a/rdfs:subClassOf* liability:QtProlongation . ?drug a ik:Drug
           FILTER (?l != liability:qt-named) }""",
    )
    assert len(graded - {f"drug:{d}" for d in NAMED}) >= 60


def test_kc_03_the_azole_advice_says_choose_a_less_hepatotoxic_antifungal(
    snapshot: Snapshot,
) -> None:
    texts = [
        snapshot.advisories[k].management for k in _by_topic(snapshot, "hepatic.hepatotoxic_drug")
    ]
    assert any("less hepatotoxic" in t and "echinocandin" in t for t in texts)


def test_kc_03_alkylators_are_counted_by_two(snapshot: Snapshot) -> None:
    counts = set()

    def walk(node: Expression) -> None:
        if isinstance(node, AtLeast):
            counts.add(node.least)
        for part in getattr(node, "parts", ()):
            walk(part)

    keys = [k for k in _by_topic(snapshot, "hsct.dual_alkylator") if "dual" in k]
    walk(snapshot.criteria[snapshot.advisories[keys[0]].applies_to].expression)
    assert 2 in counts
    six = {
        m.rsplit("/", 1)[1] for m in snapshot.classes[IK + "class/ConditioningAlkylator"].members
    }
    assert six == {
        "busulfan", "cyclophosphamide", "melphalan", "thiotepa", "treosulfan", "carmustine",
    }  # fmt: skip


def test_kc_05_excipients_of_the_index_drug(snapshot: Snapshot) -> None:
    members = snapshot.classes[IK + "substance/ExcipientOfIndexDrug"].members
    counted = {m.rsplit("/", 1)[1] for m in members if snapshot.drugs[m].kind == "excipient"}
    # An allergy to "polysorbates" may be one to the polysorbate that the product holds.
    assert counted == {"sucrose", "polysorbate-80", "polysorbates", "tromethamine"}
    noted = {
        m.rsplit("/", 1)[1]
        for m in snapshot.classes[IK + "substance/SodiumChlorideOrHostCell"].members
    }
    assert "sodium-chloride" in noted


@pytest.mark.parametrize(
    ("topic", "bound"),
    [
        ("repro.contraception", ("completedMonthsSinceLastDose", None, "8)")),
        ("repro.contraception", ("completedMonthsSinceLastDose", None, "5)")),
        ("repro.lactation", ("completedMonthsSinceLastDose", None, "2)")),
        ("vaccine.live", ("daysSinceLastTaken", None, "14)")),
        ("renal.esrd", ("value", None, "15)")),
        ("renal.esrd", ("value", None, "15]")),
        ("hepatic.lab_limit", ("timesUpperLimit", "(1.5", None)),
        ("hepatic.lab_limit", ("timesUpperLimit", "(2.5", None)),
        ("hsct.bilirubin", ("timesUpperLimit", "[1", None)),
        ("haem.dose_hold", ("value", None, "1)")),
        ("haem.dose_hold", ("value", None, "50)")),
        ("tls.blast_count", ("value", "(10", None)),
        ("qt.ecg", ("value", "[450", None)),
        ("qt.ecg", ("value", "[481", None)),
        ("qt.ecg", ("value", "[501", None)),
        ("qt.ecg", ("changeFromBaseline", "(60", None)),
        ("qt.electrolytes", ("timesLowerLimit", None, "1)")),
        ("pancreas.enzymes", ("timesUpperLimit", "(1", None)),
        ("pop.paediatric", ("ageYears", None, "1)")),
        ("pop.older_adult", ("ageYears", "[65", None)),
        ("regimen.cycle_limit", ("cycle", "(6", None)),
        ("regimen.cycle_limit", ("completedCycles", "[3", None)),
        ("regimen.dosing", ("daysSinceLastDose", None, "6)")),
        ("regimen.dosing", ("daysSinceDoseDue", "(28", None)),
        ("hsct.cycle_limit", ("cycle", "[4", None)),
    ],
)
def test_kc_06_to_08_limits_and_windows_stand_as_the_fact_base_gives_them(
    snapshot: Snapshot, topic: str, bound: tuple[str, str | None, str | None]
) -> None:
    found = set()
    for key in _by_topic(snapshot, topic):
        found |= _numbers(snapshot, snapshot.advisories[key].applies_to)
    assert bound in found


def test_kc_09_errata_of_the_sources_are_recorded(graph: ox.Store) -> None:
    rows = ask(
        graph,
        """SELECT DISTINCT ?id { ?d ik:encodes ?id ; ik:reading|ik:readingTaken ?s .
           ?s ik:erratum ?erratum }""",
    )
    assert {"D-01", "D-02", "D-11"} <= {r[0] for r in rows}


def test_ex_08_review_dates_of_the_documents_are_facts(snapshot: Snapshot) -> None:
    assert snapshot.sources[IK + "source/leukaemia-care-page"].review_due == "2026-06-30"
    assert snapshot.sources[IK + "source/uk-protocol"].review_due.startswith("2020-11")
