"""The SPARQL endpoint, over the release in this process and over a store elsewhere."""
