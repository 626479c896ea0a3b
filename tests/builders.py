"""Readable cases: a_case().taking("quibalol").with_condition("blight").in_phase("before_dose")."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from kg.casing.assemble import assemble
from kg.casing.case import Case
from kg.checking.check import check
from kg.contract.report import Report
from kg.contract.request import request_from
from kg.snapshot.model import Snapshot
from tests.world import world

LISTS = ("medications", "conditions", "allergies", "observations")


@dataclass(frozen=True)
class CaseBuilder:
    """A request in the making; every step gives a new one."""

    snapshot: Snapshot = field(default_factory=world)
    body: dict[str, Any] = field(default_factory=dict)

    def _added(self, part: str, entry: dict[str, Any]) -> CaseBuilder:
        return replace(self, body={**self.body, part: [*(self.body.get(part) or []), entry]})

    def _set(self, part: str, **fields: Any) -> CaseBuilder:
        return replace(self, body={**self.body, part: {**self.body.get(part, {}), **fields}})

    def taking(self, text: str | None = None, **fields: Any) -> CaseBuilder:
        """Add a medication."""
        return self._added("medications", {"text": text, **fields})

    def with_condition(self, text: str | None = None, **fields: Any) -> CaseBuilder:
        """Add a condition."""
        return self._added("conditions", {"text": text, **fields})

    def allergic_to(self, text: str | None = None, **fields: Any) -> CaseBuilder:
        """Add an allergy."""
        return self._added("allergies", {"text": text, **fields})

    def measuring(
        self, text: str | None = None, value: Any = None, unit: str | None = None, **fields: Any
    ) -> CaseBuilder:
        """Add an observation."""
        entry = {"text": text, "value": value, "unit": unit, **fields}
        return self._added("observations", entry)

    def flagged(self, *flags: str) -> CaseBuilder:
        """Give the flags that hold; none of the others does."""
        return self._set("patient", flags=list(flags))

    def patient(self, **fields: Any) -> CaseBuilder:
        """Say who the patient is."""
        return self._set("patient", **fields)

    def context(self, **fields: Any) -> CaseBuilder:
        """Say which dose is in question."""
        return self._set("context", **fields)

    def in_phase(self, phase: str) -> CaseBuilder:
        """Give the phase of treatment."""
        return self.context(phase=phase)

    def none(self, *parts: str) -> CaseBuilder:
        """Say that parts were assessed and hold nothing."""
        return replace(self, body={**self.body, **{part: [] for part in parts}})

    def otherwise_well(self) -> CaseBuilder:
        """Say of every list that is not given that it holds nothing."""
        return self.none(*(part for part in LISTS if part not in self.body))

    def case(self) -> Case:
        """Read the request."""
        return assemble(request_from(self.body), self.snapshot)

    def report(self) -> Report:
        """Check the case."""
        return check(self.case(), self.snapshot)

    def outcome(self, name: str) -> str:
        """Say whether an advisory applies, does not apply, or cannot be told."""
        report = self.report()
        iri = next(i for i in self.snapshot.advisories if i.endswith(f"/{name}"))
        if any(f.advisory == iri for f in report.findings):
            return "applies"
        if any(n.advisory == iri for n in report.not_evaluable):
            return "cannot tell"
        return "does not apply"


def a_case(snapshot: Snapshot | None = None) -> CaseBuilder:
    """Begin with a patient of whom nothing is known."""
    return CaseBuilder(snapshot or world())
