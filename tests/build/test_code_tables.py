"""A fault in a code table is refused with the file and the line on which it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.build.gate import validate
from kg.build.load import load
from kg.cli.main import main
from kg.errors import KgError
from tests.workshop import import_all

TABLE = """\
#curie_map:
#  book: "https://example.org/book#"
#  drug: "https://w3id.org/inokg/drug/"
#  semapv: "https://w3id.org/semapv/vocab/"
#  skos: "http://www.w3.org/2004/02/skos/core#"
#  source: "https://w3id.org/inokg/source/"
#mapping_set_id: "https://w3id.org/inokg/module/mini-codes"
#mapping_set_title: "Codes of the book"
#mapping_set_description: "This module relates codes of an invented book to drugs."
#license: "https://creativecommons.org/licenses/by/4.0/"
#subject_source: "source:almanac"
subject_id\tpredicate_id\tobject_id\tobject_label\tmapping_justification
book:Z1\tskos:exactMatch\tdrug:zaromycin\tzaromycin\tsemapv:ManualMappingCuration
book:Z2\tskos:broadMatch\tdrug:hummol\thummol\tsemapv:ManualMappingCuration
"""
_ROW = "book:Z2\tskos:broadMatch\tdrug:hummol\thummol\tsemapv:ManualMappingCuration\n"
FAULTS = {
    "table-row": (14, _ROW, _ROW.replace("\tsemapv:ManualMappingCuration", "")),
    "table-row, too long": (14, _ROW, _ROW.replace("\n", "\tmore\tcells\n")),
    "table-columns": (12, "object_label", "object_name"),
    "table-columns, missing": (12, "\tmapping_justification", ""),
    "table-predicate": (14, "skos:broadMatch", "skos:relatedMatch"),
    "table-justification": (14, _ROW, _ROW.replace("ManualMappingCuration", "Guess")),
    "table-subject": (14, "book:Z2", "boock:Z2"),
    "table-subject, empty": (14, "book:Z2", "book:"),
    "table-name": (14, "drug:hummol", "hummol"),
    "unknown-term": (14, "drug:hummol\t", "drug:humol\t"),
    "table-label": (14, "\thummol\t", "\thummmol\t"),
    "term-twice": (14, "book:Z2", "book:Z1"),
    "code-clash": (13, "book:Z1", "book:B1"),
    "table-form": (13, "book:Z1", "book:Z3"),
    "table-prefix": (13, "book: ", "books: "),
    "table-header": (10, "#license", "#licence"),
    "table-header, quote": (8, '"Codes of the book"', '"Codes of the book'),
}


@pytest.fixture
def table(mini: Path) -> Path:
    """Lay a sound code table into the invented ontology."""
    path = mini / "mini" / "codes.sssom.tsv"
    address = load(mini).text("https://w3id.org/inokg/system/book", _SYSTEM_URI)
    path.write_text(TABLE.replace("https://example.org/book", address), encoding="utf-8")
    import_all(mini)
    return path


_SYSTEM_URI = "https://w3id.org/inokg/schema/systemUri"


def test_a_sound_table_stands_every_gate(table: Path) -> None:
    knowledge = load(table.parent.parent)
    assert validate(knowledge)["tables"] == 1
    place = knowledge.places["https://w3id.org/inokg/code/book-Z2"]
    assert str(place) == "ontology/mini/codes.sssom.tsv:14"


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_refused_with_file_and_line(fault: str, table: Path) -> None:
    line, old, new = FAULTS[fault]
    text = table.read_text(encoding="utf-8")
    assert old in text
    table.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(KgError) as caught:
        validate(load(table.parent.parent))
    assert caught.value.code == fault.split(",")[0]
    assert caught.value.location == f"ontology/mini/codes.sssom.tsv:{line}"
    assert caught.value.repair


def test_a_table_that_came_back_from_a_spreadsheet_is_mended_by_fmt(
    table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sound = table.read_text(encoding="utf-8")
    lines = sound.splitlines()
    lines[7] = '"' + lines[7].replace('"', '""') + '"\t\t\t\t'
    lines[12], lines[13] = lines[13].replace("\thummol\t", "\t\t"), lines[12] + "\t"
    table.write_text("\ufeff" + "\r\n".join(lines) + "\r\n", encoding="utf-8")
    ontology = str(table.parent.parent)
    assert main(["fmt", "--check", "--ontology", ontology]) == 1
    assert "codes.sssom.tsv" in capsys.readouterr().out
    assert main(["fmt", "--ontology", ontology]) == 0
    assert table.read_text(encoding="utf-8") == sound
    assert main(["fmt", "--check", "--ontology", ontology]) == 0
