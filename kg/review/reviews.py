"""The reviews that an answer carries: the state of each subject, and one hash of them all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from kg.contract.report import ReviewState
from kg.contract.severity import ORDER
from kg.review.content import contents
from kg.review.status import ReviewStanding, Signature, needed_for, standing
from kg.snapshot.file import content_hash, encode
from kg.snapshot.model import Advisory, Snapshot
from kg.snapshot.value import Value

# What is wanted where advice applies that nobody approved.
APPROVAL = "review: approval of this advice"
UNREVIEWED = ReviewState(status="unreviewed")


class Reviews(Value, frozen=True, kw_only=True):
    """What reviewers signed, as far as answers say it; subjects nobody signed are not listed."""

    hash: str
    states: dict[str, ReviewState] = msgspec.field(default_factory=dict)
    # What means what was signed; advice that is not among these may be held back.
    approved: frozenset[str] = frozenset()
    only_approved: bool = False

    def of(self, subject: str) -> ReviewState:
        """Give the state of one subject."""
        return self.states.get(subject, UNREVIEWED)

    def holds_back(self, iri: str, advisory: Advisory) -> bool:
        """Say whether advice waits for approval; what forbids a treatment never does."""
        return (
            self.only_approved
            and iri not in self.approved
            and ORDER[0] not in advisory.severities.values()
        )


def reviews_of(standings: Mapping[str, ReviewStanding], *, only_approved: bool = False) -> Reviews:
    """Put together what answers carry."""
    states = {i: s.state for i, s in sorted(standings.items()) if s.status != "unreviewed"}
    return Reviews(
        hash=content_hash(encode([states, only_approved])),
        states=states,
        approved=frozenset(i for i, s in standings.items() if s.holds),
        only_approved=only_approved,
    )


def standings(signed: Iterable[Signature], snapshot: Snapshot) -> dict[str, ReviewStanding]:
    """Say where every subject of a release stands; signatures come in the order of signing."""
    by_subject: dict[str, list[Signature]] = defaultdict(list)
    for signature in signed:
        by_subject[signature.subject].append(signature)
    return {
        subject: standing(by_subject.get(subject, ()), content, needed_for(subject, snapshot))
        for subject, content in contents(snapshot).items()
    }


NO_REVIEWS = reviews_of({})
