"""Mutated input for every door and every format: refused in our words, or read."""
