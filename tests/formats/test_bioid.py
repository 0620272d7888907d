from pathlib import Path

import numpy as np
import pytest

from closeup.errors import InputError
from closeup.formats.bioid import read_eyes, read_points
from closeup.formats.pts import write_pts


def test_the_first_eye_is_the_persons_left_one(tmp_path: Path) -> None:
    path = tmp_path / "BioID_0000.eye"
    path.write_bytes(b"#LX\tLY\tRX\tRY\r\n232\t110\t161\t110\r\n")
    assert read_eyes(path) == {"right_eye": (161, 110), "left_eye": (232, 110)}


def test_our_five_are_found_among_the_twenty(tmp_path: Path) -> None:
    path = tmp_path / "bioid_0000.pts"
    write_pts(path, np.arange(40.0).reshape(20, 2))
    points, named = read_points(path)
    assert points.shape == (20, 2)
    assert named == {
        "right_eye": (0, 1),
        "left_eye": (2, 3),
        "nose": (28, 29),
        "mouth_right": (4, 5),
        "mouth_left": (6, 7),
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("#LX LY RX RY\n", "0 lines with numbers, not 1"),
        ("#LX LY RX RY\n1 2 3 4\n5 6 7 8\n", "2 lines with numbers, not 1"),
        ("#LX LY RX RY\n232 110 161\n", "line 2: 3 numbers, not 4"),
        ("#LX LY RX RY\n232 110 161 abc\n", "line 2: 'abc' is not a finite number"),
        ("#LX LY RX RY\n161 110 232 110\n", "line 2: the person's left eye is not right"),
    ],
)
def test_a_bad_file_is_named_with_the_reason(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "BioID_0000.eye"
    path.write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        read_eyes(path)
    assert str(path) in str(caught.value)


def test_points_of_another_set_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bioid_0000.pts"
    write_pts(path, np.zeros((68, 2)))
    with pytest.raises(InputError, match="has 68 points, not 20"):
        read_points(path)
