"""Long requests are read beside the others, a few at a time, so that none holds up the rest.

A request of the usual size is answered at once, where it came in: handing it over would cost more
than it takes. One that is longer waits for its turn among the long ones and is answered in a
thread of its own, which gives way to the short ones many times in a thousandth of a second.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import TypeVar

from fastapi import FastAPI, Request

Done = TypeVar("Done")

# More bytes than a patient of some hundred entries has.
LONG_BODY = 24_000
# So many long requests are read at once in one worker; the others wait for their turn.
_AT_ONCE = 1
# How long the reader of a long request may keep the interpreter to itself, in seconds.
_TURN = 0.0005


def install(app: FastAPI) -> None:
    """Give the service its budget for long requests."""
    app.state.long_reading = turns()


def turns() -> asyncio.Semaphore:
    """Give the turns of one process."""
    return asyncio.Semaphore(_AT_ONCE)


async def in_turn(request: Request, size: int, work: Callable[[], Done]) -> Done:
    """Do the work of a request: here where it is short, else in its turn and in a thread."""
    return await in_turn_of(request.app.state.long_reading, size, work)


async def in_turn_of(free: asyncio.Semaphore, size: int, work: Callable[[], Done]) -> Done:
    """Do some work here where it is short, else when a turn is free and in a thread."""
    if size <= LONG_BODY:
        return work()
    async with free:
        usual = sys.getswitchinterval()
        sys.setswitchinterval(_TURN)
        try:
            return await asyncio.to_thread(work)
        finally:
            sys.setswitchinterval(usual)
