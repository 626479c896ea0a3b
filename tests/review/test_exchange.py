"""What was signed can be carried elsewhere: nothing is lost, and nothing comes in altered."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from sysconfig import get_path

import pyoxigraph as ox
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.review.accounts import Accounts
from api.review.audit import verify
from api.review.backup import back_up, restore
from api.review.database import Database
from api.review.exchange import PARTS, ExportedReviews, read_reviews, write_reviews
from api.review.signing import Signing, Wish
from api.settings import ReviewSettings, Settings
from kg.build.load import knowledge_files, turtle_files
from kg.errors import ReviewRefused
from kg.graph.turtle import Prefixes, format_file
from kg.review.content import contents
from kg.review.reviews import reviews_of
from kg.review.status import needed_for
from kg.snapshot.model import Snapshot
from tests.review.test_store import ANNA, BEN, PASSWORD, by_one, by_two, wish
from tests.workshop import ONTOLOGY

PREFIXES = Prefixes.read(ONTOLOGY / "prefixes.ttl")


def sign_all(signing: Signing, snapshot: Snapshot) -> None:
    """Sign every subject of the release, by as many people as it takes; one is rejected."""
    for n, (subject, content) in enumerate(sorted(contents(snapshot).items())):
        for seen, by in enumerate((BEN, ANNA)[: needed_for(subject, snapshot)]):
            verdict = "reject" if n == 7 else "approve"
            reason = f"Read “{n}”\nand its source, \\ and so on."
            severities, matches = {"EU": "avoid"}, {"s": "matches"}
            one = Wish(
                subject,
                verdict,
                reason,
                content.clinical,
                content.wording,
                seen,
                severities,
                matches,
            )
            signing.sign(by, one, snapshot)


def exported(signing: Signing, folder: Path) -> int:
    given = ExportedReviews(tuple(signing.all()), tuple(signing.all_parts()))
    return write_reviews(given, folder, PREFIXES)


def test_all_that_was_signed_goes_out_and_comes_back(
    database: Database, snapshot: Snapshot, tmp_path: Path
) -> None:
    signing = Signing(database)
    sign_all(signing, snapshot)
    before = reviews_of(signing.standings(snapshot))
    assert len(before.approved) == len(contents(snapshot)) - 1
    assert exported(signing, tmp_path / "reviews") == len(signing.all())

    empty = Signing(Database(tmp_path / "elsewhere.sqlite"))
    found = read_reviews(tmp_path / "reviews")
    assert empty.take_in("operator", found.signed, found.parts) == (len(signing.all()), 0)
    assert {s.id for s in empty.all()} == {s.id for s in signing.all()}
    assert sorted(empty.all(), key=lambda s: s.id) == sorted(signing.all(), key=lambda s: s.id)
    assert empty.all_parts() == signing.all_parts()
    assert reviews_of(empty.standings(snapshot)) == before
    assert empty.take_in("operator", found.signed, found.parts) == (0, len(signing.all()))
    with Database(tmp_path / "elsewhere.sqlite").reading() as connection:
        assert verify(connection).faults == ()

    again = tmp_path / "again"
    exported(empty, again)
    files = {p.name: p.read_bytes() for p in (tmp_path / "reviews").iterdir()}
    assert {p.name: p.read_bytes() for p in again.iterdir()} == files


@pytest.fixture
def folder(snapshot: Snapshot, tmp_path: Path) -> Path:
    """Export two signatures."""
    signing = Signing(Database(tmp_path / "own.sqlite"))
    signing.sign(BEN, wish(snapshot, by_one(snapshot)), snapshot)
    signing.sign(BEN, wish(snapshot, by_two(snapshot)), snapshot)
    exported(signing, tmp_path / "reviews")
    return tmp_path / "reviews"


def test_what_is_exported_is_prov_in_the_form_of_the_ontology(
    folder: Path, snapshot: Snapshot
) -> None:
    store = ox.Store()
    for path in folder.iterdir():
        store.load(path=str(path), format=ox.RdfFormat.TURTLE)
        text, formed = format_file(path, path.name, PREFIXES)
        assert text == formed
    asked = (
        "PREFIX prov: <http://www.w3.org/ns/prov#> SELECT ?of ?who WHERE "
        "{ ?r a prov:Activity ; prov:used ?of ; prov:wasAssociatedWith ?who ; prov:endedAtTime ?t }"
    )
    rows = {(row["of"].value, row["who"].value) for row in store.query(asked)}  # type: ignore[union-attr]
    assert rows == {
        (subject, "https://w3id.org/inokg/agent/ben")
        for subject in (by_one(snapshot), by_two(snapshot))
    }


def test_reviews_beside_the_ontology_change_no_release(folder: Path, tmp_path: Path) -> None:
    root = tmp_path / "ontology"
    root.mkdir()
    (root / "a.ttl").write_text("", encoding="utf-8")
    shutil.copytree(folder, root / "reviews")
    assert knowledge_files(root) == [root / "a.ttl"]
    assert len(turtle_files(root)) == 4, "but their form is held"


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("signature", '\\"verdict\\":\\"approve\\"', '\\"verdict\\":\\"reject\\"'),
        ("signature", '\\"by\\":\\"ben\\"', '\\"by\\":\\"eve\\"'),
        ("signature", '\\"reason\\":\\"So\\"', '\\"reason\\":\\"No\\"'),
        ("parts", '\\"topic\\":', '\\"other\\":'),
        ("parts", "prov:value", "prov:label"),
    ],
)
def test_what_was_altered_is_not_taken_in(folder: Path, name: str, before: str, after: str) -> None:
    path = folder / PARTS
    if name == "signature":
        path = next(p for p in sorted(folder.glob("*.ttl")) if p.name != PARTS)
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(ReviewRefused) as refused:
        read_reviews(folder)
    assert refused.value.code == "review-altered"


def test_a_backup_goes_from_one_kind_of_database_to_another(
    database: Database, snapshot: Snapshot, tmp_path: Path
) -> None:
    Accounts(database).first("anna", "Anna", PASSWORD)
    signing = Signing(database)
    signing.sign(BEN, wish(snapshot, by_one(snapshot)), snapshot)
    noted = back_up(database, tmp_path / "backup.ndjson")
    assert noted.faults == ()
    assert (tmp_path / "backup.ndjson").stat().st_mode & 0o077 == 0
    elsewhere = Database(tmp_path / "elsewhere.sqlite")
    assert restore(elsewhere, tmp_path / "backup.ndjson") == noted
    assert Signing(elsewhere).all() == signing.all()
    assert Accounts(elsewhere).password_is("anna", PASSWORD) == ANNA
    with pytest.raises(ReviewRefused) as refused:
        restore(elsewhere, tmp_path / "backup.ndjson")
    assert refused.value.code == "not-empty"


def test_a_backup_that_was_altered_is_not_taken(
    database: Database, snapshot: Snapshot, tmp_path: Path
) -> None:
    signing = Signing(Database(tmp_path / "own.sqlite"))
    signing.sign(BEN, wish(snapshot, by_one(snapshot)), snapshot)
    backup = tmp_path / "backup.ndjson"
    back_up(Database(tmp_path / "own.sqlite"), backup)
    backup.write_bytes(backup.read_bytes().replace(b'"actor":"ben"', b'"actor":"eve"'))
    with pytest.raises(ReviewRefused) as refused:
        restore(database, backup)
    assert refused.value.code == "review-altered"
    assert Signing(database).all() == []


# --- the command, and what programs read --------------------------------------------------------


def inokg(*words: str, database: Path, releases: Path) -> tuple[int, str, str]:
    done = subprocess.run(
        [f"{get_path('scripts')}/inokg", "review", "--database", str(database), *words],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"INOKG_RELEASES": str(releases)},
    )
    return done.returncode, done.stdout, done.stderr


def test_the_command_carries_reviews_and_verifies_them(
    snapshot: Snapshot, release_folder: Path, tmp_path: Path
) -> None:
    own, other = tmp_path / "own.sqlite", tmp_path / "other.sqlite"
    signing = Signing(Database(own))
    signing.sign(BEN, wish(snapshot, by_one(snapshot)), snapshot)

    def run(*words: str, database: Path = own) -> tuple[int, str, str]:
        return inokg(*words, database=database, releases=release_folder.parent)

    assert run("export", str(tmp_path / "out"))[1].startswith("1 signatures, 1 of them new")
    assert run("import", str(tmp_path / "out"), database=other)[1].startswith("1 signatures taken")
    assert run("status")[1] == run("status", database=other)[1]
    status, said, _ = run("verify")
    head = re.search(r"sha256:\w+", said)
    assert status == 0
    assert head
    assert run("verify", "--head", head[0])[0] == 0
    status, _, told = run("verify", "--head", "sha256:" + "1" * 64)
    assert status == 1
    assert "cut off or replaced" in told
    assert run("queue")[1].count("\n") == len(contents(snapshot))
    assert "/review/link/" in run("invite", "ben", "--role", "reader")[1]
    assert run("accounts")[1].startswith("ben")
    assert "/review/link/" in run("unlock", "ben")[1]
    assert run("backup", str(tmp_path / "b"))[0] == 0
    assert run("restore", str(tmp_path / "b"), database=tmp_path / "third.sqlite")[0] == 0
    for wrong in (("unlock", "nobody"), ("import", str(tmp_path / "none"))):
        status, _, told = run(*wrong)
        assert (status, told.count("\n")) == (2, 1), told
    status, _, told = run("queue", database=Path("mysql:x"))
    assert status == 2
    assert "INOKG_DATABASE" in told


def test_programs_read_how_far_everything_is_reviewed(
    snapshot: Snapshot, release_folder: Path, tmp_path: Path
) -> None:
    review = ReviewSettings(database=str(tmp_path / "own.sqlite"))
    signing, subject = Signing(Database(tmp_path / "own.sqlite")), by_one(snapshot)
    signing.sign(BEN, wish(snapshot, subject), snapshot)
    app = create_app(Settings(releases=release_folder.parent, review=review))
    with TestClient(app) as client:
        listed = client.get("/v1/reviews").json()
        assert listed["total"] == len(contents(snapshot))
        assert listed["approved"] == 1
        release = client.post("/v1/check", json={}).json()["release"]
        assert listed["reviews"] == release["reviews"]
        (one,) = client.get("/v1/reviews?status=approved").json()["items"]
        content = contents(snapshot)[subject]
        assert (one["subject"], one["clinical"]) == (subject, content.clinical)
        kind, key = subject.split("/")[-2:]
        assert client.get(f"/v1/reviews/{kind}/{key}").json() == one
        assert client.get("/v1/reviews/advisory/none").status_code == 404
        assert "ben" not in json.dumps(one)
