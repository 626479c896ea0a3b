"""What is missing, turned round for a person: each thing once, with what may come of it.

An input that was not read may be anything, and what only that would ask for is not asked for:
the input itself is to be corrected first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from kg.casing.case import KIND, Case, unread
from kg.checking.missing_words import NamedGap, named_for_people
from kg.contract.detail import BriefMissing
from kg.contract.place import Place
from kg.contract.report import Could, Missing
from kg.contract.severity import ORDER, SeverityName, rank, strongest
from kg.interval import UNKNOWN
from kg.judging.judge import Verdict
from kg.judging.needs import needs
from kg.judging.patterns import truth_of
from kg.judging.view import Need, View, read_alone
from kg.snapshot.model import Snapshot

Open = Sequence[tuple[Verdict, tuple[Need, ...]]]


class Wanting(NamedTuple):
    """One thing to supply, the advisories that it would help to settle, and their strongest.

    Of a whole part that is missing, `among` says what each thing in it would help to settle.
    """

    needs: str
    severity: SeverityName
    settles: Mapping[str, SeverityName]
    among: Mapping[str, Mapping[str, SeverityName]]
    named: NamedGap


def wanting(case: Case, open_needs: Open, snapshot: Snapshot) -> tuple[Wanting, ...]:
    """Invert the gaps: list each missing input once, strongest first."""
    settles: dict[str, dict[str, SeverityName]] = defaultdict(dict)
    among: dict[str, dict[str, dict[str, SeverityName]]] = defaultdict(dict)
    for part in case.not_assessed:
        settles[f"part: {part}"] = {}
    for verdict, wanted in _asked(case, open_needs, snapshot):
        for need in wanted:
            settles[need.text][verdict.ready.iri] = verdict.severity
            if need.among:
                within = among[need.text].setdefault(need.among, {})
                within[verdict.ready.iri] = verdict.severity
    listed = (
        Wanting(
            text,
            strongest(settled.values()) or ORDER[-1],
            settled,
            dict(sorted(among[text].items())),
            named_for_people(text, case, snapshot),
        )
        for text, settled in settles.items()
    )
    return tuple(sorted(listed, key=_place))


def _place(wanted: Wanting) -> tuple[int, int, str, str]:
    """Put the strongest first, then by name, so that the order of the entries changes nothing."""
    return (
        rank(wanted.severity), -len(wanted.settles), wanted.named.label, wanted.needs,
    )  # fmt: skip


def _asked(
    case: Case, open_needs: Open, snapshot: Snapshot
) -> Iterator[tuple[Verdict, list[Need]]]:
    """Leave out what is wanted only because an input that was not read may be anything."""
    lists = (case.medications, case.conditions, case.allergies, case.observations)
    lost = {
        item.input: item.needs.get(KIND, "")
        for items in lists
        for item in items or ()
        if unread(item) and _numbered(item.input)
    }
    if not lost:
        yield from ((v, list(n)) for v, n in open_needs)
        return
    own = set(lost.values())
    views: dict[int, View] = {}
    for verdict, wanted in open_needs:
        view = views.get(id(verdict.view))
        if view is None:
            view = views[id(verdict.view)] = read_alone(verdict.view, lost.keys(), snapshot)
        still: set[Need] = set()
        if truth_of(verdict.ready.applies, view) == UNKNOWN:
            still.update(needs(verdict.ready.applies, view, snapshot))
        yield verdict, [n for n in wanted if n in still or n.text in own]


def _numbered(path: str) -> bool:
    at = Place.of(path)
    return at is not None and at.n is not None


def missing(wanted: Sequence[Wanting]) -> tuple[Missing, ...]:
    """List what is missing, each thing with what it would settle."""
    return tuple(
        [
            Missing(
                needs=w.needs,
                severity=w.severity,
                settles=tuple(sorted(w.settles)),
                among=tuple(w.among),
                group=w.named.group,
                label=w.named.label,
                could=Could(raises=len(w.settles), worst=w.severity),
            )
            for w in wanted
        ]
    )


def missing_in_brief(wanted: Sequence[Wanting]) -> tuple[BriefMissing, ...]:
    """List what is missing, each thing in a few words."""
    return tuple(
        [BriefMissing(needs=w.needs, label=w.named.label, severity=w.severity) for w in wanted]
    )
