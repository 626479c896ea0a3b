"""The console command: the engine's commands, and the one that starts the service."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable

from kg.cli.main import Arguments, Command, Run
from kg.cli.main import main as engine


def main() -> int:
    """Run one command."""
    return engine(more=(_MCP, _SERVE, _REVIEW, _CONFIG, _TOKEN))


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
    from api.settings_file import use_file

    refuse_without_sdk()
    if options.releases:
        os.environ["INOKG_RELEASES"] = options.releases
    use_file()
    return run(Settings())


def _load_config() -> tuple[Arguments, Run]:
    from api.run.config import add_config, run

    return add_config, run


def _load_token() -> tuple[Arguments, Run]:
    from api.run.tokens import add_token, run

    return add_token, run


_CONFIG = Command(
    "config",
    "Check the settings of the service, or list them.",
    "inokg config check",
    _load_config,
)
_TOKEN = Command(
    "token",
    "Say which programs may ask, each by a token of its own.",
    "inokg token add ward-system",
    _load_token,
)
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
    add("--config", metavar="FILE", help="settings in TOML; variables win over it")
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
    from api.run.config import refuse_faults
    from api.run.serve import serve
    from api.settings import Settings
    from api.settings_file import CONFIG, use_file

    if options.config:
        os.environ[CONFIG] = options.config
    use_file()
    refuse_faults()
    return serve(options.host, options.port, options.workers, Settings(log=not options.quiet))
