"""What every address shares: negotiation, errors, pages, metrics."""
