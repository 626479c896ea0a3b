"""Laws of the advice: what must hold of every patient, whatever is added to what is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from kg import terms
from kg.contract.place import Place
from kg.contract.severity import ORDER
from kg.proving import definitions as meant
from kg.proving.claims import Claim, shown
from kg.proving.formula import NO, Halves, Symbols, every, no
from kg.proving.table_formulas import meant_view
from kg.snapshot.advice import own_advisories
from kg.snapshot.criteria import AtLeast, Named
from kg.snapshot.criteria_walk import nodes_of
from kg.snapshot.jurisdictions import choices
from kg.snapshot.model import Advisory, Snapshot

_JURISDICTION = "context.jurisdiction"
# Topics of this group are the contraindications of the labels.
_FORBIDS = "contraindication."


class _Later(Symbols):
    """The unknowns of the same patient with more known: what was so for certain stays so.

    What is said stays as it is. That something is lacking may no longer be so.
    """

    def __init__(self, before: Symbols, grows: Callable[[str], bool]) -> None:
        super().__init__()
        self.sorts, self.rules = before.sorts, before.rules
        self._grows = grows

    def answer(self, name: str) -> Halves:
        before = super().answer(name)
        if not self._grows(name):
            return before
        after = super().answer(f"{name}, with more known")
        if not name.startswith(f"{terms.LACKS} "):
            self.rule(f"(=> {before.sure} {after.sure})")
        return after


def verdict(advisory: Advisory, snapshot: Snapshot, symbols: Symbols) -> Halves:
    """Give the verdict of the definitions, as a formula."""
    asked = meant.of_patient(Named(advisory.applies_to), snapshot, symbols, meant_view(advisory))
    if advisory.unless is None:
        return asked
    exempt = meant.of_patient(Named(advisory.unless), snapshot, symbols).sure
    return Halves(every((asked.sure, no(exempt))), every((asked.possible, no(exempt))))


def _silenced_by_its_exemption_alone(snapshot: Snapshot) -> Iterator[Claim]:
    """Whatever more is known, what forbids stays, unless its exemption is known.

    Of other topics an advisory may forbid because something was not said; there it stays as long
    as that is not said.
    """
    for iri, advisory in own_advisories(snapshot).items():
        if ORDER[0] not in advisory.severities.values():
            continue
        strictly = snapshot.topics[advisory.topic].startswith(_FORBIDS)
        symbols = Symbols()
        applies = meant.of_patient(Named(advisory.applies_to), snapshot, symbols).sure
        later = _Later(symbols, lambda name: strictly or not name.startswith(terms.LACKS))  # noqa: B023
        after = verdict(advisory, snapshot, later).sure
        exempt = NO
        if advisory.unless:
            exempt = meant.of_patient(Named(advisory.unless), snapshot, later).sure
        fault = every((applies, no(exempt), no(after)))
        yield Claim("law: a contraindication stays", iri, fault, symbols)


def _one_medicine_more(snapshot: Snapshot) -> Iterator[Claim]:
    """Whatever medicine is added, what applied goes on to apply."""
    along = _names_along(snapshot, terms.HAS_MEDICATION)
    for iri, advisory in own_advisories(snapshot).items():
        symbols = Symbols()
        before = verdict(advisory, snapshot, symbols).sure
        later = _Later(symbols, lambda name: name.removeprefix(_view(name)) in along)
        after = verdict(advisory, snapshot, later).sure
        fault = every((before, no(after)))
        yield Claim("law: a medicine removes nothing", iri, fault, symbols)


def _view(name: str) -> str:
    """Give the part of a name that says on which view it is asked."""
    return name[: name.index(") at least") + 2] if ") at least" in name else ""


def _names_along(snapshot: Snapshot, family: str) -> set[str]:
    nodes = (
        node
        for criterion in snapshot.criteria.values()
        for node in nodes_of(criterion.expression, snapshot)
        if isinstance(node, AtLeast) and meant.family_of(node.role, snapshot) == family
    )
    return {meant.along_name(node.role, node.least, node.item, "") for node in nodes}


def _jurisdictions_only_list(snapshot: Snapshot) -> Iterator[Claim]:
    """No definition asks whose law is in question; that only says what is listed, how severe."""
    keys = choices(snapshot)
    for iri, advisory in own_advisories(snapshot).items():
        asked = [advisory.applies_to, *advisory.sets_aside]
        asked += [advisory.unless] if advisory.unless else []
        properties = {
            getattr(node, "property", "")
            for name in asked
            for node in nodes_of(Named(name), snapshot)
        }
        places = (Place.of(snapshot.properties[p].input or "") for p in properties if p)
        blind = all(at is None or str(at) != _JURISDICTION for at in places)
        listed = bool(advisory.severities) and set(advisory.severities) <= set(keys)
        yield shown("law: jurisdiction only lists", iri, blind and listed)


LAWS: Mapping[str, Callable[[Snapshot], Iterator[Claim]]] = {
    "contraindications": _silenced_by_its_exemption_alone,
    "medicines": _one_medicine_more,
    "jurisdictions": _jurisdictions_only_list,
}


def laws(snapshot: Snapshot) -> Iterator[Claim]:
    """Give the claims of every law."""
    for law in LAWS.values():
        yield from law(snapshot)
