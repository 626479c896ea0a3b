"""Two readers apart: each states a severity before ours is shown, and it is counted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import ReviewSettings, Settings
from kg import terms
from kg.review.agreement import StatedSeverity, agreement, kappa
from kg.snapshot.model import Snapshot
from tests.review.test_pages import HTML, address_of, first, hidden, invited, log_of, signed
from tests.review.test_store import by_two


@pytest.fixture
def service(address: str, release_folder: Path) -> Iterator[TestClient]:
    """Open the service with blind reading over an empty store, of each kind."""
    review = ReviewSettings(database=address, blind=True)
    app = create_app(Settings(releases=release_folder.parent, review=review))
    with TestClient(app, raise_server_exceptions=False, headers=HTML) as found:
        first(found)
        yield found
    app.state.bench.database.close()


def state(service: TestClient, subject: str, severity: str) -> int:
    given = hidden(service.get(address_of(subject)).text)
    form = {"token": given["token"], "subject": subject.removeprefix(terms.BASE)}
    laws = {f"severity-{law}": severity for law in ("EU", "UK", "US")}
    return service.post("/review/severities", data=form | laws).status_code


def test_our_severity_is_hidden_until_the_reader_states_theirs(
    service: TestClient, snapshot: Snapshot
) -> None:
    subject = by_two(snapshot)
    page = service.get(address_of(subject)).text
    assert "Severity hidden until you state yours" in page
    assert 'class="severity' not in page.partition('id="b2"')[0]
    queue = service.get("/review").text
    row = queue.partition(f'<a href="{address_of(subject)}">')[0].rpartition("<tr>")[2]
    assert "hidden" in row
    status, page = signed(service, subject)
    assert status == 422
    assert "state a severity before ours is shown" in page
    assert state(service, subject, "nonsense") == 422
    assert state(service, subject, "caution") == 200
    page = service.get(address_of(subject)).text
    assert 'class="severity avoid"' in page
    assert "stated before ours was shown" in page
    assert "<option selected>caution</option>" in page
    assert state(service, subject, "avoid") == 409
    assert signed(service, subject)[0] == 200
    assert [a for _, a, _ in log_of(service)].count("severity-stated") == 1


def test_the_agreement_of_two_readers_is_shown(service: TestClient, snapshot: Snapshot) -> None:
    subject = by_two(snapshot)
    state(service, subject, "caution")
    assert "Two readers agree" not in service.get("/review").text
    invited(service, "ben", "reviewer")
    assert "Severity hidden" in service.get(address_of(subject)).text
    state(service, subject, "caution")
    assert "Two readers agree on 3 of 3" in service.get("/review").text


def test_kappa_sets_aside_what_chance_brings() -> None:
    assert kappa([]) is None
    assert kappa([("a", "a")] * 3) is None
    assert kappa([("a", "a"), ("b", "b")]) == 1
    assert kappa([("a", "b"), ("b", "a")]) == -1
    # Cohen's own kind of table: 20, 5, 10, 15 of 50.
    table = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert kappa(table) == pytest.approx(0.4)


def test_agreement_is_told_by_hazard(snapshot: Snapshot) -> None:
    one, other = sorted(snapshot.advisories)[:2]
    stated = [
        StatedSeverity(one, "a", {"EU": "avoid", "US": "hold"}),
        StatedSeverity(one, "b", {"EU": "avoid", "US": "caution"}),
        StatedSeverity(other, "a", {"EU": "avoid"}),
    ]
    found = agreement(stated, snapshot)
    assert [(a.agreed, a.read_twice) for a in found] == [(1, 2), (1, 2)]
    assert found[0].matter == ""
