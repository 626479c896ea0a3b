"""Forms as browsers send them."""

from __future__ import annotations

from urllib.parse import parse_qs

from kg.errors import TooLarge

_MOST_FIELDS = 200


def read_form(body: bytes) -> dict[str, list[str]]:
    """Read the fields of a form."""
    try:
        return parse_qs(body.decode("utf-8", "replace"), max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise TooLarge(
            code="too-large",
            message="the form has too many fields",
            repair="send the form as the page provides it",
        ) from error
