"""Shared by all routes: negotiation, errors, pages, metrics."""
