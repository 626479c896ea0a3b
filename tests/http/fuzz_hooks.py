"""How to write the media types that the tool that tries the interface does not know."""

from __future__ import annotations

from typing import Any

import schemathesis
from schemathesis import SerializationContext


@schemathesis.serializer("application/x-ndjson", "application/sparql-query")
def as_it_is(context: SerializationContext, value: Any) -> Any:
    """Send text as it is."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
