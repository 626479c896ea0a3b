"""Two endpoints that must not differ: over the embedded store, and over a real Oxigraph server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sysconfig import get_path

import httpx2
import pytest

from api.app import create_app
from api.settings import Settings
from kg.graph.sparql_store import prefixes
from kg.graph.sparql_worker import Limits
from tests.serving import in_a_thread
from tests.stores import store_elsewhere
from tests.workshop import ROOT

# Long enough for every honest query on a busy machine; what must be stopped has less.
PATIENT, HASTY = 60.0, 2.0


@contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """Run the service on a free port as long as it is wanted."""
    with in_a_thread(create_app(settings)) as url:
        yield url


def limits(seconds: float) -> Limits:
    return Limits(seconds=seconds, rows=5000, memory=512 << 20)


@pytest.fixture(scope="session")
def embedded(release_folder: Path) -> Iterator[str]:
    with serving(Settings(release_folder.parent, store=None, limits=limits(PATIENT))) as url:
        yield url


# The store goes on with queries that nobody waits for, so it is stopped when this folder is done.
@pytest.fixture(scope="package")
def oxigraph(release_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of an Oxigraph server that holds the real release."""
    with store_elsewhere(release_folder, tmp_path_factory.mktemp("oxigraph")) as store:
        yield store


@pytest.fixture(scope="package")
def remote(release_folder: Path, oxigraph: str) -> Iterator[str]:
    with serving(Settings(release_folder.parent, store=oxigraph, limits=limits(PATIENT))) as url:
        yield url


@pytest.fixture(scope="package", params=["embedded", "remote"])
def service(request: pytest.FixtureRequest) -> str:
    """Give the address of the service over each store in turn."""
    url: str = request.getfixturevalue(request.param)
    return url


@pytest.fixture(scope="package", params=["embedded", "remote"])
def hasty(request: pytest.FixtureRequest, release_folder: Path) -> Iterator[str]:
    """Give an endpoint that stops a query soon, over each store in turn."""
    store = request.getfixturevalue("oxigraph") if request.param == "remote" else None
    with serving(Settings(release_folder.parent, store=store, limits=limits(HASTY))) as url:
        yield url + "/sparql"


@pytest.fixture(scope="package")
def endpoint(service: str) -> str:
    return service + "/sparql"


@pytest.fixture(scope="session")
def http() -> Iterator[httpx2.Client]:
    with httpx2.Client(timeout=90) as client:
        yield client


@pytest.fixture(scope="session")
def known(release_folder: Path) -> dict[str, str]:
    return prefixes(release_folder)


@pytest.fixture(scope="session")
def node() -> Path:
    """Give the program that runs JavaScript, where set-up brought what the tests need from npm."""
    if not (ROOT / "tests/browser/node_modules/.stamp").exists():
        pytest.skip("npm could not be reached at set-up, so there is no browser; run: make setup")
    return Path(get_path("scripts")) / "node"
