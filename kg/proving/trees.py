"""Judge a Case by the definitions themselves, walking each tree; for proofs only.

Here the three-valued rules stand as they are written down: an item is asked what it is, of which
drug, and how; a role is asked how far it counts; nothing is compiled and nothing is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kg import terms
from kg.casing.case import Case, Item
from kg.contract.parts import LISTS
from kg.interval import ANYTHING, FALSE, TRUE, UNKNOWN, between
from kg.snapshot.advice import own_advisories
from kg.snapshot.criteria import AllOf, AnyOf, AtLeast, Expression, Has, Is, Named, Number, Of
from kg.snapshot.decisions import bounds_of
from kg.snapshot.model import Snapshot

_FAMILIES = tuple(one.family for one in LISTS)


class Trees:
    """The definitions of one Snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    def verdicts(self, case: Case) -> dict[str, int]:
        """Judge every advisory that has a severity in the jurisdiction of a Case."""
        return {
            iri: self.advisory(iri, case)
            for iri, advisory in own_advisories(self.snapshot).items()
            if case.jurisdiction == "any" or case.jurisdiction in advisory.severities
        }

    def advisory(self, iri: str, case: Case) -> int:
        """Judge one advisory: exempt, or set aside, or by its criterion."""
        advisory = self.snapshot.advisories[iri]
        if advisory.unless and self.criterion(advisory.unless, case) == TRUE:
            return FALSE
        left: list[tuple[Item, int]] = []
        for item in case.medications or ():
            asides = [self._of_item(Named(name), item) for name in advisory.sets_aside]
            aside = max(asides, default=FALSE)
            if aside != TRUE:
                left.append((item, UNKNOWN if aside == UNKNOWN else TRUE))
        return self._judge(Named(advisory.applies_to), case, left)

    def criterion(self, name: str, case: Case) -> int:
        """Judge one criterion on a whole Case."""
        whole = [(item, TRUE) for item in case.medications or ()]
        return self._judge(Named(name), case, whole)

    # --- the patient -----------------------------------------------------------------------------

    def _judge(self, node: Expression, case: Case, taken: Sequence[tuple[Item, int]]) -> int:
        if isinstance(node, Named):
            return self._judge(self.snapshot.criteria[node.criterion].expression, case, taken)
        if isinstance(node, AllOf):
            return min(self._judge(part, case, taken) for part in node.parts)
        if isinstance(node, AnyOf):
            return max(self._judge(part, case, taken) for part in node.parts)
        if isinstance(node, AtLeast):
            return self._at_least(node, case, taken)
        if isinstance(node, Has):
            if node.property == terms.HAS_FLAG:
                return case.flags[node.value].truth
            if node.property == terms.LACKS:
                return case.absences[node.value].truth
            return self._has(node, case.attributes.get(node.property))
        if isinstance(node, Number):
            return self._number(node, case)
        raise TypeError(f"no question about the patient: {node!r}")

    def _at_least(self, node: AtLeast, case: Case, taken: Sequence[tuple[Item, int]]) -> int:
        family = self._family(node.role)
        if family == terms.HAS_MEDICATION:
            if case.medications is None:
                return UNKNOWN
            given = taken
        else:
            one = next(one for one in LISTS if one.family == family)
            listed: tuple[Item, ...] | None = getattr(case, one.name)
            if listed is None and one.closed:
                return UNKNOWN
            given = [(item, TRUE) for item in listed or ()]
        scored = [
            (item, min(limit, self._along(node.role, item.role), self._of_item(node.item, item)))
            for item, limit in given
        ]
        if node.least > 1:
            return _different(node.least, scored)
        best = max((answer for _, answer in scored), default=FALSE)
        # A role of what was measured leaves nothing open where nothing was.
        open_role = node.role == terms.HAS_OBSERVATION
        if best == FALSE and open_role and self._open_kind(node, case):
            return UNKNOWN
        return best

    def _family(self, role: str) -> str:
        wider = {role, *self.snapshot.properties[role].wider}
        return next(family for family in _FAMILIES if family in wider)

    def _along(self, asked: str, given: str) -> int:
        """Say how far an item counts: wholly on the role or one below it, perhaps on one above."""
        properties = self.snapshot.properties
        if asked in (given, *properties[given].wider):
            return TRUE
        return UNKNOWN if given in properties[asked].wider else FALSE

    def _open_kind(self, node: AtLeast, case: Case) -> bool:
        """Say whether a kind of observation that was not measured could answer."""
        measured = {item.term for item in case.observations or () if item.settles}
        kinds = self.snapshot.observations
        for kind, known in kinds.items():
            unmeasured = Item(
                "",
                "",
                terms.HAS_OBSERVATION,
                term=kind,
                classes=frozenset({kind, *known.ancestors}),
            )
            if self._of_item(node.item, unmeasured) == FALSE:
                continue
            closing = self._at_or_below(kind)
            for group in known.ancestors:
                if group in kinds and kinds[group].one_suffices:
                    closing |= self._at_or_below(group)
            if not closing & measured:
                return True
        return False

    def _at_or_below(self, kind: str) -> set[str | None]:
        return {k for k, o in self.snapshot.observations.items() if kind in (k, *o.ancestors)}

    # --- one item --------------------------------------------------------------------------------

    def _of_item(self, node: Expression, item: Item) -> int:
        if isinstance(node, Named):
            return self._of_item(self.snapshot.criteria[node.criterion].expression, item)
        if isinstance(node, AllOf):
            return min(self._of_item(part, item) for part in node.parts)
        if isinstance(node, AnyOf):
            return max(self._of_item(part, item) for part in node.parts)
        if isinstance(node, Is):
            if item.classes is None:
                return UNKNOWN
            return TRUE if node.term in item.classes else FALSE
        if isinstance(node, Of):
            return self._of(node, item)
        if isinstance(node, Has):
            return self._has(node, item.attributes.get(node.property))
        if isinstance(node, Number):
            return self._number(node, item)
        raise TypeError(f"no question about one item: {node!r}")

    def _of(self, node: Of, item: Item) -> int:
        if item.drugs is None:
            return UNKNOWN
        group = self.snapshot.classes[node.term]
        inside = [drug in group.members for drug in item.drugs]
        if all(inside):
            return TRUE
        if node.property == terms.OF_DRUG:
            still_open = {a for d in item.drugs for a in self.snapshot.drugs[d].open_axes}
            if not still_open.isdisjoint(group.axes):
                return UNKNOWN
        return UNKNOWN if any(inside) else FALSE

    # --- attributes and numbers ------------------------------------------------------------------

    def _has(self, node: Has, given: str | None) -> int:
        if given is not None:
            return TRUE if given == node.value else FALSE
        return TRUE if node.value == self.snapshot.properties[node.property].unstated else UNKNOWN

    def _number(self, node: Number, owner: Case | Item) -> int:
        bounds, given = bounds_of(node), owner.numbers.get(node.property)
        if given is not None:
            return FALSE if given.empty else given.compare(bounds)
        plausible = between(self.snapshot.properties[node.property].plausible)
        return UNKNOWN if plausible == ANYTHING else plausible.compare(bounds)


def _different(wanted: int, scored: Iterable[tuple[Item, int]]) -> int:
    """Count different drugs: those that are so and differ for certain, and those that may."""
    certain: list[frozenset[str]] = []
    possible: set[str] = set()
    more = 0
    for item, answer in sorted(scored, key=lambda pair: len(pair[0].drugs or ())):
        if answer == FALSE:
            continue
        if item.drugs is None and item.role == terms.HAS_MEDICATION:
            # It stands for an unread portion of the list, which may hold any number.
            more += wanted
        elif item.drugs is None or len(item.drugs) != 1:
            more += 1
        else:
            possible |= item.drugs
        if answer == TRUE and item.drugs is not None and not any(item.drugs & c for c in certain):
            certain.append(item.drugs)
    if len(certain) >= wanted:
        return TRUE
    return UNKNOWN if len(possible) + more >= wanted else FALSE
