"""An explanation in the terminal: a tree, the jurisdictions, and what would clear the finding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from kg import terms
from kg.cli.terminal import visible
from kg.contract.explanation import Branch, Explanation, Node, Position

_WIDTH, _MOST_SAID = 100, 3
_STYLES = {
    "input": "bold",
    "advisory": "bold red",
    "criterion": "green",
    "population": "green",
    "class": "blue",
    "liability": "yellow",
    "disagreement": "magenta",
    "not recognised": "bold red",
    "not given": "bold red",
    "set aside": "dim",
    "statement": "cyan",
    "source": "dim",
}
# What a step says beside its name is read here; sentences that only repeat it are left out.
_WITH_DETAIL = ("input", "criterion", "population", "liability", "set aside", "statement")


def show(found: Explanation, out: TextIO) -> None:
    """Print an explanation: in colour on a terminal, plain elsewhere."""
    width = None if out.isatty() else _WIDTH
    console = Console(file=out, highlight=False, width=width)
    console.print(Text(visible(found.summary), "bold"))
    if found.tree is not None:
        nodes = {n.id: n for n in found.nodes}
        tree = Tree(_named(found.tree, nodes), guide_style="dim")
        # With an advisory, what it rests on has its place below the tree.
        beside = ("statement", "disagreement") if found.positions else ()
        for part in found.tree.parts:
            if part.kind not in beside:
                _grow(tree, part, nodes)
        console.print(tree)
    for line in _beside(found):
        console.print(line)
    if any(p.evidence or p.severity for p in found.positions.values()):
        console.print(_positions(found))
    version = f"Release {found.release.version}, {found.release.hash[:19]}."
    console.print(Text(f"{version} {terms.DISCLAIMER}\n", "dim"))


def _grow(tree: Tree, branch: Branch, nodes: Mapping[str, Node]) -> None:
    if branch.kind == "statement" and branch.parts:
        # A passage and its document are one line: nobody looks for them one below the other.
        source = branch.parts[0]
        said = nodes[branch.id].detail or ""
        line = Text(f"{branch.label} ", _STYLES["statement"])
        tree.add(line.append(f"{source.label}, {source.how}: {said}", "none"))
        return
    grown = tree.add(_named(branch, nodes))
    for part in branch.parts:
        _grow(grown, part, nodes)


def _named(branch: Branch, nodes: Mapping[str, Node]) -> Text:
    text = Text(f"{branch.how}: " if branch.how else "", "dim")
    text.append(f"{branch.kind} ", "dim").append(
        visible(branch.label), _STYLES.get(branch.kind, "none")
    )
    detail = nodes[branch.id].detail if branch.kind in _WITH_DETAIL else None
    return text.append(f"  {visible(detail)}", "dim") if detail else text


def _beside(found: Explanation) -> list[Text]:
    """Say what stands beside the chain: what is enough, what is open, why it is silent."""
    lines = []
    if found.supports:
        ways = (" + ".join(s) or "nothing at all" for s in found.supports)
        lines.append(Text(f"Enough by itself: {visible(' | '.join(ways))}"))
    for open_ in found.unsettled:
        said = f"Not settled: {open_.title} ({open_.severity}); needed: {'; '.join(open_.needs)}"
        lines.append(Text(said, "yellow"))
    if found.needs and not found.unsettled:
        lines.append(Text(f"It would be settled by: {visible('; '.join(found.needs))}", "yellow"))
    for silent in found.silent:
        where = "; ".join(f"{e.title}, {e.section}" for e in silent.evidence[:_MOST_SAID])
        said = f"Silent: {silent.title}: {silent.reason.rstrip('.')}"
        lines.append(Text(f"{said} ({where})" if where else said))
    for reading in found.disagreements:
        lines.append(Text(f"Sources disagree: {reading.title}", "magenta"))
        for e in reading.readings:
            mark = "taken" if e.statement in reading.taken else "read"
            lines.append(Text(f"  {mark}: {e.title}, {e.section}: {e.says}"))
        lines.append(Text(f"  The choice: {reading.resolution} {reading.reason}"))
        lines.append(Text(f"  To be confirmed by: {reading.to_be_confirmed_by}", "dim"))
    return lines


def _positions(found: Explanation) -> Table:
    """Put what each jurisdiction says side by side."""
    shown = {place: p for place, p in found.positions.items() if p.evidence or p.severity}
    table = Table(title="Side by side", title_justify="left", show_lines=True)
    for place in shown:
        table.add_column(place, ratio=1)
    table.add_row(*(p.severity or "-" for p in shown.values()), style="bold")
    table.add_row(*(Text(_said(p)) for p in shown.values()))
    return table


def _said(position: Position) -> str:
    """Say what a jurisdiction's sources say, those first that give the severity that holds."""
    evidence = sorted(position.evidence, key=lambda e: e.severity != position.severity)
    lines = [f"{e.title}, {e.section}: {e.says}" for e in evidence[:_MOST_SAID]]
    more = len(evidence) - _MOST_SAID
    return "\n".join([*lines, *([f"and {more} more"] if more > 0 else [])])
