"""The words that every rendering of a Report shares: folded steps, change sets, burden, ages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from msgspec import UnsetType

from kg.contract.report import Burden, Contributor, Finding, Report

_MOST_NAMED = 6


def named(names: Sequence[str]) -> str:
    """Write names in a row, and how many more there are."""
    unique = list(dict.fromkeys(names))
    more = len(unique) - _MOST_NAMED
    return ", ".join(unique[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


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
        steps.setdefault(contributor.step, []).append(_shown(contributor))
    return "; ".join(f"{step}: {named(labels)}" for step, labels in steps.items())


def _shown(contributor: Contributor) -> str:
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
