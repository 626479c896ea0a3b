"""What changed between two releases is said in full, and in words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kg.cli.main import main
from kg.errors import UnknownRelease
from kg.snapshot.criteria import Number
from kg.snapshot.diff import ReleaseDiff, diff
from kg.snapshot.file import MANIFEST, SNAPSHOT, Manifest, content_hash, encode, write_snapshot
from kg.snapshot.model import Snapshot
from kg.snapshot.releases import find_release
from tests.world import world


def changed(snapshot: Snapshot, table: str, key: str, **fields: Any) -> Snapshot:
    entries = dict(getattr(snapshot, table))
    entries[key] = msgspec.structs.replace(entries[key], **fields)
    return msgspec.structs.replace(snapshot, **{table: entries})


def without(snapshot: Snapshot, table: str, key: str) -> Snapshot:
    entries = {k: v for k, v in getattr(snapshot, table).items() if k != key}
    return msgspec.structs.replace(snapshot, **{table: entries})


def said(found: ReleaseDiff) -> str:
    changes = [f"{c.kind} {c.label} {c.change}: {s}" for c in found.changes for s in c.says or [""]]
    return "\n".join(changes + [f"{e.title}: {s}" for e in found.effects for s in e.says])


def test_a_release_does_not_differ_from_itself() -> None:
    found = diff(world(), world())
    assert not found.changes
    assert not found.effects


def test_a_severity_is_said_with_its_jurisdiction() -> None:
    base = world()
    iri, advisory = next(iter(base.advisories.items()))
    severities = advisory.severities | {"EU": "contraindicated"}
    now = changed(base, "advisories", iri, severities=severities)
    assert advisory.severities.get("EU") != "contraindicated"
    assert f"{advisory.label}: In EU it is now contraindicated; it was" in said(diff(base, now))


def test_advice_that_comes_and_goes_is_an_effect() -> None:
    base = world()
    iri, advisory = next(iter(base.advisories.items()))
    less = without(base, "advisories", iri)
    assert f"{advisory.label}: Advice withdrawn" in said(diff(base, less))
    assert f"{advisory.label}: New advice" in said(diff(less, base))


def test_a_new_member_of_a_class_is_an_effect_on_the_advice() -> None:
    base = world()
    found = [diff(without_member(base, k), base) for k in base.classes if base.classes[k].members]
    effects = [e for d in found for e in d.effects]
    assert any("It now also counts:" in s for e in effects for s in e.says)


def without_member(snapshot: Snapshot, key: str) -> Snapshot:
    return changed(snapshot, "classes", key, members=snapshot.classes[key].members[1:])


def test_a_moved_threshold_names_the_advice_that_rests_on_it() -> None:
    base = world()
    key, bound = next(
        (k, c.expression)
        for k, c in base.criteria.items()
        if isinstance(c.expression, Number) and c.expression.low is not None
    )
    moved = msgspec.structs.replace(bound, low="77777")
    found = diff(base, changed(base, "criteria", key, expression=moved))
    (change,) = found.changes
    assert "77777" in said(found)
    assert change.term == key
    resting = {
        iri for iri, a in base.advisories.items() if key in json.dumps(msgspec.to_builtins(a))
    }
    assert resting <= set(change.advisories)


TABLES = [
    t
    for t in Snapshot.__struct_fields__
    if t != "names" and isinstance(getattr(world(), t), dict | tuple) and getattr(world(), t)
]


@pytest.mark.parametrize("table", TABLES)
def test_no_table_may_change_unsaid(table: str) -> None:
    """Take an entry of each table away: the comparison must say so, whatever the table holds."""
    base = world()
    value: Any = getattr(base, table)
    if isinstance(value, dict):
        used = _used(base) if table == "criteria" else set()
        gone = next(k for k in value if k not in used)
        less: Any = {k: v for k, v in value.items() if k != gone}
    else:
        less = value[1:]
    found = diff(base, msgspec.structs.replace(base, **{table: less}))
    assert found.changes, f"an entry of {table} went and nothing was said"


def _used(snapshot: Snapshot) -> set[str]:
    text = json.dumps(msgspec.to_builtins([snapshot.criteria, snapshot.advisories]))
    return {k for k in snapshot.criteria if text.count(f'"{k}"') > 1}


@dataclass(frozen=True)
class Shelf:
    """A folder with two releases."""

    folder: Path
    hashes: list[str]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """Lay out two releases of the invented world."""
    base = world()
    iri = next(iter(base.advisories))
    hashes = []
    for n, snapshot in enumerate([base, changed(base, "advisories", iri, management="Rest.")]):
        folder = tmp_path / f"release-{n}"
        folder.mkdir()
        files = {SNAPSHOT: content_hash(write_snapshot(snapshot, folder))}
        manifest = Manifest(version="0.0.1", hash=content_hash(encode(files)), files=files)
        (folder / MANIFEST).write_bytes(encode(manifest))
        hashes.append(manifest.hash.removeprefix("sha256:"))
    (tmp_path / "current").symlink_to("release-1")
    return Shelf(tmp_path, hashes)


def test_a_release_is_found_by_each_of_its_names(shelf: Shelf) -> None:
    for name in ("release-0", shelf.hashes[0][:8], f"sha256:{shelf.hashes[0]}"):
        assert find_release(shelf.folder, name).name == "release-0"
    assert find_release(shelf.folder, "current").name == "release-1"


@pytest.mark.parametrize("name", ["0.0.1", "9.9.9", "..", "", "/etc", "sha256:"])
def test_a_name_that_means_none_or_several_is_refused(shelf: Shelf, name: str) -> None:
    with pytest.raises(UnknownRelease) as refused:
        find_release(shelf.folder, name)
    assert "release-0" in refused.value.repair


def test_the_command_says_what_changed(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["diff", "release-0", "current", "--releases", str(shelf.folder)]
    assert main(call) == 1
    assert "what to do: was" in capsys.readouterr().out
    assert main([*call, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["changes"][0]["change"] == "changed"
    assert main(["diff", "current", "current", "--releases", str(shelf.folder)]) == 0
