"""The JSON and FHIR addresses under /v1."""
