"""A client in a real browser, from another origin: cards for three hooks, and feedback.

The public sandbox is in no package registry; this is a client of our own that does what the
standard asks of one, beside the rules that every answer in these tests is held against.
"""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from sysconfig import get_path
from typing import Any

import pytest

from api.cds_hooks.standard import HOOKS
from api.cds_hooks.store import connect, rates
from tests.cds_hooks.calls import BASE, INDEX, SERVICE, a_call, running
from tests.conformance.clauses import clause
from tests.fhir.resources import ICD10, coded, condition, order
from tests.workshop import ROOT

BROWSER = ROOT / "tests" / "browser"
PAGE = (BROWSER / "hooks_page.html").read_bytes()


@contextmanager
def _program() -> Iterator[str]:
    """Serve the page of a prescribing program."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(PAGE)))
            self.end_headers()
            self.wfile.write(PAGE)

        def log_message(self, *_: Any) -> None:
            """Write nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@pytest.fixture
def node() -> Path:
    program = Path(get_path("scripts")) / "node"
    if not program.exists() or not (BROWSER / "node_modules" / "playwright-core").is_dir():
        pytest.skip("the browser of the tests was not brought at set-up")
    return program


@clause("CH-22", "CH-41", "CH-50", "CH-63", "FH-07")
def test_a_page_of_another_origin_shows_cards_under_three_hooks_and_sends_feedback(
    release_folder: Path, tmp_path: Path, node: Path
) -> None:
    sick = condition(coded(ICD10, "K74.6"))
    draft = order("citalopram", "draft", "d1")
    calls = {
        "patient-view": a_call("patient-view"),
        "order-select": a_call("order-select").drafting(draft).choosing("MedicationRequest/d1"),
        "order-sign": a_call().drafting(draft),
    }
    bodies = {
        hook: call.having("medications", INDEX).having("conditions", sick).json()
        for hook, call in calls.items()
    }
    with _program() as known, _program() as stranger:
        rules = {"origins": (known,), "base_url": BASE}
        with running(release_folder, tmp_path, **rules) as service:
            done = subprocess.run(
                [
                    *(node, BROWSER / "hooks_page.mjs"),
                    *(known, stranger, service, json.dumps(bodies)),
                ],
                capture_output=True,
                text=True,
                check=False,
                timeout=240,
            )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {s["hook"] for s in found["services"]} >= set(bodies)
    assert {s["hook"]: s["id"] for s in found["services"]} == {
        hook: f"{SERVICE}-{hook}" for hook in HOOKS
    }
    for hook, shown in found["hooks"].items():
        assert shown, hook
        assert all(card["markup"] == 0 for card in shown)
    view = {c["summary"]: c for c in found["hooks"]["patient-view"]}
    liver = view["Inotuzumab contraindicated: Cirrhosis"]
    assert liver["indicator"] == "critical"
    assert liver["link"] == f"{BASE}/id/advisory/serious-hepatic-disease"
    signed = {c["summary"]: c for c in found["hooks"]["order-sign"]}
    drug = signed["Inotuzumab + citalopram: QT. Avoid"]
    assert "Remove the order: citalopram" in drug["buttons"]
    assert "Will monitor" in drug["reasons"]
    assert found["accepted"] == {"stored": 1, "repeated": 0, "unmatched": 0}
    assert found["overridden"] == {"stored": 1, "repeated": 0, "unmatched": 0}
    assert "Failed to fetch" in found["refused"]
    connection = connect(tmp_path / "feedback.sqlite")
    counted = rates(connection)
    connection.close()
    answered = {r.accepted + r.overridden for r in counted}
    assert answered == {0, 1}, "of one card the last word counts, for each advisory that it says"
