"""Hold the short way of compiling a mutant against the whole build, reasoners and all."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

import msgspec

from kg.build.compile import compile_snapshot
from kg.build.reason import reason
from kg.errors import KnowledgeError
from kg.snapshot.model import Snapshot
from tests.mutation.change import Mutant, made
from tests.mutation.quick import Workshop


def alike(
    shop: Workshop, mutants: Sequence[Mutant], number: int, progress: Callable[[str], None]
) -> dict[str, bool | None]:
    """Say of so many mutants whether both ways give the same; nothing where the build refuses."""
    found: dict[str, bool | None] = {}
    for mutant in _drawn(mutants) if number else ():
        try:
            short = shop.compiled(mutant)
        except KnowledgeError:
            continue
        found[mutant.name] = _same(shop, mutant, short)
        progress(f"{len(found)} of {number} mutants built whole")
        if sum(v is not None for v in found.values()) == number:
            break
    return found


def _same(shop: Workshop, mutant: Mutant, short: Snapshot) -> bool | None:
    try:
        return _bare(built(shop, mutant)) == _bare(short)
    except KnowledgeError:  # the reasoner finds a class that nobody can belong to
        return None


def built(shop: Workshop, mutant: Mutant) -> Snapshot:
    """Compile a mutant as a release is compiled."""
    with made(shop.knowledge, mutant.changes):
        return compile_snapshot(shop.knowledge, reason(shop.knowledge), shop.snapshot.version)


def _bare(snapshot: Snapshot) -> Snapshot:
    return msgspec.structs.replace(snapshot, knowledge_hash="")


def _drawn(mutants: Sequence[Mutant]) -> Iterator[Mutant]:
    """Take one of each kind after the other, in an order that no list decides."""
    kinds: dict[str, list[Mutant]] = defaultdict(list)
    for mutant in sorted(mutants, key=lambda m: hashlib.sha256(m.name.encode()).digest()):
        kinds[mutant.kind].append(mutant)
    while kinds:
        for kind in sorted(kinds):
            yield kinds[kind].pop()
            if not kinds[kind]:
                del kinds[kind]
