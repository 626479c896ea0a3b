"""FHIR R4 read into a request, and reports written as FHIR."""
