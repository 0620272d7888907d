"""Eye data sets from photos, a video and labelled pictures."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from closeup.datasets.eyes.eye_table import EyeRow, corners, places, read_rows
from closeup.datasets.eyes.label_check import check_eye_labels
from closeup.errors import InputError, OutputError
from closeup.eyes import Eyes
from closeup.faces import Faces
from closeup.formats.dataset_folder import Contents, Dataset, write_dataset
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.labels import FaceLabel
from closeup.pipeline.datasets.eye_dataset import EyeSet, EyeSetOptions, build_eye_set
from closeup.progress import Silent
from closeup.pupils.eye_crops import in_pixels
from closeup.settings import Settings
from tests.command_line import INTERRUPTIBLE, closeup, full_disk, start, wait_for
from tests.kept_models import kept

PHOTOS = 400
"""A part and some more."""


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Path:
    """A folder with photos of LFW."""
    folder = tmp_path_factory.mktemp("photos")
    for path in sorted((shared_data / "lfw" / "images").glob("*/*_0001.jpg"))[:PHOTOS]:
        (folder / path.name).symlink_to(path)
    return folder


@pytest.fixture(scope="module")
def whole(photos: Path, tmp_path_factory: pytest.TempPathFactory, shared_models: Path) -> EyeSet:
    """What comes out of these without interruption."""
    out = tmp_path_factory.mktemp("whole") / "eyes"
    return build_eye_set(photos, out, models=kept(Settings(shared_models, out.parent)))


@pytest.fixture
def few(photos: Path, tmp_path: Path) -> Path:
    """Some of the photos, in a folder to change."""
    folder = tmp_path / "few"
    folder.mkdir()
    for path in sorted(photos.iterdir())[:6]:
        shutil.copy(path, folder)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


class Listening(Silent):
    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)


def test_labels_crops_and_the_way_back(whole: EyeSet) -> None:
    rows = read_rows(whole.labels)
    crops = whole.store.crops(rows)
    assert len(rows) == whole.document["labels"] > 1.5 * PHOTOS
    assert crops.shape[1:] == (48, 64, 3)
    assert crops.std(axis=(1, 2, 3)).mean() > 20
    assert whole.document["pictures"] == PHOTOS
    assert len({row.crop for row in rows}) == len(rows)
    left_out = read_rows(whole.labels.with_name("left_out.csv"))
    assert sum(whole.document["left_out"].values()) == len(left_out)
    for row in rows[::50]:
        point = in_pixels(places([row])[0], Size(64, 48))
        if row.side == "left":
            point[0] = 64 - 1 - point[0]
        source = row.similarity.inverse().apply(point)
        assert source == pytest.approx((row.source_x, row.source_y), abs=1e-3)


def test_left_eyes_look_like_right_ones(whole: EyeSet) -> None:
    rows = read_rows(whole.labels)
    crops = whole.store.crops(rows).astype(np.float64).mean(axis=3)
    left = np.array([row.side == "left" for row in rows])
    means = [crops[side].mean(axis=0).ravel() for side in (left, ~left)]
    mirrored = crops[left].mean(axis=0)[:, ::-1].ravel()
    assert np.corrcoef(means[0], means[1])[0, 1] > 0.9 > np.corrcoef(mirrored, means[1])[0, 1]


def test_corners_are_beside_the_pupils(whole: EyeSet) -> None:
    rows = read_rows(whole.labels)
    (left, right), pupils = corners(rows).swapaxes(0, 1), places(rows)
    assert np.mean(left[:, 0] < pupils[:, 0]) > 0.98
    assert np.mean(pupils[:, 0] < right[:, 0]) > 0.98
    # The crop's middle is that of the corners.
    assert (left + right) / 2 == pytest.approx(np.full((len(rows), 2), 0.5), abs=1e-6)


def test_openness_has_a_source(whole: EyeSet) -> None:
    rows = read_rows(whole.labels)
    assert {row.openness_method for row in rows if np.isfinite(row.openness)} == {"darkest"}
    assert {row.openness_method for row in rows if np.isnan(row.openness)} <= {""}


@dataclass(frozen=True)
class Real:
    """Labels of real photos, in several units."""

    labels: NDArray[np.float64]
    source: NDArray[np.float64]
    left: NDArray[np.bool_]

    @property
    def mirrored(self) -> NDArray[np.float64]:
        return self.labels * (-1, 1) + (1, 0)


SIZE = Size(64, 48)
FAULTS: dict[str, tuple[Callable[[Real], NDArray[np.float64]], str]] = {
    "source": (lambda real: real.source, "are they pixels of the whole picture?"),
    "pixels": (lambda real: real.labels * SIZE, "not divided by its size?"),
    "twice": (lambda real: real.labels / SIZE, "divided by the crop's size twice?"),
    "swapped": (lambda real: real.labels[:, ::-1], "have x and y exchanged;"),
    "swapped first": (
        lambda real: real.labels[:, ::-1] * SIZE[::-1] / SIZE,
        "have x and y exchanged, before they were divided",
    ),
    "constant": (lambda real: 0 * real.labels + 0.4, "all of the labels have the same"),
    "mirrored": (lambda real: real.mirrored, "the labels are mirrored: were the crops mirrored"),
    "left mirrored": (
        lambda real: np.where(real.left[:, None], real.mirrored, real.labels),
        "the labels of left eyes are mirrored",
    ),
    "mixed up": (lambda real: np.roll(real.labels, 9, axis=0), "were they mixed up?"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_in_real_labels_are_named(whole: EyeSet, fault: str) -> None:
    rows = read_rows(whole.labels)
    source = np.array([(row.source_x, row.source_y) for row in rows])
    real = Real(places(rows), source, np.array([row.side == "left" for row in rows]))
    crops = whole.store.crops(rows)
    check_eye_labels(real.labels, real.left, crops)
    wrong, told = FAULTS[fault]
    with pytest.raises(InputError) as caught:
        check_eye_labels(wrong(real), real.left, crops)
    assert told in str(caught.value)


class Misplaced:
    """Finds pupils beside the eyes: in another unit than it should, as a broken step does."""

    name = "misplaced"

    def __init__(self, scale: float) -> None:
        self._scale = scale

    def find(self, image: RGBImage, faces: Faces) -> Eyes:
        assert image.ndim == 3
        assert faces.landmarks is not None
        ones = np.ones((len(faces), 2), np.float32)
        centres = faces.landmarks[:, :2] * np.float32(self._scale)
        return Eyes(centres, ones, ones, (("", ""),) * len(faces))


def test_a_build_with_broken_labels_stops_early(
    photos: Path, settings: Settings, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"of the labels lie outside .* so the build stops"):
        build_eye_set(photos, tmp_path / "eyes", method=Misplaced(0.5), models=kept(settings))
    assert not (tmp_path / "eyes").exists()


@pytest.mark.serial
def test_killed(
    photos: Path, whole: EyeSet, shared_models: Path, settings: Settings, tmp_path: Path
) -> None:
    out = tmp_path / "eyes"
    part = out / "crops" / "00000.csv"
    process = start("dataset", "eyes", photos, "--out", out, models=shared_models)
    wait_for(part, process)
    process.kill()
    process.communicate()
    assert not (out / "labels.csv").exists()
    saved = part.stat().st_mtime_ns
    made = build_eye_set(photos, out, models=kept(settings))
    assert part.stat().st_mtime_ns == saved
    assert contents(out) == contents(whole.labels.parent)
    told = Listening()
    again = build_eye_set(photos, out, models=kept(settings), progress=told)
    assert again.document == made.document
    assert told.said[-1] == f"{out} is complete; nothing is left to do"


@pytest.mark.serial
def test_ctrl_c(photos: Path, shared_models: Path, tmp_path: Path) -> None:
    out = tmp_path / "eyes"
    process = start(
        "dataset", "eyes", photos, "--out", out, models=shared_models, how=INTERRUPTIBLE
    )
    wait_for(out / "crops" / "00000.csv", process)
    process.send_signal(2)
    _, stderr = process.communicate()
    assert process.returncode == 130
    assert stderr.splitlines()[-1].endswith("run the same command again to go on")
    assert not [name for name in contents(out) if "/." in f"/{name}"]


@pytest.mark.serial
def test_no_room(few: Path, shared_models: Path, tmp_path: Path) -> None:
    out = tmp_path / "eyes"
    ran = closeup(
        "dataset", "eyes", few, "--out", out, models=shared_models, how=full_disk(20_000)
    )  # fmt: skip
    assert ran.returncode == 2
    last = ran.stderr.splitlines()[-1]
    assert last.startswith(f"closeup: cannot write {out / 'crops' / '00000.npy'}: File too large")
    assert list(contents(out)) == ["eyes.json"]


@pytest.mark.parametrize(
    ("options", "differing"),
    [
        (EyeSetOptions(size=Size(32, 24)), "size 64×48 instead of 32×24"),
        (EyeSetOptions(width=1.0), "width 1.2 instead of 1.0"),
        (EyeSetOptions(limit=3), "other pictures, limit none instead of 3"),
    ],
)
def test_other_options_are_refused(
    options: EyeSetOptions, differing: str, few: Path, settings: Settings, tmp_path: Path
) -> None:
    out = tmp_path / "eyes"
    build_eye_set(few, out, models=kept(settings))
    before = contents(out)
    with pytest.raises(InputError, match=f"was begun with {differing}; choose another"):
        build_eye_set(few, out, options, models=kept(settings))
    assert contents(out) == before


def test_other_photos_are_refused(few: Path, settings: Settings, tmp_path: Path) -> None:
    build_eye_set(few, tmp_path / "eyes", models=kept(settings))
    next(few.iterdir()).unlink()
    with pytest.raises(InputError, match="was begun with other pictures"):
        build_eye_set(few, tmp_path / "eyes", models=kept(settings))


def test_broken_and_faceless_pictures(few: Path, settings: Settings, tmp_path: Path) -> None:
    (few / "broken.jpg").write_bytes(b"no picture")
    (few / "notes.txt").touch()
    shutil.copy(few / "broken.jpg", few / "0.jpg")
    cv2.imwrite(str(few / "blank.png"), np.full((60, 80, 3), 120, np.uint8))
    told = Listening()
    made = build_eye_set(few, tmp_path / "eyes", models=kept(settings), progress=told)
    assert made.document["left_out"]["the picture cannot be read"] == 2
    assert made.document["left_out"]["no face found"] == 1
    assert sum("it is left out" in line for line in told.said) == 2
    assert "3 files passed over: 2 without a picture, 1 with other suffixes (.txt)" in told.said
    assert made.document["pictures"] == 9


def test_no_face_at_all(few: Path, settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "blank"
    folder.mkdir()
    for name in "ab":
        cv2.imwrite(str(folder / f"{name}.png"), np.full((60, 80, 3), 120, np.uint8))
    with pytest.raises(InputError, match=r"no eye for a data set \(2 × no face found\)"):
        build_eye_set(folder, tmp_path / "eyes", models=kept(settings))
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no picture in it or below it"):
        build_eye_set(tmp_path / "empty", tmp_path / "eyes2", models=kept(settings))


def test_results_among_the_pictures_are_refused(few: Path, settings: Settings) -> None:
    for out in (few, few / "eyes"):
        with pytest.raises(OutputError, match=r"lies in .*; choose a folder outside of it"):
            build_eye_set(few, out, models=kept(settings))


def test_a_video(shared_data: Path, settings: Settings, tmp_path: Path) -> None:
    video = shared_data / "video" / "webcam_face.avi"
    options = EyeSetOptions(every=20, limit=20)
    made = build_eye_set(video, tmp_path / "eyes", options, models=kept(settings))
    rows = read_rows(made.labels)
    assert made.document["pictures"] == 20
    assert {row.image for row in rows} == {"webcam_face.avi"}
    assert {row.frame for row in rows} == set(range(0, 400, 20))


def test_a_video_that_ends_early(shared_data: Path, settings: Settings, tmp_path: Path) -> None:
    whole = (shared_data / "video" / "webcam_face.avi").read_bytes()
    video = tmp_path / "cut.avi"
    video.write_bytes(whole[: len(whole) // 8])
    told = Listening()
    made = build_eye_set(
        video, tmp_path / "eyes", EyeSetOptions(every=10), models=kept(settings), progress=told
    )
    assert made.document["labels"] > 5
    assert "end" in told.said[-1]


def hand_made(folder: Path, photos: Path, rows: list[EyeRow]) -> Path:
    """An importer's folder with the labels of rows."""
    labels: dict[str, dict[str, Any]] = {}
    for row in rows:
        points = labels.setdefault(row.image, {})
        points.setdefault(f"{row.side}_eye", (row.source_x + 1, row.source_y))
    faces = tuple(FaceLabel(image, None, points) for image, points in labels.items())
    dataset = Dataset(faces, photos.resolve(), "csv", Contents.LANDMARKS, "x", "none", "pixels")
    write_dataset(folder, dataset)
    return folder


def test_labels_by_hand_go_before_a_method(
    photos: Path, whole: EyeSet, settings: Settings, tmp_path: Path
) -> None:
    coarse = [row for row in read_rows(whole.labels) if row.face == 0][:60]
    coarse = coarse[:-1]  # one eye is not labelled
    source = hand_made(tmp_path / "imported", photos, coarse)
    made = build_eye_set(source, tmp_path / "eyes", models=kept(settings))
    rows = read_rows(made.labels)
    assert {row.method for row in rows} == {"label"}
    assert {row.openness_method for row in rows} <= {"darkest", ""}
    assert made.document["left_out"] == {"not labelled": len(coarse) % 2}
    by_eye = {(row.image, row.side): row for row in coarse}
    for row in rows:
        before = by_eye[row.image, row.side]
        assert row.source_x == pytest.approx(before.source_x + 1, abs=1e-3)
        assert row.similarity.matrix == pytest.approx(before.similarity.matrix)
        assert row.openness == pytest.approx(before.openness, nan_ok=True)


def test_labels_of_sixty_eight_points_have_corners(
    photos: Path, whole: EyeSet, settings: Settings, tmp_path: Path
) -> None:
    right, left = whole.store.labels()[:2]
    x, y = left.source_x, left.source_y
    points = {f"p{number}": (0.0, 0.0) for number in range(68)}
    points |= {"right_eye": (right.source_x, right.source_y), "left_eye": (x, y)}
    points |= {"p42": (x - 9, y - 1), "p45": (x + 9, y + 1)}
    label = FaceLabel(left.image, None, points)
    write_dataset(
        tmp_path / "set",
        Dataset((label,), photos.resolve(), "300w", Contents.LANDMARKS, "x", "none", "pixels"),
    )
    made = build_eye_set(tmp_path / "set", tmp_path / "eyes", models=kept(settings))
    labelled = made.store.labels()[1]
    assert (labelled.image, labelled.side) == (left.image, "left")
    across = corners([labelled])[0] - places([labelled])
    assert across[0, 0] < -0.1
    assert across.sum(axis=0) == pytest.approx([0, 0], abs=1e-6)


def test_labels_with_right_and_left_exchanged(
    photos: Path, whole: EyeSet, settings: Settings, tmp_path: Path
) -> None:
    other = {"right": "left", "left": "right"}
    rows = [row for row in whole.store.labels() if row.face == 0][:10]
    exchanged = [replace(row, side=other[row.side]) for row in rows]
    source = hand_made(tmp_path / "imported", photos, exchanged)
    with pytest.raises(InputError, match=r"the label has right and left exchanged; right is"):
        build_eye_set(source, tmp_path / "eyes", models=kept(settings))


def test_labels_far_from_any_face(few: Path, settings: Settings, tmp_path: Path) -> None:
    labels = [
        FaceLabel(path.name, None, {"right_eye": (3, 3), "left_eye": (9, 3)})
        for path in few.iterdir()
    ]
    write_dataset(
        tmp_path / "set",
        Dataset(tuple(labels), few.resolve(), "csv", Contents.LANDMARKS, "x", "none", "pixels"),
    )
    with pytest.raises(InputError, match="6 × no face found at the label"):
        build_eye_set(tmp_path / "set", tmp_path / "eyes", models=kept(settings))


def test_a_set_whose_pictures_have_moved(tmp_path: Path, settings: Settings) -> None:
    labels = tuple(FaceLabel(f"{i}.jpg", None, {"right_eye": (3, 3)}) for i in range(9))
    root = tmp_path / "photos"
    made = Dataset(labels, root, "csv", Contents.LANDMARKS, "x", "none", "pixels")
    write_dataset(tmp_path / "set", made)
    with pytest.raises(InputError, match=r"none of its pictures .* looked for as .*photos/0\.jpg"):
        build_eye_set(tmp_path / "set", tmp_path / "eyes", models=kept(settings))
    assert not (tmp_path / "eyes").exists()


@pytest.mark.parametrize(
    ("contents_", "points", "told"),
    [
        (Contents.EYE_CROPS, {"pupil": (3.0, 4.0)}, "show single eyes, which are crops already"),
        (Contents.FACES, {}, "no label has a right_eye or a left_eye"),
    ],
)
def test_sets_without_eyes_of_faces(
    contents_: Contents, points: dict[str, Any], told: str, few: Path, settings: Settings,
    tmp_path: Path,
) -> None:  # fmt: skip
    label = FaceLabel(next(few.iterdir()).name, None, points)
    write_dataset(
        tmp_path / "set", Dataset((label,), few.resolve(), "lpw", contents_, "x", "none", "pixels")
    )
    with pytest.raises(InputError, match=told):
        build_eye_set(tmp_path / "set", tmp_path / "eyes", models=kept(settings))


@pytest.mark.parametrize(
    "options",
    [{"size": Size(4, 48)}, {"width": 0.1}, {"width": float("nan")}, {"every": 0}, {"limit": 0}],
)
def test_impossible_options(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be"):
        EyeSetOptions(**options)
