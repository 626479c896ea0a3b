"""What the build works out: definitions that only name a group, and links to numbered points."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kg.build.gate import validate
from kg.build.load import load
from kg.errors import KnowledgeError
from tests.workshop import ONTOLOGY, edit, line_of


def test_a_definition_that_would_be_worked_out_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "ontology"
    shutil.copytree(ONTOLOGY, root)
    path = root / "drugs" / "judged" / "antipsychotics.ttl"
    label = '    rdfs:label "haloperidol"@en ;\n'
    said = "Haloperidol is a medicine of the group butyrophenone antipsychotics."
    edit(path, label, f'{label}    skos:definition "{said}"@en ;\n')
    with pytest.raises(KnowledgeError) as caught:
        load(root)
    assert caught.value.code == "definition-written-out"
    line = line_of(path, "drug:haloperidol")
    assert caught.value.location == f"ontology/drugs/judged/antipsychotics.ttl:{line}"


def test_a_number_that_leads_nowhere_is_refused(mini: Path) -> None:
    path = mini / "mini" / "advice.ttl"
    edit(
        path, '    ik:locator "Page 4" ;\n', '    ik:encodes "F-999" ;\n    ik:locator "Page 4" ;\n'
    )
    with pytest.raises(KnowledgeError) as caught:
        validate(load(mini))
    assert caught.value.code == "point-unknown"
    line = line_of(path, "statement:humming-drug.eu")
    assert caught.value.location == f"ontology/mini/advice.ttl:{line}"
