"""The reviews that answers carry; where they come from is the bench's affair."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Request

from kg.review.reviews import Reviews
from kg.snapshot.model import Snapshot

ReviewsOf = Callable[[Snapshot], Reviews]


def current_reviews(request: Request, snapshot: Snapshot) -> Reviews:
    """Give the reviews of the release in use, as they stand now."""
    given: ReviewsOf = request.app.state.reviews
    return given(snapshot)
