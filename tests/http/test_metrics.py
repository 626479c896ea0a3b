"""What is counted: by names known beforehand, over all workers, and nothing of any patient."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.http.metrics import LAST_ROW, Metrics
from api.settings import Settings
from tests.serving import serving

_LINE = re.compile(r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?[0-9.e+-]+')


@pytest.fixture
def client(releases: Path) -> Iterator[TestClient]:
    with TestClient(create_app(Settings(releases)), raise_server_exceptions=False) as found:
        yield found


def numbers(text: str) -> dict[str, float]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert all(_LINE.fullmatch(line) for line in lines)
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_requests_findings_and_what_was_not_recognised_are_counted(client: TestClient) -> None:
    bodies: list[dict[str, object]] = [
        {"medications": [{"text": "hummol"}, {"text": "nobody knows"}], "conditions": []},
        {"medications": [{"text": "hummol"}], "observations": [{"text": "no such thing"}]},
    ]
    for body in bodies:
        client.post("/v1/check", json=body)
    client.post("/v1/check", content=b"nonsense")
    client.get("/v1/drugs/no-such-drug")
    found = numbers(client.get("/metrics").text)
    post = 'inokg_requests_total{route="/v1/check",method="POST",status='
    assert found[post + '"200"}'] == 2
    assert found[post + '"422"}'] == 1
    assert found['inokg_requests_total{route="/v1/drugs/{key}",method="GET",status="404"}'] == 1
    assert found['inokg_findings_total{advisory="humming-drug"}'] == 2
    assert found['inokg_unrecognised_total{part="medications"}'] == 1
    assert found['inokg_unrecognised_total{part="observations"}'] == 1
    assert found['inokg_checks_total{complete="false"}'] == 2


def test_a_histogram_grows_to_the_number_of_all_requests(client: TestClient) -> None:
    for _ in range(5):
        client.post("/v1/check", json={})
    text = client.get("/metrics").text
    buckets = re.findall(r'seconds_bucket\{route="/v1/check",le="([^"]+)"\} (\d+)', text)
    bounds = [float(bound) for bound, _ in buckets]
    counts = [int(count) for _, count in buckets]
    assert bounds == sorted(bounds)
    assert counts == sorted(counts)
    assert (bounds[-1], counts[-1]) == (float("inf"), 5)
    assert numbers(text)['inokg_request_seconds_count{route="/v1/check"}'] == 5
    assert numbers(text)['inokg_request_seconds_sum{route="/v1/check"}'] > 0


def test_an_address_that_there_is_not_is_counted_without_its_name(client: TestClient) -> None:
    client.get("/secret-name/of-a-patient")
    text = client.get("/metrics").text
    assert "secret" not in text
    assert numbers(text)['inokg_requests_total{route="other",method="GET",status="404"}'] == 1


def test_what_is_counted_apart_is_added_once() -> None:
    metrics = Metrics()
    metrics.declare(["inokg_checks_total"])
    metrics.count("inokg_checks_total")
    with metrics.apart() as sheet:
        metrics.count("inokg_checks_total", 5)
        assert metrics.total("inokg_checks_total") == 1
    metrics.add(sheet)
    metrics.add({})
    metrics.count("inokg_nobody_declared_this")
    assert metrics.total("inokg_checks_total") == 6


def test_processes_that_share_a_table_lose_no_count() -> None:
    metrics = Metrics()
    metrics.declare(["inokg_checks_total"])
    children = []
    for row in (1, 2, LAST_ROW):
        pid = os.fork()
        if pid == 0:
            metrics.use_row(row)
            for _ in range(20_000):
                metrics.count("inokg_checks_total")
            os._exit(0)
        children.append(pid)
    for pid in children:
        os.waitpid(pid, 0)
    assert metrics.total("inokg_checks_total") == 60_000


def test_more_names_than_columns_are_an_error_and_not_silence() -> None:
    with pytest.raises(OverflowError):
        Metrics().declare([f"inokg_checks_total{n}" for n in range(9000)])


def test_the_counts_of_all_workers_are_one(releases: Path) -> None:
    with serving(releases, "--workers", "2", "--quiet") as service:
        for _ in range(60):
            httpx.post(f"{service.url}/v1/check", json={})
        assert service.metric('inokg_checks_total{complete="false"}') == 60
        assert service.metric("inokg_worker_starts_total") == 2
