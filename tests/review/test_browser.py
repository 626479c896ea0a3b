"""A person at the bench, in a browser: few clicks, keys for everything, no barrier."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from tests.pages.test_pages import BROWSER, node
from tests.serving import serving

__all__ = ["node"]


@pytest.fixture(scope="module")
def seen(
    release_folder: Path,
    node: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Any]:
    """Let a browser make the first account and sign, on a service of two workers."""
    database = tmp_path_factory.mktemp("bench") / "reviews.sqlite"
    releases = release_folder.parent
    with serving(releases, "--quiet", "--workers", "2", database=database) as service:
        assert service.process.stdout is not None
        link = re.search(r"http://\S+/review/first/\S+", service.process.stdout.readline())
        assert link, "the service prints the link of the first account"
        done = subprocess.run(
            [node, BROWSER / "review_page.mjs", service.url, link[0]],
            capture_output=True,
            text=True,
            check=False,
            timeout=400,
        )
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        listed = httpx.get(f"{service.url}/v1/reviews").json()
        asked: dict[str, Any] = {"medications": [{"text": "ondansetron"}]}
        carried = {
            httpx.post(f"{service.url}/v1/check", json=asked).json()["release"]["reviews"]
            for _ in range(12)
        }
    found["reviews"], found["carried"] = listed["reviews"], carried
    return found


def test_a_new_reviewer_comes_to_a_signed_approval_in_few_clicks(seen: dict[str, Any]) -> None:
    assert seen["clicks"] <= 8
    assert seen["signed"].startswith("Signed: ")
    assert seen["signed"].endswith("now approved.")


def test_all_liabilities_are_signed_with_few_clicks(seen: dict[str, Any]) -> None:
    done, total = seen["progress"]
    assert done == total > 500
    assert seen["sample"] >= total / 20
    assert seen["batch_clicks"] <= 120


def test_no_page_has_a_barrier_that_axe_finds(seen: dict[str, Any]) -> None:
    assert seen["axe"] == []
    assert len(set(seen["pages"])) == 8
    assert [c for c in seen["complaints"] if "favicon" not in c] == []


def test_everything_goes_by_keys(seen: dict[str, Any]) -> None:
    assert seen["statements"] > 0
    assert seen["matches"] == ["matches"] * seen["statements"]
    assert seen["typed"] == "jkmars are letters here."
    assert seen["still"]
    assert seen["by_keys"].startswith("Signed: ")
    assert seen["off"] == 0


def test_it_works_without_scripts(seen: dict[str, Any]) -> None:
    assert seen["without_scripts"].endswith("now disputed.")


def test_nothing_is_wider_than_a_small_telephone(seen: dict[str, Any]) -> None:
    assert {place for place, too_much in seen["too_wide"].items() if too_much > 0} == set()


def test_every_worker_carries_what_one_of_them_took(seen: dict[str, Any]) -> None:
    assert seen["carried"] == {seen["reviews"]}
