"""What is not signed yet is kept as well: drafts, who else reads, and comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import ReviewSettings, Settings
from kg import terms
from kg.snapshot.model import Snapshot
from tests.review.test_pages import HTML, address_of, first, hidden, invited, sign_in, signed
from tests.review.test_store import by_two


@pytest.fixture
def service(address: str, release_folder: Path) -> Iterator[TestClient]:
    """Open the service over an empty store, of each kind, with its first account."""
    review = ReviewSettings(database=address)
    app = create_app(Settings(releases=release_folder.parent, review=review))
    with TestClient(app, raise_server_exceptions=False, headers=HTML) as found:
        first(found)
        yield found
    app.state.bench.database.close()


def reason_in(page: str) -> str:
    found = re.search(r'<textarea name="reason".*?>(.*?)</textarea>', page)
    assert found
    return found[1]


def test_a_draft_is_there_again_and_goes_when_it_is_signed(
    service: TestClient, snapshot: Snapshot
) -> None:
    subject = by_two(snapshot)
    given = hidden(service.get(address_of(subject)).text)
    draft = {**given, "verdict": "reject", "reason": "Not so, <since>", "severity-EU": "caution"}
    assert "Kept as a draft." in service.post("/review/drafts", data=draft).text
    page = service.get(address_of(subject)).text
    assert reason_in(page) == "Not so, &lt;since&gt;"
    assert 'value="reject" required checked' in page
    assert "<option selected>caution</option>" in page
    assert signed(service, subject)[0] == 200
    assert reason_in(service.get(address_of(subject)).text) == ""


def test_a_draft_is_its_writers_alone_and_bounded(service: TestClient, snapshot: Snapshot) -> None:
    subject = by_two(snapshot)
    invited(service, "ben", "reviewer")
    given = hidden(service.get(address_of(subject)).text)
    assert service.post("/review/drafts", data={**given, "reason": "x" * 30_000}).status_code == 422
    assert (
        service.post("/review/drafts", data={**given, "subject": "advisory/x"}).status_code == 404
    )
    service.post("/review/drafts", data={**given, "reason": "Mine"})
    sign_in(service, "anna")
    page = service.get(address_of(subject)).text
    assert reason_in(page) == ""
    assert "also open: ben" in page


def test_comments_are_shown_at_the_button_until_they_are_done(
    service: TestClient, snapshot: Snapshot
) -> None:
    subject = by_two(snapshot)
    short = subject.removeprefix(terms.BASE)
    given = {"token": hidden(service.get("/review").text)["token"], "subject": short}
    page = service.post("/review/comments", data={**given, "text": "Is <it> meant?"}).text
    assert "Is &lt;it&gt; meant?" in page
    assert "1 open comment</a>" in page
    assert service.post("/review/comments", data={**given, "text": " "}).status_code == 422
    number = re.search(r'name="done" value="(\d+)"', page)
    assert number
    page = service.post("/review/comments", data={**given, "done": number[1]}).text
    assert "open comment</a>" not in page
    assert ", done: Is" in page
    again = service.post("/review/comments", data={**given, "done": number[1]})
    assert again.status_code == 200
    assert (
        service.post("/review/comments", data={**given, "token": "x", "text": "y"}).status_code
        == 403
    )


def test_a_lead_asks_somebody_to_read_a_subject(service: TestClient, snapshot: Snapshot) -> None:
    subject = by_two(snapshot)
    invited(service, "ben", "reviewer")
    short = subject.removeprefix(terms.BASE)
    given = {"subject": short, "do": "assign", "to": "ben"}
    own = {"token": hidden(service.get("/review").text)["token"]}
    assert service.post("/review/comments", data=given | own).status_code == 403
    sign_in(service, "anna")
    own = {"token": hidden(service.get("/review").text)["token"]}
    page = service.post("/review/comments", data=given | own).text
    assert "ben is asked to read it" in page
    assert service.post("/review/comments", data=given | own | {"to": "eve"}).status_code == 404
    assert address_of(subject) not in service.get("/review?show=mine").text
    sign_in(service, "ben")
    assert address_of(subject) in service.get("/review?show=mine").text
