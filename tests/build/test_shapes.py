"""Every shape is held, in whichever folder of the shapes it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.build.load import load
from kg.build.shapes import check_shapes, shape_files
from kg.errors import ShapeViolation
from tests.workshop import edit


def test_a_shape_in_a_folder_of_its_own_is_held(mini: Path) -> None:
    room = mini / "shapes" / "room"
    room.mkdir()
    before = len(shape_files(mini))
    (mini / "shapes" / "advisories.ttl").rename(room / "advisories.ttl")
    assert len(shape_files(mini)) == before
    check_shapes(load(mini))
    edit(mini / "mini" / "advice.ttl", '    ik:management "Choose a quieter drug."@en ;\n', "")
    with pytest.raises(ShapeViolation) as caught:
        check_shapes(load(mini))
    assert caught.value.code == "advisory-without-management"
