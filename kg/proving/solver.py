"""The solver, of which this module alone knows which package it is.

Formulas go in as SMT-LIB text, so another solver costs a change of these lines only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import z3

_TOKEN = re.compile(r'\(|\)|\|[^|]*\||"(?:[^"]|"")*"|[^\s()|"]+')
Tree = str | list["Tree"]
SOLVER = f"Z3 {z3.get_version_string()}"


class Solver:
    """Looks for unknowns that meet a claim, one claim after another."""

    def __init__(self) -> None:
        self._context = z3.Context()
        self.asked = 0

    def refutes(self, problem: str) -> bool:
        """Say whether no unknowns meet a claim; what is left open counts as no."""
        self.asked += 1
        return self._run(f"(push)\n{problem}\n(check-sat)\n(pop)") == "unsat"

    def model(self, problem: str, names: Iterable[str]) -> dict[str, str] | None:
        """Give unknowns that meet a claim, by their names; None where there are none."""
        self.asked += 1
        verdict = self._run(f"(push)\n{problem}\n(check-sat)")
        values = self._run(f"(get-value ({' '.join(names)}))") if verdict == "sat" else ""
        self._run("(pop)")
        if verdict != "sat":
            return None
        pairs = (pair for tree in _parsed(values) for pair in tree)
        return {_flat(pair[0]).strip("|"): _flat(pair[1]) for pair in pairs}

    def _run(self, commands: str) -> str:
        return str(z3.Z3_eval_smtlib2_string(self._context.ref(), commands)).strip()


def _parsed(text: str) -> list[Tree]:
    stack: list[list[Tree]] = [[]]
    for token in _TOKEN.findall(text):
        if token == "(":  # noqa: S105 - a bracket
            stack.append([])
        elif token == ")":  # noqa: S105 - a bracket
            inner = stack.pop()
            stack[-1].append(inner)
        else:
            stack[-1].append(token)
    return stack[0]


def _flat(tree: Tree) -> str:
    """Write a value; a fraction as a quotient."""
    if isinstance(tree, str):
        return tree.strip('"')
    parts = [_flat(part) for part in tree]
    if parts[0] == "-" and len(parts) == 2:
        return f"-{parts[1]}"
    if parts[0] == "/":
        # The solver writes whole numbers as decimals: 1.0.
        over, under = (part.removesuffix(".0") for part in parts[1:])
        return f"{over}/{under}"
    return " ".join(parts)
