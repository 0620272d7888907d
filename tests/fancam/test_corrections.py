from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from closeup.errors import CorrectionsError
from closeup.fancam.assign import NOBODY
from closeup.fancam.camera.overrides import CropOverride
from closeup.fancam.corrections import Corrections, read_corrections
from closeup.geometry import Size


def write(folder: Path, content: object) -> Path:
    path = folder / "corrections.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def test_reads_all_that_can_be_corrected(tmp_path: Path) -> None:
    crop = {"member": "Rosé", "from": 12.3, "to": 14, "box": [1, 2, 30, 40]}
    found = read_corrections(
        write(tmp_path, {"tracklets": {"17": "Rosé", "4": None}, "crops": [crop]})
    )
    assert found.tracklets == ((17, "Rosé"), (4, None))
    assert found.crops == (("Rosé", CropOverride(12.3, 14.0, 1, 2, 30, 40)),)
    assert found.fixed(["Jisoo", "Rosé"], 20) == {17: 1, 4: NOBODY}
    assert found.crops_of("Jisoo", ["Jisoo", "Rosé"]) == []


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{",
        {"tracklet": {}},
        {"tracklets": {"x": "Ann"}},
        {"tracklets": {"1": 5}},
        {"tracklets": []},
        {"crops": [{"member": "Ann", "from": 2, "to": 1, "box": [0, 0, 1, 1]}]},
        {"crops": [{"member": "Ann", "from": 1, "to": 2, "box": [5, 0, 1, 1]}]},
        {"crops": [{"member": "Ann", "from": 1, "to": 2}]},
        {"crops": [{"member": "Ann", "from": 1, "to": 2, "box": [0, 0, 1]}]},
        {"crops": [{"member": "Ann", "from": 1, "to": 2, "box": "0123"}]},
        {"crops": [{"member": "Ann", "from": 1, "to": 2, "box": {"0": 0, "1": 1, "2": 2, "3": 3}}]},
        {"crops": [{"member": "Ann", "from": 1, "to": 10**400, "box": [0, 0, 1, 1]}]},
        {"crops": [{"member": "Ann", "from": 1, "to": float("nan"), "box": [0, 0, 1, 1]}]},
        {"crops": [{"member": "Ann", "from": True, "to": 2, "box": [0, 0, 1, 1]}]},
        {"crops": [{"member": None, "from": 1, "to": 2, "box": [0, 0, 1, 1]}]},
        {"crops": None},
        {"crops": {}},
        {"tracklets": {"9" * 5000: "Ann"}},
        {"tracklets": {"17": "Ann", "017": "Bo"}},
        '{"tracklets": {"17": "Ann", "17": "Bo"}}',
        '{"tracklets": {}, "tracklets": {}}',
        "[" * 100_000,
        "9" * 5000,
        "\0",
    ],
)
def test_says_in_one_line_what_is_wrong(tmp_path: Path, content: object) -> None:
    with pytest.raises(CorrectionsError, match=r"corrections\.json: .*write it as") as caught:
        read_corrections(write(tmp_path, content))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_an_editor_may_have_saved_it(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "corrections.json"
    path.write_bytes('{"tracklets": {"17": "Rosé"}}'.encode(encoding))
    assert read_corrections(path).tracklets == ((17, "Rosé"),)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CorrectionsError, match="cannot be read"):
        read_corrections(tmp_path / "none.json")


def test_crops_that_nobody_would_see() -> None:
    def crop(start: float, end: float, *box: float) -> tuple[str, CropOverride]:
        return "Ann", CropOverride(start, end, *box)

    seconds, size = np.arange(50) / 25, Size(640, 360)
    seen = [crop(0, 0.01, -5, -5, 1, 1), crop(1.9, 9, 639, 359, 900, 900)]
    assert Corrections(crops=tuple(seen)).check_crops(seconds, size) == []

    late = [crop(2, 3, 0, 0, 9, 9), crop(0.01, 0.02, 0, 0, 9, 9), crop(-3, 0, 0, 0, 9, 9)]
    lines = Corrections(crops=(*seen, *late)).check_crops(seconds, size)
    assert len(lines) == 3
    assert lines[0] == (
        "corrections: the crop of Ann from 2 s to 3 s has no effect: no frame is in it, "
        "the last is at 1.96 s"
    )

    for box in [(-9, 0, 0, 9), (0, -9, 9, 0), (640, 0, 650, 9), (0, 360, 9, 370)]:
        with pytest.raises(CorrectionsError, match="outside the picture of 640x360"):
            Corrections(crops=(crop(0, 1, *box),)).check_crops(seconds, size)


def test_names_must_exist() -> None:
    with pytest.raises(CorrectionsError, match="there is no tracklet 9"):
        Corrections(tracklets=((9, None),)).fixed(["Ann"], 9)
    with pytest.raises(CorrectionsError, match="nobody is called 'Eve'"):
        Corrections(tracklets=((1, "Eve"),)).fixed(["Ann"], 9)
    with pytest.raises(CorrectionsError, match="nobody is called 'Eve'"):
        Corrections(crops=(("Eve", CropOverride(0, 1, 0, 0, 1, 1)),)).crops_of("Ann", ["Ann"])
