"""The doors: translate what callers say, decide nothing clinical."""
