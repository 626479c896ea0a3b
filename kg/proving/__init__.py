"""Proofs that the decision table, and the engine that runs it, say what the definitions say."""
