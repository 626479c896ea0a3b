"""Units as laboratories print them: every spelling leads to its unit, wherever that is accepted."""

from __future__ import annotations

from fractions import Fraction

import pytest

from kg import terms
from kg.casing.assemble import assemble
from kg.casing.case import Case
from kg.casing.units import Measure, measures
from kg.contract.request import request_from
from kg.resolving.figures import figure
from kg.resolving.printed import folded_unit, plainly_written
from kg.snapshot.model import Snapshot


def test_every_printed_unit_is_read_as_itself(snapshot: Snapshot) -> None:
    read = 0
    for measure in measures(snapshot).values():
        accepted = {*measure.scales, *measure.kind.print.written_in}
        for unit in snapshot.printed.units:
            for spelling in unit.spellings if unit.ucum in accepted else ():
                found = measure.unit(spelling)
                assert _same(measure, found, unit.ucum), (measure.kind.label, spelling, found)
                read += 1
    assert read > 2000


def test_no_printed_unit_is_read_as_another(snapshot: Snapshot) -> None:
    """Where a unit is not accepted, its spelling leads to nothing or to one written the same."""
    spelt: dict[str, set[str]] = {}
    for unit in snapshot.printed.units:
        for spelling in (unit.ucum, *unit.spellings):
            spelt.setdefault(folded_unit(spelling), set()).add(unit.ucum)
    for measure in measures(snapshot).values():
        for unit in snapshot.printed.units:
            for spelling in unit.spellings:
                found = measure.unit(spelling)
                if found is not None and not _same(measure, found, unit.ucum):
                    same = spelt[folded_unit(spelling)]
                    assert found in same or _put_together(spelling), (spelling, found)


def _same(measure: Measure, one: str | None, other: str) -> bool:
    """Say whether two units of an observation are one, or turn into the canonical one alike."""
    scales = measure.scales
    return one == other or (one in scales and scales[one] == scales.get(other))


def _put_together(spelling: str) -> bool:
    return "/" in folded_unit(spelling)


@pytest.mark.parametrize(
    ("written", "number", "parted"),
    [
        ("40", "40", None),
        ("2,5", "2.5", None),
        ("0,125", "0.125", None),
        ("1,250", "1.25", "1250"),
        ("150.000", "150", "150000"),
        ("1.234,5", "1234.5", None),
        ("1,234.5", "1234.5", None),
        ("1,234,567", "1234567", None),
        ("1.234.567", "1234567", None),
        (".5", "0.5", None),
    ],
)
def test_figures_are_read_with_every_decimal_sign(
    written: str, number: str, parted: str | None
) -> None:
    found = figure(written)
    assert found is not None
    assert found.number == Fraction(number)
    assert found.parted == (None if parted is None else Fraction(parted))


@pytest.mark.parametrize("written", ["", "1.2.3", "1,2,3", "12,", "1,234.5.6", "9" * 41])
def test_what_is_no_figure_is_none(written: str) -> None:
    assert figure(written) is None


def test_signs_that_look_alike_are_one() -> None:
    assert {plainly_written(u) for u in ("µmol", "μmol", "umol")} == {"umol"}
    assert folded_unit("× 10⁹ / L") == folded_unit("10^9/L") == folded_unit("x10(9)/l")


def sent(snapshot: Snapshot, *entries: dict[str, object], **more: object) -> Case:
    return assemble(request_from({"observations": list(entries), **more}), snapshot)


def test_c_25_a_limit_that_no_laboratory_has_is_not_used(snapshot: Snapshot) -> None:
    for entry in (
        {"text": "bilirubin", "value": 2.5, "unit": "mg/dL", "upper_limit": 21},
        {"text": "potassium", "value": 2.0, "unit": "mmol/L", "lower_limit": 0.1},
    ):
        case = sent(snapshot, entry)
        (read,) = case.recognised
        assert read.limit_used is False
        assert "not used" in (read.note or "")
        (item,) = case.observations or ()
        prop = terms.TIMES_UPPER_LIMIT if "upper_limit" in entry else terms.TIMES_LOWER_LIMIT
        assert item.numbers[prop].alone is None
    believed = {"text": "bilirubin", "value": 2.5, "unit": "mg/dL", "upper_limit": 1.2}
    assert sent(snapshot, believed).recognised[0].limit_used is not False


def test_what_nothing_rests_on_is_recognised_and_not_used(snapshot: Snapshot) -> None:
    for entry in (
        {"text": "BMI", "value": 24.1},
        {"text": "glucose", "value": 5, "unit": "mmol/L"},
    ):
        case = sent(snapshot, entry)
        assert [r.used for r in case.recognised] == [False]
        assert case.unrecognised == ()


LOINC = "http://loinc.org"


@pytest.mark.parametrize(
    ("text", "code", "label"),
    [
        ("QTc Fridericia", "8634-8", "QTcF interval"),
        ("QTc Fridericia", "8601-5", "QTcF interval"),
        ("QTc Fridericia", "8636-3", "QTcF interval"),
        ("QTcB", "8636-3", "QTcB interval"),
        ("QTc", "76634-5", "QTcF interval"),
        ("QTc", "8634-8", "QTc interval, formula not stated"),
    ],
)
def test_the_narrower_of_words_and_a_general_code_stands(
    text: str, code: str, label: str, snapshot: Snapshot
) -> None:
    entry = {"text": text, "system": LOINC, "code": code, "value": 480, "unit": "ms"}
    case = sent(snapshot, entry)
    assert [r.label for r in case.recognised] == [label]


@pytest.mark.parametrize(
    ("text", "code"),
    [("potassium", "2951-2"), ("QTcB", "76634-5"), ("uncorrected QT", "76634-5")],
)
def test_text_and_code_of_different_observations_are_a_question(
    text: str, code: str, snapshot: Snapshot
) -> None:
    entry = {"text": text, "system": LOINC, "code": code, "value": 0.4, "unit": "s"}
    case = sent(snapshot, entry)
    assert case.recognised == ()
    assert "contradicts itself" in case.unrecognised[0].reason
    assert len(case.unrecognised[0].suggestions) == 2


def test_a_code_beside_another_specimen_is_a_question(snapshot: Snapshot) -> None:
    entry = {"text": "urine potassium", "system": LOINC, "code": "2823-3", "value": 4.1}
    assert sent(snapshot, entry).recognised == ()
