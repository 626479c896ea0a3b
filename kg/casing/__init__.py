"""From a request to a Case: one patient in exact, comparable values."""
