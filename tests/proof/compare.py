"""The comparison: the engine's verdicts beside those of two reasoners, on every advisory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from kg.casing.assemble import assemble
from kg.contract.request import request_from
from kg.snapshot.file import read_snapshot
from kg.snapshot.model import Snapshot
from tests.proof.axioms import Axioms, key
from tests.proof.covering import Covering
from tests.proof.facts import facts
from tests.proof.hermit import Hermit
from tests.proof.mutants import engine
from tests.proof.portraits import Painter
from tests.proof.requests import Requests
from tests.proof.sparql import Sparql
from tests.proof.verdicts import WORDS, Subject, Theorem, Verdict, Verdicts

Body = dict[str, Any]
_SEED = 1328


class Difference(NamedTuple):
    """One advisory of one case on which two do not agree."""

    case: int
    advisory: str
    engine: Verdict | None
    reasoner: Verdict | None

    def __str__(self) -> str:
        said = (WORDS[v.truth] if v else "none" for v in (self.engine, self.reasoner))
        return f"case {self.case}, {key(self.advisory)}: {' against '.join(said)}"


def differences(ours: Sequence[Verdicts], theirs: Sequence[Verdicts]) -> Iterator[Difference]:
    """List everything on which two do not agree; an advisory that one does not have, too."""
    for n, (one, other) in enumerate(zip(ours, theirs, strict=True)):
        for advisory in sorted({*one, *other}):
            if one.get(advisory) != other.get(advisory):
                yield Difference(n, advisory, one.get(advisory), other.get(advisory))


@dataclass
class Bench:
    """One release with all that judges it."""

    snapshot: Snapshot
    axioms: Axioms
    painter: Painter = field(init=False)

    def __post_init__(self) -> None:
        self.painter = Painter(self.axioms)

    @staticmethod
    def of_release(folder: Path) -> Bench:
        """Read a release twice: compiled, and as a graph."""
        return Bench(read_snapshot(folder)[0], Axioms.of_release(folder))

    @cached_property
    def requests(self) -> Requests:
        """Give the maker of requests."""
        return Requests(self.painter)

    def bodies(self, count: int) -> tuple[list[Body], float]:
        """Make requests, and say what share of the pairs of levels they show."""
        covering = Covering(self.requests.factors, self.painter.questions.targets)
        random = Random(_SEED)  # noqa: S311 - the same requests every time
        made = [self.requests.body(row, random) for row in islice(covering.rows(), count)]
        return made, 1 - covering.left / covering.pairs

    def engine(self, bodies: Sequence[Body]) -> list[Verdicts]:
        """Let the engine judge."""
        return [engine(body, self.snapshot) for body in bodies]

    def subjects(self, bodies: Sequence[Body]) -> list[Subject]:
        """Read requests as cases, with flags and absences as the contract says them."""
        cases = [assemble(request_from(body), self.snapshot) for body in bodies]
        return [
            Subject(case, facts(body, case, self.axioms))
            for body, case in zip(bodies, cases, strict=True)
        ]

    def terms(self, bodies: Sequence[Body]) -> set[str]:
        """Collect the drugs and conditions that some cases hold."""
        cases = [s.case for s in self.subjects(bodies)]
        items = [i for c in cases for some in (c.medications, c.conditions) for i in some or ()]
        return {i.term for i in items if i.term is not None}

    def hermit(self, bodies: Sequence[Body]) -> list[Verdicts]:
        """Let HermiT judge."""
        return Theorem(self.painter).verdicts(self.subjects(bodies), Hermit(self.painter))

    def sparql(self, bodies: Sequence[Body]) -> list[Verdicts]:
        """Let SPARQL judge."""
        return Theorem(self.painter).verdicts(self.subjects(bodies), Sparql(self.painter))

    def reading(self, axioms: Axioms) -> Bench:
        """Let the reasoners read other axioms, the engine the same Snapshot."""
        return Bench(self.snapshot, axioms)


def shares(verdicts: Sequence[Verdicts]) -> Mapping[str, int]:
    """Count how often each answer was given."""
    return Counter(WORDS[v.truth] for case in verdicts for v in case.values())
