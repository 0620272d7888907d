from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from closeup.fancam.camera.overrides import CropOverride
from closeup.fancam.corrections import read_corrections
from closeup.fancam.reporting.doubt import crop_fix, name_fixes
from closeup.geometry import Size

FRAME = Size(640, 360)
sides = st.floats(-500, 1200)
names = st.text(st.characters(codec="utf-8"), min_size=1)


@given(st.lists(names, max_size=4, unique=True))
def test_a_line_names_the_tracklet_whatever_the_name(people: list[str]) -> None:
    fixes = name_fixes(17, people)
    assert [json.loads(f"{{{fix.line}}}") for fix in fixes] == [
        *({"17": name} for name in people),
        {"17": None},
    ]
    assert {fix.key for fix in fixes} == {"tracklets"}


@given(sides, sides, st.floats(0, 700), st.floats(0, 700), names)
def test_a_crop_is_never_empty_and_inside_the_frame(
    x: float, y: float, width: float, height: float, name: str
) -> None:
    fix = crop_fix(name, 1.2345, 2.5, np.array([x, y, x + width, y + height]), FRAME)
    crop = json.loads(fix.line)
    x1, y1, x2, y2 = crop["box"]
    assert 0 <= x1 < x2 <= 639
    assert 0 <= y1 < y2 <= 359
    assert (crop["member"], crop["from"], crop["to"]) == (name, 1.23, 2.5)


def test_the_lines_are_corrections(tmp_path: Path) -> None:
    crop = crop_fix("Rosé", 1, 2, np.array([10.4, 20.6, 99.5, 180]), FRAME)
    lines = [fix.line for fix in name_fixes(4, ["Rosé"])][:1]
    path = tmp_path / "corrections.json"
    path.write_text(
        f'{{"tracklets": {{{lines[0]}}}, "{crop.key}": [{crop.line}]}}', encoding="utf-8"
    )
    corrections = read_corrections(path)
    assert corrections.tracklets == ((4, "Rosé"),)
    assert corrections.crops == (("Rosé", CropOverride(1, 2, 10, 21, 100, 180)),)
