"""The few names the engine must know, each written once.

Everything clinical has its name in the ontology and nowhere else. What stands here is the
shape of knowledge: kinds of terms, the roles that hang items on a patient, and the numbers
that are worked out from dates.
"""

from __future__ import annotations

from typing import Final

BASE: Final = "https://w3id.org/inokg/"
SCHEMA: Final = BASE + "schema/"

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
DCTERMS: Final = "http://purl.org/dc/terms/"

TYPE: Final = RDF + "type"
FIRST: Final = RDF + "first"
REST: Final = RDF + "rest"
NIL: Final = RDF + "nil"
LABEL: Final = RDFS + "label"
SUBCLASS_OF: Final = RDFS + "subClassOf"
SUBPROPERTY_OF: Final = RDFS + "subPropertyOf"
ONTOLOGY: Final = OWL + "Ontology"
CLASS: Final = OWL + "Class"
NAMED_INDIVIDUAL: Final = OWL + "NamedIndividual"
OBJECT_PROPERTY: Final = OWL + "ObjectProperty"
DATATYPE_PROPERTY: Final = OWL + "DatatypeProperty"
ANNOTATION_PROPERTY: Final = OWL + "AnnotationProperty"
EQUIVALENT_CLASS: Final = OWL + "equivalentClass"
RESTRICTION: Final = OWL + "Restriction"
DEFINITION: Final = SKOS + "definition"
ALT_LABEL: Final = SKOS + "altLabel"
NOTATION: Final = SKOS + "notation"


def ik(name: str) -> str:
    """Give the full name of a schema term."""
    return SCHEMA + name


def local(iri: str) -> str:
    """Give the last part of a name: its key within its kind."""
    return iri.rsplit("/", 1)[-1].rsplit("#", 1)[-1]


def kind(iri: str) -> str:
    """Give the folder of the namespace that a name of ours stands in, or ''."""
    return iri[len(BASE) :].split("/", 1)[0] if iri.startswith(BASE) else ""
