"""Content negotiation (RFC 9110): the media type of a body, and the one a caller prefers."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import Request

JSON = "application/json"
FHIR = "application/fhir+json"
PROBLEM = "application/problem+json"


def media_of(request: Request) -> str:
    """Give the media type of the body of a request, without its parameters; or ''."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def chosen(accept: str | None, offered: Sequence[str]) -> str | None:
    """Give the offered media type that a caller likes best, or None where none will do.

    Of equally liked types the first offered is taken.
    """
    if not accept or not accept.strip():
        return offered[0]
    ranges = [_range(part) for part in accept.split(",")[:50] if part.strip()]
    best: tuple[float, str | None] = (0.0, None)
    for media in offered:
        quality = _quality(media, ranges)
        if quality > best[0]:
            best = (quality, media)
    return best[1]


_MediaRange = tuple[str, float]


def _range(part: str) -> _MediaRange:
    media, *parameters = (p.strip().lower() for p in part.split(";"))
    weights = (p.removeprefix("q=") for p in parameters if p.startswith("q="))
    try:
        return media, min(max(float(next(weights, "1")), 0.0), 1.0)
    except ValueError:
        return media, 0.0


def _quality(media: str, ranges: Sequence[_MediaRange]) -> float:
    """Decide by the most specific range that fits."""
    family = media.partition("/")[0] + "/*"
    for wanted in (media, family, "*/*"):
        weights = [q for name, q in ranges if name == wanted]
        if weights:
            return max(weights)
    return 0.0
