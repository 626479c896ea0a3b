"""The form and the report as HTML pages."""
