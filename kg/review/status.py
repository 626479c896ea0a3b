"""What the signatures on a subject come to: the one machine that gives every status."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, get_args

import msgspec

from kg.contract.report import ReviewState, ReviewStatus
from kg.contract.severity import ORDER, SeverityName
from kg.review.content import SignedContent
from kg.snapshot.model import Snapshot
from kg.snapshot.value import Value

ReviewVerdict = Literal["approve", "approve_with_change", "reject", "withdraw"]
VERDICTS: tuple[ReviewVerdict, ...] = get_args(ReviewVerdict)
# Advice that stops a treatment is signed by two people.
_BY_TWO = ORDER[:2]


class Signature(Value, frozen=True, kw_only=True):
    """One signed verdict on what a subject was when it was signed."""

    subject: str
    verdict: ReviewVerdict
    by: str
    at: str
    reason: str
    clinical: str
    wording: str
    # By jurisdiction, the strength that the signer holds right.
    severities: dict[str, str] = msgspec.field(default_factory=dict)


class ReviewStanding(Value, frozen=True, kw_only=True):
    """Where a subject stands: its status, and what is still wanted."""

    status: ReviewStatus
    changed: Literal["clinical", "wording", ""] = ""
    needed: int = 1
    approved_by: tuple[str, ...] = ()
    rejected_by: tuple[str, ...] = ()
    # Who suggested how it should read, and so may not approve it as it reads now.
    authors: tuple[str, ...] = ()

    @property
    def state(self) -> ReviewState:
        """Say it as answers do."""
        if self.changed:
            return ReviewState(status=self.status, changed=self.changed)
        return ReviewState(status=self.status)

    @property
    def holds(self) -> bool:
        """Say whether what it means is approved; how it is worded may have changed since."""
        return self.status == "approved" or self.changed == "wording"


def signatures_needed(severities: Iterable[SeverityName]) -> int:
    """Say how many people sign advice of these strengths."""
    return 2 if any(s in _BY_TWO for s in severities) else 1


def needed_for(subject: str, snapshot: Snapshot) -> int:
    """Say how many people sign a subject of a release."""
    advisory = snapshot.advisories.get(subject)
    return signatures_needed(advisory.severities.values()) if advisory else 1


def standing(signed: Sequence[Signature], content: SignedContent, needed: int) -> ReviewStanding:
    """Say where a subject stands, from its signatures in the order in which they were given."""
    authors = _authors(signed, content)
    since = _since_withdrawal(signed)
    if since is None:
        return ReviewStanding(status="withdrawn", needed=needed, authors=authors)
    latest = {s.by: s for s in since}
    now = [s for s in latest.values() if s.clinical == content.clinical]
    if not now:
        status: ReviewStatus = "changed_since_review" if latest else "unreviewed"
        changed: Literal["clinical", ""] = "clinical" if latest else ""
        return ReviewStanding(status=status, changed=changed, needed=needed, authors=authors)
    rejected = tuple(sorted(s.by for s in now if s.verdict != "approve"))
    approved = [s for s in now if s.verdict == "approve"]
    names = tuple(sorted(s.by for s in approved))
    reworded = all(s.wording != content.wording for s in approved)
    whole = ReviewStanding(
        status="approved",
        needed=needed,
        approved_by=names,
        rejected_by=rejected,
        authors=authors,
    )
    if rejected:
        return _with(whole, "disputed")
    if len(approved) < needed:
        return _with(whole, "in_review")
    return _with(whole, "changed_since_review", "wording") if reworded else whole


def _with(
    whole: ReviewStanding, status: ReviewStatus, changed: Literal["wording", ""] = ""
) -> ReviewStanding:
    return ReviewStanding(
        status=status,
        changed=changed,
        needed=whole.needed,
        approved_by=whole.approved_by,
        rejected_by=whole.rejected_by,
        authors=whole.authors,
    )


def _since_withdrawal(signed: Sequence[Signature]) -> Sequence[Signature] | None:
    """Give the signatures since the last withdrawal; none where nobody signed since."""
    for n in range(len(signed) - 1, -1, -1):
        if signed[n].verdict == "withdraw":
            return signed[n + 1 :] or None
    return signed


def _authors(signed: Sequence[Signature], content: SignedContent) -> tuple[str, ...]:
    """Name those who asked for another text than the one they saw: this one may be theirs."""
    return tuple(
        sorted(
            {
                s.by
                for s in signed
                if s.verdict == "approve_with_change"
                and (s.clinical, s.wording) != (content.clinical, content.wording)
            }
        )
    )
