"""Counts of what checks found, without any patient data."""

from __future__ import annotations

from api.http.metrics import Metrics
from kg import terms
from kg.contract.detail import AnyReport, found_in
from kg.contract.place import Place
from kg.contract.request import Request
from kg.snapshot.advice import own_advisories
from kg.snapshot.model import Snapshot

_COMPLETE = {c: f'inokg_checks_total{{complete="{str(c).lower()}"}}' for c in (True, False)}
# The parts of a request whose entries can fail to be recognised.
_PARTS = {
    p: f'inokg_unrecognised_total{{part="{p}"}}' for p in (*Request.__struct_fields__, "resource")
}


class RequestCounters:
    """Counts reports."""

    def __init__(self, metrics: Metrics, snapshot: Snapshot | None) -> None:
        self.metrics = metrics
        advisories = own_advisories(snapshot) if snapshot else {}
        self._findings = {
            iri: f'inokg_findings_total{{advisory="{terms.local(iri)}"}}' for iri in advisories
        }
        metrics.declare([*self._findings.values(), *_COMPLETE.values(), *_PARTS.values()])

    def report(self, report: AnyReport) -> None:
        """Count what one answer found, and how many entries were not recognised."""
        count = self.metrics.count
        count(_COMPLETE[report.complete])
        for advisory in found_in(report):
            count(self._findings[advisory])
        for missed in report.unrecognised:
            head = Place.at_head(missed.input)
            # In FHIR an input is a path into the bundle.
            count(_PARTS["resource" if head is None else head[0].part])
