"""Where releases are, and which one a user means: current, a version, the start of a hash."""

from __future__ import annotations

import os
from pathlib import Path

from kg.errors import SnapshotMissing, UnknownRelease
from kg.snapshot.file import CURRENT, MANIFEST, Manifest, read_manifest

_HERE = Path(__file__).resolve().parents[2]
ONTOLOGY = Path(os.environ.get("INOKG_ONTOLOGY", _HERE / "ontology"))
RELEASES = Path(os.environ.get("INOKG_RELEASES", _HERE / "build" / "releases"))
_SHORTEST = 4


def find_release(releases: Path, name: str) -> Path:
    """Give the folder of the one release that a name means."""
    finished = list_releases(releases)
    if name == CURRENT:
        here = (releases / CURRENT).resolve()
        if any(folder == here for folder, _ in finished):
            return here
    meant = [folder for folder, manifest in finished if _means(name, folder, manifest)]
    if len(meant) == 1:
        return meant[0]
    names = ", ".join(folder.name for folder in meant or [f for f, _ in finished]) or "none yet"
    raise UnknownRelease(
        code="ambiguous-release" if meant else "unknown-release",
        message="several releases have this name" if meant else "no release has this name",
        subject=name,
        repair=f"name one of: {names}",
    )


def folder_of(releases: Path, manifest: Manifest) -> Path:
    """Give the folder of the release that answers; another one never stands in for it."""
    named = releases / f"{manifest.version}-{manifest.hash.removeprefix('sha256:')[:12]}"
    for folder in (named, releases / CURRENT):
        if folder.is_dir() and read_manifest(folder).hash == manifest.hash:
            return folder.resolve()
    raise SnapshotMissing(
        code="release-gone",
        message="the files of the release in use are no longer there",
        subject=manifest.version,
        location=str(releases),
        repair="leave a release where it is while it is in use, or build it again",
    )


def list_releases(releases: Path) -> list[tuple[Path, Manifest]]:
    """List the finished releases in a folder, by name."""
    finished = []
    for manifest in sorted(releases.glob(f"*/{MANIFEST}")):
        folder = manifest.parent
        if not folder.is_symlink() and not folder.name.startswith("."):
            try:
                finished.append((folder.resolve(), read_manifest(folder)))
            except SnapshotMissing:
                continue
    return finished


def _means(name: str, folder: Path, manifest: Manifest) -> bool:
    hexes = manifest.hash.removeprefix("sha256:")
    start = name.removeprefix("sha256:")
    return name in (folder.name, manifest.version) or (
        len(start) >= _SHORTEST and hexes.startswith(start)
    )
