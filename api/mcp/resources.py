"""What an assistant may read beside the tools: the competency questions and the sources."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import msgspec

from kg.errors import UnknownSubject
from kg.graph.questions import CompetencyQuestion, read_questions
from kg.snapshot.catalogue import detail, search
from kg.snapshot.model import Snapshot
from kg.snapshot.releases import ONTOLOGY

_QUESTION, _SOURCE = "inokg://question/", "inokg://source/"
TEXT, JSON = "text/plain", "application/json"


class AssistantResource(NamedTuple):
    """One thing to read, by its address."""

    uri: str
    name: str
    title: str
    media: str


@cache
def _questions() -> dict[str, CompetencyQuestion]:
    return read_questions(ONTOLOGY)


def resources(snapshot: Snapshot) -> list[AssistantResource]:
    """List the questions, then the sources."""
    asked = [
        AssistantResource(_QUESTION + q.name, q.name, q.question, TEXT)
        for q in _questions().values()
    ]
    cited = [
        AssistantResource(_SOURCE + e.key, e.key, e.label, JSON)
        for e in search("sources", "", snapshot)
    ]
    return [*asked, *cited]


def content(uri: str, snapshot: Snapshot) -> tuple[str, str]:
    """Give media type and text of one thing to read."""
    if uri.startswith(_QUESTION):
        question = _questions().get(uri.removeprefix(_QUESTION))
        if question is not None:
            return TEXT, f"{question.question}\n{question.why}\n\n{question.query}"
    if uri.startswith(_SOURCE):
        source = detail("sources", uri.removeprefix(_SOURCE), snapshot)
        if source is not None:
            return JSON, msgspec.json.encode(source).decode()
    raise UnknownSubject(
        code="unknown-subject",
        message="there is nothing to read under this address",
        subject=uri[:200],
        repair="list the resources",
    )
