"""A notebook's tables are whole and lead on; its pictures are said in words, too."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from kg.graph.explore import Explorer

_LONG = "a passage " * 40


@pytest.fixture(scope="module")
def explorer(release_folder: Path) -> Explorer:
    return Explorer(release_folder)


def test_a_table_cuts_no_text_and_escapes_it(explorer: Explorer) -> None:
    shown = explorer.table(pd.DataFrame({"says": [_LONG, "<b> & c", None]})).to_html()
    assert _LONG in shown
    assert "&lt;b&gt; &amp; c" in shown
    assert "None" not in shown


@pytest.mark.parametrize("written", ["source/us-label", "https://w3id.org/inokg/source/us-label"])
def test_a_term_is_a_link_to_its_name(explorer: Explorer, written: str) -> None:
    shown = explorer.table(pd.DataFrame({"source": [written]})).to_html()
    assert '<a href="https://w3id.org/inokg/source/us-label">source/us-label</a>' in shown


@pytest.mark.parametrize("text", ["AST/ALT", "source/ of it", "and/or", "1/2", "/", ""])
def test_a_text_with_a_stroke_is_no_link(explorer: Explorer, text: str) -> None:
    assert "<a " not in explorer.table(pd.DataFrame({"text": [text]})).to_html()


def test_a_named_row_keeps_its_name(explorer: Explorer) -> None:
    assert (
        "resolved" in explorer.table(pd.DataFrame({"x": ["avoid"]}, index=["resolved"])).to_html()
    )
    assert "1234" not in explorer.table(pd.DataFrame({"x": ["avoid"]}, index=[1234])).to_html()
