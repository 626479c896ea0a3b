"""Terms and releases as linked data."""
