"""Gate the knowledge before any reasoning: form, names, codes, shapes, evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from kg import terms
from kg.build.code_tables import read_codes, table_files
from kg.build.judgement_tables import judgement_files, read_judgements, written_judgements
from kg.build.load import Knowledge, knowledge_files, refuse_unknown_terms
from kg.build.points import refuse_lost_points
from kg.build.shapes import check_shapes
from kg.errors import KnowledgeError, TableError, TurtleError
from kg.graph.sssom import written
from kg.graph.turtle import format_file
from kg.terms import ik


def validate(
    knowledge: Knowledge, progress: Callable[[str], None] = lambda _: None
) -> dict[str, object]:
    """Run every gate; the first fault stops the build. Gives a report of what was looked at."""
    files, tables = knowledge_files(knowledge.root), table_files(knowledge.root)
    progress("form of every file")
    refuse_bad_form(knowledge, files)
    progress("names and codes")
    refuse_unknown_terms(knowledge)
    refuse_bad_tables(knowledge, tables)
    refuse_bad_judgements(knowledge)
    refuse_wrong_imports(knowledge)
    refuse_other_index_drugs(knowledge)
    refuse_lost_points(knowledge)
    codes = refuse_double_codes(knowledge)
    names = refuse_double_names(knowledge)
    progress("shapes")
    shapes = check_shapes(knowledge)
    counts = {"codes": codes, "names": names, "shapes": shapes}
    return {"files": len(files), "tables": len(tables), **counts}


def refuse_bad_form(knowledge: Knowledge, files: Iterable[Path]) -> None:
    """Refuse a file that is not in the canonical form."""
    for path in files:
        shown = path.relative_to(knowledge.root.parent).as_posix()
        text, wanted = format_file(path, shown, knowledge.prefixes)
        line = first_difference(text, wanted)
        if line:
            raise TurtleError(
                code="turtle-form",
                message="the file is not in canonical form from this line on",
                subject=text.splitlines()[line - 1].strip() if text else "",
                location=f"{shown}:{line}",
                repair="run: inokg fmt",
            )


def refuse_bad_tables(knowledge: Knowledge, tables: Iterable[Path]) -> None:
    """Refuse a code table with a label that is not its term's, or not in the canonical form."""
    for path in tables:
        shown = path.relative_to(knowledge.root.parent).as_posix()
        table, text = read_codes(path, shown), path.read_text(encoding="utf-8")
        for row in table.rows:
            label = knowledge.text(knowledge.prefixes.expand(row.get("object_id")), terms.LABEL)
            if row.get("object_label") != label:
                raise table.refuse(
                    row.line,
                    "table-label",
                    f"{row.get('object_id')} is called '{label}', not '{row.get('object_label')}'",
                    row.get("subject_id"),
                    "if the term is the right one, run: inokg fmt",
                )
        line = first_difference(text, written(table, knowledge.prefixes))
        if line:
            raise TableError(
                code="table-form",
                message="the table is not in canonical form from this line on",
                subject=text.splitlines()[line - 1].split("\t")[0],
                location=f"{shown}:{line}",
                repair="run: inokg fmt",
            )


def refuse_bad_judgements(knowledge: Knowledge) -> None:
    """Refuse a judgement table that is not in the canonical form."""
    for path in judgement_files(knowledge.root):
        shown = path.relative_to(knowledge.root.parent).as_posix()
        text = path.read_text(encoding="utf-8")
        line = first_difference(text, written_judgements(read_judgements(path, shown)))
        if line:
            raise TableError(
                code="judgement-form",
                message="the table is not in canonical form from this line on",
                subject=text.splitlines()[line - 1].split("\t")[0],
                location=f"{shown}:{line}",
                repair="run: inokg fmt",
            )


def first_difference(text: str, wanted: str) -> int:
    """Give the first line in which a file is not as it should be, or nothing."""
    if text == wanted:
        return 0
    pairs = zip(text.splitlines(), wanted.splitlines(), strict=False)
    return next((n for n, (a, b) in enumerate(pairs, 1) if a != b), 1)


def refuse_wrong_imports(knowledge: Knowledge) -> None:
    """Refuse a release header that leaves a module out or names one that is not there."""
    named = set(knowledge.iris(terms.BASE, terms.OWL + "imports"))
    there = set(knowledge.file_of_module) - {terms.BASE}
    for module in sorted(named ^ there):
        missing = module in there
        raise KnowledgeError(
            code="module-imports",
            message="the release does not import this module"
            if missing
            else "the release imports a module that no file holds",
            subject=knowledge.short(module),
            location=knowledge.where(module if missing else terms.BASE),
            repair="list every module, and only those, under owl:imports in release.ttl",
        )


def refuse_other_index_drugs(knowledge: Knowledge) -> None:
    """Refuse a release for no index drug, and for more than one until more are served."""
    drugs = sorted(knowledge.of_type(ik("IndexDrug")), key=lambda i: _order(knowledge, i))
    if len(drugs) == 1:
        return
    if not drugs:
        raise KnowledgeError(
            code="no-index-drug",
            message="no drug is declared as the index drug of this release",
            subject=knowledge.short(ik("IndexDrug")),
            location=knowledge.where(terms.BASE),
            repair="give one drug the type ik:IndexDrug",
        )
    first, second = drugs[:2]
    raise KnowledgeError(
        code="several-index-drugs",
        message=f"a release answers for one index drug, and {knowledge.short(first)} "
        f"({knowledge.where(first)}) is one already",
        subject=knowledge.short(second),
        location=knowledge.where(second),
        repair="take the type ik:IndexDrug from one of the two; "
        "the advice about it stays, and speaks for it alone (ik:about)",
    )


def _order(knowledge: Knowledge, iri: str) -> tuple[str, int]:
    place = knowledge.places[iri]
    return place.path, place.line


def refuse_double_codes(knowledge: Knowledge) -> int:
    """Refuse a code that leads to two terms; give the number of codes."""
    seen: dict[tuple[str, str], str] = {}
    for iri in knowledge.of_type(ik("Code")):
        key = (knowledge.iri(iri, ik("system")), knowledge.text(iri, terms.NOTATION))
        matches = [
            o
            for match in ("exact", "close", "broad", "narrow")
            for o in knowledge.iris(iri, f"{terms.SKOS}{match}Match")
        ]
        if key in seen or len(matches) != 1:
            other = f" (also {knowledge.where(seen[key])})" if key in seen else ""
            raise KnowledgeError(
                code="code-clash",
                message=f"the code {key[1]} does not lead to exactly one term{other}",
                subject=knowledge.short(iri),
                location=knowledge.where(iri),
                repair="map each code of a system to one term, in one place",
            )
        seen[key] = iri
    return len(seen)


def refuse_double_names(knowledge: Knowledge) -> int:
    """Refuse a name that two terms of one kind share."""
    count = 0
    for kind in ("drug", "substance", "condition", "observation"):
        seen: dict[str, str] = {}
        for iri in (i for i in sorted(knowledge.places) if terms.kind(i) == kind):
            names = {
                n.casefold()
                for p in (terms.LABEL, terms.ALT_LABEL)
                for n in knowledge.texts(iri, p)
            }
            for name in sorted(names):
                if seen.setdefault(name, iri) != iri:
                    raise KnowledgeError(
                        code="name-clash",
                        message=f"'{name}' also names {knowledge.short(seen[name])} "
                        f"({knowledge.where(seen[name])})",
                        subject=knowledge.short(iri),
                        location=knowledge.where(iri),
                        repair="keep the name with one of the two, or make them one term",
                    )
            count += len(names)
    return count
