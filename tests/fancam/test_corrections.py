from __future__ import annotations

import json
from pathlib import Path

import pytest

from closeup.errors import CorrectionsError
from closeup.fancam.assign import NOBODY
from closeup.fancam.camera.overrides import CropOverride
from closeup.fancam.corrections import Corrections, read_corrections


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


def test_names_must_exist() -> None:
    with pytest.raises(CorrectionsError, match="there is no tracklet 9"):
        Corrections(tracklets=((9, None),)).fixed(["Ann"], 9)
    with pytest.raises(CorrectionsError, match="nobody is called 'Eve'"):
        Corrections(tracklets=((1, "Eve"),)).fixed(["Ann"], 9)
    with pytest.raises(CorrectionsError, match="nobody is called 'Eve'"):
        Corrections(crops=(("Eve", CropOverride(0, 1, 0, 0, 1, 1)),)).crops_of("Ann", ["Ann"])
