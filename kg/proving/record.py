"""Prove all that is claimed of a Snapshot, and write down what holds of which release."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from kg.proving.claims import claims
from kg.proving.exactness import exactness
from kg.proving.laws import laws
from kg.proving.needed import needed
from kg.proving.prove import Refuted, prove
from kg.proving.solver import SOLVER
from kg.proving.witnesses import witnesses
from kg.snapshot.advice import own_advisories
from kg.snapshot.file import encode
from kg.snapshot.model import Snapshot
from kg.snapshot.proof import FOLDER, PROOF, WITNESSES, ProofRecord, Witnesses, logic_hash
from kg.terms import BASE

_COARSE = "coarse.json"
_EXACT = "named as coarse, and exact"
_PAIR = "applies to one and not to another"


class Outcome(msgspec.Struct, frozen=True):
    """What was proved, the patients that were found, and what does not hold."""

    record: ProofRecord
    witnesses: dict[str, Witnesses]
    refuted: tuple[Refuted, ...]

    @property
    def holds(self) -> bool:
        """Say whether nothing was refuted."""
        return not self.refuted


def proof_of(
    snapshot: Snapshot,
    coarse: Mapping[str, str],
    progress: Callable[[str], None] = lambda _: None,
) -> Outcome:
    """Prove every claim about a Snapshot; `coarse` says where an open answer is not exact, and why.

    What is named there must be so: the list can only grow shorter by itself.
    """
    table = prove(claims(snapshot), progress)
    lawful = prove(laws(snapshot), progress)
    exact = prove((*exactness(snapshot), *needed(snapshot)), progress)
    found = witnesses(snapshot, progress)
    without = [iri for iri in own_advisories(snapshot) if iri not in found]
    inexact = {refuted.subject.split(",")[0] for refuted in exact.refuted}
    refuted = (
        *table.refuted,
        *lawful.refuted,
        *(one for one in exact.refuted if one.subject.split(",")[0] not in coarse),
        *(Refuted(_EXACT, iri, {}) for iri in coarse if _named(iri) and iri not in inexact),
        *(Refuted(_PAIR, iri, {}) for iri in without),
    )
    counts = {part.removeprefix("law: "): n for part, n in lawful.claimed.items()}
    record = ProofRecord(
        logic=logic_hash(snapshot),
        solver=SOLVER,
        claims=table.claimed | exact.claimed,
        laws=counts | {_PAIR: len(found)},
        exceptions=dict(coarse),
    )
    return Outcome(record, found, refuted)


def _named(subject: str) -> bool:
    return subject.startswith(BASE)


def read_coarse(ontology: Path) -> dict[str, str]:
    """Read where an open answer is known not to be exact."""
    path = ontology / FOLDER / _COARSE
    found = msgspec.json.decode(path.read_bytes(), type=dict[str, str]) if path.exists() else {}
    return dict(sorted(found.items()))


def write_record(outcome: Outcome, ontology: Path) -> None:
    """Write what holds beside the ontology, where the build looks for it."""
    folder = ontology / FOLDER
    folder.mkdir(exist_ok=True)
    _write(folder / PROOF, outcome.record)
    _write(folder / WITNESSES, outcome.witnesses)


def _write(path: Path, value: object) -> None:
    path.write_bytes(msgspec.json.format(encode(value), indent=1) + b"\n")
