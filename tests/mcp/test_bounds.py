"""The door for assistants is bounded, keeps nothing, and tells every caller what was wrong."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, get_args

import httpx2
import pytest
from mcp import Client, MCPError

from api.mcp.tools import TOOLS
from tests.mcp.assistant import Call, Way, ask, heard, session
from tests.serving import serving
from tests.workshop import ROOT

MARK = "Qwertzuiop-Marker"
LISTED = {"jsonrpc": "2.0", "id": 7, "method": "tools/list"}
WAYS = get_args(Way)
WANTED = {
    *("resolve", "check", "explain", "drug", "advisory", "alternatives", "disagreements"),
    *("sparql", "release"),
}


def called(arguments: Mapping[str, Any], tool: str = "check") -> dict[str, Any]:
    """Write a call as it goes over the wire."""
    params = {"name": tool, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params}


def post(url: str, content: bytes, **headers: str) -> httpx2.Response:
    given = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    return httpx2.post(f"{url}/mcp", content=content, headers={**given, **headers}, timeout=30)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("way", WAYS)
def test_every_tool_and_resource_is_listed_and_read(
    way: Way, mode: str, places: dict[str, str]
) -> None:
    async def look(client: Client) -> tuple[set[str], int, list[str]]:
        tools = {t.name for t in (await client.list_tools()).tools}
        uris, cursor = [], None
        while True:
            page = await client.list_resources(cursor=cursor)
            uris += [r.uri for r in page.resources]
            cursor = page.next_cursor
            if cursor is None:
                break
        question = await client.read_resource("inokg://question/code-systems")
        source = await client.read_resource(next(u for u in uris if "//source/" in u))
        texts = [getattr(c, "text", "") for one in (question, source) for c in one.contents]
        return tools, len(uris), texts

    tools, number, texts = session(way, places[way], look, mode)
    assert tools == set(TOOLS) == WANTED
    assert number > 80
    assert "SELECT" in texts[0]
    assert json.loads(texts[1])["label"]


@pytest.mark.parametrize("way", WAYS)
def test_a_query_is_answered_and_bounded(way: Way, places: dict[str, str]) -> None:
    few, many, unknown = ask(
        way,
        places[way],
        [
            Call("sparql", {"query": "SELECT ?s { ?s a ik:Severity }"}),
            Call("sparql", {"query": "SELECT ?s { ?s ?p ?o }"}),
            Call("sparql", {"query": "SELECT ?p { condition:cirrhosis ?p ?o }"}),
        ],
    )
    assert "5 rows found" in few.structured["said"]
    assert "There may be more rows" in many.structured["said"]
    assert "did you mean condition/Cirrhosis" in unknown.structured["said"]


def test_a_message_that_is_too_long_is_refused_over_http(served: str) -> None:
    answer = post(served, json.dumps(called({"medications": [{"text": "x" * 1_100_000}]})).encode())
    assert (answer.status_code, answer.json()["title"]) == (413, "body too large")


def test_what_says_a_name_twice_is_refused(served: str, release_folder: Path) -> None:
    body = b'{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"check",'
    body += b'"arguments":{"medications":[],"medications":[]}}}'
    assert post(served, body).status_code == 422
    answer = over_streams(body + b"\n", release_folder.parent)
    assert "twice" in answer["error"]["message"] or "repeat" in answer["error"]["message"]
    assert answer["id"] == 7


def over_streams(lines: bytes, releases: Path) -> dict[str, Any]:
    """Send lines to a process of its own, and give the answer to the message 7."""
    run = "from api.command import main; raise SystemExit(main())"
    process = subprocess.Popen(
        [sys.executable, "-c", run, "mcp", "--releases", str(releases)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    writing = threading.Thread(target=_write, args=(process.stdin, HELLO + lines), daemon=True)
    writing.start()
    # A host keeps its end open until it has the answer.
    said = [process.stdout.readline() for _ in range(2)]
    writing.join()
    rest, errors = process.communicate(timeout=30)
    assert b"Traceback" not in errors + b"".join(said) + rest
    assert MARK.encode() not in errors
    answers = [json.loads(line) for line in said]
    found: dict[str, Any] = next(a for a in answers if a["id"] == 7)
    return found


def _write(end: IO[bytes], lines: bytes) -> None:
    end.write(lines)
    end.flush()


HELLO = (
    json.dumps(
        {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "initialize",
            "params": {
                "protocolVersion": "2025-06-18",
                "capabilities": {},
                "clientInfo": {"name": "test", "version": "1"},
            },
        }
    )
    + '\n{"jsonrpc":"2.0","method":"notifications/initialized"}\n'
).encode()


@pytest.mark.parametrize("place", ["first", "last"])
def test_a_message_that_is_too_long_is_refused_over_streams(
    place: str, release_folder: Path
) -> None:
    whole = called({"medications": [{"text": MARK + "x" * 1_100_000}]})
    if place == "last":
        whole["id"] = whole.pop("id")
    answer = over_streams(json.dumps(whole).encode() + b"\n", release_folder.parent)
    assert answer["id"] == 7
    assert "longer than" in answer["error"]["message"]


@pytest.mark.parametrize(
    "line", [b"\xff\xfe\n", b"[]\n", b"{}\n", b"[" * 100_000 + b"\n", b'{"id": 7}\n', b"null\n"]
)
def test_nonsense_ends_nothing(line: bytes, release_folder: Path) -> None:
    answer = over_streams(line + json.dumps(LISTED).encode() + b"\n", release_folder.parent)
    assert answer["id"] == 7
    assert len(answer["result"]["tools"]) == len(WANTED)


def test_pages_of_other_origins_may_not_ask(served: str) -> None:
    body = json.dumps(LISTED).encode()
    assert post(served, body).status_code == 200
    assert post(served, body, Origin="http://evil.example").status_code == 403
    refused = post(served, body, **{"Content-Type": "text/plain"})
    assert refused.status_code == 415


@pytest.mark.parametrize("body", ["{}", "[]", "null", '{"jsonrpc": "1.0"}', '{"id": 7}', "{", "\\"])
def test_what_is_no_message_is_a_problem_in_our_words(served: str, body: str) -> None:
    answer = post(served, body.encode())
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "pydantic" not in answer.text


def test_nothing_of_a_call_is_logged(release_folder: Path) -> None:
    sent = [
        called({"medications": [{"text": MARK}], "conditions": [{"text": MARK}]}),
        called({"medications": MARK}),
        called({"text": MARK}, "resolve"),
        called({}, MARK),
        {"jsonrpc": "2.0", "id": MARK, "method": MARK},
        {"jsonrpc": "2.0", "id": 7, "method": "resources/read", "params": {"uri": MARK}},
    ]
    with serving(release_folder.parent) as service:
        for message in sent:
            assert post(service.url, json.dumps(message).encode()).status_code < 500
            assert post(service.url, json.dumps(message).encode()[:-3]).status_code < 500
        post(service.url, json.dumps(sent[0]).encode(), Host=MARK)
        log = service.raw_log
    assert MARK not in log
    assert any(line.get("route") == "/mcp" for line in service.log)


@pytest.mark.parametrize("way", WAYS)
def test_no_answer_holds_a_traceback(way: Way, places: dict[str, str]) -> None:
    async def wrong(client: Client) -> list[str]:
        said = []
        for uri in ("inokg://question/none", "http://127.0.0.1/", "x" * 3000):
            with pytest.raises(MCPError) as refused:
                await client.read_resource(uri)
            said.append(str(refused.value))
        for arguments in ({"kind": "food"}, {"text": 5}, {"text": "\ud83d"[:0]}, {"x": None}):
            said.append(heard(await client.call_tool("resolve", arguments)).blocks[0])
        return said

    for text in session(way, places[way], wrong):
        assert "Traceback" not in text
        assert "/site-packages/" not in text


def test_without_the_sdk_the_command_says_what_to_install(release_folder: Path) -> None:
    run = (
        "import sys; from importlib.machinery import PathFinder as P; find = P.find_spec\n"
        "P.find_spec = classmethod(lambda c, n, *a: None if n == 'mcp' else find(n, *a))\n"
        "from api.command import main; raise SystemExit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", run, "mcp", "--releases", str(release_folder.parent)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "pip install" in done.stderr
    assert "[mcp]" in done.stderr


def test_without_the_sdk_the_address_says_so(served: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.mcp.routes.find_spec", lambda _: None)
    answer = post(served, json.dumps(LISTED).encode())
    assert answer.status_code == 501
    assert "[mcp]" in answer.json()["detail"]
