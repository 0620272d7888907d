"""Sets in Ultralytics' layout as annotation sets: layouts, pictures, and what readers accept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from PIL import Image

from closeup.annotations import (
    AnnotatedPicture,
    Annotation,
    AnnotationSet,
    KeyPoint,
    LabelSchema,
)
from closeup.errors import InputError, OutputError
from closeup.formats.annotation_formats import recognised
from closeup.formats.yolo_annotations import YOLO, YOLO_POSE
from closeup.geometry import Size
from closeup.progress import Silent
from tests.formats.annotation_strategies import annotation_sets, sized
from tests.listening import Listener

ONE = Annotation(
    "face", (9.5, 9.5, 29.5, 39.5), {"right_eye": KeyPoint(15, 20), "nose": KeyPoint(20, 30, False)}
)
POINTS = ("right_eye", "left_eye", "nose")
SCHEMA = LabelSchema(POINTS, ("face", "back"), (("right_eye", "left_eye"),), {"face": 9}, box=True)


def picture(path: str, *annotations: Annotation) -> AnnotatedPicture:
    return AnnotatedPicture(path, size=Size(64, 48), annotations=annotations)


SET = AnnotationSet((picture("images/train/a.png", ONE), picture("images/val/b.png")), SCHEMA)


def with_pictures(folder: Path, given: AnnotationSet) -> None:
    for one in given.pictures:
        place = folder / one.path
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", one.size or Size(64, 48)).save(place)


def written(folder: Path, given: AnnotationSet = SET) -> Path:
    YOLO_POSE.write(folder, given)
    with_pictures(folder, given)
    return folder


def test_the_files_are_as_ultralytics_wants_them(tmp_path: Path) -> None:
    written(tmp_path)
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {
        "data.yaml", "train.txt", "val.txt", "images/train/a.png", "images/val/b.png",
        "labels/train/a.txt", "labels/val/b.txt",
    }  # fmt: skip
    said = yaml.safe_load((tmp_path / "data.yaml").read_text())
    assert said == {
        "train": "train.txt",
        "val": "val.txt",
        "names": {0: "face", 1: "back"},
        "kpt_shape": [3, 3],
        "flip_idx": [1, 0, 2],
        "kpt_names": {0: list(POINTS), 1: list(POINTS)},
        "closeup": {"skeleton": [["right_eye", "left_eye"]], "targets": {"face": 9}, "box": True},
    }
    assert (tmp_path / "train.txt").read_text() == "./images/train/a.png\n"
    number, *shares = (tmp_path / "labels/train/a.txt").read_text().split()
    assert number == "0"
    assert [float(share) for share in shares] == pytest.approx(
        [
            20 / 64,
            25 / 48,
            20 / 64,
            30 / 48,
            15.5 / 64,
            20.5 / 48,
            2,
            0,
            0,
            0,
            20.5 / 64,
            30.5 / 48,
            1,
        ],
        abs=1e-11,
    )
    assert (tmp_path / "labels/val/b.txt").read_text() == ""


def test_supervision_reads_it(tmp_path: Path) -> None:
    supervision = pytest.importorskip("supervision")
    written(tmp_path)
    found = supervision.DetectionDataset.from_yolo(
        str(tmp_path / "images/train"), str(tmp_path / "labels/train"), str(tmp_path / "data.yaml")
    )
    assert found.classes == ["face", "back"]
    ((_, _, detections),) = list(found)
    np.testing.assert_allclose(detections.xyxy, [[10, 10, 30, 40]], atol=1e-4)


@pytest.mark.parametrize(
    ("train", "labels"),
    [
        ("images/train", "labels/train/a.txt"),
        ("train/images", "train/labels/a.txt"),
        ("photos", "photos/a.txt"),
    ],
)
def test_layouts_in_use_are_read(tmp_path: Path, train: str, labels: str) -> None:
    (tmp_path / "data.yaml").write_text(f"train: {train}\nval: {train}\nnames: [face]\n")
    with_pictures(tmp_path, AnnotationSet((picture(f"{train}/a.png"),)))
    (tmp_path / labels).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / labels).write_text("0 0.5 0.5 0.25 0.5\n")
    assert recognised(tmp_path) is YOLO
    found = YOLO.read(tmp_path / "data.yaml", Silent())
    assert found.pictures == (
        picture(f"{train}/a.png", Annotation("face", (23.5, 11.5, 39.5, 35.5))),
    )


def test_sizes_are_those_of_the_picture_as_shown(tmp_path: Path) -> None:
    given = AnnotationSet((picture("images/train/a.jpg", ONE),), SCHEMA)
    YOLO_POSE.write(tmp_path, given)
    exif = Image.Exif()
    exif[0x0112] = 6
    (tmp_path / "images/train").mkdir(parents=True)
    Image.new("RGB", (48, 64)).save(tmp_path / "images/train/a.jpg", exif=exif)
    (found,) = YOLO_POSE.read(tmp_path, Silent()).pictures
    assert found.size == Size(64, 48)
    assert found.annotations[0].box == pytest.approx(ONE.box)


def test_other_keys_and_parts_survive(tmp_path: Path) -> None:
    written(tmp_path)
    data = tmp_path / "data.yaml"
    data.write_text(
        data.read_text() + "license: CC BY 4.0\nroboflow: {version: 3, made: 2026-11-29}\n"
    )
    (tmp_path / "val.txt").write_text("images/train/a.png\nimages/val/b.png\n")
    (tmp_path / "train.txt").write_text("images/val/b.png\n")
    (tmp_path / "test.txt").write_text("images/val/b.png\n")
    data.write_text(data.read_text() + "test: test.txt\n")
    found = YOLO_POSE.read(tmp_path, Silent())
    assert found.extra["yolo-pose"] == {
        "license": "CC BY 4.0",
        "roboflow": {"version": 3, "made": "2026-11-29"},
        "flip_idx": [1, 0, 2],
    }
    parts = {one.path: one.extra.get("yolo-pose") for one in found.pictures}
    assert parts == {"images/train/a.png": {"part": "val"}, "images/val/b.png": None}
    YOLO_POSE.write(tmp_path / "again", found)
    again = yaml.safe_load((tmp_path / "again" / "data.yaml").read_text())
    assert again["license"] == "CC BY 4.0"
    assert again["roboflow"] == {"version": 3, "made": "2026-11-29"}
    assert again["flip_idx"] == [1, 0, 2]
    assert len((tmp_path / "again" / "val.txt").read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("points", "flip"),
    [
        (("mouth_left", "nose", "mouth_right"), [2, 1, 0]),
        (("Left eye", "Right eye"), [1, 0]),
        (("pupil",), [0]),
        (("p0", "p1"), None),
        (("left_eye", "nose"), None),
    ],
)
def test_left_and_right_points_are_exchanged_in_mirror_images(
    tmp_path: Path, points: tuple[str, ...], flip: list[int] | None
) -> None:
    YOLO_POSE.write(tmp_path, AnnotationSet((), LabelSchema(points, ("face",))))
    assert yaml.safe_load((tmp_path / "data.yaml").read_text()).get("flip_idx") == flip


@pytest.mark.parametrize(
    "names",
    ["kpt_names: [[a, b]]", "kpt_names: [a, b]", "kpt_names: {0: [a, b]}"],
)
def test_names_of_points_are_found(tmp_path: Path, names: str) -> None:
    self_made(tmp_path, f"kpt_shape: [2, 3]\n{names}\n")
    assert YOLO_POSE.read(tmp_path, Silent()).schema.points == ("a", "b")


@pytest.mark.parametrize("names", ["", "kpt_names: [[a]]", "kpt_names: [[a, a]]", "kpt_names: 5"])
def test_points_without_names_are_numbered(tmp_path: Path, names: str) -> None:
    self_made(tmp_path, f"kpt_shape: [2, 3]\n{names}\n")
    assert YOLO_POSE.read(tmp_path, Silent()).schema.points == ("p0", "p1")


def self_made(folder: Path, lines: str) -> None:
    (folder / "data.yaml").write_text(f"train: images\nval: images\nnames: [face]\n{lines}")
    with_pictures(folder, AnnotationSet((picture("images/a.png"),)))


def test_a_folder_above_the_set_says_nothing_of_its_parts(tmp_path: Path) -> None:
    given = AnnotationSet((picture("photos/a.png"),))
    found = YOLO.read(written(tmp_path / "val" / "set", given), Silent())
    assert found.pictures == given.pictures


def test_a_missing_picture_is_told(tmp_path: Path) -> None:
    written(tmp_path)
    (tmp_path / "images/val/b.png").unlink()
    listener = Listener()
    assert len(YOLO_POSE.read(tmp_path, listener)) == 1
    assert "left out pictures that are not there: 1, such as" in listener.lines[0]
    (tmp_path / "images/train/a.png").unlink()
    with pytest.raises(InputError, match="none of its pictures is there"):
        YOLO_POSE.read(tmp_path, listener)


def test_a_picture_that_cannot_be_read(tmp_path: Path) -> None:
    written(tmp_path)
    (tmp_path / "images/val/b.png").write_bytes(b"hello")
    with pytest.raises(InputError, match=r"b\.png is not a picture; .* shares of its sides"):
        YOLO_POSE.read(tmp_path, Silent())


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("../a.png", "no name below the folder"),
        ("/photos/a.png", "no name below the folder"),
        ("images/a\nb.png", "no name below the folder"),
        ("images/train/a.jpg", r"the label file of 'images/train/a\.png'"),
        ("train.png", "the label file of 'a list of pictures'"),
    ],
)
def test_a_picture_that_cannot_be_labelled_is_named(
    tmp_path: Path, path: str, message: str
) -> None:
    given = replace(SET, pictures=(*SET.pictures, picture(path)))
    with pytest.raises(OutputError, match=message) as caught:
        YOLO.write(tmp_path / "new", given)
    assert len(str(caught.value).splitlines()) == 1
    assert not (tmp_path / "new").exists()


def test_a_size_is_needed(tmp_path: Path) -> None:
    given = AnnotationSet((AnnotatedPicture("images/a.png"),))
    with pytest.raises(OutputError, match=r"images/a\.png' has no size"):
        YOLO.write(tmp_path, given)


def test_labels_are_not_put_outside_the_folder(tmp_path: Path) -> None:
    given = AnnotationSet((picture("a.png"),))
    with pytest.raises(OutputError, match="a folder above is called images"):
        YOLO.write(tmp_path / "images" / "set", given)


def test_a_folder_of_two_yaml_files(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text("names: [a]\n")
    with pytest.raises(InputError, match=r"no data\.yaml in it"):
        YOLO.read(tmp_path, Silent())
    (tmp_path / "b.yaml").unlink()
    with pytest.raises(InputError, match="train is missing"):
        YOLO.read(tmp_path, Silent())


@pytest.mark.parametrize("lines", ["closeup: 5\n", "closeup: {targets: {x: 3}}\n", "a: !!int b\n"])
def test_a_damaged_yaml_file_is_refused(tmp_path: Path, lines: str) -> None:
    self_made(tmp_path, lines)
    with pytest.raises(InputError, match=r"data\.yaml") as caught:
        YOLO.read(tmp_path, Silent())
    assert len(str(caught.value).splitlines()) == 1


def test_a_folder_that_is_named_but_not_there(tmp_path: Path) -> None:
    self_made(tmp_path, "test: images/test\n")
    assert len(YOLO.read(tmp_path, Silent())) == 1
    (tmp_path / "data.yaml").write_text("train: images\nval: pictures\nnames: [face]\n")
    with pytest.raises(InputError, match=r"val names .*pictures, which is neither"):
        YOLO.read(tmp_path, Silent())


def test_a_set_that_cannot_be_written_leaves_the_earlier_one(tmp_path: Path) -> None:
    written(tmp_path)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    earlier = {path: path.read_bytes() for path in files}
    given = replace(
        SET, pictures=(picture("images/train/a.png"), picture(f"images/{'x' * 300}.png"))
    )
    with pytest.raises(OutputError):
        YOLO_POSE.write(tmp_path, given)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == earlier


@settings(max_examples=50)
@given(given=annotation_sets())
def test_ultralytics_ignores_no_row(
    tmp_path_factory: pytest.TempPathFactory, given: AnnotationSet
) -> None:
    """It ignores a file with a row of another length, a value outside [0, 1] or a wrong class."""
    folder = tmp_path_factory.mktemp("set")
    YOLO_POSE.write(folder, sized(given, Size(64, 48)))
    said = yaml.safe_load((folder / "data.yaml").read_text(encoding="utf-8"))
    count = said.get("kpt_shape", [0])[0]
    lists = {folder / f"{part}.txt" for part in ("train", "val", "test")}
    files = set(folder.rglob("*.txt")) - lists
    rows = [line.split() for file in files for line in file.read_text().splitlines()]
    kept = YOLO_POSE.kept(sized(given, Size(64, 48)))
    assert len(rows) == sum(len(one.annotations) for one in kept.pictures)
    for number, *values in rows:
        assert int(number) in said["names"]
        assert len(values) == 4 + 3 * count
        box, points = values[:4], values[4:]
        places = [float(text) for text in [*box, *points[::3], *points[1::3]]]
        assert all(0 <= place <= 1 for place in places)
        assert set(points[2::3]) <= {"0", "1", "2"}
