from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from closeup.errors import InputError
from closeup.geometry import Box
from closeup.synthesis.truth import empty_truth, record, truth_paths
from closeup.testing import Truth, TruthRow, read_truth

FIELDS = {
    "size": [640, 360], "rate": "30000/1001", "frames": 3, "names": ["Rosé", "A, B", "guest"],
    "members": ["Rosé", "A, B"], "cuts": [2], "flashes": [1], "strobes": [[0, 2]],
}  # fmt: skip


@pytest.fixture
def truth() -> Truth:
    made = empty_truth(FIELDS)
    record(
        made,
        [
            TruthRow(0, "Rosé", Box(-4.25, 10, 30, 50.5), True, False),
            TruthRow(2, "A, B", Box(100, 10, 130, 50), True, True),
            TruthRow(2, "guest", Box(200, 10, 230, 50), False, False),
        ],
    )
    return made


def test_what_is_written_is_read_again(truth: Truth, tmp_path: Path) -> None:
    truth.write(tmp_path / "stage.mp4")
    again = read_truth(tmp_path / "stage.mp4")
    assert list(again.rows()) == list(truth.rows())
    assert len(again) == 3
    for field in ("size", "rate", "names", "members", "cuts", "flashes", "strobes"):
        assert getattr(again, field) == getattr(truth, field)
    np.testing.assert_array_equal(again.visible, truth.visible)
    np.testing.assert_array_equal(again.face_visible, truth.face_visible)


def test_the_table_has_the_promised_columns(truth: Truth, tmp_path: Path) -> None:
    truth.write(tmp_path / "stage.mp4")
    table, described = truth_paths(tmp_path / "stage.mp4")
    assert (table.name, described.name) == ("stage.truth.csv", "stage.truth.json")
    lines = table.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "frame,name,x1,y1,x2,y2,visible,face_visible"
    assert lines[1] == "0,Rosé,-4.25,10.00,30.00,50.50,1,0"
    assert len(lines) == 4


def test_a_missing_truth_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"stage\.truth\.json: no such file; write it with write_scene"
    ):
        read_truth(tmp_path / "stage.mp4")


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("stage.truth.json", "{"),
        ("stage.truth.json", "{}"),
        ("stage.truth.json", "[]"),
        ("stage.truth.csv", "frame,name\n0,Rosé\n"),
        ("stage.truth.csv", "frame,name,x1,y1,x2,y2,visible,face_visible\n9,Rosé,1,1,2,2,1,1\n"),
        ("stage.truth.csv", "frame,name,x1,y1,x2,y2,visible,face_visible\n0,Rosé,1,1,2,2\n"),
        ("stage.truth.csv", "frame,name,x1,y1,x2,y2,visible,face_visible\n0,Who,1,1,2,2,1,1\n"),
    ],
)
def test_a_broken_truth_is_one_error(truth: Truth, tmp_path: Path, file: str, text: str) -> None:
    truth.write(tmp_path / "stage.mp4")
    (tmp_path / file).write_text(text, encoding="utf-8")
    with pytest.raises(InputError):
        read_truth(tmp_path / "stage.mp4")


def test_an_unknown_name_lists_the_known(truth: Truth) -> None:
    with pytest.raises(InputError, match="'Lisa' is not in the truth; known: Rosé, A, B, guest"):
        truth.person("Lisa")
