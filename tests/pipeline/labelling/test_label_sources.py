"""What can be labelled, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from closeup.annotations import KeyPoint, Origin
from closeup.errors import ImageError, InputError, VideoError
from closeup.formats.dataset_folder import Contents, Dataset, write_dataset
from closeup.labels import FaceLabel
from closeup.media.images import write_image
from closeup.pipeline.labelling.label_sources import LabelledKind, open_label_source
from closeup.store.label_records import StoredItem
from tests.filming import film, number_in, numbered
from tests.pipeline.drawn_set import drawn_set


def picture(path: Path, grey: int = 90, width: int = 40, height: int = 30) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_image(path, np.full((height, width, 3), grey, np.uint8))
    return path


def item(path: str, frame: int | None = None) -> StoredItem:
    return StoredItem(1, path, frame, None, 0)


def test_a_folder_is_searched_below_and_what_is_left_out_is_counted(tmp_path: Path) -> None:
    for name in ("b/2.png", "a.jpg", "b/1.JPG", ".hidden.jpg", "b-c.png"):
        picture(tmp_path / Path(name).with_suffix(Path(name).suffix.lower())).rename(
            tmp_path / name
        )
    for name in ("notes.txt", "labels.db", "labels.db-wal"):
        (tmp_path / name).write_text("x")
    (tmp_path / "b" / "\udcff.jpg").write_bytes(b"x")
    source = open_label_source(tmp_path)
    assert source.kind is LabelledKind.FOLDER
    assert [one.path for one in source.each()] == ["a.jpg", "b/1.JPG", "b/2.png", "b-c.png"]
    assert source.store == tmp_path / "labels.db"
    assert source.passed_over == (
        "1 with other suffixes (.txt), 1 hidden, 1 whose names are not UTF-8"
    )
    assert source.reader.read(item("b/2.png")).shape == (30, 40, 3)


def test_a_folder_may_be_named_as_the_present_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture(tmp_path / "sub" / "a.png")
    monkeypatch.chdir(tmp_path)
    assert [one.path for one in open_label_source(".").each()] == ["sub/a.png"]


def test_one_picture(tmp_path: Path) -> None:
    source = open_label_source(picture(tmp_path / "a.png"))
    assert [one.path for one in source.each()] == ["a.png"]
    assert source.store == tmp_path / "a.png.labels.db"
    assert source.reader.read(item("a.png")).shape == (30, 40, 3)


def test_frames_of_a_video(tmp_path: Path) -> None:
    path = film(tmp_path / "v.mp4", [numbered(i, 96, 64) for i in range(20)])
    source = open_label_source(path, every=3)
    frames = list(source.each())
    assert [one.frame for one in frames] == list(range(0, 20, 3))
    assert frames[0].size == (96, 64)
    assert source.store == tmp_path / "v.mp4.labels.db"
    for number in (12, 0, 3, 18, 12):
        assert number_in(source.reader.read(item("v.mp4", number))) == number
    with pytest.raises(ImageError, match=r"is no frame of .*v\.mp4; skip it"):
        source.reader.read(item("other.mp4", 3))


def test_eyes_with_the_method_that_labelled_them(tmp_path: Path) -> None:
    folder = drawn_set(tmp_path / "eyes", 12)
    source = open_label_source(folder)
    crops = list(source.each())
    assert source.kind is LabelledKind.EYES
    assert source.stamp
    assert len(crops) == 12
    (label,) = crops[3].annotations
    assert (label.method, label.key) == ("by hand", "by hand")
    pupil = label.points["pupil"]
    image = source.reader.read(item(crops[3].path)).mean(axis=2)
    assert image.shape == (crops[3].size.height, crops[3].size.width)  # type: ignore[union-attr]
    # The drawn pupil is dark where the label says, in pixels whose centres are integers.
    assert image[round(pupil.y), round(pupil.x)] < np.quantile(image, 0.1)
    assert crops[3].extra["eyes"]["side"] in ("left", "right")
    with pytest.raises(ImageError, match="has no crop 00000/77 any more; skip it"):
        source.reader.read(item("00000/77"))


def test_an_imported_data_set(tmp_path: Path) -> None:
    picture(tmp_path / "images" / "a.png")
    labels = tuple(
        FaceLabel("a.png", (x, 2.0, x + 9, 12.0), {"nose": (x + 4, 6.0)}) for x in (1.0, 20.0)
    )
    dataset = Dataset(labels, tmp_path / "images", "coco", Contents.FACES, "s", "t", "c")
    write_dataset(tmp_path / "set", dataset)
    source = open_label_source(tmp_path / "set")
    (one,) = source.each()
    assert source.kind is LabelledKind.DATASET
    assert source.store == tmp_path / "set" / "labels.db"
    assert [label.key for label in one.annotations] == ["coco-0", "coco-1"]
    assert one.annotations[1].box == (20, 2, 29, 12)
    assert one.annotations[1].points == {"nose": KeyPoint(24, 6)}
    assert one.annotations[1].origin is Origin.IMPORTED
    assert source.reader.read(item("a.png")).shape == (30, 40, 3)


def test_nothing_to_label(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(InputError, match=r"no picture in it or below it, 1 with other suffixes"):
        open_label_source(tmp_path)
    with pytest.raises(VideoError, match=r"cannot be opened as a video|is a text file"):
        open_label_source(tmp_path / "notes.txt")
    with pytest.raises(InputError, match="no such file or folder; check the name"):
        open_label_source(tmp_path / "none")
    (tmp_path / "labels.db").write_text("x")
    with pytest.raises(InputError, match="is a store of labels; name the pictures"):
        open_label_source(tmp_path / "labels.db")
