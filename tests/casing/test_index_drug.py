"""A release answers for one index drug: another one, or none, is refused with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.build.release import build
from kg.errors import KnowledgeError
from tests.workshop import edit, line_of


def test_a_second_index_drug_is_refused_with_place_and_repair(mini: Path, tmp_path: Path) -> None:
    path = mini / "mini" / "drugs.ttl"
    edit(
        path,
        'ik:Drug ;\n    rdfs:label "zaromycin"@en ;\n',
        "ik:Drug ;\n    a ik:IndexDrug ;\n"
        '    rdfs:label "zaromycin"@en ;\n    ik:serviceKey "zaromycin-safety" ;\n',
    )
    with pytest.raises(KnowledgeError) as caught:
        build(mini, tmp_path / "out")
    error = caught.value
    assert error.code == "several-index-drugs"
    assert error.subject == "drug:zaromycin"
    assert error.location == f"ontology/mini/drugs.ttl:{line_of(path, 'drug:zaromycin')}"
    first = f"ontology/mini/drugs.ttl:{line_of(path, 'drug:indexumab')}"
    assert f"drug:indexumab ({first})" in error.message
    assert "ik:IndexDrug" in error.repair
    assert not (tmp_path / "out").exists()


def test_no_index_drug_is_refused(mini: Path, tmp_path: Path) -> None:
    path = mini / "mini" / "drugs.ttl"
    edit(path, "    a ik:IndexDrug ;\n", "")
    edit(path, '    ik:serviceKey "indexumab-safety" ;\n', "")
    with pytest.raises(KnowledgeError) as caught:
        build(mini, tmp_path / "out")
    assert caught.value.code == "no-index-drug"
    assert caught.value.location.startswith("ontology/release.ttl:")
