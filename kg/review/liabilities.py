"""The harms that drugs are said to bring: each a subject of its own, and many to sign at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kg import terms
from kg.review.content import SignedContent, part_of, signed_content, statement_parts
from kg.review.queue import grounds
from kg.review.status import ReviewStanding, Signature, standing
from kg.snapshot.labels import label_of
from kg.snapshot.model import Drug, Snapshot
from kg.snapshot.once import once_per_snapshot


class LiabilityRow(NamedTuple):
    """One harm of one drug: on what ground, in which words, and where it stands."""

    subject: str
    drug: str
    liability: str
    label: str
    # The firmest grade among its statements; empty where the class alone brings it.
    ground: str
    says: tuple[str, ...]
    content: SignedContent
    standing: ReviewStanding


def liability_rows(signed: Iterable[Signature], snapshot: Snapshot) -> list[LiabilityRow]:
    """List every harm of every drug, with what was signed of it."""
    by_subject: dict[str, list[Signature]] = defaultdict(list)
    for signature in signed:
        by_subject[signature.subject].append(signature)
    return [
        row._replace(standing=standing(by_subject[row.subject], row.content, 1))
        if row.subject in by_subject
        else row
        for row in _rows(snapshot)
    ]


@once_per_snapshot
def _rows(snapshot: Snapshot) -> list[LiabilityRow]:
    about: dict[str, list[str]] = defaultdict(list)
    for iri, statement in snapshot.statements.items():
        for named in statement.about if statement.liability else ():
            about[named].append(iri)
    unread = ReviewStanding(status="unreviewed")
    rows = []
    for iri, drug in sorted(snapshot.drugs.items()):
        for liability in drug.liabilities:
            subject = f"{iri}#{terms.local(liability)}"
            said = list(_said(iri, drug, liability, about, snapshot))
            own = part_of(subject, {"drug": iri, "liability": liability})
            rows.append(
                LiabilityRow(
                    subject,
                    drug.label,
                    liability,
                    label_of(liability, snapshot),
                    next(iter(grounds(tuple(said), snapshot)), ""),
                    tuple(snapshot.statements[s].says for s in said),
                    signed_content([own, *statement_parts(said, snapshot)]),
                    unread,
                )
            )
    return rows


def _said(
    iri: str, drug: Drug, liability: str, about: dict[str, list[str]], snapshot: Snapshot
) -> Iterator[str]:
    """Give the statements on one harm of a drug, also those on a class of it."""
    for named in (iri, *drug.classes):
        for statement in about.get(named, ()):
            if snapshot.statements[statement].liability == liability:
                yield statement
