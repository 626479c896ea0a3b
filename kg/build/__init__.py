"""From the ontology to a release: load, gate, reason, compile, write."""
