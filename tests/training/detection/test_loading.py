from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from closeup.errors import InputError
from closeup.training.detection.loading import DetectionData, read_detection_data
from tests.listening import Listener
from tests.training.detection.squares import NAMES, SIZE, save, squares, write_squares


@pytest.fixture
def yaml(tmp_path: Path) -> Path:
    return write_squares(tmp_path / "set")


def read(yaml: Path) -> tuple[DetectionData, list[str]]:
    heard = Listener()
    return read_detection_data(yaml, heard), heard.lines


def test_every_picture_comes_with_its_boxes_in_pixels(yaml: Path) -> None:
    data, lines = read(yaml)

    assert lines == ["train: 4 pictures, 12 boxes", "val: 2 pictures, 6 boxes"]
    assert data.test is None
    assert data.train.names == NAMES
    assert data.train.flip == (1, 0)
    assert [path.name for path in data.train.paths] == ["0.png", "1.png", "2.png", "3.png"]
    for index in range(4):
        _, truth = squares(index)
        own = data.train.of(index)
        assert data.train.size(index) == SIZE
        assert own.classes.tolist() == [0, 1, 2]
        np.testing.assert_allclose(own.boxes, truth.boxes, atol=1e-3)
        np.testing.assert_allclose(own.points[..., :2], truth.points[..., :2], atol=1e-3)
        assert (own.points[..., 2] == 2).all()


def test_a_picture_turned_by_its_camera_is_labelled_as_it_is_seen(yaml: Path) -> None:
    from PIL import Image

    path = yaml.parent / "images" / "train" / "0.png"
    with Image.open(path) as image:
        exif = image.getexif()
        exif[0x0112] = 6
        image.save(path, exif=exif)

    data, _ = read(yaml)

    assert data.train.size(0) == (SIZE.height, SIZE.width)


def test_background_is_counted(yaml: Path) -> None:
    labels = yaml.parent / "labels" / "train"
    (labels / "0.txt").write_text("")
    (labels / "1.txt").unlink()

    data, lines = read(yaml)

    expected = "train: 4 pictures, 2 of them background (1 without a label file), 6 boxes"
    assert lines[0] == expected
    assert len(data.train.of(0)) == len(data.train.of(1)) == 0
    assert data.train.of(2).points.shape == (3, 2, 3)


def test_broken_pictures_are_named_and_left_out(yaml: Path) -> None:
    folder = yaml.parent / "images" / "train"
    whole = (folder / "0.png").read_bytes()
    (folder / "0.png").write_bytes(whole[: len(whole) // 2])
    (folder / "1.png").write_text("no picture")

    data, lines = read(yaml)

    assert len(data.train) == 2
    assert "0.png is damaged" in lines[0]
    assert lines[0].startswith("train: ")
    assert lines[1].endswith(
        "1.png is not a picture; give a JPEG, PNG or WebP file; it is left out"
    )
    assert lines[2] == "train: 2 files passed over: 1 damaged, 1 without a picture"


def test_files_that_are_neither_pictures_nor_labels_are_counted(yaml: Path) -> None:
    folder = yaml.parent / "images" / "val"
    for name in ("a.mov", "b.psd", "b.txt", "classes.txt", ".DS_Store"):
        (folder / name).touch()
    _, lines = read(yaml)
    assert [line for line in lines if "passed over" in line] == [
        "val: 2 files passed over: 2 with other suffixes (.mov, .psd)"
    ]


def test_what_is_learnt_is_not_judged_by(yaml: Path) -> None:
    """Also where it is another file of the same pixels."""
    train, val = (yaml.parent / "images" / part for part in ("train", "val"))
    pixels = cv2.imread(str(train / "2.png"))
    assert pixels is not None
    cv2.imwrite(str(val / "copy.bmp"), pixels)
    (train / "again.png").write_bytes((train / "0.png").read_bytes())

    data, lines = read(yaml)

    assert [path.name for path in data.val.paths] == ["1000.png", "1001.png"]
    assert len(data.train) == 4
    assert lines[0] == "train: left out as duplicates: again.png (0.png of train)"
    assert lines[2] == "val: left out as duplicates: copy.bmp (2.png of train)"


def test_a_list_of_pictures_and_a_test_set_are_read(yaml: Path) -> None:
    folder = yaml.parent
    image, _ = squares(7)
    save(folder / "images" / "test" / "7.png", image)
    (folder / "train.txt").write_text("./images/train/1.png\nimages/train/3.png\nimages/none.png\n")
    text = yaml.read_text().replace("train: images/train", "train: train.txt\ntest: images/test")
    yaml.write_text(text)

    data, lines = read(yaml)
    assert data.test is None
    assert "no picture of test has a label; labels of 7.png belong" in lines[-1]
    assert lines[-1].endswith("training goes on without test pictures")
    (folder / "labels" / "test").mkdir()
    (folder / "labels" / "test" / "7.txt").write_text("1 0.5 0.5 0.2 0.2 0 0 0 0 0 0\n")
    data, lines = read(yaml)

    assert data.test is not None
    assert data.test.labels.classes.tolist() == [1]
    assert [path.name for path in data.train.paths] == ["1.png", "3.png"]
    assert lines[0].startswith("train: 1 of 3 pictures that ")
    assert lines[0].endswith(f"not there, such as {folder / 'images' / 'none.png'}; left out")


@pytest.mark.parametrize("test", ["images/test", "../test/images", "test.txt", "empty", "x" * 300])
def test_a_test_set_may_be_named_and_missing(yaml: Path, test: str) -> None:
    """Roboflow names one in each export, also of sets that have none."""
    (yaml.parent / "empty").mkdir()
    yaml.write_text(f"{yaml.read_text()}test: {test}\n")

    data, lines = read(yaml)

    assert data.test is None
    assert (len(data.train), len(data.val)) == (4, 2)
    assert len(lines) == 3
    assert lines[2].endswith("training goes on without test pictures")
    assert str(yaml.parent / test) in lines[2]


def test_a_list_of_pictures_that_are_all_missing_is_said_once(yaml: Path) -> None:
    names = [f"/content/set/images/{number}.png\n" for number in range(20)]
    (yaml.parent / "train.txt").write_text("".join(names))
    yaml.write_text(yaml.read_text().replace("train: images/train", "train: train.txt"))
    listener = Listener()

    with pytest.raises(InputError) as caught:
        read_detection_data(yaml, listener)

    assert listener.lines == []
    assert str(caught.value) == (
        f"{yaml.parent / 'train.txt'}: none of its 20 pictures is there, the first was looked for "
        f"as /content/set/images/0.png; write names relative to {yaml.parent}"
    )


def test_a_list_may_lie_in_a_folder_of_its_own_and_come_from_windows(yaml: Path) -> None:
    (yaml.parent / "lists").mkdir()
    names = ["images\\train\\0.png", "./images/train/1.png ", "..\\images\\train\\2.png"]
    content = "\r\n".join(names).encode("utf-16")
    (yaml.parent / "lists" / "train.TXT").write_bytes(content)
    yaml.write_text(yaml.read_text().replace("train: images/train", "train: lists/train.TXT"))

    data, _ = read(yaml)

    assert [path.name for path in data.train.paths] == ["0.png", "1.png", "2.png"]
    assert len(data.train.owner) == 9


@pytest.mark.parametrize("place", ["beside", "upper case", "both layouts"])
def test_labels_are_found_in_each_layout(yaml: Path, place: str) -> None:
    folder = yaml.parent
    for path in (folder / "labels" / "train").iterdir():
        if place == "beside":
            path.rename(folder / "images" / "train" / path.name)
        elif place == "upper case":
            path.rename(path.with_suffix(".TXT"))
    if place == "both layouts":
        (folder / "train").mkdir()
        (folder / "images" / "train").rename(folder / "train" / "images")
        (folder / "labels" / "train").rename(folder / "train" / "labels")
        yaml.write_text(yaml.read_text().replace("images/train", "../train/images"))
    (folder / "labels" / "val" / "labels.cache").write_bytes(b"\0\1\2")

    _, lines = read(yaml)

    assert lines == ["train: 4 pictures, 12 boxes", "val: 2 pictures, 6 boxes"]


def test_labels_without_a_picture_are_counted(yaml: Path) -> None:
    labels = yaml.parent / "labels" / "train"
    (labels / "99.txt").write_text("0 0.5 0.5 0.2 0.2 0 0 0 0 0 0\n")
    (labels / "classes.txt").write_text("red\n")

    _, lines = read(yaml)

    assert lines[0] == f"train: label files without a picture: 1, such as {labels / '99.txt'}"


OUTLINES = ["0.1 0.1 0.9 0.1 0.5 0.8", "0.5 0.5 0.4 0.4 0.45 0.45 0.55 0.45"]
"""One that is surely none with key points, and one that could be a box with two of them."""


def without_points(yaml: Path, lines: list[str]) -> None:
    """Replace all labels of the set, which then has no key points in its YAML file."""
    said = yaml.read_text().splitlines()
    kept = [line for line in said if not line.startswith(("kpt_shape", "flip_idx", "- "))]
    yaml.write_text("\n".join(kept) + "\n")
    for part in ("train", "val"):
        for path in (yaml.parent / "labels" / part).iterdir():
            path.write_text("".join(f"{number} {line}\n" for number, line in enumerate(lines)))


@pytest.mark.parametrize("length", [2, 3])
@pytest.mark.parametrize("count", range(1, 18))
def test_poses_without_kpt_shape_are_refused(yaml: Path, count: int, length: int) -> None:
    point = ["0.45 0.55", "0.45 0.55 2"][length - 2]
    without_points(yaml, [" ".join(["0.5 0.5 0.4 0.4", *[point] * count])] * 2)
    with pytest.raises(InputError, match=rf"kpt_shape: \[{count}, {length}\]"):
        read_detection_data(yaml)


def test_outlines_are_read_and_counted(yaml: Path) -> None:
    without_points(yaml, OUTLINES)
    _, lines = read(yaml)
    assert "train: outlines, read as their boxes: 8" in lines

    without_points(yaml, OUTLINES[1:])
    with pytest.raises(InputError, match="task: segment if they are outlines"):
        read_detection_data(yaml)
    yaml.write_text(f"{yaml.read_text()}task: segment\n")
    _, lines = read(yaml)
    assert "train: outlines, read as their boxes: 4" in lines


def test_classes_that_nobody_shows_are_named(yaml: Path) -> None:
    for path in (yaml.parent / "labels" / "train").iterdir():
        path.write_text(path.read_text().splitlines()[1] + "\n")

    _, lines = read(yaml)

    assert lines[-1] == "train: no box of red, blue, which cannot be trained"


def test_odd_labels_are_counted(yaml: Path) -> None:
    path = yaml.parent / "labels" / "val" / "1000.txt"
    line = "0 0.99 0.5 0.04 0.2 0 0 0 0 0 0\n"
    path.write_text(2 * line)

    data, lines = read(yaml)

    assert lines[-2:] == [
        "val: boxes clipped to their picture: 1",
        "val: duplicate labels, which count once: 1",
    ]
    assert data.val.of(0).boxes[0, 2] == SIZE.width - 0.5


def test_a_bad_label_stops_it_with_file_and_line(yaml: Path) -> None:
    path = yaml.parent / "labels" / "train" / "2.txt"
    path.write_text(path.read_text() + "7 0.5 0.5 0.1 0.1 0 0 0 0 0 0\n")

    with pytest.raises(InputError, match=r"2\.txt, line 4: class 7"):
        read_detection_data(yaml)


def test_nothing_to_learn_from_or_to_judge_by_is_refused(yaml: Path) -> None:
    text = yaml.read_text()
    yaml.write_text(text.replace("val: images/val", "val: images/train"))
    with pytest.raises(InputError, match="no picture of val is left"):
        read_detection_data(yaml)
    yaml.write_text(text.replace("val: images/val", "val: images/valid"))
    with pytest.raises(InputError, match=r"data.yaml: val names .*valid, which is neither"):
        read_detection_data(yaml)
    (yaml.parent / "images" / "valid").mkdir()
    with pytest.raises(InputError, match="no picture for val in"):
        read_detection_data(yaml)
    yaml.write_text(text)
    for path in (yaml.parent / "labels" / "train").iterdir():
        path.unlink()
    with pytest.raises(InputError, match=r"no picture of train has a label.*labels/train/0\.txt"):
        read_detection_data(yaml)
