"""The engine: knows RDF and logic, knows no drug by name."""
