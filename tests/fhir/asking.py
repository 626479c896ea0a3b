"""Ask the checks in FHIR, for tests."""

from __future__ import annotations

from typing import Any

from kg.contract.report import LeftOut, Report
from kg.fhir.asked import FhirRequest
from kg.fhir.check import check_fhir
from kg.fhir.request import read_bundle
from kg.snapshot.model import Snapshot
from tests.fhir.resources import Json, bundle

DAY = {"as_of": "2026-11-21"}


def read(snapshot: Snapshot, *resources: Json, flags: list[str] | None = None) -> FhirRequest:
    """Read resources as one bundle."""
    return read_bundle(bundle(*resources), DAY, flags, snapshot)


def entries(asked: FhirRequest, part: str) -> list[dict[str, Any]]:
    """Give the entries of one list as they were written for the engine."""
    return [line.entry for line in asked.lines[part]]


def only(asked: FhirRequest, part: str) -> dict[str, Any]:
    """Give the one entry of a list."""
    (entry,) = entries(asked, part)
    return entry


def answered(snapshot: Snapshot, *resources: Json, flags: list[str] | None = None) -> Report:
    """Check resources as one bundle."""
    return check_fhir(read(snapshot, *resources, flags=flags), snapshot)


def set_aside(asked: FhirRequest) -> LeftOut:
    """Give the one resource that was left out."""
    (one,) = asked.left_out
    return one
