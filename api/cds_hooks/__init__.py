"""CDS Hooks: calls in, cards out, feedback stored."""
