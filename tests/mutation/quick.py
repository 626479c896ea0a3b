"""Compile a changed ontology anew, but only what can have changed, and without a reasoner.

That the short way gives the same Snapshot as the whole build is tried in `tests.mutation.whole`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec

from kg import terms
from kg.build.axes import AxisCompiler
from kg.build.compile_advice import AdviceCompiler
from kg.build.compile_burden import BurdenCompiler
from kg.build.compile_decisions import decided
from kg.build.compile_terms import TermCompiler
from kg.build.coverage import CoverageCheck
from kg.build.expressions import Translator, names_in, numbers_in, numbers_in_words
from kg.build.load import Knowledge, load
from kg.build.reason import Inferences
from kg.errors import KnowledgeError
from kg.snapshot.criteria import Criterion
from kg.snapshot.file import read_snapshot
from kg.snapshot.model import Snapshot
from tests.mutation.change import Mutant, made
from tests.mutation.closure import followed, inferred_of

_change = msgspec.structs.replace
CRITERIA = ("criterion", "population")


class Older(Exception):
    """The release was built from another ontology than the one that is to be changed."""


@dataclass
class Workshop:
    """An ontology, loaded, with the release that was built from it."""

    knowledge: Knowledge
    inferred: Inferences
    snapshot: Snapshot

    @classmethod
    def of(cls, ontology: Path, release: Path) -> Workshop:
        """Open the ontology and the release; they must belong together."""
        shop = cls(load(ontology), inferred_of(release), read_snapshot(release)[0])
        advice = AdviceCompiler(shop.knowledge, shop.inferred)
        criteria, built = advice.criteria(), shop.snapshot
        told = (criteria, advice.advisories(criteria))
        if told != (built.criteria, built.advisories) or shop.with_terms() != built:
            raise Older("the release is older than the ontology: make it again with: inokg build")
        return shop

    @cached_property
    def users(self) -> dict[str, frozenset[str]]:
        """Say of each criterion which rest on it, itself included."""
        direct: dict[str, set[str]] = defaultdict(set)
        for user, criterion in self.snapshot.criteria.items():
            for name in names_in(criterion.expression):
                direct[name].add(user)
        found = {}
        for name in self.snapshot.criteria:
            seen, queue = {name}, [name]
            while queue:
                new = direct[queue.pop()] - seen
                seen |= new
                queue += new
            found[name] = frozenset(seen)
        return found

    def compiled(self, mutant: Mutant) -> Snapshot:
        """Give the Snapshot of the changed ontology; what a build refuses is refused here."""
        with made(self.knowledge, mutant.changes):
            if terms.kind(mutant.of) in CRITERIA:
                return self._with_criterion(mutant.of)
            if terms.kind(mutant.of) == "advisory":
                return self._with_advice(self.snapshot.criteria)
            return self.with_terms()

    def _with_criterion(self, name: str) -> Snapshot:
        expression = Translator(self.knowledge).definition(name)
        text = self.knowledge.text(name, terms.DEFINITION)
        if numbers_in(expression) != numbers_in_words(text):
            raise self._refused("threshold-differs", name)
        changed = _change(self.snapshot.criteria[name], expression=expression, definition=text)
        criteria = {**self.snapshot.criteria, name: changed}
        check = CoverageCheck(criteria, self.snapshot.properties, self.inferred.superclasses)
        for user in sorted(self.users[name]):
            if check.covered(criteria[user].expression):
                raise self._refused("covering-union", user)
        return self._with_advice(criteria)

    def _refused(self, code: str, name: str) -> KnowledgeError:
        return KnowledgeError(
            code=code,
            message="the build refuses this",
            subject=self.knowledge.short(name),
            location=self.knowledge.where(name),
            repair="see kg.build.compile_advice",
        )

    def _with_advice(self, criteria: dict[str, Criterion]) -> Snapshot:
        advisories = AdviceCompiler(self.knowledge, self.inferred).advisories(criteria)
        return decided(_change(self.snapshot, criteria=criteria, advisories=advisories))

    def with_terms(self) -> Snapshot:
        """Give the Snapshot with what the axioms about terms now say."""
        inferred = followed(self.knowledge, self.inferred)
        compiler, axes = (
            TermCompiler(self.knowledge, inferred),
            AxisCompiler(self.knowledge, inferred),
        )
        tables = BurdenCompiler(self.knowledge, inferred).tables(self.snapshot.criteria)
        changed = _change(
            self.snapshot,
            drugs=compiler.drugs(axes),
            classes=compiler.classes(axes),
            conditions=compiler.conditions(),
            **tables,
        )
        return decided(changed)
