"""The pages of a person: a report says whom it is about, what it read, and on what grounds."""

from __future__ import annotations

import json
import re
import subprocess
from html import unescape
from pathlib import Path
from sysconfig import get_path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.http.html import page
from api.pages.form import choices, words_of
from api.pages.report_page import report_page
from api.settings import Settings
from kg.casing.assemble import assemble
from kg.checking.check import check
from kg.contract.request import request_from
from kg.errors import CaseError
from kg.snapshot.model import Snapshot
from tests.cases.golden import FILES, golden
from tests.serving import serving
from tests.workshop import ROOT

BROWSER = ROOT / "tests" / "browser"
# As a browser asks.
PERSON = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
FORM = {
    "med": "Diflucan 200 mg\ncitalopran\nparacetamol 1 g premedication\nondansetron",
    "condition": "cirrhosis",
    "obs": "QTcF = 505 ms\ntotal bilirubin = 40 umol/L (<21)",
    "age": "46",
    "sex": "female",
    "phase": "before_first_dose",
    "cycle": "1",
    "day": "1",
    "as_of": "2026-11-21",
    "flag": "planned_hsct",
}
# What a program calls a place of a request; a person is never to read it.
_PATHS = re.compile(
    r"(?:medications|conditions|allergies|observations|flags)\[\d+\]|context\.\w|patient\.\w"
    r"|\b(?:part|flag|context): |\b\w+_hsct\b|\bbefore_\w+|\b\w+_mg_m2|\blast_taken\b|\blast_dose\b|https://w3id"
)


@pytest.fixture(scope="module")
def reported(client: TestClient) -> str:
    """Give the page of one report."""
    answer = client.post("/check", data=FORM)
    assert answer.status_code == 200
    return answer.text


def text_of(page: str) -> str:
    """Give what a reader sees of a page: words, without the pictures and what stands in tags."""
    plain = re.sub(r"<svg.*?</svg>|<head>.*?</head>|<form.*?</form>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", plain)).split())


def links_of(page: str) -> set[str]:
    return set(re.findall(r'href="(/[^"#]*)"', page))


# --- whom it is about, and what was read --------------------------------------------------------


def test_a_report_says_whom_it_is_about(reported: str) -> None:
    about = re.search(r'<dl class="about">(.*?)</dl>', reported, re.DOTALL)
    assert about
    said = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", about[1]))
    assert said["Age in years"] == "46"
    assert said["Sex"] == "female"
    assert said["Phase"] == "before the first dose"
    assert (said["Cycle"], said["Day of the cycle"]) == ("1", "1")
    assert said["Day of the question"] == "2026-11-21"
    assert said["Jurisdiction"].startswith("any")
    assert said["True of the patient"] == "transplant planned"


def rows(page: str, name: str) -> list[list[str]]:
    """Read a table of a report."""
    table = re.search(rf'<table role="table" class="stacked {name}">(.*?)</table>', page, re.DOTALL)
    assert table
    found = re.findall(r"<tr role=\"row\"[^>]*>(.*?)</tr>", table[1], re.DOTALL)
    return [[text_of(c) for c in re.findall(r"<td.*?>(.*?)</td>", r, re.DOTALL)] for r in found[1:]]


def test_a_report_says_what_each_entry_was_read_as(reported: str) -> None:
    found = rows(reported, "read")
    assert ["Medication 1", "Diflucan 200 mg", "fluconazole", "name"] in found
    assert ["Allergies", "not assessed", "", ""] in found
    (wrong,) = [r for r in found if r[1] == "citalopran"]
    assert wrong[2].startswith("Not read : no term has this name; did you mean citalopram")
    (value,) = [r for r in found if r[0] == "Observation 2"]
    assert value[2].startswith("total bilirubin (40 µmol/L, upper limit 21)")
    assert len(found) == 4 + 1 + 1 + 2


def test_an_empty_list_and_one_not_given_are_told_apart(client: TestClient) -> None:
    answer = client.post("/check", data={"none": ["conditions", "flags"], "age": "46"})
    found = rows(answer.text, "read")
    assert ["Conditions", "assessed, none", "", ""] in found
    assert ["Medications", "not assessed", "", ""] in found
    assert "none of what is asked" in answer.text


def test_values_stand_in_the_line_that_is_always_seen(reported: str) -> None:
    because = [text_of(b) for b in re.findall(r'<p class="because">(.*?)</p>', reported)]
    assert any(re.match(r"Because: QTcF interval \(505 ms[,)]", b) for b in because)
    (limit,) = [b for b in because if b.endswith("before the first dose .")]
    assert limit.startswith("Because: total bilirubin (40 µmol/L, upper limit 21")


# --- findings, grounds and gaps -----------------------------------------------------------------


def test_the_verdict_comes_first_and_each_row_says_why_and_what_to_do(reported: str) -> None:
    (head,) = re.findall(r"<h1>.*?</h1>", reported)
    assert text_of(head).startswith("Contraindicated: Cirrhosis.")
    assert "Not known" not in text_of(head), "what is missing has a line of its own"
    # Four severities, a sentence and a line each.
    assert len(head.split("<span>")) - 1 == 4
    assert "<title>Contraindicated, incomplete · inokg</title>" in reported
    found = [
        text_of(row) for row in re.findall(r"<summary class=\"row\">(.*?)</summary>", reported)
    ]
    assert "contraindicated Liver and VOD . Because: Cirrhosis . Do: Do not give" in found[0]
    assert any("total bilirubin 40 µmol/L, 1.9 × upper limit . Do: Hold" in row for row in found)
    assert found[0].count("Do not give inotuzumab ozogamicin while the disease goes on.") == 1


def test_what_is_open_stands_below_the_rows_with_its_worst_case(
    client: TestClient, reported: str
) -> None:
    (opened,) = re.findall(r'<dl class="open">(.*?)</dl>', reported, re.DOTALL)
    said = text_of(opened)
    assert "Not read “ citalopran" in said.replace("<q>", "“ ") or "citalopran" in said
    assert "did you mean citalopram" in said
    assert "Worst case: " in said
    assert "No advice does not mean safe." in said
    bare = client.post("/check", data={"none": ["medications", "conditions", "flags"]}).text
    assert "Missing" in text_of(re.findall(r'<dl class="open">.*?</dl>', bare, re.DOTALL)[0])


def test_evidence_has_grade_title_and_links(reported: str) -> None:
    found = rows(reported, "evidence")
    assert ["EU", "EU label , Section 4.3"] in [r[:2] for r in found]
    assert {r[4] for r in found} >= {"label", "unsupported", "literature"}
    assert "eu-smpc," not in text_of(reported)
    assert "overdue for review" in reported


def test_the_severity_of_each_jurisdiction_stands_side_by_side(reported: str) -> None:
    first = reported.partition("<article")[2].partition("</article>")[0]
    assert "EU contraindicated UK contraindicated US avoid" in text_of(first)


def test_every_disagreement_is_shown_with_its_readings(reported: str, snapshot: Snapshot) -> None:
    first = text_of(reported.partition("<article")[2].partition("</article>")[0])
    for key in ("d-17", "d-18"):
        iri = next(i for i in snapshot.disagreements if i.endswith(f"/{key}"))
        known = snapshot.disagreements[iri]
        assert f"The sources disagree: {known.label}" in first
        assert known.resolution in first
        assert known.reason in first
        for reading in known.readings:
            assert snapshot.statements[reading].says in first


def test_sentences_that_are_no_condition_are_no_bullet(reported: str) -> None:
    assert "<p>No change of treatment that could be checked clears it now.</p>" in reported
    assert "<li>No change of treatment" not in reported
    assert "<li>without fluconazole</li>" in reported
    assert "<li>Checked:" not in reported


def test_what_is_missing_is_said_in_words_and_leads_to_its_box(
    client: TestClient, reported: str
) -> None:
    found = rows(reported, "gaps")
    wanted = [r[0] for r in found]
    assert "Allergies" in wanted
    assert "Medication 2 “citalopran”: a name or code that is recognised" in wanted
    assert any(w.startswith("Which of these holds: CD22 negative or CD22 positive") for w in wanted)
    assert all(r[1] for r in found), "what would settle nothing is no line"
    for box in re.findall(r'data-label="To supply"><a href="#(.*?)"', reported):
        assert f'id="{box}"' in reported
    bare = client.post("/check", data={"med": "warfarin", "phase": "before_first_dose"}).text
    assert "above all: CD22 expression on blasts;" in bare
    # What nothing turns on is no line of the table, and is not passed over either.
    assert all(r[1] for r in rows(bare, "gaps"))
    assert "no advice depends on it here: Sex" in text_of(bare)


def test_every_link_of_a_report_leads_somewhere(client: TestClient, reported: str) -> None:
    links = links_of(reported)
    for kind in ("advisory", "drug", "condition", "observation", "source", "statement"):
        assert any(link.startswith(f"/id/{kind}/") for link in links), kind
    assert any(link.startswith("/id/disagreement/") for link in links)
    for link in links - {"/openapi.json"}:
        assert client.get(link, headers=PERSON).status_code == 200, link


def test_what_was_set_aside_has_its_reason(reported: str) -> None:
    aside = reported.partition("part of the treatment</summary>")[2].partition("in this phase")[0]
    assert "paracetamol , as premedication, is not counted for:" in text_of(aside)
    assert "<summary>Why (" in aside
    assert "US label" in aside


@pytest.mark.parametrize("name", sorted(FILES)[::9])
def test_no_report_speaks_to_a_person_as_to_a_program(name: str, snapshot: Snapshot) -> None:
    try:
        asked = request_from(golden(name).request)
        report = check(assemble(asked, snapshot), snapshot)
    except CaseError:
        pytest.skip("a case that is refused")
    words = words_of({}, snapshot)
    found = report_page(report, asked, words, snapshot)
    shown = page(
        "report.html", snapshot, found=found, report=report, given={}, form=choices(snapshot)
    )
    text = bytes(shown.body).decode()
    assert _PATHS.search(text_of(text)) is None
    for drawn in re.findall(r"<svg.*?</svg>", text, re.DOTALL):
        assert _PATHS.search(re.sub(r"<svg[^>]*>", "", drawn)) is None
    assert "undefined" not in text.lower()
    assert text.count('<article class="finding') + found.folded == len(report.findings)


# --- the form -----------------------------------------------------------------------------------


def test_flags_stand_in_order_and_contrary_ones_together(snapshot: Snapshot) -> None:
    groups = choices(snapshot).flags
    firsts = [g[0][1].casefold() for g in groups]
    assert firsts == sorted(firsts)
    keys = [{key for key, _ in g} for g in groups]
    assert {"contraception_effective", "contraception_none"} in keys
    assert {"childbearing_potential", "postmenopausal", "surgically_sterile"} in keys
    assert sorted(k for g in keys for k in g) == sorted(f.key for f in snapshot.flags.values())


def test_what_a_dose_turns_on_can_be_given(client: TestClient) -> None:
    given = {"med": "warfarin", "phase": "before_dose", "weight_kg": "70"}
    given |= {"dose_mg_m2": "0.8", "dose_due": "2026-11-20", "as_of": "2026-11-21"}
    page = client.post("/check", data=given).text
    assert "<dt>The dose in question, in mg/m²</dt><dd>0.8</dd>" in page
    assert "<dt>Day the next dose was due</dt><dd>2026-11-20</dd>" in page
    assert "<dt>Weight in kg</dt><dd>70</dd>" in page
    refused = client.post("/check", data=given | {"dose_mg_m2": "much"})
    assert refused.status_code == 422
    assert "The dose in question, in mg/m²: &#39;much&#39; is not a number" in refused.text
    assert 'value="70"' in refused.text, "what was typed is not lost"


def test_a_flag_of_no_form_is_said_to_be_unknown(client: TestClient) -> None:
    page = client.post("/check", data={"flag": "winged"}).text
    assert "Said of the patient: winged" in text_of(page)
    assert "winged" in text_of(page.partition('<dl class="open">')[2].partition("</dl>")[0])


# --- ways about, and what is not there ----------------------------------------------------------


@pytest.mark.parametrize("address", ["/", "/id/", "/id/drug/", "/sparql", "/id/drug/haloperidol"])
def test_every_page_leads_to_the_others(client: TestClient, address: str) -> None:
    found = client.get(address, headers=PERSON).text
    nav = found.partition('<nav aria-label="Pages">')[2].partition("</nav>")[0]
    wanted = {"/", "/id/drug/", "/id/advisory/", "/id/disagreement/", "/id/source/", "/id/"}
    assert links_of(nav) == wanted | {"/review", "/sparql", "/openapi.json"}
    here = re.findall(r'<a href="([^"]*)" aria-current="page"', nav)
    assert here == ([] if "haloperidol" in address else [address])


def test_a_report_that_is_asked_for_again_leads_to_the_form(client: TestClient) -> None:
    answer = client.get("/check", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert client.delete("/check").headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    ("address", "near"),
    [
        ("/id/drug/citalopran", "/id/drug/citalopram"),
        ("/id/condition/Cirrosis", "/id/condition/Cirrhosis"),
        ("/id/drugs/", "/id/drug/"),
        ("/nothing", None),
        ("/id/drug/" + "x" * 5000, None),
        ("/id/drug/%3Cscript%3E", None),
    ],
)
def test_a_person_is_refused_by_a_page_with_the_nearest_names(
    client: TestClient, address: str, near: str | None
) -> None:
    answer = client.get(address, headers=PERSON)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "Accept" in answer.headers["vary"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<script>" not in answer.text
    assert near is None or f'<li><a href="{near}">' in answer.text
    assert '<nav aria-label="Pages">' in answer.text


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("/id/drug/nonesuch", {}),
        ("/id/drug/nonesuch", {"Accept": "text/turtle"}),
        ("/id/drug/nonesuch", {"Accept": "application/problem+json, text/html;q=0.5"}),
        ("/v1/nothing", PERSON),
        ("/v1/drugs/nonesuch", PERSON),
    ],
)
def test_a_program_is_refused_by_a_problem(
    client: TestClient, address: str, headers: dict[str, str]
) -> None:
    answer = client.get(address, headers=headers)
    assert answer.status_code in (404, 405)
    assert answer.headers["content-type"] == "application/problem+json"


def test_without_a_release_a_person_is_told_so(tmp_path: Path) -> None:
    with TestClient(create_app(Settings(tmp_path)), raise_server_exceptions=False) as client:
        answer = client.get("/", headers=PERSON)
    assert answer.status_code == 503
    assert answer.headers["content-type"].startswith("text/html")
    assert "ask the operator of this service" in answer.text
    assert str(tmp_path) not in answer.text


# --- in a browser: paper, a phone, the keyboard -------------------------------------------------


@pytest.fixture(scope="module")
def node() -> Path:
    program = Path(get_path("scripts")) / "node"
    if not program.exists() or not (BROWSER / "node_modules" / "playwright-core").is_dir():
        pytest.skip("the browser of the tests was not brought at set-up")
    return program


@pytest.fixture(scope="module")
def seen(release_folder: Path, node: Path) -> dict[str, Any]:
    """Let a browser fill the form in and look at the report in every way."""
    single = ("phase", "sex")
    given = {
        "boxes": {k: v for k, v in FORM.items() if k not in (*single, "flag")},
        "choices": {k: FORM[k] for k in single},
        "ticks": [f"flag-{FORM['flag']}"],
    }
    with serving(release_folder.parent, "--quiet") as service:
        done = subprocess.run(
            [node, BROWSER / "report_page.mjs", service.url, json.dumps(given)],
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_paper_holds_the_verdict_and_what_is_open_and_little_else(
    seen: dict[str, Any], snapshot: Snapshot
) -> None:
    assert seen["on_screen"] > 20, "much is folded on a screen"
    assert seen["pictures_on_paper"] == 0
    wanted = [
        *("46 years", "female", "before the first dose", "transplant planned", "21 Nov 2026"),
        *("Contraindicated: Cirrhosis.", "40 µmol/L, 1.9 × upper limit", "505 ms", "Worst case:"),
        *("citalopran", "No advice does not mean safe", "Patient label", "Signature"),
        *("It supports judgement and does not replace it", snapshot.version, "approved before"),
    ]
    assert [w for w in wanted if w not in seen["printed"]] == []
    assert "One entry per line" not in seen["printed"], "the form is not printed"
    assert "Section 4.3" not in seen["printed"], "evidence is printed only where it was opened"
    assert "Section 4.3" in seen["printed_open"]
    assert seen["sheets"] <= 2


def test_the_first_screen_holds_the_verdict(seen: dict[str, Any]) -> None:
    for width, screens in (("1280", 2), ("390", 5)):
        found = seen["sizes"][width]
        assert found["verdict"] <= 250
        assert found["page"] <= screens * found["screen"]
        assert found["words"] <= 350


def test_a_link_holds_the_input_and_asks_nobody(seen: dict[str, Any]) -> None:
    assert "#" in seen["link"]
    assert "med=" in seen["link"].partition("#")[2]
    assert seen["linked_first"] == ["Check", "", 0], "nothing is sent before somebody asks"
    assert seen["linked_title"] == seen["title"]
    assert seen["linked_address"].endswith("/check")
    assert "Contraindicated: Cirrhosis." in seen["copied"]
    assert "Edit" not in seen["copied"]
    assert (seen["json"], seen["fhir"]) == ("report.json", "report.fhir.json")


def test_a_report_has_one_head_and_the_boxes_that_it_names(seen: dict[str, Any]) -> None:
    assert seen["title"] == "Contraindicated, incomplete · inokg"
    assert len(seen["heads"]) == 1
    assert len(seen["boxes"]) > 5
    assert all(there for _, there in seen["boxes"])
    assert seen["again"].endswith("/")
    assert seen["complaints"] == []


def test_a_phone_shows_a_report_with_the_head_of_each_value(seen: dict[str, Any]) -> None:
    assert seen["too_wide"] <= 0
    assert seen["unlabelled"] == []


def test_a_report_needs_no_script_and_names_are_chosen_by_keyboard(seen: dict[str, Any]) -> None:
    assert seen["plain_folded"] > 20
    assert set(seen["roles"]) == {None}
    assert "names offered" in seen["said"]
    assert seen["active"]
    assert "citalopram" in seen["taken"]
