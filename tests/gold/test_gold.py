"""The published figures: counted right by hand on a few patients, and what they are today."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kg.snapshot.model import Snapshot
from kg.terms import BASE
from tests.cases.golden import FILES, GoldenCase, golden
from tests.gold.__main__ import main
from tests.gold.measure import JURISDICTIONS, figures
from tests.world import world

APPROVED: dict[str, float] = tomllib.loads(
    (Path(__file__).parent / "approved.toml").read_text(encoding="utf-8")
)


def case(request: dict[str, Any], **expect: Any) -> GoldenCase:
    plain = {"title": "", "points": ["x"], "request": request, "expect": expect}
    return msgspec.convert(plain, GoldenCase)


# What these three raise can be read off the table of advice of the invented world.
FEW = {
    "ill": case(
        {"conditions": [{"text": "blight"}]},
        findings={"blight": "contraindicated"},
        silent=["rumble"],
        in_each={"blight": {"EU": "contraindicated", "UK": "none", "US": "avoid"}},
    ),
    "well": case({"conditions": []}, silent=["blight"]),
    "treated": case(
        {"medications": [{"text": "quibalol"}]},
        findings={"hum": "avoid"},
        in_each={"hum": {"EU": "caution"}},
    ),
}
# Each of these expects something else than the invented world says.
WRONG = {
    "missed": case({"conditions": []}, findings={"blight": "contraindicated"}),
    "too weak": case({"medications": [{"text": "quibalol"}]}, findings={"hum": "contraindicated"}),
    "open": case({}, findings={"blight": "contraindicated"}),
    "raised": case({"medications": [{"text": "quibalol"}]}, silent=["hum"]),
    "left open": case({}, silent=["blight"]),
    "beside": case(
        {"medications": [{"text": "quibalol"}]},
        findings={"hum": "avoid", "zarolide": "caution", "hum-set-aside": "caution"},
        exact=True,
    ),
    "elsewhere": case({"conditions": [{"text": "blight"}]}, in_each={"blight": {"US": "none"}}),
}


def test_what_is_met_is_counted_by_severity_and_jurisdiction() -> None:
    found = figures(FEW, world())
    assert found["patients"] == 3
    assert found["wrong"] == []
    sensitivity = found["sensitivity"]
    counted = {name: share["expected"] for name, share in sensitivity.items()}
    assert counted == {
        "all": 5,
        "contraindicated": 2,
        "avoid": 2,
        "hold": 0,
        "caution": 1,
        "inform": 0,
    }
    assert sensitivity["all"]["share"] == 1
    assert sensitivity["hold"]["share"] is None, "of nothing there is no share"
    assert found["specificity"] == {"expected": 3, "met": 3, "share": 1}
    eu = found["by_jurisdiction"]["EU"]["sensitivity"]
    assert (eu["contraindicated"]["expected"], eu["caution"]["expected"]) == (1, 1)
    assert found["by_jurisdiction"]["UK"]["specificity"]["expected"] == 1


def test_alerts_are_counted_for_every_patient_in_every_jurisdiction() -> None:
    found = figures(FEW, world())["by_jurisdiction"]
    wanted = {
        "any": {"contraindicated": 0.333, "avoid": 0.333, "caution": 1, "all": 1.667},
        "EU": {"contraindicated": 0.333, "avoid": 0, "caution": 1.333, "all": 1.667},
        "UK": {"contraindicated": 0, "avoid": 0.333, "caution": 0.667, "all": 1},
        "US": {"contraindicated": 0, "avoid": 0.667, "caution": 0.667, "all": 1.333},
    }
    for name, numbers in wanted.items():
        alerts = found[name]["alerts_per_patient"]
        assert {k: alerts[k] for k in numbers} == pytest.approx(numbers), name
        assert alerts["shown"] == alerts["all"]
        assert alerts["patients_without"] == (2 if name == "UK" else 1)
    assert found["EU"]["alerts_per_patient"]["most_shown"] == 4


def test_a_folded_step_is_a_finding_and_not_shown() -> None:
    both = [{"text": t, "value": 3, "unit": "xULN"} for t in ("glow", "zeal")]
    request = {"observations": both, "context": {"day": 2}}
    alerts = figures({"both": case(request)}, world())["by_jurisdiction"]["US"]
    # In the US: glow, vigour, and both together, under which the two are folded.
    assert alerts["alerts_per_patient"]["hold"] == 3
    assert alerts["alerts_per_patient"]["shown"] == 1


@pytest.mark.parametrize("name", WRONG)
def test_what_is_told_otherwise_is_a_miss_or_a_false_alarm(name: str) -> None:
    found = figures({name: WRONG[name]}, world())
    assert [row["case"] for row in found["wrong"]] == [name]
    (wrong,) = found["wrong"]
    missed = wrong["expected"] != "none"
    assert (found["sensitivity"]["all"]["share"] in (None, 1)) is not missed
    assert (found["specificity"]["share"] in (None, 1)) is missed


@pytest.fixture(scope="module")
def cases() -> dict[str, GoldenCase]:
    return {name: golden(name) for name in FILES}


@pytest.fixture(scope="module")
def published(cases: dict[str, GoldenCase], snapshot: Snapshot) -> dict[str, Any]:
    return figures(cases, snapshot)


def test_no_contraindication_is_missed_and_nothing_is_raised_that_should_be_silent(
    published: dict[str, Any],
) -> None:
    assert published["patients"] == len(FILES) >= 160
    assert published["sensitivity"]["contraindicated"]["share"] == 1
    assert published["sensitivity"]["contraindicated"]["expected"] >= 40
    assert published["wrong"] == []
    assert published["specificity"]["share"] == 1
    for name in JURISDICTIONS:
        part = published["by_jurisdiction"][name]
        assert part["sensitivity"]["contraindicated"]["expected"] > 0, name
        assert part["specificity"]["expected"] > 0, name


@pytest.mark.parametrize("name", ["serious-hepatic-disease", "vod", "hypersensitivity"])
def test_a_contraindication_that_is_gone_is_seen_in_the_figure(
    name: str, cases: dict[str, GoldenCase], snapshot: Snapshot
) -> None:
    fewer = {k: a for k, a in snapshot.advisories.items() if k != f"{BASE}advisory/{name}"}
    about = {k: c for k, c in cases.items() if name in c.expect.findings}
    found = figures(about, msgspec.structs.replace(snapshot, advisories=fewer))
    assert found["sensitivity"]["contraindicated"]["share"] < 1
    assert name in {row["advisory"] for row in found["wrong"]}


def test_the_burden_of_alerts_does_not_rise_unapproved(published: dict[str, Any]) -> None:
    for name in JURISDICTIONS:
        alerts = published["by_jurisdiction"][name]["alerts_per_patient"]
        assert 0 < alerts["shown"] <= APPROVED[name], name
    assert set(APPROVED) == set(JURISDICTIONS)


def test_the_figures_are_written_down_and_shown(
    release_folder: Path,
    tmp_path: Path,
    published: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "build" / "gold.json"
    assert main(release_folder, out) == 0
    assert json.loads(out.read_text(encoding="utf-8")) == published
    said = capsys.readouterr().out
    assert f"{len(FILES)} golden patients" in said
    assert "Alerts a patient" in said
