"""The console command: the engine's commands, and the one that opens the doors."""

from __future__ import annotations

import argparse

from kg.cli import Arguments, Command, Run
from kg.cli import main as engine


def main() -> int:
    """Run one command."""
    return engine(more=(_SERVE,))


def _load() -> tuple[Arguments, Run]:
    return _add_serve, _serve


_SERVE = Command("serve", "Serve the API and its page.", "inokg serve --port 8000", _load)


def _add_serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on")
    parser.add_argument("--workers", type=int, default=1, help="number of processes")


def _serve(options: argparse.Namespace) -> int:
    from api.serve import serve

    print(f"inokg: serving http://{options.host}:{options.port}/ (stop with Ctrl-C)", flush=True)
    return serve(options.host, options.port, options.workers)
