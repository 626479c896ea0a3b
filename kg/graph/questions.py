"""The competency questions: what people ask of the graph, each with its query and what must come.

Each stands in a file of its own among the knowledge, since question, query and expected rows name
what is clinical. What is expected is written from the sources, never from an answer.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from kg.errors import KnowledgeError

USERS = {
    "prescriber": "For prescribers",
    "informatician": "For informaticians",
    "reviewer": "For reviewers",
}
FOLDER = "questions"


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an answer must be: all its rows, some it must have or lack, or how many there are."""

    answer: bool | None = None
    rows: tuple[tuple[str, ...], ...] | None = None
    contains: tuple[tuple[str, ...], ...] = ()
    lacks: tuple[tuple[str, ...], ...] = ()
    count: int | None = None
    at_least: int | None = None


class CompetencyQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One competency question, as its file has it."""

    question: str
    user: str
    why: str
    query: str
    expect: Expected
    name: str = ""


def read_questions(ontology: Path) -> dict[str, CompetencyQuestion]:
    """Read every question, by name, in the order of users and names."""
    found = [read_question(path) for path in sorted((ontology / FOLDER).glob("*.toml"))]
    order = list(USERS)
    return {q.name: q for q in sorted(found, key=lambda q: (order.index(q.user), q.name))}


def read_question(path: Path) -> CompetencyQuestion:
    """Read the question in a file."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        question = msgspec.convert(data | {"name": path.stem}, CompetencyQuestion)
    except (ValueError, msgspec.ValidationError) as error:
        raise _wrong(path, " ".join(str(error).split())) from error
    if question.user not in USERS:
        raise _wrong(path, f"there is no user called {question.user}")
    return question


def _wrong(path: Path, why: str) -> KnowledgeError:
    return KnowledgeError(
        code="question-malformed",
        message=f"the question cannot be read: {why}",
        subject=path.stem,
        location=f"{path.parent.name}/{path.name}",
        repair="give it question, user, why, query and expect",
    )


def short(value: str, prefixes: Mapping[str, str]) -> str:
    """Write a name with its prefix, as expected rows have it."""
    best = max(
        (name for name, place in prefixes.items() if value.startswith(place)),
        key=lambda name: len(prefixes[name]),
        default=None,
    )
    return value if best is None else f"{best}:{value[len(prefixes[best]) :]}"


def declared(query: str, prefixes: Mapping[str, str]) -> str:
    """Declare the prefixes that a query uses, so that it can be taken elsewhere as it is."""
    used = [
        name
        for name in sorted(prefixes)
        if re.search(rf"(?<![\w:]){re.escape(name)}:", query)
        and not re.search(rf"(?i)prefix\s+{re.escape(name)}:", query)
    ]
    return "".join(f"PREFIX {name}: <{prefixes[name]}>\n" for name in used) + query


def differences(expected: Expected, found: bool | Sequence[tuple[str, ...]]) -> list[str]:
    """Say how an answer differs from what was expected; nothing where it does not."""
    if isinstance(found, bool):
        return [] if expected.answer is found else [f"the answer is {found}"]
    if expected.answer is not None:
        return ["the answer is a table"]
    here = set(found)
    said = [
        f"missing {row}" for row in (*expected.contains, *(expected.rows or ())) if row not in here
    ]
    said += [f"not expected {row}" for row in expected.lacks if row in here]
    if expected.rows is not None:
        said += [f"not expected {row}" for row in found if row not in set(expected.rows)]
        if len(found) != len(expected.rows):
            said.append(f"{len(found)} rows, not {len(expected.rows)}")
    if expected.count is not None and len(found) != expected.count:
        said.append(f"{len(found)} rows, not {expected.count}")
    if expected.at_least is not None and len(found) < expected.at_least:
        said.append(f"{len(found)} rows, fewer than {expected.at_least}")
    return said
