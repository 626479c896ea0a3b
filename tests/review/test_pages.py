"""The bench over HTTP: who comes in, what is refused there, and how a signature is given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from api.app import create_app
from api.review.audit import lines
from api.review.door import COOKIE
from api.review.state import Bench
from api.settings import ReviewSettings, Settings
from kg import terms
from kg.snapshot.model import Snapshot
from tests.review.test_store import PASSWORD, by_one, by_two

HTML = {"Accept": "text/html"}


@pytest.fixture
def service(address: str, release_folder: object) -> Iterator[TestClient]:
    """Open the service over an empty store, of each kind."""
    from pathlib import Path

    settings = Settings(
        releases=Path(str(release_folder)).parent, review=ReviewSettings(database=address)
    )
    app = create_app(settings)
    with TestClient(app, raise_server_exceptions=False, headers=HTML) as found:
        yield found
    app.state.bench.database.close()


def bench(service: TestClient) -> Bench:
    found: Bench = service.app.state.bench  # type: ignore[attr-defined]
    return found


def hidden(page: str) -> dict[str, str]:
    """Give what the forms of a page hold that nobody types."""
    return dict(re.findall(r'<input type="hidden" name="(.*?)" value="(.*?)">', page))


def first(service: TestClient, name: str = "anna") -> None:
    """Make the first account by its link, as a browser does."""
    link = f"/review/first/{bench(service).first_link}"
    given = {**hidden(service.get(link).text), "name": name, "password": PASSWORD}
    answer = service.post(link, data=given)
    assert answer.status_code == 200, answer.text
    assert answer.url.path == "/review"


def sign_in(service: TestClient, name: str, password: str = PASSWORD) -> int:
    service.cookies.clear()
    given = hidden(service.get("/review/sign-in").text)
    answer = service.post("/review/sign-in", data={**given, "name": name, "password": password})
    return answer.status_code


def invited(service: TestClient, name: str, role: str) -> None:
    """Have a lead invite somebody, who sets a password by the link."""
    page = service.get("/review/accounts").text
    given = {"token": hidden(page)["token"], "name": name, "role": role, "do": "invite"}
    answer = service.post("/review/accounts", data=given)
    link = re.search(r"<code>http://testserver(/review/link/.*?)</code>", answer.text)
    assert link
    service.cookies.clear()
    token = hidden(service.get(link[1]).text)
    assert service.post(link[1], data={**token, "password": PASSWORD}).status_code == 200


def address_of(subject: str) -> str:
    return f"/review/{subject.removeprefix(terms.BASE)}"


def signed(
    service: TestClient, subject: str, verdict: str = "approve", **change: str
) -> tuple[int, str]:
    """Fill the form of a subject in and sign."""
    given = hidden(service.get(address_of(subject)).text)
    form = {**given, "verdict": verdict, "reason": "Read the label.", **change}
    answer = service.post(address_of(subject), data=form)
    return answer.status_code, answer.text


def log_of(service: TestClient) -> list[tuple[str, str, str]]:
    with bench(service).database.reading() as connection:
        return [(line.actor, line.action, line.body) for line in lines(connection)]


def test_the_first_account_signs_an_advisory_that_then_says_so(
    service: TestClient, snapshot: Snapshot
) -> None:
    first(service)
    subject = by_one(snapshot)
    status, page = signed(service, subject)
    assert status == 200
    assert f"Signed: {snapshot.advisories[subject].label}, now approved." in page
    assert "anna, " in service.get(address_of(subject)).text


def test_nobody_comes_in_without_an_account(service: TestClient, snapshot: Snapshot) -> None:
    for address in ("/review", address_of(by_one(snapshot))):
        assert service.get(address).url.path == "/review/sign-in"
    for address in ("/review/accounts", "/review/log"):
        assert service.get(address).status_code == 401
    assert "There is no account yet" in service.get("/review/sign-in").text


def test_the_first_link_is_good_once(service: TestClient) -> None:
    first(service)
    link = f"/review/first/{bench(service).first_link}"
    assert service.get(link).status_code == 410
    given = {**hidden(service.get("/review").text), "name": "eve", "password": PASSWORD}
    assert service.post(link, data=given).status_code == 410
    assert service.get("/review/first/guessed").status_code == 410


def test_a_forged_or_fixed_session_opens_nothing(service: TestClient) -> None:
    first(service)
    service.cookies.clear()
    service.cookies.set(COOKIE, "slipped-in-by-somebody")
    assert service.get("/review/log").status_code == 401
    given = hidden(service.get("/review/sign-in").text)
    service.post("/review/sign-in", data={**given, "name": "anna", "password": PASSWORD})
    held = {c.value for c in service.cookies.jar if c.name == COOKIE}
    assert "slipped-in-by-somebody" not in held or len(held) == 2
    service.cookies.clear()
    service.cookies.set(COOKIE, "slipped-in-by-somebody")
    assert service.get("/review/log").status_code == 401


def test_the_cookie_is_kept_from_scripts_and_other_sites(service: TestClient) -> None:
    first(service)
    service.cookies.clear()
    given = hidden(service.get("/review/sign-in").text)
    answer = service.post(
        "/review/sign-in",
        data={**given, "name": "anna", "password": PASSWORD},
        follow_redirects=False,
    )
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith(COOKIE))
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()


@pytest.mark.parametrize(
    ("change", "headers"),
    [
        ({"token": ""}, {}),
        ({"token": "0" * 64}, {}),
        ({}, {"Origin": "https://evil.example"}),
        ({}, {"Sec-Fetch-Site": "cross-site"}),
        ({}, {"Sec-Fetch-Site": "same-site"}),
    ],
)
def test_a_form_of_another_site_signs_nothing(
    service: TestClient, snapshot: Snapshot, change: dict[str, str], headers: dict[str, str]
) -> None:
    first(service)
    subject = by_one(snapshot)
    form = {**hidden(service.get(address_of(subject)).text), "verdict": "approve", "reason": "x"}
    answer = service.post(address_of(subject), data=form | change, headers=headers)
    assert answer.status_code == 403
    assert "open the page again" in answer.text
    assert bench(service).signing.all() == []
    assert log_of(service)[-1] == ("anna", "refused", "foreign-form")


def test_guessing_a_password_locks_the_account_and_a_lead_opens_it(
    service: TestClient,
) -> None:
    first(service)
    invited(service, "ben", "reviewer")
    codes = [sign_in(service, "ben", f"guess number {n}") for n in range(6)]
    assert codes == [401] * 5 + [403]
    assert sign_in(service, "ben") == 403
    assert sign_in(service, "nobody") == 401
    assert sign_in(service, "anna") == 200
    given = {**hidden(service.get("/review/accounts").text), "name": "ben", "do": "way-back"}
    link = re.search(
        r"http://testserver(/review/link/[^<]*)", service.post("/review/accounts", data=given).text
    )
    assert link
    service.cookies.clear()
    token = hidden(service.get(link[1]).text)
    assert service.post(link[1], data={**token, "password": PASSWORD}).status_code == 200
    assert service.get(link[1]).status_code == 410


def test_a_role_that_is_too_low_is_refused_logged_and_explained(
    service: TestClient, snapshot: Snapshot
) -> None:
    first(service)
    invited(service, "rita", "reader")
    subject = by_one(snapshot)
    assert "A reader does not sign" in service.get(address_of(subject)).text
    given = hidden(service.get("/review/log").text)
    form = {**given, "verdict": "approve", "reason": "x", "seen": "0"}
    answer = service.post(address_of(subject), data=form)
    assert answer.status_code == 403
    assert "takes the role of a reviewer" in answer.text
    assert service.get("/review/accounts").status_code == 403
    refused = [line for line in log_of(service) if line[1] == "refused"]
    assert refused == [("rita", "refused", "role-too-low")] * 2


def test_a_second_signature_is_another_persons(service: TestClient, snapshot: Snapshot) -> None:
    first(service)
    subject = by_two(snapshot)
    assert "1 of 2 signatures" in signed(service, subject)[1]
    status, page = signed(service, subject)
    assert status == 403
    assert "second signature is another person" in page
    assert "Read the label." in page, "what was written stays"
    invited(service, "ben", "reviewer")
    assert "now approved" in signed(service, subject)[1]


def test_of_two_who_read_at_once_the_second_reads_again(
    service: TestClient, snapshot: Snapshot
) -> None:
    first(service)
    subject = by_two(snapshot)
    invited(service, "ben", "reviewer")
    form = {**hidden(service.get(address_of(subject)).text), "verdict": "reject", "reason": "No"}
    sign_in(service, "anna")
    signed(service, subject)
    sign_in(service, "ben")
    form["token"] = hidden(service.get("/review").text)["token"]
    answer = service.post(address_of(subject), data=form)
    assert answer.status_code == 409
    assert "somebody signed this while you had it open" in answer.text
    assert len(bench(service).signing.all()) == 1


def test_the_log_says_whether_it_holds(service: TestClient, snapshot: Snapshot) -> None:
    first(service)
    signed(service, by_one(snapshot))
    assert "the chain holds" in service.get("/review/log").text
    with bench(service).database.writing() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER review_audit_update"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("UPDATE review_audit SET actor = 'eve' WHERE number = 2"))
    assert "tampered with: line 2: it was altered" in service.get("/review/log").text


def test_signing_out_ends_the_session_at_the_server(service: TestClient) -> None:
    first(service)
    held = service.cookies[COOKIE]
    service.post("/review/sign-out", data=hidden(service.get("/review").text))
    service.cookies.clear()
    service.cookies.set(COOKIE, held)
    assert service.get("/review/log").status_code == 401


def test_every_subject_has_its_page(service: TestClient, snapshot: Snapshot) -> None:
    first(service)
    for subject in [*sorted(snapshot.advisories)[::9], *sorted(snapshot.disagreements)[::9]]:
        page = service.get(address_of(subject))
        assert page.status_code == 200
        assert snapshot.advisories.get(subject, snapshot.disagreements.get(subject)).label in (  # type: ignore[union-attr]
            page.text.replace("&#39;", "'")
        )
    assert service.get("/review/advisory/none").status_code == 404


def test_the_queue_begins_with_what_was_never_reviewed_and_weighs_most(
    service: TestClient, snapshot: Snapshot
) -> None:
    first(service)
    listed = re.findall(r'<th scope="row"><a href="(.*?)">', service.get("/review").text)
    assert len(listed) == len(snapshot.advisories) + len(snapshot.disagreements)
    subject = terms.BASE + listed[0].removeprefix("/review/")
    signed(service, subject)
    later = re.findall(r'<th scope="row"><a href="(.*?)">', service.get("/review").text)
    assert later == listed[1:]


@pytest.mark.parametrize(
    "odd", ["\0", "x" * 100_000, "<b>\ud7ff", "9" * 5000, "'; DROP TABLE x; --"]
)
def test_odd_text_is_refused_or_kept_and_breaks_nothing(
    service: TestClient, snapshot: Snapshot, odd: str
) -> None:
    first(service)
    subject = by_one(snapshot)
    for field in ("reason", "verdict", "seen", "clinical", "severity-EU", "match-x", "token"):
        status, page = signed(service, subject, **{field: odd})
        assert status in (200, 403, 409, 422), field
        assert "<b>" not in page
    token = hidden(service.get("/review").text)["token"]
    for address, field in (
        ("/review/comments", "text"),
        ("/review/comments", "subject"),
        ("/review/comments", "done"),
        ("/review/drafts", "reason"),
        ("/review/accounts", "name"),
        ("/review/accounts", "shown"),
        ("/review/liabilities/batch", "cell"),
        ("/review/liabilities/batch", "out"),
        ("/review/severities", "severity-EU"),
    ):
        given = {"token": token, "subject": subject.removeprefix(terms.BASE), field: odd}
        status = service.post(address, data=given).status_code
        assert status in (200, 404, 422) or (status == 409 and "batch" in address), (address, field)
    for address in (
        f"/review/advisory/{quote(odd[:300])}",
        f"/review?signed={quote(odd[:300])}",
        "/review/x/%00",
    ):
        assert service.get(address).status_code in (200, 404, 422)
    assert service.post("/review/x/%00", data={"token": token}).status_code == 404
    assert sign_in(service, odd[:2000]) == 401
    assert service.get("/healthz").status_code == 200
