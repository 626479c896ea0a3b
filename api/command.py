"""The console command: the engine's commands, and the one that opens the doors."""

from __future__ import annotations

import argparse
from typing import Any

from kg.cli import command
from kg.cli import main as engine


def main() -> int:
    """Run one command."""
    return engine(more=(_add_serve,))


def _add_serve(commands: Any) -> None:
    parser = command(
        commands, "serve", _serve, "Serve the API and its page.", "inokg serve --port 8000"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on")
    parser.add_argument("--workers", type=int, default=1, help="number of processes")


def _serve(options: argparse.Namespace) -> int:
    from api.serve import serve

    print(f"inokg: serving http://{options.host}:{options.port}/ (stop with Ctrl-C)", flush=True)
    return serve(options.host, options.port, options.workers)
