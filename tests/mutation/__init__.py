"""Mutation of the Turtle: one change at a time, each of which a golden case must notice."""
