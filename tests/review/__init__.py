"""Tests of what a signature binds, and of the bench where reviewers sign."""
