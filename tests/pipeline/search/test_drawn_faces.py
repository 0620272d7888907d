from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from PIL import Image

from closeup.drawing.marks import PLAIN
from closeup.errors import OutputError
from closeup.faces import PointScheme
from closeup.frames import RGBImage
from closeup.pipeline.search.drawn_faces import DrawnFaces, draw_faces
from closeup.pipeline.search.faces import Points, find_faces
from closeup.settings import Settings
from tests.filming import film
from tests.kept_models import kept
from tests.pipeline.running import Listener, files, length, pictures
from tests.real_photos import astronaut, hopper


@pytest.fixture
def portraits(tmp_path: Path) -> Path:
    folder = tmp_path / "portraits"
    (folder / "more").mkdir(parents=True)
    Image.fromarray(astronaut()).save(folder / "a.png")
    Image.fromarray(hopper()).save(folder / "a.jpg", quality=95)
    Image.fromarray(hopper()).save(folder / "more" / "a.webp")
    return folder


def opened(path: Path) -> RGBImage:
    with Image.open(path) as image:
        return np.array(image.convert("RGB"))


def shows_a_box(image: RGBImage, box: Sequence[float]) -> bool:
    """Whether all four edges of a box are drawn, in the middle of each."""
    x1, y1, x2, y2 = np.round(box).astype(int)
    x, y = (x1 + x2) // 2, (y1 + y2) // 2
    edges = image[[y, y, y1, y2], [x1, x2, x, x]].astype(int)
    return bool(np.abs(edges - PLAIN).max() < 110)


def table(made: DrawnFaces) -> list[dict[str, str]]:
    with made.table.open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        return list(csv.DictReader(file))


def test_a_folder_is_drawn_with_its_sub_folders(
    portraits: Path, settings: Settings, tmp_path: Path
) -> None:
    out = tmp_path / "deep" / "out"
    made = draw_faces(find_faces(portraits, models=kept(settings)), out)
    drawn = {"a.jpg", "a.png.jpg", "more/a.webp.jpg"}
    assert files(out) == drawn | {"more", "faces.csv", "faces.json"}
    assert made.drawn == out
    document = json.loads(made.document.read_text(encoding="utf-8"))
    assert document == [picture.record() for picture in made.found]
    for record, name in zip(document, ["a.jpg", "a.png.jpg", "more/a.webp.jpg"], strict=True):
        with Image.open(out / name) as image:
            assert image.format == "JPEG"
        assert shows_a_box(opened(out / name), record["faces"][0]["box"])
    again = draw_faces(find_faces(portraits, models=kept(settings)), out)
    assert files(out) == drawn | {"more", "faces.csv", "faces.json"}
    assert [p.record() for p in again.found] == document


def test_the_table_has_the_numbers_of_the_document(
    portraits: Path, settings: Settings, tmp_path: Path
) -> None:
    name = 'Ann, "the\nbest" \udce9.png'
    shutil.copy(portraits / "a.png", portraits / name)
    made = draw_faces(find_faces(portraits, models=kept(settings)), tmp_path / "out")
    rows = table(made)
    faces = [(p["image"], f) for p in (p.record() for p in made.found) for f in p["faces"]]
    assert [row["image"] for row in rows] == [image for image, _ in faces]
    assert str(portraits / name) in {row["image"] for row in rows}
    for row, (_, face) in zip(rows, faces, strict=True):
        assert [float(row[c]) for c in ("x1", "y1", "x2", "y2", "score")] == [
            *face["box"],
            face["score"],
        ]
        points = [[float(row[f"p{i}_x"]), float(row[f"p{i}_y"])] for i in range(5)]
        assert points == face["points"]
        assert (row["face"], row["frame"], row["seconds"]) == ("0", "", "")


@pytest.mark.parametrize(("points", "columns"), [(None, 9), (PointScheme.DLIB_68, 145)])
def test_as_many_columns_as_points(
    points: Points, columns: int, portraits: Path, settings: Settings, tmp_path: Path
) -> None:
    search = find_faces(portraits / "a.jpg", points=points, models=kept(settings))
    (row,) = table(draw_faces(search, tmp_path / "out"))
    assert len(row) == columns
    assert all(row[name] for name in row if name not in ("frame", "seconds"))


def test_faces_of_one_picture_are_numbered_best_first(
    portraits: Path, settings: Settings, tmp_path: Path
) -> None:
    crowd = np.hstack([hopper(), np.vstack([astronaut(), np.zeros((88, 512, 3), np.uint8)])])
    Image.fromarray(crowd).save(tmp_path / "crowd.png")
    made = draw_faces(find_faces(tmp_path / "crowd.png", models=kept(settings)), tmp_path / "out")
    assert made.drawn == tmp_path / "out" / "crowd.png.jpg"
    rows = table(made)
    assert [row["face"] for row in rows] == ["0", "1"]
    assert float(rows[0]["score"]) >= float(rows[1]["score"])
    assert isinstance(json.loads(made.document.read_text(encoding="utf-8")), dict)


def test_a_picture_too_long_for_a_jpeg_is_drawn_smaller(settings: Settings, tmp_path: Path) -> None:
    Image.new("L", (70_000, 20)).save(tmp_path / "a.png")
    made = draw_faces(find_faces(tmp_path / "a.png", models=kept(settings)), tmp_path / "out")
    assert opened(made.drawn).shape == (19, 65_500, 3)


STAMPS = [0, 40, 80, 250, 290, 330, 500, 540]
LATE = 100


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Eight frames of odd size at uneven times, late on the clock, with sound."""
    face = np.asarray(cv2.resize(hopper(), (171, 201)), np.uint8)
    frames = [np.roll(face, 4 * i, axis=1) for i in range(8)]
    stamps = [stamp + LATE for stamp in STAMPS]
    return film(
        tmp_path / "clip.mkv",
        frames,
        pix_fmt="yuv444p",
        stamps=stamps,
        time_base=Fraction(1, 1000),
        sound="aac",
    )


def times(video: Path) -> list[float]:
    with av.open(str(video)) as container:
        return [float(frame.time or 0) for frame in container.decode(video=0)]


def test_a_video_keeps_its_times_and_its_sound(
    clip: Path, settings: Settings, tmp_path: Path
) -> None:
    listener = Listener()
    made = draw_faces(find_faces(clip, models=kept(settings), progress=listener), tmp_path / "out")
    assert made.drawn == tmp_path / "out" / "clip.mkv.mp4"
    assert times(made.drawn) == pytest.approx([stamp / 1000 for stamp in STAMPS], abs=1e-3)
    assert length(made.drawn, "audio") == pytest.approx((320 - LATE) / 1000, abs=0.05)
    drawn = pictures(made.drawn)
    assert drawn[0].shape == (202, 172, 3)
    assert [p.frame for p in made.found] == list(range(8))
    for picture, record in zip(drawn, (p.record() for p in made.found), strict=True):
        assert len(record["faces"]) == 1
        x1, y1, _, y2 = np.round(record["faces"][0]["box"]).astype(int)
        green = picture[(y1 + y2) // 2, x1].astype(int)
        assert green[1] > green[0] + 20
    assert [float(row["seconds"]) for row in table(made)] == [(s + LATE) / 1000 for s in STAMPS]
    assert listener.stages == ["finding faces"]


def test_some_frames_of_a_video(clip: Path, settings: Settings, tmp_path: Path) -> None:
    made = draw_faces(find_faces(clip, every=3, models=kept(settings)), tmp_path / "out")
    assert times(made.drawn) == pytest.approx([0, 0.25, 0.5], abs=1e-3)
    assert [p.frame for p in made.found] == [0, 3, 6]


def test_colours_stay_what_they_are(settings: Settings, tmp_path: Path) -> None:
    bands = np.repeat(np.array([[200, 40, 40], [40, 200, 40], [40, 40, 200]], np.uint8), 32, 0)
    frame = np.ascontiguousarray(np.broadcast_to(bands[:, None], (96, 64, 3)))
    clip = film(tmp_path / "a.mp4", [frame] * 3)
    made = draw_faces(find_faces(clip, "hog", models=kept(settings)), tmp_path / "out")
    before, after = pictures(clip)[0], pictures(made.drawn)[0]
    assert np.abs(before.astype(int) - after).mean() < 8


def test_nothing_that_was_given_is_replaced(
    portraits: Path, clip: Path, settings: Settings, tmp_path: Path
) -> None:
    video = film(tmp_path / "b.mp4", [hopper()[:200, :200]])
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for source, out in (
        (portraits, portraits),
        (portraits, portraits / "more" / "out"),
        (portraits / "a.jpg", portraits),
        (portraits / "more", portraits / "more"),
        (video, tmp_path),
    ):
        with pytest.raises(OutputError, match="choose a"):
            draw_faces(find_faces(source, models=kept(settings)), out)
    (portraits / "more" / "more").mkdir()
    shutil.copy(portraits / "a.jpg", portraits / "more" / "more" / "a.jpg")
    shutil.copy(portraits / "a.jpg", portraits / "more" / "a.jpg")
    with pytest.raises(OutputError, match="would be replaced"):
        draw_faces(find_faces(portraits / "more", models=kept(settings)), portraits)
    assert (
        before.items()
        <= {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}.items()
    )


def test_a_folder_that_cannot_be_written(
    portraits: Path, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(OutputError, match="cannot write"):
        draw_faces(find_faces(portraits, models=kept(settings)), tmp_path / "out")


def test_a_picture_that_cannot_be_read_leaves_no_folder(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"")
    with pytest.raises(Exception, match="not a picture"):
        draw_faces(find_faces(tmp_path / "a.jpg", models=kept(settings)), tmp_path / "out")
    assert not (tmp_path / "out").exists()
