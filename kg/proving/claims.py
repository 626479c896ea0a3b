"""What must hold for the decision table to say what the definitions say, part by part.

Each claim is that two formulas are equal for every item or patient: whatever it is, whatever is
said of it, whatever its numbers are. An item answers a question by its term and role (profile and
reach) and by what is said of it (clauses over leaves); a list answers what one of its items does;
a patient answers what lists, facts and numbers do; clauses over these decide a criterion, and
criteria an advisory. So the parts together give the verdict of the definitions for every case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from kg import terms
from kg.interval import FALSE, TRUE, UNKNOWN
from kg.proving import definitions as meant
from kg.proving import table_formulas as listed
from kg.proving.formula import NO, Halves, Symbols, every, no, some, unequal
from kg.snapshot.advice import own_advisories
from kg.snapshot.criteria import Expression, Is, Named, Of
from kg.snapshot.criteria_walk import nodes_of
from kg.snapshot.decisions import (
    DecisionTable,
    Profile,
    RoleQuestion,
    masks_of_profile,
    masks_of_reach,
)
from kg.snapshot.model import Snapshot


class Claim(NamedTuple):
    """That nothing meets a formula: a difference between the table and the definitions."""

    part: str
    subject: str
    fault: str
    symbols: Symbols


def claims(snapshot: Snapshot, parts: Iterable[str] = ()) -> Iterator[Claim]:
    """Give the claims about the table of a Snapshot: of some parts, or of all."""
    for part in parts or PARTS:
        yield from PARTS[part](snapshot)


def _along(table: DecisionTable) -> list[tuple[int, RoleQuestion]]:
    return [(n, q) for n, q in enumerate(table.questions) if isinstance(q, RoleQuestion)]


def _of_questions(snapshot: Snapshot) -> Iterator[Claim]:
    """Clauses over leaves ask of any item what the definition asks; none else is passed over."""
    table = snapshot.decisions
    for number, question in _along(table):
        symbols = Symbols()
        asked = meant.of_item(question.item, snapshot, symbols)
        given = listed.of_item(question.clauses, table, symbols)
        yield Claim("items", f"question {number}", unequal(asked, given), symbols)
        if question.anchors is not None:
            named = set(question.anchors)
            nodes = nodes_of(question.item, snapshot)
            classes = [n for n in nodes if isinstance(n, Is | Of) and n.term in named]
            in_one = some(meant.membership(asks, symbols).possible for asks in classes)
            unanchored = every((asked.possible, no(in_one)))
            yield Claim("items", f"question {number}", unanchored, symbols)


def _of_roles(snapshot: Snapshot) -> Iterator[Claim]:
    """A question along a role counts items on it or below wholly, and those above perhaps."""
    table, properties = snapshot.decisions, snapshot.properties
    for role, known in properties.items():
        if not any(family in (role, *known.wider) for family in meant.FAMILIES):
            continue
        reach = table.roles.get(role)
        sure, possible = masks_of_reach(reach) if reach else (0, 0)
        for number, question in _along(table):
            along = FALSE
            if question.role in (role, *known.wider):
                along = TRUE
            elif role in properties[question.role].wider:
                along = UNKNOWN
            given = bool(sure >> number & 1), bool(possible >> number & 1)
            of_family = question.family == meant.family_of(question.role, snapshot)
            right = given == (along == TRUE, along != FALSE) and of_family
            yield shown("roles", f"{role}, question {number}", right)


def shown(part: str, subject: str, right: bool) -> Claim:
    """Make a claim of which it is seen at once whether it holds."""
    return Claim(part, subject, NO if right else "true", Symbols())


def _of_terms(snapshot: Snapshot) -> Iterator[Claim]:
    """What a profile says of a term is what the definitions make of it; each shape once."""
    table = snapshot.decisions
    classes = sorted({n for _, q in _along(table) for n in _classes(q.item, snapshot)}, key=repr)
    places = {asks: 1 << n for n, asks in enumerate(classes)}
    rests = {
        n: sum(places[asks] for asks in set(_classes(q.item, snapshot))) for n, q in _along(table)
    }
    catalogue = meant.Catalogue(snapshot)
    profiles = [_Answers(profile) for profile in table.profiles]
    alike: set[tuple[int, int, int, tuple[str, ...]]] = set()
    seen: set[tuple[int, int, int, object]] = set()
    for term, families in catalogue.terms():
        if term not in table.terms:
            yield shown("terms", term, False)
            continue
        known = catalogue.memberships(term, classes)
        sure = sum(places[asks] for asks, answer in known.items() if answer == TRUE)
        possible = sum(places[asks] for asks, answer in known.items() if answer != FALSE)
        group = (table.terms[term], sure, possible, families)
        if group in alike:
            continue
        alike.add(group)
        profile = profiles[table.terms[term]]
        for number, question in _along(table):
            given = profile.of(number)
            if question.family not in families:
                if given != (False, False, None):
                    yield shown("terms", f"{term}, question {number}", False)
                continue
            rest = rests[number]
            shape = (number, sure & rest, possible & rest, given)
            if shape not in seen:
                seen.add(shape)
                yield _profile_claim(term, number, question, known, profile, snapshot)


def _profile_claim(
    term: str,
    number: int,
    question: RoleQuestion,
    known: dict[Is | Of, int],
    profile: _Answers,
    snapshot: Snapshot,
) -> Claim:
    symbols = Symbols()
    asked = meant.of_item(question.item, snapshot, symbols, known)
    surely, possibly, left = profile.of(number)
    given = [Halves("true" if surely else NO, "true" if possibly else NO)]
    if left is not None:
        given.append(listed.of_item(left, snapshot.decisions, symbols, known))
    whole = Halves(some(g.sure for g in given), some(g.possible for g in given))
    return Claim("terms", f"{term}, question {number}", unequal(asked, whole), symbols)


class _Answers:
    """What a profile answers to each question."""

    def __init__(self, profile: Profile) -> None:
        self.sure, self.possible = masks_of_profile(profile)
        self.left = dict(profile.open)

    def of(self, number: int) -> tuple[bool, bool, tuple[tuple[int, ...], ...] | None]:
        sure, possible = bool(self.sure >> number & 1), bool(self.possible >> number & 1)
        return sure, possible, self.left.get(number)


def _classes(node: Expression, snapshot: Snapshot) -> list[Is | Of]:
    return [n for n in nodes_of(node, snapshot) if isinstance(n, Is | Of)]


def _of_kinds(snapshot: Snapshot) -> Iterator[Claim]:
    """Whatever was measured, a question is left open by the same kinds that were not."""
    table, kinds = snapshot.decisions, snapshot.observations
    below = {k: {o for o, known in kinds.items() if k in (o, *known.ancestors)} for k in kinds}

    catalogue = meant.Catalogue(snapshot)

    def settled(symbols: Symbols, closing: Iterable[str]) -> str:
        return some(symbols.symbol(f"measured {kind}") for kind in sorted(closing))

    for number, question in _along(table):
        if question.family != terms.HAS_OBSERVATION:
            yield shown("kinds", f"question {number}", not question.kinds)
            continue
        symbols, classes = Symbols(), _classes(question.item, snapshot)
        asked, given = [], []
        for kind, known in kinds.items():
            memberships = catalogue.memberships(kind, classes)
            blank = Symbols()
            could = meant.of_item(question.item, snapshot, blank, memberships).possible
            closing = set(below[kind])
            for group in known.ancestors:
                if group in kinds and kinds[group].one_suffices:
                    closing |= below[group]
            silent = every(_nothing_said(blank))
            for name, sort in blank.sorts.items():
                symbols.sorts[name] = sort
            symbols.rule(silent)
            asked.append(every((could, no(settled(symbols, closing)))))
            if kind in question.kinds:
                given.append(no(settled(symbols, table.closers.get(kind, ()))))
        both = unequal(Halves(NO, some(asked)), Halves(NO, some(given)))
        yield Claim("kinds", f"question {number}", both, symbols)


def _nothing_said(symbols: Symbols) -> Iterator[str]:
    """Say that neither attribute nor number was given of an item."""
    for name, sort in symbols.sorts.items():
        if sort == "String":
            yield f'(= {name} "")'
        elif name.endswith(": said|"):
            yield no(name)


def _of_criteria(snapshot: Snapshot) -> Iterator[Claim]:
    """Clauses over questions ask of any patient what the definition asks."""
    table = snapshot.decisions
    for name, clauses in table.criteria.items():
        symbols = Symbols()
        asked = meant.of_patient(Named(name), snapshot, symbols)
        given = listed.of_patient(clauses, table, symbols)
        yield Claim("criteria", name, unequal(asked, given), symbols)


def _of_advisories(snapshot: Snapshot) -> Iterator[Claim]:
    """Exempt, or judged without what is set aside: the table decides as the advisory says."""
    table = snapshot.decisions
    for iri, advisory in own_advisories(snapshot).items():
        symbols = Symbols()
        named = [advisory.applies_to, *((advisory.unless,) if advisory.unless else ())]
        if any(n not in table.criteria for n in named) or any(
            n not in table.asides for n in advisory.sets_aside
        ):
            yield shown("advisories", iri, False)
            continue
        asked = meant.of_patient(
            Named(advisory.applies_to), snapshot, symbols, listed.meant_view(advisory)
        )
        view = listed.view_of(advisory, table)
        given = listed.of_patient(table.criteria[advisory.applies_to], table, symbols, view)
        if advisory.unless:
            exempt = meant.of_patient(Named(advisory.unless), snapshot, symbols).sure
            excepted = listed.of_patient(table.criteria[advisory.unless], table, symbols).sure
            asked = Halves(*(every((half, no(exempt))) for half in asked))
            given = Halves(*(every((half, no(excepted))) for half in given))
        yield Claim("advisories", iri, unequal(asked, given), symbols)


PARTS: Mapping[str, Callable[[Snapshot], Iterator[Claim]]] = {
    "items": _of_questions,
    "roles": _of_roles,
    "terms": _of_terms,
    "kinds": _of_kinds,
    "criteria": _of_criteria,
    "advisories": _of_advisories,
}
