"""The command `sparql`: a query over the release, as a table or in a form for programs."""

from __future__ import annotations

import argparse
import difflib
import os
import signal
import sys
from pathlib import Path

import pyoxigraph as ox

from kg.cli.terminal import Steps, add_releases, visible
from kg.errors import QueryRefused
from kg.graph.questions import USERS, read_question, read_questions, short
from kg.graph.sparql_forms import DOCUMENTS, TABLES
from kg.graph.sparql_query import Query, read_query
from kg.graph.sparql_store import Embedded, Remote, answer
from kg.snapshot.alike import hints
from kg.snapshot.file import CURRENT, read_snapshot
from kg.snapshot.releases import ONTOLOGY, find_release

_TABLE = "table"
_FORMATS = {
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "turtle": "text/turtle",
    "ntriples": "application/n-triples",
    "rdfxml": "application/rdf+xml",
    "jsonld": "application/ld+json",
}
_PATIENCE = 600.0


def add_sparql(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `sparql`."""
    parser.add_argument(
        "query", nargs="?", metavar="QUERY|FILE", help="a query, a file with one, a question, or -"
    )
    parser.add_argument("--format", choices=(_TABLE, *_FORMATS), help="format of the output")
    parser.add_argument("--questions", action="store_true", help="list the questions by name")
    parser.add_argument("--release", default=CURRENT, metavar="NAME", help="another release")
    parser.add_argument(
        "--store",
        default=os.environ.get("INOKG_STORE"),
        metavar="URL",
        help="ask a SPARQL store that holds the release instead",
    )
    add_releases(parser)


def run(options: argparse.Namespace) -> int:
    """Answer one query."""
    if options.questions or options.query is None:
        return _list()
    text = _text(options.query)
    with Steps(sys.stderr) as steps:
        steps("read the release")
        folder = find_release(options.releases, options.release)
        store = Remote(options.store, folder, _PATIENCE) if options.store else Embedded(folder)
        query = read_query(text, store.prefixes)
        # A store answers in one call; only the system can stop that.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        steps("answer")
        form = options.format or (_TABLE if query.selects else "turtle")
        media = _FORMATS["json" if form == _TABLE else form]
        _fitting(query, media)
        found = answer(store, query, None, media, None).body
        told = hints(query.mentions, read_snapshot(folder)[0])
    for hint in told:
        print(f"inokg: {hint}", file=sys.stderr)
    if form == _TABLE:
        _print(found, store.prefixes)
    else:
        sys.stdout.buffer.write(found if found.endswith(b"\n") else found + b"\n")
    return 0


def _list() -> int:
    found = read_questions(ONTOLOGY).values()
    widest = max((len(q.name) for q in found), default=0)
    for user, title in USERS.items():
        print(f"{title}:")
        for question in found:
            if question.user == user:
                print(f"  {question.name:{widest}}  {question.question}")
    return 0


def _text(given: str) -> str:
    if given == "-":
        return sys.stdin.read()
    if any(sign in given for sign in "{}<\n"):
        return given
    path = Path(given)
    if path.is_file():
        return read_question(path).query if path.suffix == ".toml" else _read(path)
    questions = read_questions(ONTOLOGY)
    if given in questions:
        return questions[given].query
    if " " in given.strip():
        return given
    near = difflib.get_close_matches(given, questions, n=3, cutoff=0.4)
    raise QueryRefused(
        code="no-such-query",
        message="this is neither a query, nor a file, nor a question",
        subject=given,
        repair=("did you mean " + ", ".join(near) + "? else " if near else "")
        + "list the questions with: inokg sparql --questions",
    )


def _fitting(query: Query, media: str) -> None:
    fit = TABLES if query.selects else DOCUMENTS
    if media not in fit:
        names = [name for name, known in _FORMATS.items() if known in fit]
        raise QueryRefused(
            code="form-unfit",
            message=f"what {query.form} finds cannot be written so",
            repair="choose --format " + ", ".join([_TABLE] * query.selects + names),
        )


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise QueryRefused(
            code="not-text",
            message="this file is not UTF-8 text",
            subject=path.name,
            repair="name a file that contains a query",
        ) from error


def _print(data: bytes, prefixes: dict[str, str]) -> None:
    """Print a table: wrapped on a terminal, one row a line in a pipe."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    results = ox.parse_query_results(data, ox.QueryResultsFormat.JSON)
    if isinstance(results, ox.QueryBoolean):
        print("yes" if results else "no")
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for variable in results.variables:
        table.add_column(variable.value, overflow="fold")
    number = 0
    for number, row in enumerate(results, 1):  # noqa: B007 - the number of the last row is printed
        table.add_row(*("" if v is None else visible(_shown(v, prefixes)) for v in row))
    terminal = sys.stdout.isatty()
    Console(width=None if terminal else 100_000, highlight=False, markup=False).print(table)
    print(f"{number:,} row" + ("" if number == 1 else "s"), file=sys.stderr)


def _shown(value: object, prefixes: dict[str, str]) -> str:
    if isinstance(value, ox.NamedNode):
        return short(value.value, prefixes)
    return value.value if isinstance(value, ox.Literal) else str(value)
