"""What was proved of a release, and by which hash it is known to be of this release."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import field

from kg.snapshot.file import Manifest, content_hash, encode
from kg.snapshot.model import Snapshot
from kg.snapshot.value import Value

# Beside the ontology, where `inokg prove` writes them, and in each release of which they hold.
PROOF, WITNESSES = "proof.json", "witnesses.json"
FOLDER = "proof"
# What verdicts rest on, by the part of the Snapshot; words that only people read change nothing.
_LOGIC: dict[str, tuple[str, ...]] = {
    "advisories": ("about", "topic", "applies_to", "unless", "sets_aside", "severities"),
    "criteria": ("expression",),
    "classes": ("members", "axes"),
    "drugs": ("kind", "open_axes", "components", "half_life_hours", "half_life_upper_hours"),
    "conditions": ("ancestors", "implied_course", "implied_severity", "implied_flag"),
    "observations": ("ancestors", "unit", "units", "plausible", "one_suffices"),
    "properties": ("wider", "admits", "unstated", "input", "plausible", "none_unless_given"),
    "flags": ("key", "contrary", "input"),
    "absences": ("kind", "of"),
    "jurisdictions": ("key", "rank", "chosen", "inherits"),
}


class ProofRecord(Value, kw_only=True, frozen=True):
    """What was proved, by which solver, and what stands as an exception with its reason."""

    logic: str
    solver: str
    claims: dict[str, int]
    laws: dict[str, int] = field(default_factory=dict)
    exceptions: dict[str, str] = field(default_factory=dict)


class Witnesses(Value, frozen=True):
    """Two requests: to one patient an advisory applies, to the other, like it, it does not."""

    applies: dict[str, Any]
    does_not_apply: dict[str, Any]
    differ_in: tuple[str, ...]


class ReleaseInUse(Manifest, frozen=True):
    """What a release consists of, and whether it was proved to say what its definitions say."""

    proof: Literal["proved", "not proved"]


def logic_hash(snapshot: Snapshot) -> str:
    """Give the hash of all that decides verdicts: definitions, table, and what terms are."""
    parts: dict[str, Any] = {
        part: {
            iri: [getattr(term, name) for name in names]
            for iri, term in getattr(snapshot, part).items()
        }
        for part, names in _LOGIC.items()
    }
    parts |= {
        "decisions": snapshot.decisions,
        "derivations": snapshot.derivations,
        "flag_groups": snapshot.flag_groups,
        "index_drug": snapshot.index_drug,
    }
    return content_hash(encode(parts))


def read_record(path: Path) -> ProofRecord | None:
    """Read what was proved; a file that is missing, or of another form, proves nothing."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=ProofRecord)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def read_witnesses(path: Path) -> dict[str, Witnesses]:
    """Read the patients that were found for each advisory; none where there is no such file."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Witnesses])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return {}


def in_use(manifest: Manifest) -> ReleaseInUse:
    """Say what was proved of a release; the build lets a proof in only where it is of it."""
    return ReleaseInUse(
        version=manifest.version,
        hash=manifest.hash,
        files=manifest.files,
        proof="proved" if PROOF in manifest.files else "not proved",
    )
