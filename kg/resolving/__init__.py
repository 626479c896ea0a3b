"""From names and codes to terms of the graph."""
