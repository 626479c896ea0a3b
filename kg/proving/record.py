"""Prove all that is claimed of a Snapshot, and write down what holds of which release."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from kg.proving.claims import claims
from kg.proving.prove import Refuted, prove
from kg.proving.solver import SOLVER
from kg.snapshot.file import encode
from kg.snapshot.model import Snapshot
from kg.snapshot.proof import FOLDER, PROOF, ProofRecord, logic_hash


class Outcome(msgspec.Struct, frozen=True):
    """What was proved, and what does not hold."""

    record: ProofRecord
    refuted: tuple[Refuted, ...]

    @property
    def holds(self) -> bool:
        """Say whether nothing was refuted."""
        return not self.refuted


def proof_of(snapshot: Snapshot, progress: Callable[[str], None] = lambda _: None) -> Outcome:
    """Prove every claim about a Snapshot."""
    table = prove(claims(snapshot), progress)
    record = ProofRecord(logic=logic_hash(snapshot), solver=SOLVER, claims=table.claimed)
    return Outcome(record, table.refuted)


def write_record(outcome: Outcome, ontology: Path) -> None:
    """Write what holds beside the ontology, where the build looks for it."""
    folder = ontology / FOLDER
    folder.mkdir(exist_ok=True)
    pretty = msgspec.json.format(encode(outcome.record), indent=1)
    (folder / PROOF).write_bytes(pretty + b"\n")
