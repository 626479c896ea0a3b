"""The error tree drawn at the top of its module is the tree that there is."""

from __future__ import annotations

import inspect
import re

from kg import errors
from kg.errors import KgError, TurtleError

_BRANCH = re.compile(r"^(?P<lead>[│├└─ ]*)(?P<name>[A-Z][A-Za-z]+)  +\S")


def _drawn() -> dict[str, str]:
    """Read the drawing: each class, and the class it hangs from."""
    parents: dict[str, str] = {}
    above: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        if match := _BRANCH.match(line):
            depth = len(match["lead"]) // 4
            del above[depth:]
            parents[match["name"]] = above[-1] if above else "Exception"
            above.append(match["name"])
    return parents


def test_the_drawing_is_the_tree() -> None:
    classes = {
        name: cls.__bases__[0].__name__
        for name, cls in inspect.getmembers(errors, inspect.isclass)
        if cls.__module__ == errors.__name__
    }
    assert len(classes) >= 12
    assert _drawn() == classes


def test_an_error_says_where_what_and_how_to_mend_it_in_one_line() -> None:
    error = TurtleError(
        code="some-code", message="it is odd", subject="x:a", location="a.ttl:3", repair="even it"
    )
    said = str(error)
    assert said.startswith("a.ttl:3: it is odd")
    assert all(part in said for part in ("x:a", "even it", "some-code"))
    assert "\n" not in said
    assert isinstance(error, KgError)


def test_what_an_error_does_not_know_leaves_no_gap() -> None:
    assert str(KgError(code="odd", message="it is odd")) == "it is odd (odd)"
