"""What is kept for the tests is made once, and again when a byte of its sources has changed."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from kg.snapshot.file import CURRENT, MANIFEST, Manifest, content_hash, encode
from tests.kept import RELEASE_SIDE, digest, kept
from tests.sharing import APART, LONGEST, TOGETHER, group, place
from tests.workshop import ONTOLOGY, ROOT


class Maker:
    """Makes the least that is a sound release, and counts how often."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self, out: Path) -> None:
        self.made += 1
        release = out / "one"
        release.mkdir()
        (release / "file").write_bytes(b"whole")
        files = {"file": content_hash(b"whole")}
        manifest = Manifest(version="1", hash=content_hash(encode(files)), files=files)
        (release / MANIFEST).write_bytes(encode(manifest))
        (out / CURRENT).symlink_to("one")


@pytest.fixture
def sources(tmp_path: Path) -> list[Path]:
    """Copy the real knowledge and what builds it, to change them."""
    copied = [Path(shutil.copytree(ONTOLOGY, tmp_path / "ontology"))]
    for source in RELEASE_SIDE:
        copy = shutil.copytree if source.is_dir() else shutil.copy
        (tmp_path / "kg").mkdir(exist_ok=True)
        copied.append(Path(copy(source, tmp_path / "kg" / source.name)))
    return copied


@pytest.mark.parametrize(
    "place", ["ontology/advisories/qt.ttl", "kg/build/expressions.py", "kg/terms.py"]
)
def test_a_byte_of_the_knowledge_or_of_what_builds_it_makes_it_anew(
    sources: list[Path], tmp_path: Path, place: str
) -> None:
    make, shelf = Maker(), tmp_path / "shelf"
    first = kept(sources, make, shelf)
    assert kept(sources, make, shelf) == first
    assert make.made == 1
    path = tmp_path / place
    before = path.read_bytes()
    path.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
    assert kept(sources, make, shelf) != first
    assert make.made == 2
    path.write_bytes(before)
    assert kept(sources, make, shelf) == first
    assert make.made == 2


def test_a_file_that_goes_or_comes_or_changes_its_name_is_a_change(tmp_path: Path) -> None:
    found = set()
    for names in (("a",), ("b",), ("a", "b")):
        folder = tmp_path / "-".join(names) / "same"
        folder.mkdir(parents=True)
        for name in names:
            (folder / name).write_bytes(b"x")
        found.add(digest([folder]))
    assert len(found) == 3
    moved = shutil.copytree(tmp_path / "a", tmp_path / "elsewhere")
    assert digest([Path(moved) / "same"]) == digest([tmp_path / "a" / "same"])


def test_nothing_that_the_release_side_stands_on_is_left_out() -> None:
    """Whatever a build imports of the engine is among the sources."""
    inside = {p.relative_to(ROOT) for s in RELEASE_SIDE for p in (s, *s.rglob("*.py"))}
    imported = {
        Path(*line.split()[1].split("."))
        for path in inside
        if path.suffix == ".py"
        for line in (ROOT / path).read_text(encoding="utf-8").splitlines()
        if line.startswith(("from kg", "import kg")) and not line.startswith("from kg import")
    }
    assert len(imported) > 20
    assert {p for p in imported if not {p, p.with_suffix(".py")} & inside} == set()


def test_what_was_damaged_is_made_again(tmp_path: Path) -> None:
    make, shelf, source = Maker(), tmp_path / "shelf", tmp_path / "source"
    source.write_bytes(b"x")
    folder = kept([source], make, shelf)
    (folder / CURRENT / "file").write_bytes(b"altered")
    assert (kept([source], make, shelf) / CURRENT / "file").read_bytes() == b"whole"
    assert make.made == 2


def test_of_two_who_need_the_same_one_makes_it(tmp_path: Path) -> None:
    make, source = Maker(), tmp_path / "source"
    source.write_bytes(b"x")

    everybody_asks = threading.Event()

    def make_late(out: Path) -> None:
        everybody_asks.wait()
        make(out)

    asking = [
        threading.Thread(target=kept, args=([source], make_late, tmp_path / "shelf"))
        for _ in range(3)
    ]
    for thread in asking:
        thread.start()
    everybody_asks.set()
    for thread in asking:
        thread.join()
    assert make.made == 1


def test_tests_that_share_something_dear_run_in_one_process() -> None:
    assert group("tests/gold/test_gold.py::a") == group("tests/gold/test_gold.py::b[x]")
    assert group("tests/sparql/test_text.py::a") == group("tests/cli/test_sparql.py::b")
    assert group("tests/build/test_release.py::a") != group("tests/build/test_release.py::b")
    assert group("tests/gold/test_gold.py::a") != group("tests/cases/test_cases.py::a")
    assert place("tests/mutation/test_mutation.py::a") < place("tests/contract/test_request.py::a")


@pytest.mark.parametrize("named", sorted({*TOGETHER, *APART, *LONGEST}))
def test_every_place_that_is_named_is_there(named: str) -> None:
    assert (ROOT / named).exists()
