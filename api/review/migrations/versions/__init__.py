"""The steps, one module each, in the order in which they name each other."""
