"""Which tests run in one process, because they share what is dear, and which begin first.

The groups of pytest-xdist are a suffix of a test's name, and pytest no longer takes one: the marks
had no effect, and each process made for itself what a module or a folder shares.
"""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadScopeScheduling

# These share more than one module does: the servers of the SPARQL tests.
TOGETHER = {"tests/sparql/": "sparql", "tests/cli/test_sparql.py": "sparql"}
# Of these every test stands alone, and several of them take long.
APART = ("tests/build/test_release.py", "tests/notebooks/", "tests/proof/test_proof.py")
# What takes longest begins first, so that no process is left alone with it at the end.
LONGEST = (
    "tests/ontology/test_guide.py",
    "tests/proof/",
    "tests/mutation/",
    "tests/sparql/",
    "tests/notebooks/",
    "tests/gold/",
    "tests/laws/test_clearing_laws.py",
    "tests/run/",
    "tests/pages/",
    "tests/linked/",
    "tests/v1/test_batch.py",
    "tests/http/test_openapi.py",
    "tests/graph/",
    "tests/capabilities/",
    "tests/ontology/",
    "tests/explaining/",
    "tests/laws/",
    "tests/build/",
)


def group(name: str) -> str:
    """Name what a test shares a process with: its module, if nothing else is said."""
    module = name.partition("::")[0]
    if module.startswith(APART):
        return name
    return next((g for place, g in TOGETHER.items() if module.startswith(place)), module)


def place(name: str) -> int:
    """Give the place of a test in the order in which groups begin."""
    return next((n for n, start in enumerate(LONGEST) if name.startswith(start)), len(LONGEST))


def scheduler(config: pytest.Config, log: object) -> object:
    """Make what gives each process whole groups of tests, in the order of collection."""
    found = LoadScopeScheduling(config, log)
    found._split_scope = group
    return found
