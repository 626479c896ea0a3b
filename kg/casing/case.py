"""One patient as judged: every input resolved to a term or listed as not recognised.

A Case holds what was given and nothing that was not. An attribute or number that is absent is
not known; a list that is None was not assessed.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kg import terms
from kg.contract.report import Recognised, Unrecognised
from kg.contract.request import Request
from kg.interval import Interval

# Under this key an item says what is needed to know what kind of thing it is.
KIND = "kind"
IDENTITY = (terms.OF_DRUG, terms.TO_SUBSTANCE, KIND)


class Item(msgspec.Struct, frozen=True):
    """One medication, condition, allergy or observation as it hangs on the patient.

    `classes` is what a condition or observation is; `drugs` what a medication or an allergy may
    be of, one of them being the true one. None means that it may be anything.
    """

    input: str
    label: str
    role: str
    term: str | None = None
    classes: frozenset[str] | None = None
    drugs: frozenset[str] | None = None
    attributes: Mapping[str, str] = {}
    numbers: Mapping[str, Interval] = {}
    needs: Mapping[str, str] = {}
    detail: str = ""
    # False of a value that is too old or contradicted: it never makes an advisory not apply.
    settles: bool = True
    # The day of the sample, where it was given.
    taken: str = ""


def unread_item(
    path: str,
    text: str | None,
    role: str,
    attributes: Mapping[str, str],
    numbers: Mapping[str, Interval],
) -> Item:
    """Give the item of an input that was not recognised: it may be anything."""
    needs = dict.fromkeys(IDENTITY, f"{path}: a name or code that is recognised")
    return Item(path, text or path, role, attributes=attributes, numbers=numbers, needs=needs)


def unread(item: Item) -> bool:
    """Say whether an item is of an input that was not recognised."""
    return item.term is None


class Fact(msgspec.Struct, frozen=True):
    """A flag or an absence: in three values, with the inputs that say so."""

    truth: int
    input: str = ""


class Case(msgspec.Struct, frozen=True):
    """All that is known of one patient."""

    jurisdiction: str
    medications: tuple[Item, ...] | None
    conditions: tuple[Item, ...] | None
    allergies: tuple[Item, ...] | None
    observations: tuple[Item, ...] | None
    flags: Mapping[str, Fact]
    absences: Mapping[str, Fact]
    attributes: Mapping[str, str]
    numbers: Mapping[str, Interval]
    needs: Mapping[str, str]
    flags_given: bool
    recognised: tuple[Recognised, ...] = ()
    unrecognised: tuple[Unrecognised, ...] = ()
    not_assessed: tuple[str, ...] = ()
    request: Request | None = None
