"""The words of closed lists that the ontology owns, by the keys under which callers use them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from kg import terms
from kg.contract.parts import FIELDS, InputField
from kg.contract.place import Place
from kg.contract.request import ContextPart, PatientPart, Request, malformed
from kg.errors import MalformedRequest
from kg.interval import NOTHING, Interval, between, exact
from kg.snapshot.jurisdictions import choices
from kg.snapshot.model import Snapshot
from kg.snapshot.once import once_per_snapshot

_SUSPECTED = "suspected"
_SINCE, _BEFORE = "under_treatment", "before_treatment"
_BOUNDED = tuple(field for field in FIELDS if field.number)
_ROLE_OF_COURSE = {"active": terms.HAS_ONGOING, "resolved": terms.HAS_PAST}


class Vocabulary(msgspec.Struct, frozen=True):
    """Each closed list: the key of a word and the term it stands for."""

    phases: Mapping[str, str]
    sexes: Mapping[str, str]
    roles: Mapping[str, str]
    routes: Mapping[str, str]
    severities: Mapping[str, str]
    # The severity that a grade says where nobody states one.
    by_grade: Mapping[int, str]
    flags: Mapping[str, str]
    confirmed: str
    suspected: str
    courses: Mapping[str, str]
    # When a condition arose: since the first dose, or before it.
    arose: tuple[str, str]
    before_treatment: frozenset[str]
    # Numbers that do not exist unless they are given are nothing, not unknown.
    unless_given: Mapping[str, Interval]
    no_grade: Mapping[str, Interval]
    contraries: Mapping[str, str]
    plausible: Mapping[str, Interval]

    def role_of_course(self, course: str | None) -> str:
        """Give the role on which a condition hangs whose course is known from a word or a name."""
        return self.courses.get(course or "", terms.HAS_CONDITION)


@once_per_snapshot
def vocabulary(snapshot: Snapshot) -> Vocabulary:
    """Collect the closed lists of a Snapshot."""
    certainties = _listed(snapshot, terms.CERTAINTY)
    admitted = snapshot.properties[terms.CERTAINTY].admits
    unless_given = {p: NOTHING for p, k in snapshot.properties.items() if k.none_unless_given}
    return Vocabulary(
        phases=_listed(snapshot, terms.PHASE),
        sexes=_listed(snapshot, terms.SEX),
        roles=_listed(snapshot, terms.USE),
        routes=_listed(snapshot, terms.ROUTE),
        severities=_listed(snapshot, terms.SEVERITY),
        by_grade={
            grade: severity
            for severity in snapshot.properties[terms.SEVERITY].admits
            for low, high in [snapshot.values[severity].grades or ("1", "0")]
            for grade in range(int(low), int(high) + 1)
        },
        flags={f.key: iri for iri, f in snapshot.flags.items()},
        suspected=certainties[_SUSPECTED],
        confirmed=next(v for v in admitted if v != certainties[_SUSPECTED]),
        arose=_arose(snapshot),
        courses={
            iri: _ROLE_OF_COURSE[v.key]
            for iri, v in snapshot.values.items()
            if v.key in _ROLE_OF_COURSE
        },
        before_treatment=frozenset(i for i, p in snapshot.phases.items() if p.precedes_treatment),
        unless_given=unless_given,
        no_grade={p: n for p, n in unless_given.items() if p == terms.CTCAE_GRADE},
        plausible={p: between(k.plausible) for p, k in snapshot.properties.items()},
        contraries={
            f.key: snapshot.flags[f.contrary].key for f in snapshot.flags.values() if f.contrary
        },
    )


def _arose(snapshot: Snapshot) -> tuple[str, str]:
    """Give the values for a condition since the first dose and for one before it."""
    listed = _listed(snapshot, terms.AROSE) if terms.AROSE in snapshot.properties else {}
    return listed.get(_SINCE, ""), listed.get(_BEFORE, "")


def _listed(snapshot: Snapshot, prop: str) -> dict[str, str]:
    entries = snapshot.values | snapshot.roles | snapshot.phases
    return {entries[i].key: i for i in snapshot.properties[prop].admits if entries[i].key}


def index_drugs(snapshot: Snapshot) -> dict[str, str]:
    """Give the index drugs that a release answers for, by the keys under which callers ask."""
    return {terms.local(snapshot.index_drug): snapshot.index_drug}


def refuse_unknown_words(request: Request, snapshot: Snapshot) -> None:
    """Refuse a word outside a closed list, a number that cannot be, and contrary flags."""
    lists = vocabulary(snapshot)
    patient, context = request.patient or PatientPart(), request.context or ContextPart()
    _must_be_listed(patient.sex, lists.sexes, "patient.sex")
    _must_be_a_law(context.jurisdiction, snapshot)
    _must_be_listed(context.index_drug, index_drugs(snapshot), "context.index_drug")
    _must_be_listed(context.phase, lists.phases, "context.phase")
    for n, medication in enumerate(request.medications or ()):
        if medication.role is not None:
            _must_be_listed(medication.role, lists.roles, str(Place("medications", n, "role")))
        if medication.route is not None:
            _must_be_listed(medication.route, lists.routes, str(Place("medications", n, "route")))
    for n, condition in enumerate(request.conditions or ()):
        if condition.severity is not None:
            _must_be_listed(
                condition.severity, lists.severities, str(Place("conditions", n, "severity"))
            )
    for field in _BOUNDED:
        number = getattr(patient if field.part == "patient" else context, field.name)
        _must_be_plausible(number, snapshot, field)
    _refuse_contraries(patient.flags or (), snapshot)


def _must_be_listed(word: str | None, known: Mapping[str, str], path: str) -> None:
    if word is None or word in known:
        return
    import difflib  # loaded where a request is refused, and only there

    near = difflib.get_close_matches(word, known, n=1)
    raise MalformedRequest(
        code="unknown-word",
        message="this word is not in the closed list of this field",
        subject=word,
        location=path,
        repair=f"did you mean {near[0]}?" if near else "send one of: " + ", ".join(sorted(known)),
    )


def _must_be_a_law(word: str | None, snapshot: Snapshot) -> None:
    if word is not None and word not in choices(snapshot):
        raise malformed(
            "context.jurisdiction",
            f"the closed list of this field has no '{word[:40]}'",
            "send one of: " + ", ".join(choices(snapshot)),
        )


def _must_be_plausible(number: float | None, snapshot: Snapshot, field: InputField) -> None:
    if number is None:
        return
    prop = field.number
    bounds, value = snapshot.properties[prop].plausible, exact(number)
    if bounds is None or (value is not None and vocabulary(snapshot).plausible[prop].holds(value)):
        return
    raise malformed(
        field.path,
        "this number cannot be",
        f"send a number from {bounds[0]} to {bounds[1]}",
        subject=f"{number:g}",
    )


def _refuse_contraries(flags: Iterable[str], snapshot: Snapshot) -> None:
    contraries = vocabulary(snapshot).contraries
    given = [flag for flag in flags if flag in contraries]
    for flag in sorted(given, key=list(contraries).index) if len(given) > 1 else ():
        if contraries[flag] in given:
            raise malformed(
                "patient.flags",
                f"'{flag}' and '{contraries[flag]}' cannot both be true",
                "send the one that holds, or neither where it is not known",
            )
