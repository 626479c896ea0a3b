"""The interfaces: they translate what callers send and decide nothing clinical."""
