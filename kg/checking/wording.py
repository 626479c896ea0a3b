"""What an advisory says to one reader: the sentences of his jurisdiction, and of what is there."""

from __future__ import annotations

from kg.interval import TRUE
from kg.judging.patterns import truth_of
from kg.judging.questions import logic
from kg.judging.view import View
from kg.snapshot.jurisdictions import ANY, speaking_in
from kg.snapshot.model import Advisory, Passage, Snapshot


def management(advisory: Advisory, view: View, snapshot: Snapshot) -> str:
    """Give what to do, without the sentences that are for others."""
    if not advisory.passages:
        return advisory.management
    return " ".join(p.text for p in advisory.passages if _is_read(p, view, snapshot))


def _is_read(passage: Passage, view: View, snapshot: Snapshot) -> bool:
    own = view.case.jurisdiction
    elsewhere = own != ANY and speaking_in(snapshot)[own].isdisjoint(passage.read_in)
    if passage.read_in and elsewhere:
        return False
    if passage.read_where is None:
        return True
    return truth_of(logic(snapshot).criterion(passage.read_where), view) == TRUE
