"""What a statement says of itself is true: what it rests on, and how far it was checked."""

from __future__ import annotations

import re

import pyoxigraph as ox
import pytest

from kg import terms
from kg.build.load import Knowledge, load
from kg.build.provenance import provenance
from kg.terms import ik
from tests.workshop import ONTOLOGY

_OWN = "https://w3id.org/inokg/source/inokg-derivation"
_STRONG = {"avoid", "contraindicated"}
# Words by which a statement leans on what another one says.
_LEANS = re.compile(
    r"\bthe same (four|three|two|means|groups|signs|limit)\b|\bfollows the (EU|US) label\b"
    r"|\bthe page repeats\b|\bin another place\b"
)


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load(ONTOLOGY)


def checked(knowledge: Knowledge, statement: str) -> str:
    return terms.local(knowledge.iri(statement, ik("verification")))


def supported(knowledge: Knowledge, name: str) -> set[str]:
    iri = f"{terms.BASE}statement/{name}"
    return {terms.local(s) for s in knowledge.iris(iri, ik("supports"))}


def test_no_inference_of_ours_is_called_verified(knowledge: Knowledge) -> None:
    own = [s for s in knowledge.of_type(ik("Statement")) if knowledge.iri(s, ik("source")) == _OWN]
    assert len(own) >= 85
    for statement in own:
        strong = {terms.local(s) for s in knowledge.iris(statement, ik("supports"))} & _STRONG
        wanted = {"awaiting-confirmation"} if strong else {"awaiting-confirmation", "derived"}
        assert checked(knowledge, statement) in wanted, statement


def test_the_kind_of_a_vaccine_is_our_derivation(knowledge: Knowledge) -> None:
    kinds = [
        s
        for s in knowledge.of_type(ik("Statement"))
        if s.endswith(".kind") and "vaccine" in knowledge.where(s)
    ]
    assert len(kinds) >= 72
    assert {knowledge.iri(s, ik("source")) for s in kinds} == {_OWN}


def test_every_statement_stands_by_itself(knowledge: Knowledge) -> None:
    leaning = {
        knowledge.short(s): said
        for s in knowledge.of_type(ik("Statement"))
        if _LEANS.search(said := knowledge.text(s, ik("says")))
    }
    assert leaning == {}


def test_the_charity_page_watches_antifungals_and_avoids_none(knowledge: Knowledge) -> None:
    assert supported(knowledge, "qt-firm-drug.leukaemia-care-antifungals") == {"caution"}
    assert "avoid" in supported(knowledge, "hepatotoxic-azole.uk-protocol")


def test_the_ai_page_names_severe_hypersensitivity_and_no_only(knowledge: Knowledge) -> None:
    said = knowledge.text(f"{terms.BASE}statement/hypersensitivity.ai-page", ik("says"))
    assert "Severe hypersensitivity" in said
    assert "only" not in said.lower()


@pytest.mark.parametrize(
    ("statement", "number"),
    [("live-vaccine.derived-us", "F-084"), ("liver-limits.machine-monograph", "D-16")],
)
def test_a_statement_cites_the_point_that_it_rests_on(
    statement: str, number: str, knowledge: Knowledge
) -> None:
    iri = f"{terms.BASE}statement/{statement}"
    assert number in knowledge.texts(iri, ik("encodes"))


@pytest.mark.parametrize(
    "name",
    [
        "after-treatment.blinatumomab",
        "after-treatment.car-t",
        "after-treatment.chemotherapy",
        "after-treatment.radiotherapy",
        "after-treatment.transplant",
        "vod-organ-failure.leukaemia-care",
        "vod-supportive-care.leukaemia-care",
        "plan-tumour-lysis.leukaemia-care",
        "plan-tumour-lysis.leukaemia-care-prevention",
        "serious-hepatic-disease.machine-monograph-severe",
        "kinetics.machine-monograph",
        "long-term.machine-monograph",
        "infusion-reaction.machine-monograph-treatment",
        "plan-room-temperature.uk-protocol",
        "plan-liver-risk.uk-protocol",
        "unsupported.organ-damage-ai-page",
        "no-cure.ai-page",
        "remission.clincalc",
        "identity.clincalc-rxnorm",
    ],
)
def test_a_point_of_the_five_documents_is_a_statement(name: str, knowledge: Knowledge) -> None:
    iri = f"{terms.BASE}statement/{name}"
    assert len(knowledge.text(iri, ik("says"))) > 30
    assert checked(knowledge, iri) == "seen-in-document"


def test_every_statement_has_an_origin(knowledge: Knowledge) -> None:
    origin = {
        t.subject.value
        for t in provenance(knowledge)
        if isinstance(t.subject, ox.NamedNode)
        and t.predicate.value.endswith(("#hadPrimarySource", "#wasDerivedFrom"))
    }
    assert origin >= set(knowledge.of_type(ik("Statement")))
