"""A marked patient goes through every door; afterwards the mark is nowhere.

Logs, metrics, the folder of the releases, the folder the service runs in and its folder for
temporary files are searched. That the search can find is shown by planting the mark once.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from tests.serving import Service, serving

MARK = "Zq7-Quagga-1867"

MARKED: dict[str, Any] = {
    "medications": [{"text": f"hummol {MARK}"}, {"text": MARK}, {"text": "hummol"}],
    "conditions": [{"text": MARK, "status": "resolved"}],
    "allergies": [{"system": "http://example.org", "code": MARK}],
    "observations": [{"text": MARK, "value": 1867, "unit": MARK}],
}
BUNDLE = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {"resource": {"resourceType": "Patient", "id": MARK, "name": [{"family": MARK}]}},
        {
            "resource": {
                "resourceType": "MedicationStatement",
                "status": "active",
                "subject": {"reference": f"Patient/{MARK}"},
                "medicationCodeableConcept": {"text": MARK},
            }
        },
    ],
}
HOOK = {
    "hook": "patient-view",
    "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
    "context": {"userId": f"Practitioner/{MARK}", "patientId": MARK},
    "prefetch": {"patient": BUNDLE["entry"][0]["resource"], "medications": BUNDLE},  # type: ignore[index]
}


def every_door(client: httpx.Client, service: Service) -> list[int]:
    """Send the mark wherever a caller can send anything; give the statuses."""
    json_body = json.dumps(MARKED)
    fhir = {"Content-Type": "application/fhir+json"}
    lines = {"Content-Type": "application/x-ndjson"}
    sent: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/v1/check", {"json": MARKED}),
        ("POST", "/v1/check", {"json": {MARK: MARK}}),
        ("POST", "/v1/check", {"content": MARK}),
        ("POST", "/v1/check", {"content": json.dumps(BUNDLE), "headers": fhir}),
        ("POST", "/v1/check/batch", {"content": f"{json_body}\n{MARK}\n", "headers": lines}),
        ("POST", "/v1/explain", {"json": MARKED | {"explain": "medications[0]"}}),
        ("POST", "/v1/explain", {"json": MARKED | {"explain": MARK}}),
        ("POST", "/check", {"data": {"med": f"hummol\n{MARK}", "condition": MARK}}),
        ("POST", "/cds-services/inotuzumab-safety", {"json": HOOK}),
        ("POST", f"/cds-services/{MARK}", {"json": HOOK}),
        ("GET", f"/v1/drugs?q={MARK}", {}),
        ("GET", f"/v1/drugs/{MARK}", {}),
        ("GET", f"/v1/resolve?text={MARK}", {}),
        ("GET", f"/v1/explain?drug={MARK}", {}),
        ("GET", f"/id/drug/{MARK}", {}),
        ("GET", f"/sparql?query={MARK}", {}),
        ("GET", f"/{MARK}?{MARK}={MARK}", {"headers": {"X-Request-Id": MARK, "Cookie": MARK}}),
        ("PATCH", f"/v1/check/{MARK}", {"content": MARK}),
    ]
    return [client.request(m, service.url + a, **more).status_code for m, a, more in sent]


def found_in(folders: list[Path], text: str) -> list[str]:
    """Search everything that was written."""
    mark = MARK.encode()
    places = ["the log or the metrics"] if MARK in text else []
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and mark in path.read_bytes():
                places.append(str(path))
    return places


def test_the_mark_is_nowhere(
    tmp_path: Path, mini_releases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, temporary = tmp_path / "here", tmp_path / "temporary"
    here.mkdir()
    temporary.mkdir()
    releases = mini_releases
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setenv("INOKG_DATABASE", f"sqlite:///{here / 'feedback.sqlite'}")
    folders = [here, temporary, releases]
    with serving(releases, cwd=here) as service, httpx.Client(timeout=30) as client:
        statuses = every_door(client, service)
        assert len(statuses) == 18
        assert not [s for s in statuses if s >= 500], statuses
        assert 200 in statuses
        metrics = client.get(f"{service.url}/metrics").text
        os.sync()
        assert "inokg_unrecognised_total" in metrics
        assert found_in(folders, service.raw_log + metrics) == []
        assert service.raw_log.count('"event":"request"') >= len(statuses)
        planted = temporary / "planted"
        planted.write_text(f"so {MARK} it is", encoding="utf-8")
        assert found_in(folders, "") == [str(planted)]
        assert found_in([], service.raw_log + MARK) == ["the log or the metrics"]
