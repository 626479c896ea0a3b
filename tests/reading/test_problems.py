"""Problem lists, procedures and allergies are read as a clinician reads them."""

from __future__ import annotations

from collections import Counter

import pytest

from kg.contract.request import Coding, request_from
from kg.resolving.codes import Coded, resolve_code
from kg.resolving.names import Missed, NameMatch
from kg.resolving.problem_match import plainly_named
from kg.resolving.resolve import Resolved, resolve
from kg.snapshot.model import Snapshot
from kg.snapshot.names import words
from kg.snapshot.spelling import evenly
from tests.reading.problems import problem_lines, problem_score

ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
_LEAST_RIGHT = 0.98


def test_the_corpus_is_read_right_and_never_wrongly(snapshot: Snapshot) -> None:
    scores = [problem_score(line, snapshot) for line in problem_lines()]
    counted = Counter(s.outcome for s in scores)
    assert len(scores) >= 700
    assert [s for s in scores if s.outcome == "wrong"] == []
    assert counted["right"] >= _LEAST_RIGHT * len(scores), counted


def test_titles_lead_where_their_codes_do(snapshot: Snapshot) -> None:
    cm = pytest.importorskip("simple_icd_10_cm")
    shared: dict[tuple[str, ...], set[str]] = {}
    of_title: dict[str, tuple[str, bool]] = {}
    for code in cm.get_all_codes():
        if code[0] > "R" or not cm.is_category_or_subcategory(code):
            continue
        coded = resolve_code(Coding(system=ICD10CM, code=code), "condition", snapshot)
        if isinstance(coded, Coded):
            title = cm.get_description(code)
            shared.setdefault(evenly(words(title)), set()).add(coded.term)
            of_title[title] = coded.term, coded.broader
    assert len(of_title) > 30_000
    elsewhere, unread = [], []
    for title, (term, _) in of_title.items():
        if len(shared[evenly(words(title))]) > 1:
            continue  # the words of two codes that mean different things are a question
        found = plainly_named(title, "condition", snapshot)
        if found is None or isinstance(found, Missed) or found.unread:
            unread.append(title)
        elif not _as_close(found.terms[0], term, snapshot):
            elsewhere.append((title, found.terms[0], term))
    assert elsewhere == []
    assert unread == []


def _as_close(found: str, term: str, snapshot: Snapshot) -> bool:
    wide = snapshot.conditions[term].unspecified_of or term
    return found == term or wide in snapshot.conditions[found].ancestors


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("E11.9", "decompensated cirrhosis awaiting transplant"),
        ("I10", "hypertension; suspected VOD"),
        ("E11.9", "VOD"),
        ("I10", "no hypertension"),
        ("E11.9", "patient with VOD of some kind and more"),
    ],
)
def test_a_text_that_names_another_disease_contradicts_its_code(
    code: str, text: str, snapshot: Snapshot
) -> None:
    found = _read(snapshot, code, text)
    assert isinstance(found, Missed)
    assert len(found.suggestions) > 0


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("I10", "Essential (primary) hypertension"),
        ("I10", "HTN"),
        ("I10", "hypertension, well controlled"),
        ("I10", "benign hypertension, on 3 drugs"),
        ("E11.9", "Type 2 diabetes mellitus without complications"),
        ("E11.9", "T2DM"),
        ("E11.9", "diabetes"),
        ("C91.00", "B-ALL"),
        ("C91.00", "Acute lymphoblastic leukemia not having achieved remission"),
        ("C91.01", "ALL in remission"),
        ("N18.30", "CKD 3 due to hypertension"),
        ("K74.60", "cirrhosis"),
        ("I48.91", "AF"),
        ("J18.9", "community acquired pneumonia"),
    ],
)
def test_a_text_that_means_the_same_or_adds_detail_raises_no_question(
    code: str, text: str, snapshot: Snapshot
) -> None:
    found = _read(snapshot, code, text)
    assert isinstance(found, Resolved), found
    assert not found.unread


def test_a_history_without_a_name_dates_what_is_named_beside_it(snapshot: Snapshot) -> None:
    found = _read(snapshot, "Z87.19", "History of veno-occlusive disease")
    named = plainly_named("VOD", "condition", snapshot)
    assert isinstance(found, Resolved)
    assert isinstance(named, NameMatch)
    assert found.terms == named.terms


def _read(snapshot: Snapshot, code: str, text: str) -> Resolved | Missed:
    entry = {"system": ICD10CM, "code": code, "text": text}
    conditions = request_from({"conditions": [entry]}).conditions
    assert conditions
    return resolve(conditions[0], "condition", snapshot)
