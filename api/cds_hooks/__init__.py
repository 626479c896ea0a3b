"""CDS Hooks: calls in, cards out, feedback kept."""
