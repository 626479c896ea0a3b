"""All that a release says of one term, found in its file of sorted quads without loading it.

The file holds one statement a line, sorted; so what is said of one subject stands together, and
halving finds it. The file is mapped, not read: every process of a service shares the same pages.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox

from kg import terms
from kg.errors import SnapshotAltered, SnapshotMissing
from kg.snapshot.file import DATASET, content_hash, read_manifest


class Described:
    """The quads of one release, to look things up in."""

    def __init__(self, folder: Path) -> None:
        """Open the quads of a release; altered ones are refused."""
        path = folder / DATASET
        try:
            with path.open("rb") as file:
                self._quads = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise SnapshotMissing(
                code="graph-missing",
                message="the release has no graph",
                subject=DATASET,
                location=str(folder),
                repair="make the release again with: inokg build",
            ) from error
        if content_hash(self._quads) != read_manifest(folder).files.get(DATASET):
            raise SnapshotAltered(
                code="graph-altered",
                message="the release was altered: its graph does not match its hash",
                subject=DATASET,
                location=str(path),
                repair="make the release again with: inokg build",
            )

    def about(self, iri: str) -> list[ox.Quad]:
        """Give every statement about a term and its sections, with anonymous classes."""
        quads: list[ox.Quad] = []
        wanted = [f"<{name}>" for name in (*self._named(f"{iri}#"), iri)]
        seen = set(wanted)
        while wanted:
            data = b"".join(self._lines(wanted.pop()))
            for quad in ox.parse(data, format=ox.RdfFormat.N_QUADS):
                quads.append(quad)
                node = quad.object
                if isinstance(node, ox.BlankNode) and str(node) not in seen:
                    seen.add(str(node))
                    wanted.append(str(node))
        return quads

    def mentions(self, iri: str, most: int) -> list[tuple[str, str]]:
        """Give the terms that point to a term, each with the property; at most so many."""
        pointing: dict[tuple[str, str], None] = {}
        needle, at = f"> <{iri}> <".encode(), 0
        while len(pointing) < most:
            at = self._quads.find(needle, at)
            if at < 0:
                break
            start = self._quads.rfind(b"\n", 0, at) + 1
            # Where it stands as the object, a subject and a property go before it.
            before = self._quads[start : at + 1].decode().split(" ")
            if len(before) == 2 and before[0].startswith("<"):
                subject, predicate = (name[1:-1] for name in before)
                pointing[subject, predicate] = None
            at += len(needle)
        return list(pointing)

    def under(self, prefix: str, predicates: Iterable[str]) -> list[ox.Quad]:
        """Give what some properties say of every term whose name begins so."""
        wanted = [f"> <{p}> ".encode() for p in predicates]
        start = f"<{prefix}".encode()
        at, lines = self._first(start), []
        while self._quads[at : at + len(start)] == start:
            end = self._quads.find(b"\n", at) + 1
            line = self._quads[at:end]
            if any(p in line for p in wanted):
                lines.append(line)
            at = end
        return list(ox.parse(b"".join(lines), format=ox.RdfFormat.N_QUADS))

    def subjects(self, prefix: str) -> list[str]:
        """Give every term whose name begins so, in order; a section belongs to its document."""
        return [name for name in self._named(prefix) if "#" not in name]

    def _named(self, prefix: str) -> list[str]:
        names = []
        start = f"<{prefix}".encode()
        at = self._first(start)
        while self._quads[at : at + len(start)] == start:
            subject = self._quads[at : self._quads.find(b" ", at)]
            names.append(subject[1:-1].decode())
            # The sign after the space: the first line of the next subject.
            at = self._first(subject + b"!")
        return names

    def _lines(self, subject: str) -> Iterator[bytes]:
        """Give the lines of one subject."""
        prefix = f"{subject} ".encode()
        at = self._first(prefix)
        while self._quads[at : at + len(prefix)] == prefix:
            end = self._quads.find(b"\n", at) + 1
            yield self._quads[at:end]
            at = end

    def _first(self, prefix: bytes) -> int:
        """Find where the first line that does not sort before a prefix begins."""
        low, high = 0, len(self._quads)
        while low < high:
            middle = (low + high) // 2
            start = self._quads.rfind(b"\n", 0, middle) + 1
            if self._quads[start : start + len(prefix)] < prefix:
                end = self._quads.find(b"\n", middle)
                low = high if end < 0 else end + 1
            else:
                high = start
        return low


def in_graph(quad: ox.Quad, name: str) -> bool:
    """Say whether a quad stands in one of the named graphs of a release."""
    return isinstance(quad.graph_name, ox.NamedNode) and quad.graph_name.value == terms.GRAPH + name
