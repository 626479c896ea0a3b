"""Ask as fast as a server answers, over several connections that are kept."""

from __future__ import annotations

import asyncio
import time


async def _ask(host: str, port: int, request: bytes, until: float, spent: list[float]) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        while time.perf_counter() < until:
            begun = time.perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            lower = head.lower()
            assert b" 200 " in head.split(b"\r\n", 1)[0], head[:100]
            length = int(lower.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
            await reader.readexactly(length)
            spent.append(time.perf_counter() - begun)
    finally:
        writer.close()


def rate(url: str, path: str, body: bytes, duration: float, connections: int = 8) -> list[float]:
    """Give how long each answer took within a stretch of time."""
    host, port = url.removeprefix("http://").split(":")
    request = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body
    spent: list[float] = []

    async def run() -> None:
        until = time.perf_counter() + duration
        tasks = [_ask(host, int(port), request, until, spent) for _ in range(connections)]
        await asyncio.gather(*tasks)

    asyncio.run(run())
    return spent
