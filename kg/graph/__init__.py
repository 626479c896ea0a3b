"""A release as RDF: Turtle, named graphs, SPARQL and exports."""
