"""Write a Snapshot, read it back, and refuse one that was altered."""

from __future__ import annotations

import gc
import hashlib
import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from kg.errors import SnapshotAltered, SnapshotMissing
from kg.snapshot.model import Snapshot

CURRENT = "current"
MANIFEST = "release.json"
SNAPSHOT = "snapshot.json"
# The release as quads with their named graphs, and the ontology alone in its two forms.
DATASET = "graph.nq"
TURTLE = "inokg.ttl"
RDF_XML = "inokg.owl"
# The dataset described by VoID and DCAT.
VOID = "void.ttl"
_encoder = msgspec.json.Encoder(order="sorted")


class Manifest(msgspec.Struct, frozen=True):
    """What a release consists of: its version and the hash of each of its files."""

    version: str
    hash: str
    files: dict[str, str]


def content_hash(data: bytes | mmap.mmap) -> str:
    """Give the hash of some content, with its method."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def encode(value: object) -> bytes:
    """Write a value in the one canonical way: sorted keys, no white space."""
    return _encoder.encode(value)


def write_snapshot(snapshot: Snapshot, folder: Path) -> bytes:
    """Write a Snapshot into a release folder."""
    data = encode(snapshot)
    (folder / SNAPSHOT).write_bytes(data)
    return data


def read_manifest(folder: Path) -> Manifest:
    """Read what a release folder says of itself."""
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError as error:
        raise SnapshotMissing(
            code="snapshot-missing",
            message="there is no release here",
            subject=MANIFEST,
            location=str(folder),
            repair="make one with: inokg build",
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _altered(folder, MANIFEST, str(error)) from error
    if content_hash(encode(manifest.files)) != manifest.hash:
        raise _altered(folder, MANIFEST, "its hash is not that of the files it lists")
    return manifest


def read_snapshot(folder: Path) -> tuple[Snapshot, Manifest]:
    """Read the Snapshot of a release; content that does not match its hash is refused."""
    manifest = read_manifest(folder)
    try:
        data = (folder / SNAPSHOT).read_bytes()
    except FileNotFoundError as error:
        raise SnapshotMissing(
            code="snapshot-missing",
            message="the release has no snapshot",
            subject=SNAPSHOT,
            location=str(folder),
            repair="make the release again with: inokg build",
        ) from error
    if content_hash(data) != manifest.files.get(SNAPSHOT):
        raise _altered(folder, SNAPSHOT, "its content does not match the hash in release.json")
    try:
        with _all_kept():
            found = msgspec.json.decode(data, type=Snapshot)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _altered(folder, SNAPSHOT, str(error)) from error
    # Answers bear the hash of the whole release: the one by which anybody can find it again.
    return msgspec.structs.replace(found, knowledge_hash=manifest.hash), manifest


@contextmanager
def _all_kept() -> Iterator[None]:
    """Turn garbage collection off while many objects are made that will all be kept."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if gc.get_freeze_count() == 0:
            # Frozen and thawed, it counts as old, and is not gone through again and again.
            gc.freeze()
            gc.unfreeze()
        if collecting:
            gc.enable()


def _altered(folder: Path, name: str, why: str) -> SnapshotAltered:
    return SnapshotAltered(
        code="snapshot-altered",
        message=f"the release was altered: {why}",
        subject=name,
        location=str(folder / name),
        repair="make the release again with: inokg build",
    )
