"""What an explanation claims is tried on every finding and every silence of the golden cases."""

from __future__ import annotations

from functools import cache

import pytest

from kg import terms
from kg.casing.assemble import assemble
from kg.checking.check import check
from kg.contract.explanation import Branch, Explanation
from kg.contract.report import Report
from kg.contract.request import Request, request_from
from kg.explaining.advisory import explain_advisory
from kg.explaining.input import explain_input
from kg.explaining.least_inputs import comes, keeping, units_of
from kg.snapshot.model import Snapshot
from tests.cases.golden import FILES, golden

FIRING = [(name, advisory) for name in FILES for advisory in golden(name).expect.findings]
# Each kind of answer in its own stride, so that the whole set is touched and the run stays short.
QUIET = [
    (name, advisory, verdict)
    for name in FILES
    for verdict, advisories in (
        ("does not apply", golden(name).expect.silent),
        ("cannot be evaluated", golden(name).expect.open),
    )
    for advisory in advisories
]
WITH_MEDICINES = [n for n in FILES if golden(n).request.get("medications")][::4]


@cache
def request_of(name: str) -> Request:
    return request_from(golden(name).request)


def iri_of(advisory: str) -> str:
    return f"{terms.BASE}advisory/{advisory}"


def report_of(name: str, snapshot: Snapshot) -> Report:
    return check(assemble(request_of(name), snapshot), snapshot)


def test_there_is_much_to_try() -> None:
    assert len(FIRING) > 300
    assert len(QUIET) > 300
    assert len(WITH_MEDICINES) > 30


@pytest.fixture(scope="module")
def explained(snapshot: Snapshot) -> dict[tuple[str, str], Explanation]:
    """Explain every golden finding."""
    return {
        (name, advisory): explain_advisory(request_of(name), iri_of(advisory), snapshot)
        for name, advisory in FIRING
    }


Explained = dict[tuple[str, str], Explanation]


def test_the_leaves_are_enough(explained: Explained, snapshot: Snapshot) -> None:
    """Keep only the leaves: the finding stays."""
    for (name, advisory), found in explained.items():
        left = keeping(request_of(name), found.leaves)
        assert comes(left, iri_of(advisory), snapshot), (name, advisory, found.leaves)


def test_the_leaves_hold_all_that_the_report_names(
    explained: Explained, snapshot: Snapshot
) -> None:
    for (name, advisory), found in explained.items():
        report = report_of(name, snapshot)
        finding = next(f for f in report.findings if f.advisory == iri_of(advisory))
        named = {b.input for b in finding.because if b.input}
        # That something was not said counts, and is no input.
        assert named & set(units_of(request_of(name))) <= set(found.leaves), (name, advisory)
        assert named <= {n.label for n in found.nodes if n.kind == "input"}, (name, advisory)


def test_each_support_is_enough_and_could_not_be_smaller(
    explained: Explained, snapshot: Snapshot
) -> None:
    """Keep one support: the finding stays. Drop any one of its inputs: it goes."""
    for (name, advisory), found in explained.items():
        request, iri = request_of(name), iri_of(advisory)
        assert found.supports, (name, advisory)
        for support in found.supports:
            assert set(support) <= set(found.leaves), (name, advisory, support)
            assert comes(keeping(request, support), iri, snapshot), (name, advisory, support)
            for leaf in support:
                less = [u for u in support if u != leaf]
                assert not comes(keeping(request, less), iri, snapshot), (name, advisory, leaf)


def test_a_summary_fits_on_a_line_and_every_step_is_a_sentence(explained: Explained) -> None:
    for key, found in explained.items():
        assert len(found.summary) <= 140, key
        assert all(step.rstrip().endswith((".", "…")) for step in found.steps), key
        assert len(set(found.steps)) == len(found.steps), key


def test_the_tree_holds_every_step_of_the_graph(explained: Explained) -> None:
    def names(branch: Branch) -> set[str]:
        return {branch.id}.union(*(names(part) for part in branch.parts))

    for key, found in explained.items():
        assert found.tree is not None
        assert names(found.tree) == {n.id for n in found.nodes}, key


def test_silence_and_doubt_are_told_as_the_case_expects(snapshot: Snapshot) -> None:
    for name, advisory, verdict in QUIET[::2]:
        found = explain_advisory(request_of(name), iri_of(advisory), snapshot)
        assert found.verdict == verdict, (name, advisory)
        assert bool(found.needs) == (verdict == "cannot be evaluated"), (name, advisory)
        assert not found.supports


def test_what_an_input_raises_is_what_the_report_says_of_it(snapshot: Snapshot) -> None:
    for name in WITH_MEDICINES:
        report = report_of(name, snapshot)
        open_ = {n.advisory for n in report.not_evaluable}
        aside = {(s.input, s.advisory) for s in report.suppressed}
        for n in range(len(request_of(name).medications or ())):
            path = f"medications[{n}]"
            found = explain_input(request_of(name), path, snapshot)
            because = {f.advisory for f in report.findings if path in (b.input for b in f.because)}
            assert set(found.raises) == because, (name, path)
            assert {u.advisory for u in found.unsettled} <= open_, (name, path)
            silent = {s.advisory for s in found.silent}
            assert silent >= {a for p, a in aside if p == path}, (name, path)
            assert silent.isdisjoint(because), (name, path)
