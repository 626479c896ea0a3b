"""The form and the report for a person."""
