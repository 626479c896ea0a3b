"""The traps that the founding documents set, each shown not to have caught us."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from kg.build.expressions import names_in
from kg.snapshot.criteria import AllOf, AnyOf, AtLeast, Expression, Number, Of
from kg.snapshot.model import Snapshot
from tests.ontology.asking import ask, column

IK = "https://w3id.org/inokg/"


def _members(snapshot: Snapshot, name: str) -> set[str]:
    return {m.rsplit("/", 1)[1] for m in snapshot.classes[f"{IK}class/{name}"].members}


def _liabilities(snapshot: Snapshot, drug: str) -> set[str]:
    found = snapshot.drugs[f"{IK}drug/{drug}"].liabilities
    return {item.rsplit("/", 1)[1] for item in found}


def test_the_word_antihistamines_hits_only_the_two_withdrawn_ones(snapshot: Snapshot) -> None:
    named = {
        d for d in snapshot.drugs if IK + "liability/qt-named" in snapshot.drugs[d].liabilities
    }
    antihistamines = {d for d in named if any(c.startswith("R06") for c in _atc(snapshot, d))}
    assert antihistamines == {IK + "drug/terfenadine", IK + "drug/astemizole"}


def _atc(snapshot: Snapshot, drug: str) -> list[str]:
    codes = snapshot.systems[IK + "system/atc"].codes
    return [notation for notation, code in codes.items() if code.term == drug]


@pytest.mark.parametrize("drug", ["chlorphenamine", "loratadine", "cetirizine", "fexofenadine"])
def test_ordinary_antihistamines_carry_no_qt_liability(snapshot: Snapshot, drug: str) -> None:
    assert drug not in _members(snapshot, "QtProlongingDrug")


def test_no_class_of_antihistamines_carries_a_qt_axiom(graph: ox.Store) -> None:
    classes = column(
        graph,
        """SELECT ?class { ?class rdfs:subClassOf ?r . ?r owl:hasValue ?l .
           ?l a/rdfs:subClassOf* liability:QtProlongation .
           ?code skos:exactMatch ?above ; skos:notation "R06" . ?class rdfs:subClassOf* ?above }""",
    )
    assert classes == set()


def test_ketoconazole_is_an_azole_with_two_reasons(snapshot: Snapshot) -> None:
    assert "ketoconazole" in _members(snapshot, "SystemicAzoleAntifungal")
    found = _liabilities(snapshot, "ketoconazole")
    assert "qt-named" in found
    assert "hepatotoxicity-azole" in found


@pytest.mark.parametrize("drug", ["azithromycin", "clarithromycin", "erythromycin", "josamycin"])
def test_every_macrolide_prolongs_qt_by_class(snapshot: Snapshot, drug: str) -> None:
    assert drug in _members(snapshot, "Macrolide")
    assert "qt-named" in _liabilities(snapshot, drug)


@pytest.mark.parametrize(
    "drug", ["isavuconazole", "palonosetron", "sulfamethoxazole", "trimethoprim"]
)
def test_the_special_rows_stay_silent_on_qt(snapshot: Snapshot, drug: str) -> None:
    assert drug not in _members(snapshot, "QtProlongingDrug")


def test_the_index_drug_brings_no_liability_against_itself(snapshot: Snapshot) -> None:
    assert snapshot.drugs[snapshot.index_drug].liabilities == ()
    assert snapshot.index_drug == IK + "drug/inotuzumab-ozogamicin"


@pytest.mark.parametrize("other", ["gemtuzumab-ozogamicin", "moxetumomab-pasudotox"])
def test_look_alikes_are_never_the_index_drug(snapshot: Snapshot, other: str) -> None:
    index, drug = snapshot.drugs[snapshot.index_drug], snapshot.drugs[f"{IK}drug/{other}"]

    def names(d: object) -> set[str]:
        return {n.casefold() for n in (d.label, *d.names, *d.brands, *d.misspellings)}  # type: ignore[attr-defined]

    assert not names(index) & names(drug)
    assert not set(_atc(snapshot, snapshot.index_drug)) & set(_atc(snapshot, f"{IK}drug/{other}"))
    assert f"{IK}drug/{other}" in index.confusable_with


def _systemic(snapshot: Snapshot, expression: Expression) -> bool:
    """Say whether every way to satisfy a medication criterion asks for systemic exposure."""
    if isinstance(expression, AllOf):
        return any(_systemic(snapshot, p) for p in expression.parts)
    if isinstance(expression, AnyOf):
        return all(_systemic(snapshot, p) for p in expression.parts)
    if isinstance(expression, AtLeast):
        return _systemic(snapshot, expression.item)
    name = getattr(expression, "criterion", "")
    if name == IK + "criterion/SystemicExposure":
        return True
    return name in snapshot.criteria and _systemic(snapshot, snapshot.criteria[name].expression)


def test_eye_drops_and_creams_are_no_systemic_exposure(snapshot: Snapshot) -> None:
    local = IK + "value/route-local"
    codes = snapshot.systems[IK + "system/atc"].codes
    for code, drug in (
        ("S01AE06", "gatifloxacin"),
        ("D04AX01", "doxepin"),
        ("D01AC08", "ketoconazole"),
    ):
        assert codes[code].term == f"{IK}drug/{drug}"
        assert codes[code].route == local
    asked = 0
    for advisory in snapshot.advisories.values():
        if snapshot.topics[advisory.topic] in ("qt.drug", "hepatic.hepatotoxic_drug"):
            asked += 1
            drug_parts = _drug_parts(snapshot, advisory.applies_to)
            assert drug_parts
            assert all(_systemic(snapshot, p) for p in drug_parts), advisory.label
    assert asked >= 6


def _drug_parts(snapshot: Snapshot, name: str) -> list[Expression]:
    """Collect the parts of a patient criterion that hang a drug of a liability on a role."""
    found: list[Expression] = []

    def walk(node: Expression) -> None:
        if isinstance(node, AllOf | AnyOf):
            for part in node.parts:
                walk(part)
        elif isinstance(node, AtLeast):
            if _of_drug(snapshot, node.item):
                found.append(node.item)
        elif getattr(node, "criterion", "") in snapshot.criteria:
            walk(snapshot.criteria[node.criterion].expression)  # type: ignore[union-attr]

    walk(snapshot.criteria[name].expression)
    return found


def _of_drug(snapshot: Snapshot, node: Expression) -> bool:
    if isinstance(node, Of):
        return node.property.endswith("/ofDrug")
    if isinstance(node, AllOf | AnyOf):
        return any(_of_drug(snapshot, p) for p in node.parts)
    return any(_of_drug(snapshot, snapshot.criteria[n].expression) for n in names_in(node))


def _numbers(expression: Expression) -> list[Number]:
    if isinstance(expression, Number):
        return [expression]
    if isinstance(expression, AllOf | AnyOf):
        return [n for p in expression.parts for n in _numbers(p)]
    return _numbers(expression.item) if isinstance(expression, AtLeast) else []


def test_the_reversed_signs_of_one_source_never_become_a_limit(
    snapshot: Snapshot, graph: ox.Store
) -> None:
    limits = {
        (n.low, n.low_open, n.high)
        for c in snapshot.criteria.values()
        for n in _numbers(c.expression)
        if n.property == IK + "schema/timesUpperLimit" and "1.5" in (n.low, n.high)
    }
    assert limits == {("1.5", True, None)}, "the only test against 1.5 is: above it"
    errata = ask(
        graph,
        """SELECT ?s ?erratum { ?d ik:encodes "D-01" ; ik:reading ?s .
           ?s ik:source source:uk-protocol ; ik:erratum ?erratum }""",
    )
    assert errata, "the misprint is kept, with its erratum"


def test_some_antifungals_never_become_all(snapshot: Snapshot, graph: ox.Store) -> None:
    systemic = _members(snapshot, "SystemicAzoleAntifungal") | _members(snapshot, "Echinocandin")
    assert systemic - _members(snapshot, "QtProlongingDrug")
    quiet = {"amoxicillin", "cefalexin", "doxycycline", "vancomycin", "nystatin"}
    assert not quiet & _members(snapshot, "QtProlongingDrug")
    assert quiet <= {d.rsplit("/", 1)[1] for d in snapshot.drugs}


def test_atrial_fibrillation_bears_on_nothing(snapshot: Snapshot) -> None:
    fibrillation = IK + "condition/AtrialFibrillation"
    above = set(snapshot.conditions[fibrillation].ancestors)
    judged = {
        part.term
        for c in snapshot.criteria.values()
        for part in _conditions(c.expression)
        if part.term != IK + "schema/Condition"
    }
    assert not above & judged


def _conditions(expression: Expression) -> list[Of]:
    if isinstance(expression, AllOf | AnyOf):
        return [n for p in expression.parts for n in _conditions(p)]
    if isinstance(expression, AtLeast):
        return _conditions(expression.item)
    return [expression] if type(expression).__name__ == "Is" else []  # type: ignore[list-item]


def test_no_drug_carries_a_liability_that_a_statement_clears_it_of(
    snapshot: Snapshot, graph: ox.Store
) -> None:
    rows = ask(
        graph,
        """SELECT ?drug ?liability { ?s ik:about ?drug ; ik:clears ?cleared .
           ?drug ik:hasLiability ?liability . ?liability a/rdfs:subClassOf* ?cleared }""",
    )
    assert rows == []
