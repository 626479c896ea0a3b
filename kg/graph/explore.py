"""A release opened for exploring: SPARQL as tables, the graph for networkx, the Snapshot beside."""

from __future__ import annotations

import html
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import networkx as nx
import pyoxigraph as ox

from kg import terms
from kg.graph.document import prefixes
from kg.graph.networkx_view import graph_view
from kg.snapshot.file import CURRENT, DATASET, read_snapshot
from kg.snapshot.model import Snapshot
from kg.snapshot.releases import RELEASES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


class Explorer:
    """One release, with the ways to look into it."""

    def __init__(self, folder: Path = RELEASES / CURRENT) -> None:
        self.folder = folder
        self.snapshot: Snapshot = read_snapshot(folder)[0]

    @cached_property
    def store(self) -> ox.Store:
        """Load the named graphs: what is stated, and what only follows from it."""
        store = ox.Store()
        store.bulk_load(path=str(self.folder / DATASET), format=ox.RdfFormat.N_QUADS)
        return store

    @cached_property
    def graph(self) -> nx.MultiDiGraph[str]:
        """Give all triples as one graph of labelled nodes."""
        return graph_view(q.triple for q in self.store)

    @cached_property
    def prefixes(self) -> dict[str, str]:
        """Give the short names of the folders of the namespace."""
        return prefixes(q.triple for q in self.store)

    def ask(self, query: str) -> pd.DataFrame:
        """Ask in SPARQL over stated and inferred triples together; our prefixes are known."""
        import pandas as pd

        result: Any = self.store.query(
            query, use_default_graph_as_union=True, prefixes=self.prefixes
        )
        if isinstance(result, ox.QueryBoolean):
            return pd.DataFrame({"answer": [bool(result)]})
        names = [v.value for v in result.variables]
        return pd.DataFrame([[_plain(row[n]) for n in names] for row in result], columns=names)

    def table(self, frame: pd.DataFrame) -> Any:
        """Show a table whole: no text is cut, and a term is a link to its permanent name."""
        import pandas as pd

        folders = {n for n in self.prefixes.values() if n.startswith(terms.BASE)}

        def cell(value: object) -> str:
            if pd.isna(value):
                return ""
            text = html.escape(str(value).removeprefix(terms.BASE))
            folder, _, key = text.partition("/")
            if key and f"{terms.BASE}{folder}/" in folders and " " not in key:
                return f'<a href="{terms.BASE}{text}">{text}</a>'
            return text

        left = [{"selector": "th, td", "props": "text-align: left; vertical-align: top"}]
        shown = frame.style.format(cell).set_table_styles(left)
        numbered = pd.api.types.is_integer_dtype(frame.index.dtype)
        return shown.hide(axis="index") if numbered else shown


def picture(figure: Figure, reading: str) -> None:
    """Show a figure with what it says: below it, and as its description for who cannot see it."""
    from IPython import display
    from matplotlib import pyplot

    notebook: Any = display
    notebook.display(figure, metadata={"image/png": {"alt": reading}})
    notebook.display(notebook.Markdown(reading))
    pyplot.close(figure)


def _plain(node: Any) -> Any:
    """Give a value as Python has it: numbers as numbers, terms of ours by kind and key."""
    if node is None or isinstance(node, ox.BlankNode | ox.Triple):
        return None if node is None else str(node)
    if isinstance(node, ox.NamedNode):
        name: str = node.value
        return name.removeprefix(terms.BASE)
    kind = terms.local(node.datatype.value)
    if kind in ("integer", "nonNegativeInteger"):
        return int(node.value)
    return float(node.value) if kind in ("decimal", "double") else node.value
