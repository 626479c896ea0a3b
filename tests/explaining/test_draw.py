"""Pictures are sound, within their frame, and readable without colour."""

from __future__ import annotations

from itertools import combinations
from xml.etree import ElementTree

import pytest

from kg import terms
from kg.contract.explanation import Explanation
from kg.contract.request import request_from
from kg.explaining.advisory import explain_advisory
from kg.explaining.draw import dot, svg
from kg.explaining.input import explain_input
from kg.explaining.layout import laid_out
from kg.explaining.picture import picture_of
from kg.explaining.without_patient import explain_drug, explain_without_patient
from kg.snapshot.model import Snapshot
from tests.cases.golden import FILES, golden

SVG = "{http://www.w3.org/2000/svg}"
QT = f"{terms.BASE}advisory/qt-firm-drug"


def read(found: Explanation) -> ElementTree.Element:
    return ElementTree.fromstring(svg(found))  # noqa: S314 - our own picture


def frame(root: ElementTree.Element) -> tuple[float, float]:
    _, _, width, height = (float(n) for n in root.attrib["viewBox"].split())
    return width, height


Rect = tuple[float, float, float, float]


def boxes(root: ElementTree.Element) -> list[Rect]:
    found = []
    for group in root.iter(f"{SVG}g"):
        (rect,) = group.iter(f"{SVG}rect")
        x, y, width, height = (float(rect.attrib[n]) for n in ("x", "y", "width", "height"))
        found.append((x, y, x + width, y + height))
    return found


def meets(one: Rect, other: Rect) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def firing() -> dict[str, str]:
    """Give a golden case for every advisory."""
    found: dict[str, str] = {}
    for name in FILES:
        for advisory in golden(name).expect.findings:
            found.setdefault(advisory, name)
    return found


def test_every_advisory_has_a_sound_picture_of_a_patient(snapshot: Snapshot) -> None:
    cases = firing()
    assert {f"{terms.BASE}advisory/{a}" for a in cases} == set(snapshot.advisories)
    for advisory, name in cases.items():
        request = request_from(golden(name).request)
        found = explain_advisory(request, f"{terms.BASE}advisory/{advisory}", snapshot, least=False)
        holds_together(found)


def test_every_advisory_has_a_sound_picture_without_a_patient(snapshot: Snapshot) -> None:
    for iri in snapshot.advisories:
        holds_together(explain_without_patient(iri, snapshot))


def test_drugs_have_sound_pictures(snapshot: Snapshot) -> None:
    for iri in sorted(snapshot.drugs)[::40]:
        holds_together(explain_drug(iri, snapshot))


def holds_together(found: Explanation) -> None:
    """Say that boxes lie in the frame and apart, are named, and that all lines end at boxes."""
    root = read(found)
    width, height = frame(root)
    drawn = boxes(root)
    picture, edges, beside = picture_of(found)
    assert len(drawn) == len(picture) + len(beside)
    assert all(x >= 0 and y >= 0 and w <= width and h <= height for x, y, w, h in drawn)
    assert not any(meets(a, b) for a, b in combinations(drawn, 2)), found.about
    assert {e.source for e in edges} | {e.target for e in edges} <= {b.id for b in picture}
    assert sum(1 for p in root.iter(f"{SVG}path") if "marker-end" in p.attrib) == len(edges)
    assert root.attrib["role"] == "img"
    assert root.findtext(f"{SVG}title") == found.title
    assert root.findtext(f"{SVG}desc")
    assert width <= 3500
    assert height <= 1500
    lines = dot(found)
    assert lines.count(" -> ") == len(found.edges)
    assert lines.count('"') % 2 == 0


def test_kinds_differ_by_outline_and_caption_and_not_by_colour_alone(snapshot: Snapshot) -> None:
    names = ["haloperidol", "azithromycin"]
    request = request_from({"medications": [{"text": n} for n in names]})
    root = read(explain_advisory(request, QT, snapshot))
    looks: dict[str, set[tuple[str | None, ...]]] = {}
    for group in root.iter(f"{SVG}g"):
        rect = next(group.iter(f"{SVG}rect"))
        caption = next(group.iter(f"{SVG}text")).text or ""
        outline = tuple(rect.attrib.get(n) for n in ("rx", "stroke-width", "stroke-dasharray"))
        # Whatever was given looks alike: its caption says what it is.
        looks.setdefault(caption.partition(":")[0], set()).add(outline)
    assert {"given", "liability", "class", "criterion", "advisory", "source"} <= set(looks)
    outlines = [next(iter(found)) for found in looks.values()]
    assert all(len(found) == 1 for found in looks.values())
    assert len(set(outlines)) == len(outlines)


@pytest.mark.parametrize("count", [6, 60, 300])
def test_many_drugs_make_no_larger_picture_than_a_few(count: int, snapshot: Snapshot) -> None:
    firm = snapshot.classes[f"{terms.BASE}class/FirmQtDrug"].members
    labels = [snapshot.drugs[d].label for d in firm]
    request = request_from(
        {"medications": [{"text": labels[n % len(labels)]} for n in range(count)]}
    )
    found = explain_advisory(request, QT, snapshot)
    root = read(found)
    assert frame(root)[1] <= 1200
    assert len(found.leaves) == count
    given = {n.label for n in found.nodes if n.kind == "input"}
    assert given == {f"medications[{n}]" for n in range(count)} | {"context.phase"}


def test_drugs_that_lead_to_the_same_stand_together(snapshot: Snapshot) -> None:
    firm = snapshot.classes[f"{terms.BASE}class/FirmQtDrug"].members
    request = request_from({"medications": [{"text": snapshot.drugs[d].label} for d in firm]})
    picture, edges, _ = picture_of(explain_advisory(request, QT, snapshot))
    given = [b.id for b in picture if b.look == "input"]
    leads = [tuple(sorted(e.target for e in edges if e.source == name)) for name in given]
    assert 1 < len(given) <= 8
    assert len(set(leads)) == len(leads)


def test_what_a_caller_writes_cannot_break_a_picture(snapshot: Snapshot) -> None:
    texts = ["<script>alert(1)</script>", "a & b", "]]>", "\x01\x0b\ufffe", '"\\', "é" * 400]
    request = request_from({"medications": [{"text": t} for t in texts]})
    for n in range(len(texts)):
        found = explain_input(request, f"medications[{n}]", snapshot)
        root = read(found)
        assert not list(root.iter(f"{SVG}script"))
        assert "digraph why {" in dot(found)
    assert read(explain_advisory(request, QT, snapshot)) is not None


def test_a_line_that_passes_layers_runs_between_the_boxes() -> None:
    heights = dict.fromkeys("abcd", 50)
    edges = [("a", "b"), ("b", "c"), ("c", "d"), ("a", "d")]
    layout = laid_out(heights, edges, ["a"], 10)
    assert [layout.spots[n].layer for n in "abcd"] == [0, 1, 2, 3]
    way = layout.lines["a", "d"]
    assert len(way) == 2
    for n, y in enumerate(way, 1):
        box = layout.spots["abcd"[n]]
        assert not box.y < y < box.y + 50


def test_what_is_only_asked_stands_before_what_asks_it_and_inputs_at_the_left() -> None:
    heights = dict.fromkeys(("given", "asked", "one", "two"), 20)
    edges = [("given", "one"), ("one", "two"), ("asked", "two")]
    layout = laid_out(heights, edges, ["given"], 10)
    assert layout.spots["asked"].layer == 1
    assert layout.spots["given"].layer == 0


def test_a_picture_says_of_which_release_it_is(snapshot: Snapshot) -> None:
    found = explain_without_patient(QT, snapshot)
    for picture in (svg(found), dot(found)):
        assert snapshot.knowledge_hash[:19] in picture
        assert "does not replace" in picture


def test_no_letter_of_a_picture_is_too_small_to_read(snapshot: Snapshot) -> None:
    request = request_from({"medications": [{"text": "haloperidol"}, {"text": "azithromycin"}]})
    root = read(explain_advisory(request, QT, snapshot, least=False))
    sizes = [float(text.attrib["font-size"]) for text in root.iter(f"{SVG}text")]
    assert len(sizes) > 20
    assert min(sizes) >= 12
