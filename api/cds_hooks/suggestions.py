"""Suggestions on a card, as FHIR R4 actions that a client can carry out.

Whether leaving out an order clears a finding, and which alternative does, was judged by the
check; here it is only rendered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID, uuid5

from api.cds_hooks.call import Call
from api.cds_hooks.standard import HookJson
from kg.contract.report import Finding, Operation, Report
from kg.fhir.answer import detected_issue
from kg.fhir.asked import FhirRequest
from kg.fhir.check import pointer
from kg.fhir.intake import FoundResource
from kg.snapshot.hl7 import SuggestedOrder
from kg.snapshot.model import Snapshot

_MOST = 6


@dataclass(frozen=True)
class Desk:
    """One call as it is answered: what came, what was found, and the orders in progress."""

    call: Call
    asked: FhirRequest
    report: Report
    snapshot: Snapshot
    # Whether every list of medicines that was sent was read whole; where nothing was sent at all.
    listed: bool = True
    absent: frozenset[str] = frozenset()

    @property
    def subject(self) -> HookJson:
        """Point to the patient."""
        return {"reference": f"Patient/{self.call.patient}"}

    @cached_property
    def places(self) -> dict[str, FoundResource]:
        """Give every resource that was read by its place."""
        return {x.path: x.found for lines in self.asked.lines.values() for x in lines}

    @cached_property
    def drafts(self) -> dict[str, FoundResource]:
        """Give the orders that are being written or signed by their places."""
        found = (f for f in self.places.values() if f.path.startswith("context.draftOrders"))
        return {f.path: f for f in found}

    def name(self, path: str) -> str:
        """Say what the order at a place is for."""
        names = [r.label for r in self.report.recognised if r.input == path]
        return ", ".join(names) or "the order"

    def index_orders(self) -> list[FoundResource]:
        """Give the draft orders of the drug that the checks are about."""
        index = self.snapshot.index_drug
        own = {r.input for r in self.report.recognised if r.term == index}
        return [f for path, f in self.drafts.items() if path in own]


def suggestions(
    findings: Sequence[Finding], card: UUID, indicator: str, desk: Desk
) -> list[HookJson]:
    """Offer what clears findings, what to examine, and to put them on record."""
    clearing = [o for f in findings for o in _removals(f, indicator, desk)]
    offered = [*clearing, *(o for f in findings for o in _examinations(f, desk))]
    found = _numbered([*offered[: _MOST - 1], _record(findings, desk)], card)
    # What clears a finding was judged again; the first of it is what is advised.
    return [{**one, "isRecommended": n == 0 and bool(clearing)} for n, one in enumerate(found)]


def examinations_for(labels: set[str], card: UUID, desk: Desk) -> list[HookJson]:
    """Offer the orders that would supply measurements that are missing."""
    wanted = {iri for iri, o in desk.snapshot.observations.items() if o.label in labels}
    wide = wanted | {a for iri in wanted for a in desk.snapshot.observations[iri].ancestors}
    orders = [o for o in desk.snapshot.doors.orders.values() if wide & set(o.measures)]
    return _numbered([_examination(o, desk, "to supply what is missing") for o in orders], card)


def _numbered(offered: list[HookJson], card: UUID) -> list[HookJson]:
    labels: dict[str, HookJson] = {}
    for one in offered:
        labels.setdefault(one["label"], one)
    return [{**one, "uuid": str(uuid5(card, label))} for label, one in labels.items()]


def _removals(finding: Finding, indicator: str, desk: Desk) -> Iterator[HookJson]:
    """Offer to take back draft orders: the sets that clear the finding first."""
    drafts = {pointer(path): order for path, order in desk.drafts.items()}
    single: set[str] = set()
    for change in finding.clears_by:
        actions = [a for o in change for a in _actions(o, drafts, desk)]
        at = {_order_of(o.path) for o in change}
        if actions and at <= set(drafts):
            single |= at if len(at) == 1 else set()
            yield {"label": _label(change, drafts, desk), "actions": actions}
    involved = [b.input for b in finding.because]
    for place, order in drafts.items():
        if order.path in involved and place not in single and order.resource.get("id"):
            yield {
                "label": f"Remove the order: {desk.name(order.path)}",
                "actions": [_gone(order, desk)],
            }
    if indicator == "critical":
        # What excludes the treatment is met by taking back the order for it.
        for order in desk.index_orders():
            if order.resource.get("id"):
                name = desk.name(order.path)
                yield {"label": f"Remove the order: {name}", "actions": [_gone(order, desk)]}


def _order_of(path: str) -> str:
    return path.removesuffix("/resource")


def _actions(
    operation: Operation, drafts: Mapping[str, FoundResource], desk: Desk
) -> list[HookJson]:
    draft = drafts.get(_order_of(operation.path))
    if draft is None or not draft.resource.get("id"):
        return []
    if operation.op == "remove":
        return [_gone(draft, desk)]
    order: Any = operation.value
    if operation.op != "replace" or not isinstance(order, dict):
        return []
    name = order.get("medicationCodeableConcept", {}).get("text", "")
    new = {
        "type": "create",
        "description": f"Order {name} instead",
        "resource": {**order, "subject": desk.subject},
    }
    return [_gone(draft, desk), new]


def _gone(found: FoundResource, desk: Desk) -> HookJson:
    return {
        "type": "delete",
        "description": f"Remove the order for {desk.name(found.path)}",
        "resourceId": f"{found.type}/{found.resource['id']}",
    }


def _label(change: tuple[Operation, ...], drafts: Mapping[str, FoundResource], desk: Desk) -> str:
    words = []
    for operation in change:
        found = drafts[_order_of(operation.path)]
        name = desk.name(found.path)
        if operation.op == "remove":
            words.append(f"remove the order: {name}")
        else:
            value: Any = operation.value
            new = value.get("medicationCodeableConcept", {}).get("text", "")
            words.append(f"order {new} instead of {name}")
    text = "; ".join(words)
    return text[:1].upper() + text[1:]


def _examinations(finding: Finding, desk: Desk) -> Iterator[HookJson]:
    topic = desk.snapshot.advisories[finding.advisory].topic
    for order in desk.snapshot.doors.orders.values():
        if topic in order.offered_for:
            yield _examination(order, desk, finding.title)


def _examination(order: SuggestedOrder, desk: Desk, reason: str) -> HookJson:
    """Offer an examination; codes for different measurements are orders of their own."""
    whole = [{"system": c.system, "code": c.code} for c in order.codes if not c.display]
    single = [({"system": c.system, "code": c.code}, c.display) for c in order.codes if c.display]
    concepts = [{"coding": whole, "text": order.label}] if whole else []
    concepts += [{"coding": [coding], "text": name} for coding, name in single]
    actions = [
        {
            "type": "create",
            "description": f"Order {concept['text']}",
            "resource": {
                "resourceType": "ServiceRequest",
                "status": "draft",
                "intent": "order",
                "code": concept,
                "subject": desk.subject,
                "reasonCode": [{"text": reason}],
            },
        }
        for concept in concepts
    ]
    return {"label": order.names[0] if order.names else order.label, "actions": actions}


def _record(findings: Sequence[Finding], desk: Desk) -> HookJson:
    """Offer to put every finding of the card on record."""
    actions = []
    for finding in findings:
        issue = detected_issue(finding, desk.report, desk.asked, desk.snapshot, desk.places)
        del issue["id"]
        issue["patient"] = desk.subject
        said = f"Put on record: {finding.title}"
        actions.append({"type": "create", "description": said, "resource": issue})
    return {"label": "Put this on record as a detected issue", "actions": actions}
