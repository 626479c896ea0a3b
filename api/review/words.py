"""What the pages of the bench call things."""

from __future__ import annotations

from kg.review.status import ReviewStanding

VERDICTS = (
    ("approve", "approve"),
    ("approve_with_change", "approve with a change"),
    ("reject", "reject"),
)
MATCHES = ("matches", "does not match", "too strong", "too weak")
_STATUS = {
    "unreviewed": "never reviewed",
    "in_review": "in review",
    "approved": "approved",
    "disputed": "disputed",
    "changed_since_review": "changed since review",
    "withdrawn": "withdrawn",
}


def status_in_words(standing: ReviewStanding) -> str:
    """Say where a subject stands, in a few words."""
    said = _STATUS[standing.status]
    if standing.status == "in_review":
        return f"{len(standing.approved_by)} of {standing.needed} signatures"
    return f"{said}: wording" if standing.changed == "wording" else said
