"""What is missing as a short list for a person: what a ward fetches together, each thing once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from kg import terms
from kg.casing.case import Case
from kg.checking.missing import Wanting
from kg.checking.missing_words import NamedGap, named_gap
from kg.contract.report import Could, FetchGroup, ToFetch
from kg.contract.severity import ORDER, SeverityName, strongest
from kg.judging.needs import measured_as
from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot

_NO_PHASE = "Missing"


class _Group(NamedTuple):
    """One group while it is filled: its names, and the advice that it would settle."""

    labels: dict[str, None]
    settles: dict[str, SeverityName]


def to_fetch(case: Case, wanted: Sequence[Wanting], snapshot: Snapshot) -> ToFetch:
    """Put what is missing together as a ward fetches it.

    A whole list of results is taken apart into what it would hold. What was not read is to be
    corrected where it stands, and what has no group is nothing that a ward can fetch.
    """
    groups = {g.label: _Group({}, {}) for g in snapshot.reporting.groups}
    unread = {u.input for u in case.unrecognised}
    shown: set[str] = set()
    for entry in wanted:
        if entry.needs.partition(": ")[0] in unread:
            continue
        for named, settles in _apart(entry, snapshot):
            if named.group:
                group = groups.setdefault(named.group, _Group({}, {}))
                group.settles.update(settles)
                if named.label not in shown:
                    shown.add(named.label)
                    group.labels[named.label] = None
    title = snapshot.reporting.titles.get(case.attributes.get(terms.PHASE, ""), _NO_PHASE)
    return ToFetch(
        title=title,
        groups=tuple([_written(name, group) for name, group in groups.items() if group.labels]),
    )


def _written(name: str, group: _Group) -> FetchGroup:
    worst = strongest(group.settles.values()) or ORDER[-1]
    could = Could(raises=len(group.settles), worst=worst)
    return FetchGroup(group=name, labels=tuple(group.labels), could=could)


def _apart(
    entry: Wanting, snapshot: Snapshot
) -> Iterator[tuple[NamedGap, Mapping[str, SeverityName]]]:
    """Take a whole list of results apart; the facts of a patient are asked for as one."""
    measured = _measured(snapshot)
    apart = {name: settles for name, settles in entry.among.items() if name in measured}
    for name, settles in apart.items():
        yield named_gap(snapshot, f"observation: {name}"), settles
    if not apart:
        yield entry.named, entry.settles


@once_per_snapshot
def _measured(snapshot: Snapshot) -> frozenset[str]:
    return frozenset(measured_as(snapshot).values())
