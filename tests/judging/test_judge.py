"""The three-valued rules, each over all its cells."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import msgspec
import pytest

from kg import terms
from kg.build.compile_decisions import decided
from kg.casing.case import Case
from kg.interval import FALSE, TRUE, UNKNOWN
from kg.judging.patterns import truth_of
from kg.judging.questions import logic
from kg.judging.view import view_of
from kg.snapshot.criteria import AllOf, AnyOf, AtLeast, Criterion, Expression, Has, Is, Number, Of
from kg.snapshot.model import Snapshot
from tests.builders import a_case
from tests.world import TAKES_OR_PLANS, world
from tests.world_terms import (
    HUMMING,
    PAIRED,
    ZAROLIDE,
    condition,
    criterion,
    flag,
    role,
    value,
)

# Flags that are true, unknown and false of the patient below.
_THREE = {TRUE: flag("tired"), UNKNOWN: flag("lit"), FALSE: flag("planned-move")}


def asking(expression: Expression) -> Snapshot:
    """Add one question to the invented world."""
    asked = Criterion(label="asked", definition="Asked.", expression=expression)
    criteria = {**world().criteria, criterion("Asked"): asked}
    some = next(iter(world().advisories.values()))
    advisory = msgspec.structs.replace(
        some, applies_to=criterion("Asked"), unless=None, sets_aside=()
    )
    advisories = {**world().advisories, terms.BASE + "advisory/asked": advisory}
    return decided(msgspec.structs.replace(world(), criteria=criteria, advisories=advisories))


def truth(expression: Expression, case: Case) -> int:
    snapshot = asking(expression)
    node = logic(snapshot).criterion(criterion("Asked"))
    return truth_of(node, view_of(case, snapshot))


def leaf(wanted: int) -> Expression:
    return Has(terms.HAS_FLAG, _THREE[wanted])


@pytest.mark.parametrize("answers", list(itertools.product((FALSE, UNKNOWN, TRUE), repeat=3)))
def test_and_is_the_least_and_or_the_largest(answers: tuple[int, ...]) -> None:
    case = a_case().flagged("tired").case()
    assert truth(AllOf(tuple(map(leaf, answers))), case) == min(answers)
    assert truth(AnyOf(tuple(map(leaf, answers))), case) == max(answers)


# --- of which drug ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "group", "expected"),
    [
        ("quibalol", HUMMING, TRUE),
        ("quibalol", ZAROLIDE, TRUE),
        ("karmin", HUMMING, FALSE),
        ("karmin", ZAROLIDE, FALSE),
        ("mystol", HUMMING, UNKNOWN),
        ("mystol", ZAROLIDE, FALSE),
        ("zarolides", ZAROLIDE, TRUE),
        ("zarolides", HUMMING, UNKNOWN),
        ("zarolides", PAIRED, FALSE),
        ("drugs that hum", ZAROLIDE, UNKNOWN),
        ("glim", HUMMING, UNKNOWN),
        ("glim", PAIRED, UNKNOWN),
    ],
)
def test_membership_is_sure_where_all_open_where_some_and_unknown_where_unassessed(
    text: str, group: str, expected: int
) -> None:
    asked = AtLeast(TAKES_OR_PLANS, 1, Of(terms.OF_DRUG, group))
    assert truth(asked, a_case().taking(text).case()) == expected


def test_a_list_that_was_not_given_is_unknown_and_an_empty_one_false() -> None:
    for name, asked in (
        ("medications", AtLeast(TAKES_OR_PLANS, 1, Of(terms.OF_DRUG, HUMMING))),
        ("conditions", AtLeast(terms.HAS_ONGOING, 1, Is(condition("Rumble")))),
        ("allergies", AtLeast(terms.HAS_ALLERGY, 1, Of(terms.TO_SUBSTANCE, ZAROLIDE))),
    ):
        assert truth(asked, a_case().case()) == UNKNOWN
        assert truth(asked, a_case().none(name).case()) == FALSE


# --- roles --------------------------------------------------------------------------------------

_STATUSES: dict[str, dict[str, Any]] = {
    "ongoing": {"status": "active"},
    "past": {"status": "resolved"},
    "open": {"text": "history of rumble"},
}


@pytest.mark.parametrize(
    ("asked", "status", "expected"),
    [
        (terms.HAS_CONDITION, "ongoing", TRUE),
        (terms.HAS_CONDITION, "past", TRUE),
        (terms.HAS_CONDITION, "open", TRUE),
        (terms.HAS_ONGOING, "ongoing", TRUE),
        (terms.HAS_ONGOING, "past", FALSE),
        (terms.HAS_ONGOING, "open", UNKNOWN),
        (terms.HAS_PAST, "ongoing", FALSE),
        (terms.HAS_PAST, "past", TRUE),
        (terms.HAS_PAST, "open", UNKNOWN),
    ],
)
def test_an_item_counts_by_how_its_role_stands_to_the_one_asked_for(
    asked: str, status: str, expected: int
) -> None:
    case = a_case().with_condition(**{"text": "rumble", **_STATUSES[status]}).case()
    assert truth(AtLeast(asked, 1, Is(condition("Rumble"))), case) == expected


@pytest.mark.parametrize(
    ("asked", "status", "expected"),
    [
        (asked, status, TRUE if status in below else FALSE)
        for asked, below in (
            (TAKES_OR_PLANS, ("active", "planned")),
            (terms.TAKES, ("active",)),
            (terms.PLANS, ("planned",)),
            (terms.STOPPED, ("stopped",)),
            (terms.HAS_MEDICATION, ("active", "planned", "stopped")),
        )
        for status in ("active", "planned", "stopped")
    ],
)
def test_a_status_is_a_role(asked: str, status: str, expected: int) -> None:
    case = a_case().taking("quibalol", status=status).case()
    assert truth(AtLeast(asked, 1, Of(terms.OF_DRUG, HUMMING)), case) == expected


# --- attributes and numbers ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "asked", "expected"),
    [
        ("premedication", role("premedication"), TRUE),
        ("premedication", role("treatment"), FALSE),
        ("premedication", value("use-unstated"), FALSE),
        (None, role("premedication"), UNKNOWN),
        (None, value("use-unstated"), TRUE),
    ],
)
def test_an_attribute_that_was_not_given_is_unstated_and_may_be_anything(
    given: str | None, asked: str, expected: int
) -> None:
    case = a_case().taking("quibalol", role=given).case()
    assert truth(AtLeast(TAKES_OR_PLANS, 1, Has(terms.USE, asked)), case) == expected


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({"low": "65"}, UNKNOWN),
        ({"low": "0"}, TRUE),
        ({"low": "130", "low_open": True}, FALSE),
        ({"high": "130"}, TRUE),
    ],
)
def test_a_number_that_was_not_given_may_be_anything_plausible(
    bounds: dict[str, Any], expected: int
) -> None:
    assert truth(Number(terms.AGE_YEARS, **bounds), a_case().case()) == expected


# --- counting -----------------------------------------------------------------------------------


def two_paired(*texts: str, least: int = 2) -> int:
    case = a_case().none("medications")
    for text in texts:
        case = case.taking(text)
    return truth(AtLeast(TAKES_OR_PLANS, least, Of(terms.OF_DRUG, PAIRED)), case.case())


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ((), FALSE),
        (("karmin",), FALSE),
        (("karmin", "karmin"), FALSE),
        (("karmin", "Karmin 5 mg"), FALSE),
        (("karmin", "lusitol"), TRUE),
        (("karmin", "tandrix"), FALSE),
        (("karmin", "glim"), UNKNOWN),
        (("glim",), FALSE),
        (("glim", "glum"), UNKNOWN),
        (("karmin", "PairedDrug"), UNKNOWN),
        (("PairedDrug",), FALSE),
        (("PairedDrug", "PairedDrug"), UNKNOWN),
        (("karmin", "lusitol", "glim"), TRUE),
    ],
)
def test_two_drugs_are_two_only_where_they_are_surely_different(
    texts: tuple[str, ...], expected: int
) -> None:
    assert two_paired(*texts) == expected


# --- observations -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("multiple", "expected"),
    [(None, UNKNOWN), (1.4, FALSE), (1.5, FALSE), (1.51, TRUE)],
)
def test_a_kind_that_was_not_measured_is_unknown_whatever_else_was(
    multiple: float | None, expected: int
) -> None:
    case = a_case().none("observations")
    if multiple is not None:
        case = case.measuring("glow", multiple, "xULN")
    node = world().criteria[criterion("Glowing")].expression
    assert truth(node, case.case()) == expected
    assert truth(node, a_case().case()) == UNKNOWN


@pytest.mark.parametrize(
    ("value", "expected"), [(25, FALSE), (26, UNKNOWN), (39, UNKNOWN), (40, TRUE)]
)
def test_without_a_limit_a_value_is_judged_under_every_limit_in_use(
    value: float, expected: int
) -> None:
    case = a_case().measuring("glow", value, "umol/L").case()
    assert truth(world().criteria[criterion("Glowing")].expression, case) == expected


def test_one_kind_of_a_group_of_which_one_suffices_closes_it() -> None:
    wide = world().criteria[criterion("WideSwing")].expression
    case = a_case().none("observations")
    assert truth(wide, case.case()) == UNKNOWN
    assert truth(wide, case.measuring("swing B", 449, "ms").case()) == FALSE
    both = case.measuring("swing B", 449, "ms").measuring("swing A", 450, "ms")
    assert truth(wide, both.case()) == TRUE


def test_one_of_several_sources_is_enough_for_the_larger_of_them() -> None:
    vigorous = world().criteria[criterion("Vigorous")].expression
    case = a_case().measuring("zeal", 2.5, "xULN")
    assert truth(vigorous, a_case().none("observations").case()) == UNKNOWN
    assert truth(vigorous, case.case()) == FALSE
    assert truth(vigorous, case.measuring("zest", 2.6, "xULN").case()) == TRUE


# --- advisories ---------------------------------------------------------------------------------

_SEVERITIES: tuple[tuple[str | None, bool], ...] = (
    ("severe", True),
    (None, True),
    ("mild", False),
    ("moderate", False),
)


def _rumbles() -> Iterable[tuple[str, str, str | None, dict[str, str]]]:
    for course, status in (("ongoing", "active"), ("past", "resolved"), ("open", None)):
        for severity, bad in _SEVERITIES:
            told = {"rumble": "does not apply", "rumble-milder": "does not apply"}
            told["rumble-suspected"] = "does not apply"
            if course == "ongoing" or bad:
                told["rumble"] = "applies"
            if course == "past" and not bad:
                told["rumble-milder"] = "applies"
            if course == "past" and severity is None:
                told["rumble-milder"] = "cannot tell"
            if course == "open" and not bad:
                told |= {"rumble": "cannot tell", "rumble-milder": "cannot tell"}
            if course == "open" and severity is None:
                told["rumble-milder"] = "cannot tell"
            yield course, status or "", severity, told


@pytest.mark.parametrize(("course", "status", "severity", "told"), list(_rumbles()))
def test_course_and_severity_of_a_confirmed_condition(
    course: str, status: str, severity: str | None, told: dict[str, str]
) -> None:
    text = "history of rumble" if course == "open" else "rumble"
    case = a_case().with_condition(text, status=status or None, severity=severity)
    assert {name: case.outcome(name) for name in told} == told


@pytest.mark.parametrize("severity", ["severe", "mild", "moderate", None])
def test_a_suspected_condition_never_contraindicates_and_asks_to_be_settled(
    severity: str | None,
) -> None:
    case = a_case().with_condition("rumble", status="suspected", severity=severity)
    assert case.outcome("rumble") == "does not apply"
    assert case.outcome("rumble-milder") == "does not apply"
    assert case.outcome("rumble-suspected") == "applies"


@pytest.mark.parametrize(
    ("calm", "expected"),
    [
        ({"status": "active"}, "does not apply"),
        ({"status": "resolved"}, "applies"),
        ({"status": "suspected"}, "applies"),
    ],
)
def test_an_exemption_counts_only_where_it_is_known(calm: dict[str, Any], expected: str) -> None:
    case = a_case().measuring("glow", 2, "xULN")
    assert case.outcome("glow") == "applies"
    assert case.none("conditions").outcome("glow") == "applies"
    assert case.with_condition("calm", **calm).outcome("glow") == expected


def test_an_exemption_does_not_reach_beyond_its_advisory() -> None:
    case = a_case().measuring("glow", 2, "xULN").measuring("zeal", 3, "xULN").with_condition("calm")
    assert case.outcome("glow") == "does not apply"
    assert case.outcome("vigour") == "applies"
    assert case.outcome("glow-and-vigour") == "applies"


def test_an_open_exemption_is_named() -> None:
    (glow,) = [
        f for f in a_case().measuring("glow", 2, "xULN").report().findings if "glow" in f.advisory
    ]
    assert any("Calm" in line for line in glow.clears_if)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "does not apply"),
        ({"role": "premedication"}, "does not apply"),
        ({"role": "treatment"}, "applies"),
        ({"daily_dose": {"value": 1, "unit": "g"}}, "does not apply"),
        ({"daily_dose": {"value": 1001, "unit": "mg"}}, "applies"),
        ({"text": "pellin 500 mg four times daily"}, "applies"),
        ({"daily_dose": {"value": 5, "unit": "[IU]"}}, "cannot tell"),
        ({"text": "pellin qds"}, "cannot tell"),
        ({"role": "treatment", "text": "pellin qds"}, "applies"),
    ],
)
def test_what_surely_has_the_role_is_set_aside_and_where_it_is_open_nothing_is_told(
    fields: dict[str, Any], expected: str
) -> None:
    case = a_case().taking(**{"text": "pellin", **fields})
    assert case.outcome("hum-set-aside") == expected
    assert case.outcome("hum") == "applies"


def test_one_drug_set_aside_hides_no_other() -> None:
    case = a_case().taking("pellin").taking("quibalol")
    assert case.outcome("hum-set-aside") == "applies"
    (found,) = [f for f in case.report().findings if f.advisory.endswith("hum-set-aside")]
    assert [b.input for b in found.because] == ["medications[1]"]


@pytest.mark.parametrize(
    ("phase", "expected"),
    [
        ("before_first_dose", "does not apply"),
        ("before_dose", "applies"),
        (None, "cannot tell"),
    ],
)
def test_what_is_set_aside_in_a_phase_is_open_without_one(phase: str | None, expected: str) -> None:
    case = a_case().taking("pellin").context(phase=phase)
    assert case.outcome("hum-early") == expected


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        (None, "applies"),
        ("systemic", "applies"),
        ("local", "does not apply"),
        ("intrathecal", "does not apply"),
    ],
)
def test_a_local_route_raises_nothing_and_an_unsaid_one_counts(
    route: str | None, expected: str
) -> None:
    assert a_case().taking("quibalol", route=route).outcome("hum") == expected


@pytest.mark.parametrize(
    ("as_of", "last", "expected"),
    [
        ("2026-01-04", "2026-01-02", "applies"),
        ("2026-01-05", "2026-01-02", "does not apply"),
        ("2026-01-04", None, "cannot tell"),
        (None, "2026-01-02", "cannot tell"),
    ],
)
def test_a_stopped_drug_counts_until_it_is_washed_out(
    as_of: str | None, last: str | None, expected: str
) -> None:
    # Five half-lives of twelve hours are two days and a half.
    case = a_case().context(as_of=as_of)
    assert case.taking("ravotin", status="stopped", last_taken=last).outcome("hum") == expected


def test_a_window_closes_on_its_last_day() -> None:
    case = a_case().flagged("fertile").patient(sex="female")
    for as_of, expected in (
        ("2026-09-14", "applies"),
        ("2026-09-15", "does not apply"),
        ("2026-09-16", "does not apply"),
        (None, "cannot tell"),
    ):
        dated = case.context(phase="after_treatment", last_dose="2026-01-15", as_of=as_of)
        assert dated.outcome("window") == expected
    assert case.in_phase("before_first_dose").outcome("window") == "applies"


def test_a_broader_diagnosis_raises_nothing_and_a_narrower_one_does() -> None:
    assert a_case().with_condition("grey blight").outcome("blight") == "applies"
    assert a_case().with_condition("vague trouble").outcome("blight") == "does not apply"


def test_one_of_several_diagnoses_is_enough() -> None:
    assert a_case().with_condition("grey blight").outcome("troubled") == "applies"
    assert a_case().with_condition("Rb- rumble").outcome("troubled") == "applies"
    assert a_case().with_condition("blight").with_condition("calm").outcome("troubled") == (
        "does not apply"
    )


def test_an_unrecognised_entry_leaves_open_what_it_may_be() -> None:
    assert a_case().with_condition("zzz").outcome("blight") == "cannot tell"
    assert a_case().with_condition("zzz", status="resolved").outcome("blight") == "does not apply"
    assert a_case().allergic_to("zzz").outcome("allergy") == "cannot tell"
    assert a_case().taking("zzz").outcome("hum") == "cannot tell"
    assert a_case().taking("zzz").taking("quibalol").outcome("hum") == "applies"


def test_an_allergy_to_one_of_several_substances_is_judged_by_all_of_them() -> None:
    assert a_case().allergic_to("indexumab").outcome("allergy") == "applies"
    assert a_case().allergic_to("sugarine 80").outcome("allergy") == "applies"
    assert a_case().allergic_to("co-quibatan").outcome("allergy") == "does not apply"
    assert a_case().allergic_to("mystol").outcome("allergy") == "does not apply"


@pytest.mark.parametrize(
    ("jurisdiction", "severity"),
    [("any", "contraindicated"), ("EU", "contraindicated"), ("US", "avoid"), ("UK", None)],
)
def test_a_jurisdiction_without_a_severity_is_not_asked(
    jurisdiction: str, severity: str | None
) -> None:
    case = a_case().with_condition("blight").context(jurisdiction=jurisdiction)
    found = {f.advisory.rsplit("/")[-1]: f.severity for f in case.report().findings}
    assert found.get("blight") == severity
