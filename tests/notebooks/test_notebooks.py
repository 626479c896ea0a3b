"""Every notebook runs from a clean kernel, ends in assertions, and keeps no output."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tests.workshop import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
_SECONDS = 240


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def run(notebook: nbformat.NotebookNode) -> None:
    NotebookClient(
        notebook,
        timeout=_SECONDS,
        kernel_name="python3",
        resources={"metadata": {"path": str(ROOT / "notebooks")}},
    ).execute()


@pytest.fixture
def over_this_release(release_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the kernel open the release that the tests built."""
    monkeypatch.setenv("INOKG_RELEASES", str(release_folder.parent))
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")


def test_there_are_six() -> None:
    assert len(NOTEBOOKS) >= 6


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_is_kept_without_output(path: Path) -> None:
    code = [c for c in read(path).cells if c.cell_type == "code"]
    assert not [c for c in code if c.outputs or c.execution_count]
    assert "assert " in code[-1].source, "a notebook ends in what it claims"
    assert read(path).cells[0].source.startswith("# ")
    assert not [c for c in code if "def " in c.source], "a notebook defines nothing"
    changed = [c for c in code if "# change me" in c.source]
    assert len(changed) == 1, "one place is there to put in a drug or a patient of one's own"
    assert changed[0] is not code[-1]


@pytest.mark.usefixtures("over_this_release")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_runs(path: Path) -> None:
    notebook = read(path)
    run(notebook)
    shown = [o for c in notebook.cells if c.cell_type == "code" for o in c.outputs if "data" in o]
    assert not [o for o in shown if o.data.get("text/html", "").count("...")], "a text is cut"
    for place, output in enumerate(shown):
        if "image/png" in output.data:
            reading = shown[place + 1].data["text/markdown"]
            assert reading.startswith("**For the pharmacist:** ")
            assert output.metadata["image/png"]["alt"] == reading


@pytest.mark.usefixtures("over_this_release")
@pytest.mark.filterwarnings("ignore")
def test_a_claim_that_fails_is_noticed() -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("assert 1 == 2")])
    with pytest.raises(CellExecutionError):
        run(notebook)
