"""The tool that asks the graph in SPARQL, in the same bounded processes as the endpoint."""

from __future__ import annotations

from typing import Any

import msgspec

from api.mcp.desk import AssistantDesk, ToolArguments, nothing_else, taken
from api.mcp.told import ToldAnswer
from kg.contract.request import malformed
from kg.graph.questions import short
from kg.graph.sparql_query import LONGEST, refuse_long
from kg.graph.sparql_store import prefixes
from kg.graph.sparql_worker import QueryTask
from kg.snapshot.alike import hints

# What an assistant can take in; a program that wants more asks the endpoint.
ROWS, _LONGEST_ANSWER = 200, 1 << 20
_TABLE, _GRAPH = "application/sparql-results+json", "text/turtle"
_MORE = "There may be more rows than are shown"


async def sparql(arguments: ToolArguments, desk: AssistantDesk) -> ToldAnswer:
    """Answer one query; what is cut off is said first."""
    query = taken(arguments, "query", LONGEST)
    nothing_else(arguments)
    if not query:
        raise malformed("query", "there is no query", "send query, in SPARQL 1.1")
    refuse_long(query)
    workers = desk.workers()
    task = QueryTask(query, _TABLE, _GRAPH, None, ROWS, ROWS)
    answered = await workers.ask(task)
    body = b"".join([piece async for piece in answered.body])
    reply = answered.reply
    told = hints(reply.mentions, desk.snapshot)
    partly = reply.capped or len(body) > _LONGEST_ANSWER
    beside: list[str] = [*told, *([f"{_MORE}: ask with LIMIT and OFFSET."] if partly else [])]
    if reply.form in ("SELECT", "ASK"):
        verdict, rows, data = _table(body, prefixes(workers.release))
    else:
        text = body.decode()[:_LONGEST_ANSWER]
        verdict, rows, data = "A graph was found", text.splitlines(), {"turtle": text}
    if told:
        verdict = f"{told[0]} {verdict}"
    elif partly:
        verdict = f"{verdict}. {_MORE}"
    return ToldAnswer(
        status="no patient",
        verdict=verdict,
        lines=[*beside, *rows],
        data={"capped": "yes" if partly else "no", "hints": told, **data},
    )


def _table(body: bytes, bound: dict[str, str]) -> tuple[str, list[str], dict[str, Any]]:
    found = msgspec.json.decode(body)
    if "boolean" in found:
        said = "yes" if found["boolean"] else "no"
        return f"The answer is {said}", [], {"answer": said}
    names = found["head"]["vars"]
    rows = [
        [short(b[n]["value"], bound) if n in b else "" for n in names]
        for b in found["results"]["bindings"]
    ]
    number = len(rows)
    verdict = f"{number} row{'' if number == 1 else 's'} found"
    lines = [" | ".join(names), *(" | ".join(row) for row in rows)]
    return verdict, lines, {"columns": names, "rows": rows}
