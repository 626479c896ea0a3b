"""Write a model of a patient as a request: what a caller would send of such a patient."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property
from itertools import islice
from typing import Any

from kg import terms
from kg.casing.assemble import assemble
from kg.contract.request import request_from
from kg.errors import CaseError
from kg.judging.view import view_of
from kg.proving.definitions import along_name
from kg.proving.entries import PART_OF, TODAY, Entry, candidates, days_ago, measurements
from kg.proving.patients import Model
from kg.snapshot.decisions import CountQuestion, RoleQuestion, mask_of
from kg.snapshot.model import Advisory, Snapshot

RequestBody = dict[str, Any]
_MOST_TRIED = 3000


class Realiser:
    """Writes requests over the terms of one Snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._answers: dict[tuple[str, str, str], tuple[int, int] | None] = {}

    @cached_property
    def _names(self) -> dict[str, tuple[int, int]]:
        """Give, by its name in formulas, the question along a role and how many must answer it."""
        table = self.snapshot.decisions
        found = {}
        for number, question in enumerate(table.questions):
            least, of = 1, number
            if isinstance(question, CountQuestion):
                least, of = question.least, question.of
            along = table.questions[of]
            if isinstance(along, RoleQuestion):
                found[along_name(along.role, least, along.item, "")] = (of, least)
        return found

    def request(self, model: Model, advisory: Advisory) -> RequestBody | None:
        """Write a model as a request; None where no entries were found for it."""
        body: RequestBody = {"patient": {}, "context": {}}
        body |= {part: [] for part in PART_OF.values()}
        self._say(body, model)
        wanted: dict[int, int] = {}
        unwanted: set[int] = set()
        for name, value in model.items():
            plain = name.removesuffix(": surely")
            if plain == name or (plain := plain[plain.rfind("at least") :]) not in self._names:
                continue
            of, least = self._names[plain]
            if value == "true":
                wanted[of] = max(least, wanted.get(of, 0))
            elif least == 1:
                unwanted.add(of)
        unwanted -= wanted.keys()
        aside = {self.snapshot.decisions.asides[name] for name in advisory.sets_aside}
        if not self._fill(body, wanted, mask_of(unwanted | aside)):
            return None
        try:
            self._close(body, unwanted, model)
        except CaseError:
            # A model may say what no request can, as two flags of which one excludes the other.
            return None
        return body

    # --- the patient -----------------------------------------------------------------------------

    def _say(self, body: RequestBody, model: Model) -> None:
        """Say flags, attributes and numbers of the patient and of the dose in question."""
        snapshot, flags = self.snapshot, snapshot_flags(model)
        listed = {iri for iri, (sure, _) in flags.items() if sure}
        for iri, (_, possible) in flags.items():
            if not possible:
                listed |= _instead(iri, flags, snapshot)
        unsaid = False
        for iri, lacking in _lacking(model).items():
            absence = snapshot.absences[iri]
            if absence.of not in snapshot.flags or absence.of in flags:
                continue
            if not lacking:
                listed.add(absence.of)
            elif absence.kind == "flag-unstated":
                unsaid = True
        if not unsaid and (listed or all(sure == possible for sure, possible in flags.values())):
            body["patient"]["flags"] = sorted(snapshot.flags[iri].key for iri in listed)
        for name, value in model.items():
            owner, _, prop = name.partition(" ")
            if owner != "patient":
                continue
            if prop.endswith(": low") and model[name.replace(": low", ": said")] == "true":
                self._number(body, prop.removesuffix(": low"), Fraction(value))
            elif ":" not in prop.removeprefix(terms.SCHEMA) and value:
                known = snapshot.phases.get(value) or snapshot.values[value]
                _put(body, snapshot.properties[prop].input or "", known.key)

    def _number(self, body: RequestBody, prop: str, value: Fraction) -> None:
        context = body["context"]
        number = int(value)
        if prop == terms.COMPLETED_CYCLES:
            context["cycle"] = number + 1
        elif prop == terms.MONTHS_SINCE_LAST_DOSE:
            year, month = divmod(TODAY.year * 12 + TODAY.month - 1 - number, 12)
            context |= {
                "as_of": TODAY.isoformat(),
                "last_dose": TODAY.replace(year=year, month=month + 1).isoformat(),
            }
        elif prop == terms.DAYS_SINCE_LAST_DOSE:
            context |= {"as_of": TODAY.isoformat(), "last_dose": days_ago(number)}
        elif prop == terms.DAYS_SINCE_DOSE_DUE:
            context |= {"as_of": TODAY.isoformat(), "dose_due": days_ago(number)}
        elif prop == terms.DOSE_TIMES_REDUCED:
            context |= {"dose_mg_m2": number, "reduced_to_mg_m2": 1}
        else:
            plain = number if value.denominator == 1 else float(value)
            _put(body, self.snapshot.properties[prop].input or "", plain)

    # --- what hangs on it ------------------------------------------------------------------------

    def _fill(self, body: RequestBody, wanted: Mapping[int, int], unwanted: int) -> bool:
        for number, least in wanted.items():
            question = self.snapshot.decisions.questions[number]
            assert isinstance(question, RoleQuestion)  # noqa: S101 - named as one
            part = PART_OF[question.family]
            for _ in range(least):
                taken = [entry["text"] for entry in body[part]] if least > 1 else []
                entry = self._entry(question, number, unwanted, body, taken)
                if entry is None:
                    return False
                if entry not in body[part]:
                    body[part].append(entry)
        if any("last_taken" in entry for entry in body["medications"]):
            body["context"]["as_of"] = TODAY.isoformat()
        return True

    def _entry(
        self,
        question: RoleQuestion,
        number: int,
        unwanted: int,
        body: RequestBody,
        taken: list[str],
    ) -> Entry | None:
        rest = None
        for entry in islice(candidates(question, self.snapshot), _MOST_TRIED):
            if entry["text"] in taken:
                continue
            answer = self._answer(PART_OF[question.family], entry, body)
            if answer and answer[0] >> number & 1:
                if not answer[1] & unwanted:
                    return entry
                rest = rest or entry
        # What leaves something else open may still do: whether it does, the engine says.
        return rest

    def _answer(self, part: str, entry: Entry, body: RequestBody) -> tuple[int, int] | None:
        """Give what one entry answers, alone; None where it is not read."""
        context = {"as_of": TODAY.isoformat()} if "last_taken" in entry else {}
        phase = body["context"].get("phase")
        context |= {"phase": phase} if phase else {}
        key = (part, repr(entry), repr(context))
        if key not in self._answers:
            self._answers[key] = self._judged({"context": context, part: [entry]}, part)
        return self._answers[key]

    def _judged(self, body: RequestBody, part: str) -> tuple[int, int] | None:
        try:
            case = assemble(request_from(body), self.snapshot)
        except CaseError:
            return None
        if case.unrecognised:
            return None
        sure = possible = 0
        family = next(f for f, name in PART_OF.items() if name == part)
        for one in view_of(case, self.snapshot).items[family] or ():
            sure, possible = sure | one.sure, possible | one.possible
        return sure, possible

    def _close(self, body: RequestBody, unwanted: set[int], model: Model) -> None:
        """Measure what would leave a question open that is to be answered no."""
        table, part = self.snapshot.decisions, "observations"
        absent = {self.snapshot.absences[i].of: lacking for i, lacking in _lacking(model).items()}
        lacking = {of for of, yes in absent.items() if yes}
        mask = mask_of(unwanted)
        for of, yes in absent.items():
            if not yes and of in self.snapshot.observations:
                below = (
                    k for k, o in self.snapshot.observations.items() if of in (k, *o.ancestors)
                )
                next((k for k in below if self._measure(body, part, k, mask)), None)
        for number in sorted(unwanted):
            question = table.questions[number]
            if not isinstance(question, RoleQuestion):
                continue
            for kind in question.kinds:
                case = assemble(request_from(body), self.snapshot)
                measured = {item.term for item in case.observations or ()}
                above = {kind, *self.snapshot.observations[kind].ancestors}
                if measured.isdisjoint(table.closers[kind]) and not above & lacking:
                    self._measure(body, part, kind, mask)

    def _measure(self, body: RequestBody, part: str, kind: str, unwanted: int) -> bool:
        for entry in measurements(kind, [], self.snapshot):
            answer = self._answer(part, entry, body)
            if answer and not answer[1] & unwanted:
                body[part].append(entry)
                return True
        return False


def _lacking(model: Model) -> dict[str, bool]:
    """Give what a model says of each absence."""
    named = f"{terms.LACKS} "
    return {
        name.removeprefix(named).removesuffix(": surely"): value == "true"
        for name, value in model.items()
        if name.startswith(named) and name.endswith(": surely")
    }


def snapshot_flags(model: Model) -> dict[str, tuple[bool, bool]]:
    """Give what a model says of each flag: that it is so, and that it may be."""
    named = f"{terms.HAS_FLAG} "
    found = {}
    for name, value in model.items():
        if name.startswith(named) and name.endswith(": surely"):
            iri = name.removeprefix(named).removesuffix(": surely")
            found[iri] = (value == "true", model[f"{named}{iri}: possibly"] == "true")
    return found


def _instead(iri: str, flags: Mapping[str, tuple[bool, bool]], snapshot: Snapshot) -> set[str]:
    """Name a flag by which another is known not to hold, where silence would leave it open."""
    contraries = {f for f, known in snapshot.flags.items() if known.contrary == iri}
    contraries |= {c for c in (snapshot.flags[iri].contrary,) if c}
    if contraries:
        return {c for c in contraries if flags.get(c, (True, True))[1]}
    for group in snapshot.flag_groups:
        if iri in group.flags and not any(flags.get(f, (False, False))[0] for f in group.flags):
            return {f for f in group.flags if f not in flags and f != iri} and {
                next(f for f in group.flags if f not in flags and f != iri)
            }
    return set()


def _put(body: RequestBody, path: str, value: object) -> None:
    part, _, field = path.partition(".")
    body[part][field] = value
