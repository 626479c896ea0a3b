"""The words that every rendering of a Report shares: folded steps, change sets, burden, ages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec import UnsetType

from kg.contract.report import Asks, Because, Burden, Contributor, Finding, Hazard, Planned, Report
from kg.contract.severity import SeverityName

_MOST_NAMED = 6
# What asks for nothing now is one line on a page and a terminal, and no card.
NOTED: Asks = "know"


def named(names: Sequence[str]) -> str:
    """Write names in a row, and how many more there are."""
    unique = list(dict.fromkeys(names))
    more = len(unique) - _MOST_NAMED
    return ", ".join(unique[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def first_sentence(text: str) -> str:
    """Give the first sentence of an advice; the rest stands in the full report."""
    head, stop, _ = text.partition(". ")
    return head + stop.strip()


def folded(findings: Sequence[Finding]) -> list[tuple[Finding, list[Finding]]]:
    """Put each weaker step under the stronger one that refines it."""
    shown = {f.advisory for f in findings}
    below: dict[str, list[Finding]] = defaultdict(list)
    heads = []
    for finding in findings:
        if finding.refined_by in shown:
            below[finding.refined_by].append(finding)
        else:
            heads.append(finding)
    return [(f, list(_all_below(f.advisory, below))) for f in heads]


class Block(NamedTuple):
    """The findings of one hazard that ask for something, and what raised them, each once."""

    hazard: Hazard
    severity: SeverityName
    findings: list[tuple[Finding, list[Finding]]]
    because: list[Because]


def blocks(findings: Sequence[Finding]) -> list[Block]:
    """Put together what a person sees at once: one block for each hazard, strongest first."""
    by_hazard: dict[str, list[tuple[Finding, list[Finding]]]] = {}
    for head, weaker in folded(findings):
        if head.asks != NOTED:
            by_hazard.setdefault(head.hazard.key, []).append((head, weaker))
    return [
        Block(listed[0][0].hazard, listed[0][0].severity, listed, _raising(listed))
        for listed in by_hazard.values()
    ]


def _raising(listed: Sequence[tuple[Finding, list[Finding]]]) -> list[Because]:
    """List what raised the findings of a block, each input once, with its value."""
    seen: dict[tuple[str, str], Because] = {}
    for head, weaker in listed:
        for because in (b for finding in (head, *weaker) for b in finding.because):
            key = because.input, because.label
            if key not in seen or (because.detail and not seen[key].detail):
                seen[key] = because
    return list(seen.values())


def noted(findings: Sequence[Finding]) -> list[Finding]:
    """Give the findings that ask for nothing and are folded under nothing."""
    return [head for head, _ in folded(findings) if head.asks == NOTED]


def noted_said(findings: Sequence[Finding]) -> str:
    """Say what is only to be known in one line; of one title all that raised it."""
    titles: dict[str, list[str]] = {}
    for finding in noted(findings):
        titles.setdefault(finding.title, []).extend(b.label for b in finding.because)
    said = (f"{title} ({named(names)})" if names else title for title, names in titles.items())
    return f"Also noted: {'; '.join(said)}." if titles else ""


def exempted_said(report: Report) -> Iterator[str]:
    """Say what would apply but for an exemption."""
    for spared in report.exempted:
        seen = named([shown(b) for b in spared.because if b.label != spared.exemption.label])
        yield f"Not {spared.severity}: {spared.title} ({seen}), for: {spared.exemption.label}."


def shown(because: Because) -> str:
    """Name an input with what is said beside it: on which side it stands, and its value."""
    planned = because.status if because.status in ("planned", "stopped") else ""
    beside = ", ".join(part for part in (planned, because.detail) if part)
    return f"{because.label} ({beside})" if beside else because.label


def fetched_said(report: Report) -> Iterator[str]:
    """Say what is missing, a line for each group that a ward fetches together."""
    for group in report.to_fetch.groups:
        number, worst = group.could.raises, group.could.worst
        noun = "alert" if number == 1 else "alerts"
        could = f" (could raise {number} {noun}, worst: {worst})" if number else ""
        yield f"{group.group}: {', '.join(group.labels)}{could}"


def days_said(entry: Planned) -> Iterator[str]:
    """Say the dose of the day and its dates."""
    for dose in entry.doses or ():
        amount = f"{dose.mg_per_m2:g} mg/m²"
        if dose.mg:
            amount += f", {dose.mg:g} mg for {dose.body_surface_m2:g} m² ({dose.formula})"
        yield f"{dose.step}: {amount}{f', for {dose.when}' if dose.when else ''}"
    said = [f"{d.label} {d.day}{f' ({d.state})' if d.state else ''}" for d in entry.days or ()]
    if said:
        yield "Days: " + ", ".join(said)


def items_said(entry: Planned) -> Iterator[str]:
    """Say how each result of a checklist stands, with its bounds."""
    for item in entry.items or ():
        value = f": {item.value}" if item.value else ""
        bounds = "".join(f"; {limit.severity} {limit.says}" for limit in item.limits)
        yield f"{item.label} {item.state}{value}{bounds}"


def _all_below(advisory: str, below: dict[str, list[Finding]]) -> Iterator[Finding]:
    for finding in below.pop(advisory, []):
        yield finding
        yield from _all_below(finding.advisory, below)


def also_said(weaker: Finding, stronger: Finding) -> str:
    """Say a weaker step in a few words, with the inputs that the stronger one does not name."""
    already = {b.input for b in stronger.because}
    more = [b.label for b in weaker.because if b.input not in already]
    by = f", also because of {named(more)}" if more else ""
    return f"{weaker.title} ({weaker.severity}{by})"


def ground_said(finding: Finding) -> str:
    """Say where nothing but overdue sources carries the severity."""
    if finding.overdue is not True:
        return ""
    late = {
        f"{e.title} ({e.review_due})"
        for e in finding.evidence
        if e.overdue is True and e.severity == finding.severity
    }
    return f"rests only on sources overdue for review: {', '.join(sorted(late))}"


def burdens_said(report: Report) -> Iterator[str]:
    """Say each ladder on which something stands in one sentence."""
    for axis, burden in report.burden.items():
        if burden.drugs or burden.risk_factors:
            yield f"Burden {axis} {burden.height}: {_standing(burden)}.{_score(burden)}"


def _standing(burden: Burden) -> str:
    steps: dict[str, list[str]] = {}
    for contributor in (*burden.drugs, *burden.risk_factors):
        steps.setdefault(contributor.step, []).append(_standing_as(contributor))
    return "; ".join(f"{step}: {named(labels)}" for step, labels in steps.items())


def _standing_as(contributor: Contributor) -> str:
    detail = contributor.detail
    return contributor.label if isinstance(detail, UnsetType) else f"{contributor.label} {detail}"


def _score(burden: Burden) -> str:
    detail = burden.score_detail
    if isinstance(detail, UnsetType):
        return ""
    low, high = burden.score_range or (burden.score, burden.score)
    points = f"{low}" if low == high else f"{low} to {high}"
    return f" {detail.name} {points} ({', '.join(detail.bands)}); it orders and decides nothing."


def ages_said(report: Report) -> Iterator[str]:
    """Say which results are too old to count, and of which the age is not known."""
    yield from (stale.says for stale in report.stale)
    undated = [r.label for r in report.recognised if r.state == "undated"]
    if undated:
        wanted = "give taken_at and context.as_of"
        yield f"Age not known: {named(undated)}; {wanted}."
