"""The proof of a release: let in where it is of this release, and of no other."""

from __future__ import annotations

from pathlib import Path

from kg.snapshot.model import Snapshot
from kg.snapshot.proof import FOLDER, PROOF, WITNESSES, logic_hash, read_record


def let_in(snapshot: Snapshot, ontology: Path, draft: Path) -> bool:
    """Copy the proof beside an ontology into a draft; a stale one is as good as none."""
    record = read_record(ontology / FOLDER / PROOF)
    if record is None or record.logic != logic_hash(snapshot):
        return False
    for name in (PROOF, WITNESSES):
        kept = ontology / FOLDER / name
        if kept.exists():
            (draft / name).write_bytes(kept.read_bytes())
    return True
