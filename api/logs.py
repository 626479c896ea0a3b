"""Logs for operators: one JSON object per line, without any patient data.

What a caller sent (body, query, path values, headers) is never passed to the logger.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import msgspec

_encoder = msgspec.json.Encoder()


def say(event: str, **facts: Any) -> None:
    """Write one line, in one system call, so that lines of several workers never mix."""
    now = time.time()
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1000):03d}Z"
    line = _encoder.encode({"at": stamp, "event": event, "worker": os.getpid(), **facts}) + b"\n"
    try:
        os.write(sys.stderr.fileno(), line)
    except (OSError, ValueError):
        # The reader of the log has gone; that must not stop an answer.
        return
