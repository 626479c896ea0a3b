"""The tools by name: what each is for, what it takes, and who answers it."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any, NamedTuple

import msgspec

from api.http.errors import problem_of
from api.http.long_reading import in_turn_of
from api.logs import say
from api.mcp import knowledge, patients, queries
from api.mcp.desk import AssistantDesk, ToolArguments
from api.mcp.told import ToldAnswer
from kg.contract.request import LONGEST_TEXT, Request
from kg.errors import KgError
from kg.graph.sparql_query import LONGEST

InputSchema = dict[str, Any]
ToolFunction = Callable[[ToolArguments, AssistantDesk], ToldAnswer | Awaitable[ToldAnswer]]

_HOW_TO_READ = (
    "The answer begins with COMPLETE or NOT COMPLETE, and names the entries that were not read. "
    "Pass both on; from an answer that is not complete nothing follows about what it does not name."
)


class AssistantTool(NamedTuple):
    """One tool."""

    name: str
    title: str
    description: str
    schema: Callable[[], InputSchema]
    answer: ToolFunction


@cache
def _of_patient() -> InputSchema:
    """Describe a patient as `POST /v1/check` takes one."""
    (schema,), parts = msgspec.json.schema_components([Request], ref_template="#/$defs/{name}")
    own = parts.pop(schema["$ref"].rsplit("/", 1)[-1])
    return {**own, "$defs": parts}


def _patient(needed: str = "", **more: InputSchema) -> Callable[[], InputSchema]:
    def schema() -> InputSchema:
        whole = _of_patient()
        found = {**whole, "properties": {**whole["properties"], **more}}
        return found | {"required": [needed]} if needed else found

    return schema


def _texts(needed: str = "", **texts: str) -> Callable[[], InputSchema]:
    def schema() -> InputSchema:
        longest = LONGEST if needed == "query" else LONGEST_TEXT
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                name: {"type": "string", "maxLength": longest, "description": said}
                for name, said in texts.items()
            },
            **({"required": [needed]} if needed else {}),
        }

    return schema


TOOLS: dict[str, AssistantTool] = {
    tool.name: tool
    for tool in (
        AssistantTool(
            "check",
            "Check a patient",
            "Check one patient's medicines, conditions, allergies and results against the advice "
            "for the index drug. A list that is left out was not assessed; an empty list says "
            f"none. {_HOW_TO_READ}",
            _patient(detail={"type": "string", "enum": ["brief", "full"]}),
            patients.check_patient,
        ),
        AssistantTool(
            "explain",
            "Explain a finding",
            "With a patient: why an advisory applies or does not, or what an input led to "
            "(`medications[0]`). Without one: for whom an advisory is. " + _HOW_TO_READ,
            _patient(
                "explain",
                explain={
                    "type": "string",
                    "maxLength": LONGEST_TEXT,
                    "description": "key or title of an advisory, or the place of an input",
                },
            ),
            patients.explain,
        ),
        AssistantTool(
            "alternatives",
            "Offer alternatives",
            "For each finding of a patient, medicines of the same use, each checked for this "
            f"patient. {_HOW_TO_READ}",
            _patient(),
            patients.alternatives,
        ),
        AssistantTool(
            "resolve",
            "Resolve a name or a code",
            "Say which term a name or a code stands for. Where it is not certain nothing is "
            "chosen: ask the person which of the candidates is meant.",
            _texts(
                kind=f"one of {', '.join(knowledge.KINDS)}; drug where it is left out",
                text="a name as it is written",
                system="the system of a code, as an address",
                code="the code",
            ),
            knowledge.resolve,
        ),
        AssistantTool(
            "drug",
            "Tell what a drug can raise",
            "Say what a drug can raise beside the index drug, on what evidence, and on what it was "
            "never judged. It says nothing about any patient.",
            _texts("drug", drug="name, brand or key of a drug"),
            knowledge.drug,
        ),
        AssistantTool(
            "advisory",
            "Give an advisory",
            "Give one advisory: for whom, how severe in each jurisdiction, what to do, and why.",
            _texts("advisory", advisory="key or title of an advisory"),
            knowledge.advisory,
        ),
        AssistantTool(
            "disagreements",
            "List disagreements of sources",
            "List where sources disagree, with the reading that is taken and why.",
            _texts(text="only those that this text names"),
            knowledge.disagreements,
        ),
        AssistantTool(
            "sparql",
            "Ask the graph",
            f"Answer a SPARQL 1.1 query over the release; at most {queries.ROWS} rows are shown.",
            _texts("query", query="one query; the prefixes of the release need no declaration"),
            queries.sparql,
        ),
        AssistantTool(
            "release",
            "Name the release",
            "Say which release answers, and whether it was proved.",
            _texts(),
            knowledge.release,
        ),
    )
}


async def answered(tool: AssistantTool, given: ToolArguments, desk: AssistantDesk) -> ToldAnswer:
    """Answer one call; whatever goes wrong is told in the same form, without a traceback."""
    try:
        size = len(msgspec.json.encode(given))
        said = await in_turn_of(desk.turns, size, lambda: tool.answer(dict(given), desk))
        return await said if inspect.isawaitable(said) else said
    except KgError as error:
        found = problem_of(error)
        where = f" ({found.field})" if found.field else ""
        return ToldAnswer(
            status="not answered",
            verdict=f"Refused: {found.detail}{where}",
            unread=[found.subject] if found.subject else (),
            lines=[f"To fix it: {found.repair}."] if found.repair else (),
            data={"problem": msgspec.to_builtins(found)},
        )
    except Exception as error:
        say("unforeseen error", tool=tool.name, kind=type(error).__name__)
        return ToldAnswer(status="not answered", verdict="The service met an error; send it again")
