"""One subject laid out to be signed: what prescribers get, what it rests on, what it reaches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from api.review.signing import SignedLine, Signing, part_hash
from kg import terms
from kg.checking.evidence import cited, readings
from kg.contract.report import Evidence, Reading
from kg.review.axiom import WrittenAxiom, axioms
from kg.review.content import SignedContent, SignedPart, contents
from kg.review.queue import grounds, reached
from kg.review.status import ReviewStanding, needed_for, standing
from kg.snapshot.jurisdictions import laws
from kg.snapshot.labels import label_of
from kg.snapshot.model import Advisory, Snapshot

# What stands on the page at once; the rest is folded.
_AT_ONCE = 12


class ChangedPart(NamedTuple):
    """One part that is not as it was signed: how it read, and how it reads."""

    label: str
    kind: str
    lines: tuple[tuple[str, str], ...]


class ReachedTerm(NamedTuple):
    """One drug or condition that can raise an advisory."""

    iri: str
    label: str
    evidence: str


class Sheet(NamedTuple):
    """All that a reviewer reads before signing one subject."""

    subject: str
    kind: str
    title: str
    definition: str
    advisory: Advisory | None
    hazard: str
    strengths: tuple[tuple[str, str], ...]
    criteria: list[WrittenAxiom]
    exemption: str
    aside: tuple[str, ...]
    statements: tuple[Evidence, ...]
    readings: tuple[Reading, ...]
    resolution: tuple[str, str]
    reached: tuple[ReachedTerm, ...]
    more_reached: tuple[ReachedTerm, ...]
    content: SignedContent
    standing: ReviewStanding
    signed: Sequence[SignedLine]
    changes: tuple[ChangedPart, ...]


def sheet(subject: str, signing: Signing, snapshot: Snapshot) -> Sheet | None:
    """Lay one subject out; nothing where the release has none of this name."""
    content = contents(snapshot).get(subject)
    if content is None:
        return None
    signed = signing.of(subject)
    stands = standing(signed, content, needed_for(subject, snapshot))
    advisory = snapshot.advisories.get(subject)
    one = snapshot.disagreements.get(subject)
    term = advisory or one
    assert term is not None  # noqa: S101 - what can be signed is one of the two
    names = (advisory.applies_to, advisory.unless, *advisory.sets_aside) if advisory else ()
    hazard = snapshot.reporting.hazards.get(advisory.topic) if advisory else None
    terms_reached = _reached(advisory, snapshot) if advisory else ()
    stated = advisory.statements if advisory else one.readings if one else ()
    return Sheet(
        subject=subject,
        kind=terms.kind(subject),
        title=term.label,
        definition=term.definition,
        advisory=advisory,
        hazard=hazard.label if hazard else "",
        strengths=tuple(
            (law, advisory.severities.get(law, "none") if advisory else "")
            for law in laws(snapshot)
        ),
        criteria=axioms(names, snapshot),
        exemption=label_of(advisory.unless, snapshot) if advisory and advisory.unless else "",
        aside=tuple(label_of(n, snapshot) for n in (advisory.sets_aside if advisory else ())),
        statements=cited(stated, snapshot),
        readings=readings(advisory, snapshot) if advisory else (),
        resolution=(one.resolution, one.reason) if one else ("", ""),
        reached=terms_reached[:_AT_ONCE],
        more_reached=terms_reached[_AT_ONCE:],
        content=content,
        standing=stands,
        signed=signed,
        changes=tuple(_changes(signed, content, signing, snapshot)),
    )


def _reached(advisory: Advisory, snapshot: Snapshot) -> tuple[ReachedTerm, ...]:
    """Give what can raise it, the weakest evidence first."""
    about: dict[str, list[str]] = {}
    for iri, statement in snapshot.statements.items():
        for drug in statement.about:
            about.setdefault(drug, []).append(iri)
    found = [
        ReachedTerm(iri, label_of(iri, snapshot), next(iter(ground), "class only"))
        for iri in reached(advisory, snapshot)
        for ground in (grounds(tuple(about.get(iri, ())), snapshot),)
    ]
    return tuple(sorted(found, key=lambda r: (r.evidence != "class only", r.label)))


def _changes(
    signed: Sequence[SignedLine], content: SignedContent, signing: Signing, snapshot: Snapshot
) -> list[ChangedPart]:
    """Say what is not as it was when it was last signed."""
    if not signed:
        return []
    before, now = signed[-1].parts, {p.name: p for p in content.parts}
    found = []
    for name in sorted(before.keys() | now.keys()):
        part = now.get(name)
        if part is not None and part_hash(part) == before.get(name):
            continue
        old = signing.part(before[name]) if name in before else None
        kind = "changed" if old and part else "new" if part else "gone"
        found.append(ChangedPart(label_of(name, snapshot), kind, tuple(_lines(old, part))))
    return found


def _lines(old: SignedPart | None, new: SignedPart | None) -> list[tuple[str, str]]:
    """Give what was taken out and what came, as signs and lines."""
    was, now = (set(_flat(p)) for p in (old, new))
    return [("−", line) for line in sorted(was - now)] + [("+", line) for line in sorted(now - was)]


def _flat(part: SignedPart | None) -> list[str]:
    if part is None:
        return []
    plain = msgspec.to_builtins(part)
    said = list(_walk("", plain["says"]))
    # A sentence is shown as it is written, and not a second time as words.
    fields = {line.partition(": ")[0] for line in said}
    means = [m for m in _walk("", plain["means"]) if m.partition(": ")[0] not in fields]
    return [*said, *means]


def _walk(place: str, value: Any) -> list[str]:
    if isinstance(value, dict):
        return [
            line
            for key, inner in value.items()
            for line in _walk(f"{place} {terms.local(key)}".strip(), inner)
        ]
    if isinstance(value, list):
        return [line for inner in value for line in _walk(place, inner)]
    return [f"{place}: {terms.local(str(value))}"] if value not in (None, "") else []
