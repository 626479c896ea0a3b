"""Compile asserted and inferred knowledge into the Snapshot that answers checks."""

from __future__ import annotations

import msgspec

from kg import terms
from kg.build.axes import AxisCompiler
from kg.build.compile_advice import AdviceCompiler
from kg.build.compile_burden import BurdenCompiler
from kg.build.compile_decisions import decided
from kg.build.compile_doors import DoorsCompiler
from kg.build.compile_laboratory import LaboratoryCompiler
from kg.build.compile_reporting import ReportingCompiler
from kg.build.compile_terms import TermCompiler
from kg.build.compile_uses import UseCompiler
from kg.build.load import Knowledge
from kg.build.local_forms import local_forms
from kg.build.name_tables import listed_names
from kg.build.reason import Inferences
from kg.snapshot.file import content_hash, encode
from kg.snapshot.model import Snapshot
from kg.snapshot.names import index_names
from kg.snapshot.value import Term
from kg.terms import ik


def compile_snapshot(knowledge: Knowledge, inferences: Inferences, version: str) -> Snapshot:
    """Turn one ontology, with what follows from it, into the form that checks look things up in."""
    term = TermCompiler(knowledge, inferences)
    advice = AdviceCompiler(knowledge, inferences)
    criteria = advice.criteria()
    (index_drug,) = knowledge.of_type(ik("IndexDrug"))
    axes = AxisCompiler(knowledge, inferences)
    drugs, classes = term.drugs(axes), term.classes(axes)
    names = listed_names(knowledge)
    conditions, observations = term.conditions(), term.observations()
    snapshot = Snapshot(
        version=version,
        knowledge_hash="",
        index_drug=index_drug,
        drugs=drugs,
        classes=classes,
        conditions=conditions,
        observations=observations,
        derivations=term.derivations(),
        flags=term.flags(),
        phases=term.listed("Phase", "phaseKey"),
        roles=term.listed("Role", "inputKey"),
        values=term.listed("AttributeValue", "inputKey"),
        absences=term.absences(),
        populations={i: term.term(Term, i) for i in term.kind("population")},
        properties=term.properties(),
        systems=term.systems(),
        criteria=criteria,
        set_aside_roles=advice.set_aside_roles(),
        topics={i: knowledge.text(i, terms.NOTATION) for i in advice.kind("topic")},
        advisories=advice.advisories(criteria),
        plan=advice.plan(),
        silences=advice.silences(),
        statements=advice.statements(),
        sources=advice.sources(),
        disagreements=advice.disagreements(),
        jurisdictions=advice.jurisdictions(),
        flag_groups=term.flag_groups(),
        text_words=term.text_words(),
        names=index_names(drugs, classes, conditions, observations),
        listed_names=names,
        forms=local_forms(knowledge, names),
        **BurdenCompiler(knowledge, inferences).tables(criteria),
        mechanisms={i: term.term(Term, i) for i in term.kind("mechanism")},
        liabilities={i: term.term(Term, i) for i in term.kind("liability")},
        axes=axes.axes,
        uses=UseCompiler(knowledge, inferences).uses(axes),
        doors=DoorsCompiler(knowledge, inferences).doors(),
        printed=LaboratoryCompiler(knowledge, inferences).printed(),
        reporting=ReportingCompiler(knowledge, inferences).reporting(),
    )
    snapshot = decided(snapshot)
    return msgspec.structs.replace(snapshot, knowledge_hash=content_hash(encode(snapshot)))
