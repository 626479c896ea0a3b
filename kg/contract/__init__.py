"""What callers send and get: the request, the report, the explanation."""
