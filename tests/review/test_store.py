"""The store keeps what was signed, refuses what may not be, and its log cannot be changed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from api.review import accounts as accounts_room
from api.review.accounts import MOST_FAILURES, Account, Accounts
from api.review.audit import lines, verify
from api.review.database import Database, address_of
from api.review.sessions import Sessions, form_token, is_form_token
from api.review.signing import Signing, Wish
from api.review.tables import APPEND_ONLY, VERSION_TABLE, metadata
from kg.errors import MalformedRequest, ReviewRefused, StoreError
from kg.review.content import contents
from kg.review.reviews import reviews_of
from kg.snapshot.model import Snapshot

PASSWORD = "long enough to guess"  # noqa: S105 - of an account that lives for one test
ANNA = Account("anna", "Anna", "lead")
BEN = Account("ben", "Ben", "reviewer")
RITA = Account("rita", "Rita", "reader")


def wish(
    snapshot: Snapshot, subject: str, *, seen: int = 0, verdict: str = "approve", reason: str = "So"
) -> Wish:
    content = contents(snapshot)[subject]
    return Wish(subject, verdict, reason, content.clinical, content.wording, seen, {}, {})


def by_one(snapshot: Snapshot) -> str:
    """Name an advisory that one person signs."""
    return next(
        i
        for i, a in sorted(snapshot.advisories.items())
        if not {"contraindicated", "avoid"} & set(a.severities.values())
    )


def by_two(snapshot: Snapshot) -> str:
    """Name an advisory that two people sign."""
    return next(
        i for i, a in sorted(snapshot.advisories.items()) if "avoid" in a.severities.values()
    )


def actions(database: Database) -> list[tuple[str, str, str]]:
    with database.reading() as connection:
        return [(line.actor, line.action, line.body) for line in lines(connection)]


def code_of(refused: pytest.ExceptionInfo[ReviewRefused]) -> str:
    assert refused.value.repair
    return refused.value.code


# --- the database -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        *("mysql://x/y", "oracle://x", "http://x", "sqlite://", "sqlite:///", "://", "redis://x/1"),
        *("mysql:/x", "sqlite:x.db", "mongodb://x", "postgresq://x/y", "sqlite+pysqlcipher:///x"),
    ],
)
def test_an_unknown_address_is_refused_and_never_replaced(address: str) -> None:
    with pytest.raises(MalformedRequest) as refused:
        address_of(address)
    assert refused.value.location == "INOKG_DATABASE"
    assert refused.value.repair


def test_a_password_in_an_address_is_not_repeated() -> None:
    with pytest.raises(MalformedRequest) as refused:
        address_of("mysql://anna:secret@host/db")
    assert "secret" not in str(refused.value)


def test_a_database_that_does_not_answer_is_told_without_its_address() -> None:
    with (
        pytest.raises(StoreError) as refused,
        Database("postgresql://anna:secret@127.0.0.1:1/none?connect_timeout=1").reading(),
    ):
        pass
    assert "secret" not in str(refused.value)


def test_the_steps_make_the_tables_that_the_program_uses(database: Database) -> None:
    with database.reading() as connection:
        options = {
            "version_table": VERSION_TABLE,
            "include_name": lambda name, kind, _: kind != "table" or name in metadata.tables,
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


def test_opening_again_keeps_what_is_there(database: Database, address: str) -> None:
    Accounts(database).first("anna", "Anna", PASSWORD)
    again = Database(address)
    assert [a.name for a in Accounts(again).all()] == ["anna"]
    again.close()


# --- accounts -----------------------------------------------------------------------------------


def test_there_is_one_first_account(database: Database) -> None:
    known = Accounts(database)
    assert known.none_yet()
    assert known.first("anna", "Anna", PASSWORD).role == "lead"
    assert not known.none_yet()
    with pytest.raises(ReviewRefused) as refused:
        known.first("eve", "Eve", PASSWORD)
    assert code_of(refused) == "link-used"
    assert known.password_is("anna", PASSWORD) == ANNA


def test_a_password_is_kept_as_argon2id_alone(database: Database) -> None:
    Accounts(database).first("anna", "Anna", PASSWORD)
    with database.reading() as connection:
        kept = connection.execute(text("SELECT password FROM review_accounts")).scalar_one()
    assert kept.startswith("$argon2id$")
    assert all(PASSWORD not in str(line) for line in actions(database))


@pytest.mark.parametrize("password", ["short", "x" * 201, "anna anna anna anna"])
def test_a_password_that_is_easy_to_guess_is_refused(database: Database, password: str) -> None:
    with pytest.raises(ReviewRefused) as refused:
        Accounts(database).first("anna", "Anna", password)
    assert code_of(refused) == "weak-password"


def test_an_invited_person_sets_a_password_once(database: Database) -> None:
    known = Accounts(database)
    anna = known.first("anna", "Anna", PASSWORD)
    link = known.invite(anna, "ben", "Ben", "reviewer")
    with pytest.raises(ReviewRefused):
        known.password_is("ben", "")
    assert known.link_is_good(link)
    assert known.set_password(link, PASSWORD) == BEN
    assert not known.link_is_good(link)
    with pytest.raises(ReviewRefused) as refused:
        known.set_password(link, "another long password")
    assert code_of(refused) == "link-used"
    assert known.password_is("ben", PASSWORD) == BEN


def test_guessing_locks_an_account_and_there_is_a_way_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Accounts(database)
    known.first("anna", "Anna", PASSWORD)
    codes = []
    for n in range(MOST_FAILURES + 2):
        with pytest.raises(ReviewRefused) as refused:
            known.password_is("anna", f"guess number {n}")
        codes.append(refused.value.code)
    assert codes == ["wrong-password"] * MOST_FAILURES + ["account-locked"] * 2
    with pytest.raises(ReviewRefused) as refused:
        known.password_is("anna", PASSWORD)
    assert code_of(refused) == "account-locked"
    assert [a for _, a, _ in actions(database)].count("locked") == 1
    known.set_password(known.way_back("anna", "anna"), "another long password")
    assert known.password_is("anna", "another long password") == ANNA


def test_a_lock_ends_by_itself(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    known = Accounts(database)
    known.first("anna", "Anna", PASSWORD)
    for n in range(MOST_FAILURES + 1):
        with pytest.raises(ReviewRefused):
            known.password_is("anna", f"guess number {n}")

    class Later(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime.now(UTC) + timedelta(minutes=16)

    monkeypatch.setattr(accounts_room, "datetime", Later)
    assert known.password_is("anna", PASSWORD) == ANNA


def test_many_guesses_at_once_are_no_more_than_few(database: Database) -> None:
    known = Accounts(database)
    known.first("anna", "Anna", PASSWORD)

    def guess(n: int) -> str:
        try:
            known.password_is("anna", f"guess number {n}")
        except ReviewRefused as error:
            return error.code
        return "in"

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(guess, range(16)))
    assert codes.count("wrong-password") == MOST_FAILURES
    assert codes.count("account-locked") == 16 - MOST_FAILURES


def test_the_last_lead_stays_one(database: Database) -> None:
    known = Accounts(database)
    anna = known.first("anna", "Anna", PASSWORD)
    with pytest.raises(ReviewRefused) as refused:
        known.set_role(anna, "anna", "reader")
    assert code_of(refused) == "last-lead"


# --- sessions -----------------------------------------------------------------------------------


def test_a_session_is_handed_out_and_never_taken_over(database: Database) -> None:
    account = Accounts(database).first("anna", "Anna", PASSWORD)
    held = Sessions(database)
    fixed = "a token that somebody slipped into the browser"
    token = held.begin(account, fixed)
    assert token != fixed
    assert held.of(fixed) is None
    found = held.of(token)
    assert found
    assert found.account == ANNA
    assert held.of(token[:-1] + "x") is None
    assert held.of("x" * 5000) is None
    held.end(token)
    assert held.of(token) is None
    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM review_sessions")).scalar() == 0


def test_a_new_role_ends_every_session(database: Database) -> None:
    known, held = Accounts(database), Sessions(database)
    anna = known.first("anna", "Anna", PASSWORD)
    known.invite(anna, "ben", "Ben", "lead")
    token = held.begin(Account("ben", "Ben", "lead"))
    known.set_role(anna, "ben", "reader")
    assert held.of(token) is None


def test_a_form_of_another_session_is_no_form_of_this() -> None:
    assert is_form_token("one", form_token("one"))
    assert not is_form_token("one", form_token("two"))
    assert not is_form_token("", form_token(""))
    assert not is_form_token("one", "ä")


# --- signatures ---------------------------------------------------------------------------------


def test_a_signature_is_kept_whole(database: Database, snapshot: Snapshot) -> None:
    signing = Signing(database)
    subject = by_one(snapshot)
    line = signing.sign(BEN, wish(snapshot, subject), snapshot)
    assert signing.of(subject) == signing.all() == [line]
    assert signing.standings(snapshot)[subject].status == "approved"
    content = contents(snapshot)[subject]
    kept = {p.name: signing.part(line.parts[p.name]) for p in content.parts}
    assert msgspec.to_builtins(list(kept.values())) == msgspec.to_builtins(list(content.parts))


def test_two_people_sign_what_stops_a_treatment(database: Database, snapshot: Snapshot) -> None:
    signing, subject = Signing(database), by_two(snapshot)
    signing.sign(BEN, wish(snapshot, subject), snapshot)
    assert signing.standings(snapshot)[subject].status == "in_review"
    with pytest.raises(ReviewRefused) as refused:
        signing.sign(BEN, wish(snapshot, subject, seen=1), snapshot)
    assert code_of(refused) == "second-signature-own"
    signing.sign(ANNA, wish(snapshot, subject, seen=1), snapshot)
    assert signing.standings(snapshot)[subject].status == "approved"
    assert actions(database)[1] == ("ben", "refused", "second-signature-own")


def test_who_asked_for_a_text_does_not_approve_it(database: Database, snapshot: Snapshot) -> None:
    signing, subject = Signing(database), by_one(snapshot)
    signing.sign(BEN, wish(snapshot, subject, verdict="approve_with_change"), snapshot)
    advisory = snapshot.advisories[subject]
    new = msgspec.structs.replace(advisory, management="Another advice")
    later = msgspec.structs.replace(snapshot, advisories=snapshot.advisories | {subject: new})
    with pytest.raises(ReviewRefused) as refused:
        signing.sign(BEN, wish(later, subject, seen=1), later)
    assert code_of(refused) == "self-approval"
    signing.sign(ANNA, wish(later, subject, seen=1), later)
    assert signing.standings(later)[subject].status == "approved"


@pytest.mark.parametrize(
    ("account", "change", "code"),
    [
        (RITA, {}, "role-too-low"),
        (BEN, {"verdict": "withdraw"}, "role-too-low"),
        (BEN, {"reason": "  "}, "no-reason"),
        (BEN, {"reason": "x" * 5000}, "no-reason"),
        (BEN, {"verdict": "like"}, "wrong-verdict"),
        (BEN, {"subject": "https://w3id.org/inokg/advisory/none"}, "no-subject"),
        (BEN, {"clinical": "sha256:0"}, "stale-form"),
        (BEN, {"wording": "sha256:0"}, "stale-form"),
        (BEN, {"seen": 3}, "stale-form"),
    ],
)
def test_what_may_not_be_signed_is_refused_and_logged(
    database: Database, snapshot: Snapshot, account: Account, change: dict[str, Any], code: str
) -> None:
    signing = Signing(database)
    with pytest.raises(ReviewRefused) as refused:
        signing.sign(account, wish(snapshot, by_one(snapshot))._replace(**change), snapshot)
    assert code_of(refused) == code
    assert signing.all() == []
    assert actions(database) == [(account.name, "refused", code)]


def test_of_many_who_sign_at_once_one_does(database: Database, snapshot: Snapshot) -> None:
    signing, subject = Signing(database), by_one(snapshot)

    def sign(n: int) -> str:
        try:
            signing.sign(Account(f"r{n}", "", "reviewer"), wish(snapshot, subject), snapshot)
        except ReviewRefused as error:
            return error.code
        return "signed"

    with ThreadPoolExecutor(10) as pool:
        codes = list(pool.map(sign, range(50)))
    assert sorted(codes) == ["signed"] + ["stale-form"] * 49 or codes.count("signed") == 1
    assert codes.count("stale-form") == 49
    with database.reading() as connection:
        assert verify(connection).faults == ()


def test_the_same_signatures_give_the_same_reviews(database: Database, snapshot: Snapshot) -> None:
    signing = Signing(database)
    before = reviews_of(signing.standings(snapshot))
    signing.sign(BEN, wish(snapshot, by_one(snapshot)), snapshot)
    after = reviews_of(signing.standings(snapshot))
    assert before.hash != after.hash
    assert reviews_of(signing.standings(snapshot)) == after


# --- the log ------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", [t.name for t in APPEND_ONLY])
@pytest.mark.parametrize("verb", ["UPDATE {} SET body = 'x'", "DELETE FROM {}"])
def test_the_database_refuses_to_change_a_line(
    database: Database, snapshot: Snapshot, table: str, verb: str
) -> None:
    Signing(database).sign(BEN, wish(snapshot, by_one(snapshot)), snapshot)
    with pytest.raises(StoreError), database.writing() as connection:
        connection.execute(text(verb.format(table)))
    with database.reading() as connection:
        assert verify(connection).faults == ()


@pytest.mark.parametrize(
    ("tampering", "told"),
    [
        ("UPDATE review_audit SET actor = 'eve' WHERE number = 2", "line 2: it was altered"),
        ("UPDATE review_audit SET body = 'x' WHERE number = 2", "line 2: it was altered"),
        ("DELETE FROM review_audit WHERE number = 2", "line 3: it does not follow line 1"),
        ("DELETE FROM review_audit WHERE number = 3", "no line has the hash"),
        ("UPDATE review_parts SET body = '{}'", "was altered"),
    ],
)
def test_whoever_goes_round_the_database_is_found_out(
    database: Database, snapshot: Snapshot, tampering: str, told: str
) -> None:
    signing, subject = Signing(database), by_two(snapshot)
    Accounts(database).first("anna", "Anna", PASSWORD)
    signing.sign(BEN, wish(snapshot, subject), snapshot)
    signing.sign(ANNA, wish(snapshot, subject, seen=1), snapshot)
    with database.reading() as connection:
        head = verify(connection)
        assert (head.lines, head.faults) == (3, ())
    with database.writing() as connection:
        if connection.dialect.name == "sqlite":
            for table in APPEND_ONLY:
                connection.execute(text(f"DROP TRIGGER {table.name}_update"))
                connection.execute(text(f"DROP TRIGGER {table.name}_delete"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(tampering))
    with database.reading() as connection:
        faults = verify(connection, head.head).faults
    assert faults
    assert any(told in fault for fault in faults)
