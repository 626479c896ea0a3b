"""POST /v1/check/batch: one patient a line in, one Report a line out, in the same order.

Lines are read as they come and answered as they are done, so that neither a request nor an
answer is ever held whole. A bad line is one line of the answer, and the rest goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

import msgspec
from fastapi import APIRouter, Request, Response

from api.answers import problem
from api.counted import Counted
from api.dependencies import current_snapshot, refuse_other_content
from api.errors import Problem, problem_of
from api.examples import CHECK
from kg.assemble import assemble
from kg.check import check
from kg.errors import KgError, TooLarge
from kg.model import Snapshot
from kg.report import encode_report
from kg.request import decode_request

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

router = APIRouter(prefix="/v1", tags=["check"])

NDJSON = "application/x-ndjson"
# Answers are sent when so many bytes wait; single checks come between.
_PIECE = 64 * 1024


class BadLine(msgspec.Struct, frozen=True):
    """The line of an answer to a line that could not be read."""

    line: int
    problem: Problem


class Judge:
    """Answers single lines."""

    def __init__(self, snapshot: Snapshot, counted: Counted) -> None:
        self._snapshot = snapshot
        self._counted = counted

    def answer(self, number: int, line: bytes, bound: int) -> bytes:
        """Give the answer to one line."""
        try:
            if len(line) > bound:
                raise _too_long(bound)
            report = check(assemble(decode_request(line), self._snapshot), self._snapshot)
        except KgError as error:
            return msgspec.json.encode(BadLine(number, problem_of(error))) + b"\n"
        self._counted.report(report)
        return encode_report(report) + b"\n"


def _too_long(bound: int) -> TooLarge:
    return TooLarge(
        code="line-too-long",
        message=f"the line is longer than {bound:,} bytes",
        repair="send one patient a line",
    )


class Lines:
    """Cuts pieces of a body into lines; of a line that is too long only its end is awaited."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._rest = b""

    def cut(self, piece: bytes) -> Iterator[bytes]:
        """Give the lines that a piece completes."""
        *whole, rest = (self._rest + piece).split(b"\n")
        # One byte more than the bound is enough to know that the line is too long.
        self._rest = rest[: self._bound + 1]
        yield from whole

    def last(self) -> Iterator[bytes]:
        """Give what stands after the last line end."""
        if self._rest.strip():
            yield self._rest


class BatchAnswer(Response):
    """Reads and answers at once: the body goes on arriving while the answer is on its way."""

    def __init__(self, pieces: AsyncIterator[bytes], judge: Judge, bound: int) -> None:
        super().__init__(media_type=NDJSON, headers={"Cache-Control": "no-store"})
        del self.headers["content-length"]
        self._pieces, self._judge, self._bound = pieces, judge, bound

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer, a piece at a time; when the caller goes away, stop."""
        start: dict[str, Any] = {"type": "http.response.start", "status": 200}
        await send({**start, "headers": self.raw_headers})
        waiting, size = [], 0
        async for answer in self._answers():
            waiting.append(answer)
            size += len(answer)
            if size >= _PIECE:
                await _send(send, b"".join(waiting), more=True)
                waiting, size = [], 0
                await asyncio.sleep(0)
        await _send(send, b"".join(waiting), more=False)

    async def _answers(self) -> AsyncIterator[bytes]:
        lines, number = Lines(self._bound), 0
        async for piece in self._pieces:
            for line in lines.cut(piece):
                number += 1
                if line.strip():
                    yield self._judge.answer(number, line, self._bound)
        for line in lines.last():
            yield self._judge.answer(number + 1, line, self._bound)


async def _send(send: Send, body: bytes, *, more: bool) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})


async def _in_time(request: Request, seconds: float) -> AsyncIterator[bytes]:
    """Give the body as it comes; one that stands still for too long is an end."""
    stream = request.stream().__aiter__()
    while True:
        try:
            yield await asyncio.wait_for(anext(stream), seconds)
        except StopAsyncIteration:
            return


_LINE = msgspec.json.encode(CHECK).decode()


@router.post(
    "/check/batch",
    summary="Check many patients: one request a line in, one report a line out, in order",
    description=(
        "Newline-delimited JSON, streamed both ways. Each line is a request as `POST /v1/check` "
        'takes it; a line that is refused is answered by `{"line": 3, "problem": {…}}`, and the '
        "rest goes on. Empty lines are passed over."
    ),
    response_class=Response,
    responses={
        200: {
            "description": "One line for each line that is not empty, in order",
            "content": {NDJSON: {"schema": {"type": "string"}}},
        },
        415: problem("The body is not newline-delimited JSON"),
        503: problem("There is no sound release to answer from"),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {NDJSON: {"schema": {"type": "string"}, "example": _LINE}},
        }
    },
)
async def post_batch(request: Request) -> Response:
    """Check patient after patient; nothing of any is kept or written down."""
    snapshot = await current_snapshot(request)
    refuse_other_content(request, NDJSON, "application/ndjson", "application/jsonl")
    settings, counted = request.app.state.settings, request.app.state.counted
    judge = Judge(snapshot, counted)
    return BatchAnswer(_in_time(request, settings.body_seconds), judge, settings.largest_body)
