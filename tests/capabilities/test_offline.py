"""Everything works with the network off.

What is run here cannot look up a name or reach any address but this machine's own: every attempt
is refused and written down, in each Python process that is started, however deep. An attempt
that is caught and passed over is seen as well, for the list of attempts must be empty.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from tests.cds_hooks.calls import INDEX, SERVICE, a_call
from tests.fhir.resources import bundle, order, patient
from tests.serving import serving
from tests.workshop import ROOT, lay_out

# Read by every interpreter at its start, from the first folder of its path.
GUARD = """
import os, socket, sys

def guard(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        if not isinstance(address, tuple) or address[0] in ("127.0.0.1", "::1", "localhost"):
            return
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        address = arguments[0]
        if address in (None, "", "127.0.0.1", "::1", "localhost", "0.0.0.0"):
            return
    else:
        return
    with open(os.environ["ATTEMPTS"], "a") as attempts:
        attempts.write(f"{event} {address}\\n")
    raise OSError(101, "the network is off")

sys.addaudithook(guard)
with open(os.environ["GUARDED"], "a") as guarded:
    guarded.write(f"{os.getpid()}\\n")
"""
REACHING = (
    "import socket; socket.create_connection(('192.0.2.1', 80), 5)",
    "import socket; socket.getaddrinfo('example.org', 443)",
    "import urllib.request; urllib.request.urlopen('http://example.org/')",
    "import subprocess, sys; subprocess.run([sys.executable, '-c', "
    "'import socket; socket.gethostbyname(\"example.org\")'], check=True)",
)


@pytest.fixture
def attempts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Turn the network off for what is started from now on; give the list of attempts."""
    guard = tmp_path / "guard"
    guard.mkdir()
    (guard / "sitecustomize.py").write_text(GUARD, encoding="utf-8")
    path = tmp_path / "attempts"
    path.touch()
    monkeypatch.setenv("ATTEMPTS", str(path))
    monkeypatch.setenv("GUARDED", str(tmp_path / "guarded"))
    # Whoever starts this interpreter starts it guarded, whatever path it is given beside.
    guarded = tmp_path / "python"
    start = f'PYTHONPATH="{guard}:{ROOT}:$PYTHONPATH" exec "{sys.executable}" "$@"'
    guarded.write_text(f"#!/bin/sh\n{start}\n", encoding="utf-8")
    guarded.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(guarded))
    # A Java that is started reaches nothing either: whatever it asked would go to a closed port.
    closed = "-Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=9 -Dhttps.proxyHost=127.0.0.1"
    monkeypatch.setenv("JDK_JAVA_OPTIONS", f"{closed} -Dhttps.proxyPort=9")
    return path


def run(*command: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command], input=given, capture_output=True, text=True, cwd=ROOT
    )


def inokg(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    start = "from api.command import main; raise SystemExit(main())"
    return run("-c", start, *arguments, given=given)


@pytest.mark.parametrize("code", REACHING)
def test_it_06_the_guard_refuses_and_sees_who_reaches_out(code: str, attempts: Path) -> None:
    assert run("-c", code).returncode != 0
    assert len(attempts.read_text(encoding="utf-8").splitlines()) == 1


def test_it_06_the_guard_sees_what_is_caught_as_well(attempts: Path) -> None:
    code = f"try:\n    {REACHING[1]}\nexcept OSError:\n    pass"
    assert run("-c", code).returncode == 0
    assert attempts.read_text(encoding="utf-8") != ""


COMMANDS: dict[str, tuple[tuple[str, ...], int, str]] = {
    "check": (("check", "--med", "citalopram", "--condition", "K74.6"), 1, "contraindicated"),
    "misspelt": (("check", "--med", "citalopran"), 3, "citalopram"),
    "resolve": (("resolve", "co-codamol 30/500", "J02AC04"), 0, "posaconazole"),
    "explain": (("explain", "--med", "haloperidol"), 0, "haloperidol"),
    "why not": (("explain", "--why-not", "paracetamol"), 0, "premedication"),
    "sparql": (("sparql", "SELECT * { ?d a ik:Disagreement } LIMIT 3"), 0, "disagreement"),
    "csv": (("export", "csv", "--out", "FILE"), 0, ""),
    "fhir": (("export", "fhir-r5", "--out", "FILE"), 0, ""),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_it_06_every_command_works(
    name: str, attempts: Path, release_folder: Path, tmp_path: Path
) -> None:
    arguments, status, said = COMMANDS[name]
    out = str(tmp_path / "file")
    given = [out if a == "FILE" else a for a in arguments]
    done = inokg(*given, "--releases", str(release_folder.parent))
    assert done.returncode == status, done.stderr
    assert said in done.stdout
    assert attempts.read_text(encoding="utf-8") == ""


def test_op_05_a_release_is_built_and_compared(attempts: Path, tmp_path: Path) -> None:
    """Reasoners and SHACL included: owl:imports are names here, and nothing is fetched by them."""
    ontology, out = lay_out(tmp_path), tmp_path / "releases"
    done = inokg("build", "--ontology", str(ontology), "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert json.loads((out / "current" / "reasoning.json").read_text(encoding="utf-8"))
    assert attempts.read_text(encoding="utf-8") == ""


def test_op_05_every_door_answers(attempts: Path, release_folder: Path, tmp_path: Path) -> None:
    fhir = {"Content-Type": "application/fhir+json", "Accept": "application/fhir+json"}
    lines = {"Content-Type": "application/x-ndjson"}
    body: dict[str, Any] = {"medications": [{"text": "citalopram"}]}
    call = a_call().drafting(order("citalopram", "draft", "d1")).having("medications", INDEX)
    sent = json.dumps(bundle(patient(), order("citalopram")))
    asked: list[tuple[str, str, dict[str, Any], str]] = [
        ("POST", "/v1/check", {"json": body}, "qt-firm-drug"),
        ("POST", "/v1/check", {"content": sent, "headers": fhir}, "DetectedIssue"),
        ("POST", "/v1/check/batch", {"content": json.dumps(body), "headers": lines}, "qt-firm"),
        ("POST", "/v1/explain", {"json": {**body, "explain": "qt-firm-drug"}}, "applies"),
        ("GET", "/v1/explain?drug=haloperidol&format=svg", {}, "<svg"),
        ("POST", f"/cds-services/{SERVICE}", {"json": call.json()}, "QT-prolonging"),
        ("GET", "/cds-services", {}, SERVICE),
        ("POST", "/check", {"data": {"med": "citalopram"}}, "QT-prolonging medicine"),
        ("GET", "/sparql?query=ASK%20%7B%20%3Fs%20%3Fp%20%3Fo%20%7D", {}, "true"),
        ("GET", "/id/drug/haloperidol", {"headers": {"Accept": "text/turtle"}}, "haloperidol"),
        ("GET", "/v1/resolve?text=haloperidol", {}, "haloperidol"),
        ("GET", "/v1/drugs?q=haloperidol", {}, "haloperidol"),
        ("GET", "/", {}, "inokg"),
        ("GET", "/sparql", {"headers": {"Accept": "text/html"}}, "sparql"),
        ("GET", "/openapi.json", {}, "openapi"),
        ("GET", "/readyz", {}, ""),
    ]
    kept = f"sqlite:///{tmp_path / 'feedback.sqlite'}"
    with (
        serving(release_folder.parent, "--quiet", database=kept) as service,
        httpx.Client(base_url=service.url, timeout=30) as asking,
    ):
        for method, address, more, said in asked:
            answer = asking.request(method, address, **more)
            assert answer.status_code == 200, (address, answer.text[:300])
            assert said in answer.text, address
    assert attempts.read_text(encoding="utf-8") == ""
    guarded = (tmp_path / "guarded").read_text(encoding="utf-8").split()
    assert len(set(guarded)) > 1, "the service, and what it starts to answer queries"
