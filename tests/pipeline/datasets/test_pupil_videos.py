from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from closeup.errors import InputError
from closeup.pipeline.datasets.pupil_videos import lpw, read_pupils
from closeup.progress import Silent
from tests.filming import film
from tests.listening import Listener

WIDTH, HEIGHT = 64, 48


def eye(x: float, y: float) -> np.ndarray:
    """A light picture with a dark disc of 5 pixels' radius."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    disc = (columns - x) ** 2 + (rows - y) ** 2 <= 25
    return np.repeat(np.where(disc, 20, 200).astype(np.uint8)[..., None], 3, axis=2)


def record(path: Path, pupils: Sequence[tuple[float, float]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    film(path, [eye(*pupil) for pupil in pupils], codec="mpeg4", options={"qscale": "2"})
    path.with_suffix(".txt").write_text("".join(f"{x} {y}\n" for x, y in pupils))


def test_the_pupil_is_where_the_label_says(tmp_path: Path) -> None:
    pupils = [(10.0 + 4 * i, 12.0 + 2 * i) for i in range(11)]
    record(tmp_path / "LPW" / "1" / "4.avi", pupils)
    labels = lpw(tmp_path / "LPW", tmp_path / "images", 5, Silent())
    assert [label.image for label in labels] == [f"1/4-{i:06d}.png" for i in (0, 5, 10)]
    for label in labels:
        with Image.open(tmp_path / "images" / label.image) as image:
            grey = np.asarray(image.convert("L"))
        rows, columns = np.nonzero(grey < 110)
        centre = (columns.mean(), rows.mean())
        assert label.points["pupil"] == pytest.approx(centre, abs=0.3)


def test_a_point_outside_its_picture_is_left_out(tmp_path: Path) -> None:
    record(tmp_path / "1.avi", [(10, 10), (-5, 10), (70, 10), (20, 20)])
    listener = Listener()
    labels = lpw(tmp_path, tmp_path / "images", 1, listener)
    assert [label.points["pupil"] for label in labels] == [(10, 10), (20, 20)]
    assert "2 points outside their picture" in listener.lines[0]


def test_files_of_windows(tmp_path: Path) -> None:
    record(tmp_path / "1.avi", [(10, 10), (20, 20)])
    text = (tmp_path / "1.txt").read_text().replace("\n", "\r\n")
    (tmp_path / "1.txt").unlink()
    (tmp_path / "1.TXT").write_bytes(text.encode("utf-16"))
    (tmp_path / "1.avi").rename(tmp_path / "1.AVI")
    labels = lpw(tmp_path, tmp_path / "images", 1, Silent())
    assert [label.points["pupil"] for label in labels] == [(10, 10), (20, 20)]


@pytest.mark.parametrize("change", [1, -1])
def test_frames_and_points_must_be_as_many(tmp_path: Path, change: int) -> None:
    record(tmp_path / "1.avi", [(10, 10)] * 4)
    (tmp_path / "1.txt").write_text("10 10\n" * (4 + change))
    with pytest.raises(InputError, match=rf"1\.avi: 4 frames, but {4 + change} points"):
        lpw(tmp_path, tmp_path / "images", 1, Silent())


def test_a_video_without_points_is_named(tmp_path: Path) -> None:
    record(tmp_path / "1.avi", [(10, 10)] * 2)
    record(tmp_path / "2.avi", [(10, 10)] * 2)
    (tmp_path / "2.txt").unlink()
    listener = Listener()
    assert len(lpw(tmp_path, tmp_path / "images", 1, listener)) == 2
    assert listener.lines == [f"{tmp_path / '2.avi'}: no 2.txt beside it; it is left out"]
    (tmp_path / "1.txt").unlink()
    with pytest.raises(InputError, match="no video with points"):
        lpw(tmp_path, tmp_path / "images", 1, Silent())


def test_two_videos_cannot_share_their_points(tmp_path: Path) -> None:
    record(tmp_path / "1.avi", [(10, 10)] * 2)
    record(tmp_path / "1.mp4", [(10, 10)] * 2)
    with pytest.raises(InputError, match=r"1\.mp4 and .*1\.avi have one name"):
        lpw(tmp_path, tmp_path / "images", 1, Silent())


def test_a_line_is_a_frame(tmp_path: Path) -> None:
    path = tmp_path / "1.txt"
    path.write_bytes(b"326.5 240.25\r\n0 1\r\n\r\n")
    assert read_pupils(path).tolist() == [[326.5, 240.25], [0, 1]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no point in it"),
        ("\n\n", "no point in it"),
        ("1 2\n\n3 4\n", "line 2: '' is not an x and a y"),
        ("1 2\n3\n", "line 2: '3' is not an x and a y"),
        ("1 2\n3 four\n", "line 2: 'four' is not a finite number"),
    ],
)
def test_a_bad_file_is_named_with_line_and_reason(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "1.txt"
    path.write_text(text)
    with pytest.raises(InputError, match=message) as caught:
        read_pupils(path)
    assert str(path) in str(caught.value)
