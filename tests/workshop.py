"""Lay out small ontologies to build and to break."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from kg import terms
from kg.build.load import Knowledge, knowledge_files, load
from kg.build.reason import Inferences, reason
from kg.graph.turtle import Prefixes, canonical

ROOT = Path(__file__).resolve().parent.parent
ONTOLOGY = ROOT / "ontology"
MINI = ROOT / "tests" / "mini"
# Closed lists that name no drug and no disease; the invented ontology shares them.
_LISTS = ("values", "phases", "grades", "jurisdictions", "severities", "verifications")


def lay_out(folder: Path) -> Path:
    """Put the invented ontology, with the real schema and shapes, into a folder."""
    root = folder / "ontology"
    shutil.copytree(ONTOLOGY / "schema", root / "schema")
    shutil.copytree(ONTOLOGY / "shapes", root / "shapes")
    shutil.copytree(MINI, root / "mini", ignore=shutil.ignore_patterns("*.md"))
    (root / "terms").mkdir()
    for name in _LISTS:
        shutil.copy(ONTOLOGY / "terms" / f"{name}.ttl", root / "terms")
    shutil.copy(ONTOLOGY / "prefixes.ttl", root)
    (root / "mini" / "release.ttl").rename(root / "release.ttl")
    import_all(root)
    return root


def import_all(root: Path) -> None:
    """List every module in the release header, and write all files in canonical form."""
    prefixes = Prefixes.read(root / "prefixes.ttl")
    knowledge = load(root)
    modules = sorted(set(knowledge.file_of_module) - {terms.BASE})
    lines = "".join(f"    owl:imports <{m}> ;\n" for m in modules)
    header = root / "release.ttl"
    text = header.read_text(encoding="utf-8").rstrip().removesuffix(".") + lines + ".\n"
    header.write_text(text, encoding="utf-8")
    for path in knowledge_files(root):
        path.write_text(
            canonical(path.read_text(encoding="utf-8"), path.name, prefixes), encoding="utf-8"
        )


def edit(path: Path, old: str, new: str, *, tidy: bool = True) -> None:
    """Change one place of a file, which must be there, and keep the canonical form."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
    text = text.replace(old, new)
    if tidy:
        root = next(p for p in path.parents if (p / "prefixes.ttl").exists())
        text = canonical(text, path.name, Prefixes.read(root / "prefixes.ttl"))
    path.write_text(text, encoding="utf-8")


def line_of(path: Path, start: str) -> int:
    """Find the line at which a subject begins."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(n for n, line in enumerate(lines, 1) if line == start)


def understood(root: Path) -> tuple[Knowledge, Inferences]:
    """Load and reason, without the gates between."""
    knowledge = load(root)
    return knowledge, reason(knowledge)


def point(releases: Path, name: str) -> None:
    """Make another release the current one, in one step."""
    pointer = releases / ".next"
    pointer.symlink_to(name)
    os.replace(pointer, releases / "current")
