"""Reviews as RDF in the ontology's own folder, one small file a signature, and back from there.

A signature is a PROV activity that used its subject; its value is the signature itself, in the
one form of which its name is the hash. What was signed stands beside, part by part. So the folder
is enough to make the reviews again, and nothing in it can be altered unseen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec
import pyoxigraph as ox

from api.review.accounts import refuse
from api.review.signing import SignedLine, part_hash
from kg import terms
from kg.errors import ReviewRefused
from kg.graph.turtle import Prefixes, canonical, parse
from kg.review.content import SignedPart, hashes
from kg.snapshot.file import encode

FOLDER, PARTS = "reviews", "parts.ttl"
_PROV = "http://www.w3.org/ns/prov#"
_VALUE, _USED = _PROV + "value", _PROV + "used"
_REVIEW, _PART, _AGENT = (terms.BASE + name for name in ("review/", "review-part/", "agent/"))


E = TypeVar("E", SignedLine, SignedPart)


class ExportedReviews(NamedTuple):
    """Signatures, and all that they bind."""

    signed: tuple[SignedLine, ...]
    parts: tuple[SignedPart, ...]


def write_reviews(given: ExportedReviews, folder: Path, prefixes: Prefixes) -> int:
    """Write what is not there yet; a file that is there is left as it is. Give how many are new."""
    folder.mkdir(parents=True, exist_ok=True)
    new = 0
    for line in given.signed:
        path = folder / f"{_hex(line.id)[:24]}.ttl"
        if not path.exists():
            path.write_text(_turtle(_told(line), path.name, prefixes), encoding="utf-8")
            new += 1
    wanted = {part_hash(p): p for p in (*_kept_parts(folder), *given.parts)}
    if wanted:
        triples = [t for named, part in sorted(wanted.items()) for t in _entity(named, part)]
        text = _turtle(triples, PARTS, prefixes)
        (folder / PARTS).write_text(text, encoding="utf-8")
    return new


def read_reviews(folder: Path) -> ExportedReviews:
    """Read reviews; one that is not what its name says, or lacks what it binds, is refused."""
    parts = tuple(_kept_parts(folder))
    known = {part_hash(p): p for p in parts}
    signed = []
    for path in sorted(folder.glob("*.ttl")):
        if path.name != PARTS:
            signed += [_checked(line, named, known) for named, line in _activities(path)]
    return ExportedReviews(tuple(sorted(signed, key=lambda s: (s.at, s.id))), parts)


def _checked(line: SignedLine, named: str, known: dict[str, SignedPart]) -> SignedLine:
    if _hex(line.id) != named:
        raise _altered(line.subject, "it was changed after it was signed")
    bound = [known[h] for h in line.parts.values() if h in known]
    if len(bound) != len(line.parts) or hashes(bound) != (line.clinical, line.wording):
        raise _altered(line.subject, "what it binds is not beside it")
    return line


def _altered(subject: str, why: str) -> ReviewRefused:
    return refuse(
        "review-altered",
        f"an exported review cannot be taken in: {why}",
        "export it again from where it was signed",
        subject=terms.local(subject),
    )


def _hex(named: str) -> str:
    return named.removeprefix("sha256:")


# --- as RDF -------------------------------------------------------------------------------------


def _told(line: SignedLine) -> list[ox.Triple]:
    label = f"{line.verdict.replace('_', ' ')}: {terms.local(line.subject)}, by {line.by}"
    return [
        _to(_REVIEW + _hex(line.id), terms.TYPE, _PROV + "Activity"),
        _say(_REVIEW + _hex(line.id), terms.LABEL, label),
        _to(_REVIEW + _hex(line.id), _USED, line.subject),
        _to(_REVIEW + _hex(line.id), _PROV + "wasAssociatedWith", _AGENT + line.by),
        _say(_REVIEW + _hex(line.id), _PROV + "endedAtTime", line.at, "dateTime"),
        _say(_REVIEW + _hex(line.id), _VALUE, encode(line).decode()),
    ]


def _entity(named: str, part: SignedPart) -> list[ox.Triple]:
    iri = _PART + _hex(named)
    return [
        _to(iri, terms.TYPE, _PROV + "Entity"),
        _to(iri, _PROV + "specializationOf", part.name),
        _say(iri, _VALUE, encode(part).decode()),
    ]


def _to(subject: str, predicate: str, target: str) -> ox.Triple:
    return ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), ox.NamedNode(target))


def _say(subject: str, predicate: str, text: str, kind: str = "") -> ox.Triple:
    datatype = ox.NamedNode(terms.XSD + kind) if kind else None
    literal = ox.Literal(text, datatype=datatype)
    return ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), literal)


def _turtle(triples: Sequence[ox.Triple], name: str, prefixes: Prefixes) -> str:
    plain = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
    assert plain is not None  # noqa: S101 - it goes to no file
    return canonical(plain.decode(), name, prefixes)


def _values(path: Path, below: str) -> Iterator[tuple[str, str]]:
    """Give the values that a file holds, each with the rest of its subject's name."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise _altered("", "it is not in UTF-8") from error
    for quad in parse(text, path.name):
        subject, value = quad.subject, quad.object
        if quad.predicate.value == _VALUE and isinstance(subject, ox.NamedNode):
            if not isinstance(value, ox.Literal):
                raise _altered("", "a value is no text")
            yield subject.value.removeprefix(below), value.value


def _activities(path: Path) -> Iterable[tuple[str, SignedLine]]:
    return [(named, _decoded(text, SignedLine)) for named, text in _values(path, _REVIEW)]


def _kept_parts(folder: Path) -> Iterator[SignedPart]:
    path = folder / PARTS
    for named, text in _values(path, _PART) if path.is_file() else ():
        part = _decoded(text, SignedPart)
        if _hex(part_hash(part)) != named:
            raise _altered(part.name, "what was signed was changed")
        yield part


def _decoded(text: str, kind: type[E]) -> E:
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.DecodeError as error:
        raise _altered("", "it is not in the form of a review") from error
