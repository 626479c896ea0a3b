"""One table of the parts of a request; it agrees with the request, and nobody else lists them."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import get_args

import pytest

from kg.casing.case import Case
from kg.cli.main import COMMANDS
from kg.contract.parts import (
    FIELDS,
    LIST_NAMES,
    LISTS,
    OF_PATIENT,
    SINGLE_PARTS,
    ClosedPart,
    ItemKind,
    ListedPart,
)
from kg.contract.request import ContextPart, PatientPart, Request
from tests.workshop import ROOT

# Where a reader stands for each list, and where requests are shown as examples.
MAY_LIST = {"kg/contract/parts.py", "kg/casing/assemble.py", "api/http/examples.py"}

# Flags are a list of keys; that a transplant is planned or a dose was reduced is one of them.
NOT_ASKED = {("patient", "flags"), ("context", "hsct_planned"), ("context", "dose_reduced")}


def test_the_table_says_what_the_request_says() -> None:
    fields = Request.__struct_fields__
    assert set(fields) == {*LIST_NAMES, *SINGLE_PARTS, "partly_read"}
    assert [f for f in fields if f in LIST_NAMES] == list(LIST_NAMES)
    assert set(LIST_NAMES) < set(Case.__struct_fields__)


def test_the_closed_words_are_those_of_the_table() -> None:
    assert get_args(ListedPart) == LIST_NAMES
    assert get_args(ClosedPart) == tuple(one.name for one in LISTS if one.closed)
    assert get_args(ItemKind) == tuple(one.kind for one in LISTS)


def test_every_field_of_the_patient_and_the_context_is_described() -> None:
    described = {(field.part, field.name) for field in FIELDS}
    sent = {("patient", name) for name in PatientPart.__struct_fields__}
    sent |= {("context", name) for name in ContextPart.__struct_fields__}
    assert sent - described == NOT_ASKED
    assert described <= sent
    assert {name for _, name in OF_PATIENT} <= set(PatientPart.__struct_fields__)


def test_every_option_is_one() -> None:
    from argparse import ArgumentParser

    parser = ArgumentParser()
    check = next(command for command in COMMANDS if command.name == "check")
    check.load()[0](parser)
    taken = {action.dest for action in parser._actions}
    options = [one.option for one in LISTS] + [f.option for f in FIELDS if f.option]
    assert len(set(options)) == len(options)
    assert set(options) <= taken


def _listing(text: str) -> set[str]:
    return {
        node.value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and node.value in LIST_NAMES
    }


@pytest.mark.parametrize("package", ["kg", "api"])
def test_nobody_else_lists_the_parts(package: str) -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / package).rglob("*.py")
        if len(_listing(path.read_text(encoding="utf-8"))) > 2
    }
    assert found <= MAY_LIST


def test_a_list_of_the_parts_is_seen() -> None:
    assert len(_listing('A = ("medications", "conditions", "allergies")')) == 3
    assert len(_listing(Path(ROOT / "kg/contract/parts.py").read_text(encoding="utf-8"))) == 4
