"""The console command: the engine's commands, and the one that starts the service."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable

from kg.cli.main import Arguments, Command, Run
from kg.cli.main import main as engine


def main() -> int:
    """Run one command."""
    return engine(more=(_MCP, _SERVE, _REVIEW))


def _load() -> tuple[Arguments, Run]:
    return _add_serve, _serve


_SERVE = Command("serve", "Serve the API and its page.", "inokg serve --port 8000", _load)


def _load_review() -> tuple[Arguments, Run]:
    from api.review.command import add_review, run

    return add_review, run


def _load_mcp() -> tuple[Arguments, Run]:
    return _add_mcp, _mcp


_MCP = Command(
    "mcp",
    "Answer an assistant in the Model Context Protocol, over standard input and output.",
    "inokg mcp",
    _load_mcp,
)


def _add_mcp(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--releases", metavar="DIR", help="folder of the releases")


def _mcp(options: argparse.Namespace) -> int:
    from api.mcp.stdio import refuse_without_sdk, run
    from api.settings import Settings

    refuse_without_sdk()
    if options.releases:
        os.environ["INOKG_RELEASES"] = options.releases
    return run(Settings())


_REVIEW = Command(
    "review",
    "Accounts, queue, export and import of reviews.",
    "inokg review queue",
    _load_review,
)


def _add_serve(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on")
    add("--port", type=_within(0, 2**16 - 1), default=8000, help="port to listen on; 0 takes any")
    add("--workers", type=_within(1, 64), default=1, help="number of worker processes")
    add("--releases", metavar="DIR", help="folder of the releases")
    add("--store", metavar="URL", help="an external SPARQL store that holds the release's graphs")
    add("--database", metavar="URL", help="where reviews and feedback are kept")
    add("--quiet", action="store_true", help="do not log each request")


def _within(least: int, most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not (text.isascii() and text.isdigit()) or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"'{text[:20]}' is no number from {least} to {most}")
        return int(text)

    return number


def _serve(options: argparse.Namespace) -> int:
    # Settings come from the environment; command-line options override them.
    for name in ("releases", "store", "database"):
        value = getattr(options, name)
        if value:
            os.environ[f"INOKG_{name.upper()}"] = value
    from api.run.serve import serve
    from api.settings import Settings

    return serve(options.host, options.port, options.workers, Settings(log=not options.quiet))
