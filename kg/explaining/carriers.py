"""By which of its liabilities a drug stands in a class, and what carries each of them."""

from __future__ import annotations

from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot


def liabilities_into(drug: str, group: str, snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    """Give the liabilities that put a drug into a class, each with what carries it.

    A liability puts a drug into a class where every drug that has it belongs to the class. It is
    carried by the drug itself, or by a class of the drug of which a statement says so.
    """
    medicine, group_known = snapshot.drugs.get(drug), snapshot.classes.get(group)
    if medicine is None or group_known is None or not group_known.defined:
        return {}
    members = set(group_known.members)
    carried = {}
    for liability in medicine.liabilities:
        if with_liability(snapshot)[liability] <= members:
            said = _said_of(snapshot)[liability]
            carriers = tuple(c for c in medicine.classes if c in said)
            carried[liability] = (drug,) if drug in said or not carriers else carriers
    return carried


@once_per_snapshot
def with_liability(snapshot: Snapshot) -> dict[str, frozenset[str]]:
    """Give, of each liability, the drugs that have it."""
    found: dict[str, set[str]] = {}
    for iri, drug in snapshot.drugs.items():
        for liability in drug.liabilities:
            found.setdefault(liability, set()).add(iri)
    return {liability: frozenset(drugs) for liability, drugs in found.items()}


@once_per_snapshot
def _said_of(snapshot: Snapshot) -> dict[str, frozenset[str]]:
    """Give, of each liability, the drugs and classes of which a statement says it."""
    found: dict[str, set[str]] = {liability: set() for liability in with_liability(snapshot)}
    for statement in snapshot.statements.values():
        if statement.liability in found:
            found[statement.liability].update(statement.about)
    return {liability: frozenset(about) for liability, about in found.items()}
