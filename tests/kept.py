"""Releases for tests, built once and kept under the hash of all that they are made from."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from kg.build.release import build
from kg.errors import SnapshotError
from kg.snapshot.file import CURRENT, content_hash, read_manifest
from tests.workshop import ROOT, edit

SHELF = ROOT / "build" / "tests"
# Whatever can change a byte of a release: what builds it, and the versions of the reasoners.
RELEASE_SIDE = [
    *(ROOT / "kg" / room for room in ("build", "graph", "snapshot", "contract")),
    *(ROOT / "kg" / f"{name}.py" for name in ("errors", "interval", "terms")),
    ROOT / "constraints.txt",
]
_MOST = 12


def digest(sources: Iterable[Path]) -> str:
    """Give the hash of every file below some places, wherever these stand."""
    found = hashlib.sha256()
    for source in sources:
        files = sorted(p for p in source.rglob("*") if p.is_file()) if source.is_dir() else [source]
        assert files, f"there is nothing in {source}"
        for path in files:
            if "__pycache__" not in path.parts:
                name = path.relative_to(source.parent).as_posix().encode()
                data = path.read_bytes()
                found.update(b"%d %s %d " % (len(name), name, len(data)) + data)
    return found.hexdigest()[:24]


def kept(sources: Iterable[Path], make: Callable[[Path], None], shelf: Path = SHELF) -> Path:
    """Give the folder of what is made from some files; processes that need the same make one."""
    folder = shelf / digest(sources)
    shelf.mkdir(parents=True, exist_ok=True)
    with (shelf / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # let go by the system, however a process ends
        if not _sound(folder):
            shutil.rmtree(folder, ignore_errors=True)
            draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=shelf))
            try:
                make(draft)
                os.replace(draft, folder)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
        os.utime(folder)
    _forget(shelf)
    return folder


def released(ontology: Path, shelf: Path = SHELF) -> Path:
    """Build an ontology, where it or the program has changed; give the folder of its release."""
    return kept([ontology, *RELEASE_SIDE], lambda out: _build(ontology, out), shelf)


def released_twice(ontology: Path) -> Path:
    """Build the invented ontology and a later version of it, which is the current one then."""

    def make(out: Path) -> None:
        build(ontology, out)
        edit(ontology / "release.ttl", 'owl:versionInfo "9.9.9"', 'owl:versionInfo "9.9.10"')
        build(ontology, out)

    return kept([ontology, *RELEASE_SIDE, Path(__file__)], make)


def _build(ontology: Path, out: Path) -> None:
    build(ontology, out)


def _sound(folder: Path) -> bool:
    """Say whether every file of the current release is there as it was written."""
    try:
        release = (folder / CURRENT).resolve(strict=True)
        files = read_manifest(release).files
        return all(content_hash((release / n).read_bytes()) == h for n, h in files.items())
    except (OSError, SnapshotError):
        return False


def _forget(shelf: Path) -> None:
    """Throw away what was not asked for in the longest time."""
    folders = [p for p in shelf.iterdir() if p.is_dir() and not p.name.startswith(".")]
    for folder in sorted(folders, key=lambda p: p.stat().st_mtime)[:-_MOST]:
        shutil.rmtree(folder, ignore_errors=True)
        folder.with_name(f"{folder.name}.lock").unlink(missing_ok=True)
