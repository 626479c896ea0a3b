"""POST /v1/check/batch: one patient per line in, one answer per line out, in the same order.

Lines are streamed, so neither the request nor the answer is ever held in memory as a whole.
An invalid line is answered by one line with an error, and the rest continues.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

import msgspec
from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from api.http.answers import problem
from api.http.counted import RequestCounters
from api.http.dependencies import current_snapshot, refuse_other_content
from api.http.errors import Problem, of_status, problem_of, unforeseen
from api.http.examples import CHECK
from api.http.reviewed import current_reviews
from api.http.watch import CutShort
from api.logs import say
from api.v1.batch_line import LineId, id_of, read_line, with_id
from api.v1.batch_pool import Chunk, Counts, Helpers
from api.v1.detail import PARAMETER, detail_of
from kg.casing.assemble import assemble
from kg.checking.brief import checked
from kg.contract.detail import FULL, Detail, encode_answer
from kg.errors import KgError, TooLarge
from kg.review.reviews import NO_REVIEWS, Reviews
from kg.snapshot.model import Snapshot

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from api.settings import Settings

router = APIRouter(prefix="/v1", tags=["check"])

NDJSON = "application/x-ndjson"
_KINDS = (NDJSON, "application/ndjson", "application/jsonl")
# A chunk is small enough to be answered at once, and large enough to keep the overhead small.
_CHUNK_LINES, _CHUNK_BYTES = 16, 256 * 1024
# So many chunks a process are under way or wait to be sent: what a batch holds in memory.
_AHEAD = 2


class BadLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """The line of an answer to a line that could not be read."""

    line: int
    problem: Problem
    id: LineId = None


def bad_line(number: int, refusal: Problem, line: bytes = b"") -> bytes:
    """Write the answer to a line that could not be read; its id comes back where it had one."""
    return msgspec.json.encode(BadLine(number, refusal, id_of(line))) + b"\n"


class LineJudge:
    """Answers the lines of chunks, in a process of its own."""

    def __init__(
        self,
        snapshot: Snapshot,
        counted: RequestCounters,
        bound: int,
        detail: Detail = FULL,
        reviews: Reviews = NO_REVIEWS,
    ) -> None:
        self._snapshot = snapshot
        self._counted = counted
        self._bound = bound
        self._detail = detail
        self._reviews = reviews

    def __call__(self, chunk: Chunk) -> tuple[bytes, Counts]:
        """Give the answers to a chunk, and what is to be counted of them."""
        with self._counted.metrics.apart() as counts:
            answers = b"".join(self.answer(number, line) for number, line in chunk)
        return answers, counts

    def answer(self, number: int, line: bytes) -> bytes:
        """Give the answer to one line, whatever is in it."""
        try:
            if len(line) > self._bound:
                raise _too_long(self._bound)
            request, name = read_line(line)
            case = assemble(request, self._snapshot)
            report = checked(case, self._snapshot, self._detail, self._reviews)
            told = with_id(name, encode_answer(report)) + b"\n"
        except KgError as error:
            return bad_line(number, problem_of(error), line[: self._bound])
        except Exception as error:
            say("unforeseen error", route="/v1/check/batch", kind=type(error).__name__)
            return bad_line(number, unforeseen(), line[: self._bound])
        self._counted.report(report)
        return told


def _too_long(bound: int) -> TooLarge:
    return TooLarge(
        code="line-too-long",
        message=f"the line is longer than {bound:,} bytes",
        repair="send one patient per line",
    )


class Lines:
    """Cuts pieces of a body into lines; of a line that is too long only its end is awaited."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._rest = b""
        self.number = 0

    def cut(self, piece: bytes) -> Iterator[tuple[int, bytes]]:
        """Give the lines that a piece completes, each with its number."""
        if len(self._rest) > self._bound and b"\n" not in piece:
            return
        *whole, rest = (self._rest + piece).split(b"\n")
        # One byte more than the bound is enough to know that the line is too long.
        self._rest = rest[: self._bound + 1]
        for line in whole:
            yield from self._counted(line)

    def last(self) -> Iterator[tuple[int, bytes]]:
        """Give what stands after the last line end."""
        yield from self._counted(self._rest)

    def _counted(self, line: bytes) -> Iterator[tuple[int, bytes]]:
        self.number += 1
        if line.strip():
            yield self.number, line


class BatchAnswer(Response):
    """Reads and answers at once: the body goes on arriving while the answer is on its way."""

    def __init__(self, request: Request, judge: LineJudge) -> None:
        super().__init__(media_type=NDJSON, headers={"Cache-Control": "no-store"})
        del self.headers["content-length"]
        self._request = request
        self._settings: Settings = request.app.state.settings
        self._helpers = Helpers(judge, self._settings.batch_processes)
        self._under_way: asyncio.Queue[asyncio.Task[bytes] | bytes | None]
        self._under_way = asyncio.Queue(_AHEAD * self._settings.batch_processes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer, a chunk at a time; when the caller goes away, stop."""
        counter = self._request.app.state
        counter.batches += 1
        try:
            start: dict[str, Any] = {"type": "http.response.start", "status": 200}
            await send({**start, "headers": self.raw_headers})
            async with asyncio.TaskGroup() as both:
                both.create_task(self._take(both))
                both.create_task(self._give(send))
        except BaseExceptionGroup as group:
            # The first is the cause; the others were ended by it.
            raise group.exceptions[0] from None
        finally:
            counter.batches -= 1
            self._helpers.close()

    async def _take(self, both: asyncio.TaskGroup) -> None:
        """Read lines, and hand them over a chunk at a time."""
        lines = Lines(self._settings.largest_body)
        try:
            async for piece in self._pieces():
                for chunk in _chunks(lines.cut(piece)):
                    await self._under_way.put(both.create_task(self._judged(chunk)))
        except TimeoutError:
            refusal = of_status(408, "the batch stood still for too long; send the rest again")
            await self._under_way.put(bad_line(lines.number + 1, refusal))
        else:
            for chunk in _chunks(lines.last()):
                await self._under_way.put(both.create_task(self._judged(chunk)))
        await self._under_way.put(None)

    async def _judged(self, chunk: Chunk) -> bytes:
        answer, counts = await self._helpers.ask(chunk)
        self._request.app.state.metrics.add(counts)
        return answer

    async def _give(self, send: Send) -> None:
        """Send answers in the order of the lines."""
        while (answer := await self._under_way.get()) is not None:
            body = answer if isinstance(answer, bytes) else await answer
            try:
                async with asyncio.timeout(self._settings.stall_seconds):
                    await send({"type": "http.response.body", "body": body, "more_body": True})
            except TimeoutError:
                raise CutShort("the caller does not read") from None
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _pieces(self) -> AsyncIterator[bytes]:
        """Give the body as it comes; one that stands still for too long is an error."""
        stream = self._request.stream().__aiter__()
        while True:
            try:
                yield await asyncio.wait_for(anext(stream), self._settings.stall_seconds)
            except StopAsyncIteration:
                return


def _chunks(lines: Iterator[tuple[int, bytes]]) -> Iterator[Chunk]:
    """Put lines together; what has come is never held back for what may yet come."""
    chunk: Chunk = []
    size = 0
    for number, line in lines:
        chunk.append((number, line))
        size += len(line)
        if len(chunk) == _CHUNK_LINES or size > _CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


_LINE = msgspec.json.encode(CHECK).decode()


@router.post(
    "/check/batch",
    summary="Check many patients: one request a line in, one report a line out, in order",
    description=(
        "Newline-delimited JSON, streamed both ways: read the answer while you send, for no more "
        "than a few chunks are held between. Each line is a request as `POST /v1/check` "
        'takes it; a line that is refused is answered by `{"line": 3, "problem": {…}}`, and the '
        "rest goes on. Empty lines are passed over, and counted. A line may carry `id`, a text or "
        "a whole number, which comes back on its answer. `detail` says how much each answer holds."
    ),
    response_class=Response,
    responses={
        200: {
            "description": "One line for each line that is not empty, in order",
            "content": {NDJSON: {"schema": {"type": "string"}}},
        },
        415: problem("The body is not newline-delimited JSON"),
        422: problem("There is no such detail"),
        503: problem("There is no sound release to answer from, or too many batches under way"),
    },
    openapi_extra={
        "parameters": [PARAMETER],
        "requestBody": {
            # An empty batch is answered by an empty body.
            "required": False,
            "content": {NDJSON: {"schema": {}, "example": _LINE}},
        },
    },
)
async def post_batch(request: Request) -> Response:
    """Check patient after patient; nothing of any is kept or written down."""
    snapshot = await current_snapshot(request)
    refuse_other_content(request, *_KINDS)
    detail = detail_of(request)
    state = request.app.state
    if state.batches >= state.settings.most_batches:
        busy = "other batches are being answered; send this one again in a minute"
        raise HTTPException(503, busy, {"Retry-After": "60"})
    bound = state.settings.largest_body
    reviews = current_reviews(request, snapshot)
    return BatchAnswer(request, LineJudge(snapshot, state.counted, bound, detail, reviews))
