from __future__ import annotations

import csv
import json
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from closeup.drawing.marks import PLAIN
from closeup.errors import InputError, ModelError, OutputError
from closeup.eyes import Eyes
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.media.pictures import SourceKind
from closeup.media.video_reader import open_video
from closeup.opening import PUPIL_METHODS, open_detector, open_landmarker, open_pupil_finder
from closeup.pipeline.search.drawn_faces import draw_faces
from closeup.pipeline.search.pupils import FaceAndPupilFinder, find_pupils
from closeup.pipeline.search.search import FacesInPicture
from closeup.progress import Silent
from closeup.pupils.calibration import Calibration
from closeup.settings import Settings
from tests.filming import film
from tests.kept_models import kept
from tests.pipeline.running import files, pictures
from tests.real_photos import astronaut, hopper
from tests.turned_photos import turned

EILEENS = np.array([[203.2, 100.6], [246.3, 102.8]])
"""The middle of her irises in the photo, set by hand; the subject's right eye first."""


def eyes(found: FacesInPicture) -> Eyes:
    assert found.faces.eyes is not None
    return found.faces.eyes


@pytest.fixture
def portraits(tmp_path: Path) -> Path:
    folder = tmp_path / "portraits"
    (folder / "more").mkdir(parents=True)
    Image.fromarray(astronaut()).save(folder / "astronaut.png")
    Image.fromarray(hopper()).save(folder / "more" / "hopper.jpg", quality=95)
    return folder


@pytest.mark.parametrize("method", PUPIL_METHODS)
def test_every_method_finds_the_pupils_of_a_portrait(
    method: str, portraits: Path, all_models: Path
) -> None:
    models = kept(Settings(all_models, Path("no such folder")))
    (found,) = find_pupils(portraits / "astronaut.png", method, models=models)
    assert found.method == method
    assert len(eyes(found)) == 1
    error = np.linalg.norm(eyes(found).centres[0] - EILEENS, axis=1)
    assert error.max() < 0.1 * np.linalg.norm(EILEENS[1] - EILEENS[0])


def test_a_folder_through_its_sub_folders(portraits: Path, settings: Settings) -> None:
    search = find_pupils(portraits, models=kept(settings))
    assert search.kind is SourceKind.FOLDER
    assert [(p.name, len(eyes(p))) for p in search] == [
        ("astronaut.png", 1),
        ("more/hopper.jpg", 1),
    ]


def test_the_largest_face_comes_first(settings: Settings, tmp_path: Path) -> None:
    small = np.asarray(cv2.resize(hopper(), None, fx=0.3, fy=0.3), np.uint8)
    crowd = np.zeros((600, 900, 3), np.uint8)
    crowd[: len(small), : small.shape[1]] = small
    crowd[:512, 380:892] = astronaut()
    Image.fromarray(crowd).save(tmp_path / "crowd.png")
    (found,) = find_pupils(tmp_path / "crowd.png", models=kept(settings))
    heights = found.faces.boxes[:, 3] - found.faces.boxes[:, 1]
    assert heights.tolist() == sorted(heights.tolist(), reverse=True)
    assert eyes(found).centres[0, 0, 0] > 380
    assert eyes(found).centres[1, 0, 0] < 380


def test_a_picture_without_a_face(settings: Settings, tmp_path: Path) -> None:
    Image.new("RGB", (1, 1)).save(tmp_path / "a.png")
    made = draw_faces(find_pupils(tmp_path, models=kept(settings)), tmp_path.parent / "none")
    assert made.found[0].record()["faces"] == []
    assert len(made.table.read_text(encoding="utf-8").splitlines()) == 1


def test_a_calibration_moves_what_is_found(
    portraits: Path, settings: Settings, tmp_path: Path
) -> None:
    image = portraits / "astronaut.png"
    offsets = np.array([[0, 0.1], [0, 0.2]])
    Calibration("network", offsets, 20).save(tmp_path / "own.json")
    (plain,) = find_pupils(image, models=kept(settings))
    (moved,) = find_pupils(image, calibration=tmp_path / "own.json", models=kept(settings))
    down = (eyes(moved).centres - eyes(plain).centres)[0, :, 1]
    assert down[0] == pytest.approx(4.3, abs=0.5)
    assert down[1] == pytest.approx(8.6, abs=0.8)


def test_results_in_a_folder(portraits: Path, settings: Settings, tmp_path: Path) -> None:
    out = tmp_path / "out"
    made = draw_faces(find_pupils(portraits, models=kept(settings)), out)
    assert files(out) == {
        "pupils.csv", "pupils.json", "astronaut.png.jpg", "more", "more/hopper.jpg",
    }  # fmt: skip
    document = json.loads(made.document.read_text(encoding="utf-8"))
    assert document == [picture.record() for picture in made.found]
    with made.table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["image"] for row in rows] == ["astronaut.png", "more/hopper.jpg"]
    centres = [document[0]["faces"][0][side] for side in ("right_eye", "left_eye")]
    table = [[float(rows[0][f"{s}_eye_{axis}"]) for axis in "xy"] for s in ("right", "left")]
    assert centres == table
    with Image.open(out / "astronaut.png.jpg") as image:
        drawn = np.array(image.convert("RGB"))
    for x, y in np.round(centres).astype(int):
        assert drawn[y - 1 : y + 2, x - 1 : x + 2, 1].max() > 150


def test_every_step_is_drawn_for_each_face(
    portraits: Path, settings: Settings, tmp_path: Path
) -> None:
    search = find_pupils(portraits, steps=True, models=kept(settings))
    draw_faces(search, tmp_path / "out")
    steps = tmp_path / "out" / "steps"
    assert files(steps) == {"astronaut.png.jpg-0.png", "more", "more/hopper.jpg-0.png"}
    with Image.open(steps / "astronaut.png.jpg-0.png") as image:
        assert image.width > 3 * 200, "eye, what the method sees, and the result"
        assert image.height > 2 * 220


def test_steps_of_a_video_are_told_apart_by_frame(
    small_stage: Path, settings: Settings, tmp_path: Path
) -> None:
    search = find_pupils(small_stage, every=20, steps=True, models=kept(settings))
    made = draw_faces(search, tmp_path)
    expected = {
        f"stage.mp4-{found.frame:06}-{face}.png"
        for found in made.found
        for face in range(len(found.faces))
    }
    assert files(tmp_path / "steps") == expected
    assert "stage.mp4-000020-1.png" in expected


def test_steps_never_replace_what_was_given(settings: Settings, tmp_path: Path) -> None:
    given = tmp_path / "steps"
    given.mkdir()
    Image.fromarray(hopper()).save(given / "a.jpg", quality=95)
    Image.fromarray(hopper()).save(given / "a.jpg-0.png")
    before = (given / "a.jpg-0.png").read_bytes()
    with pytest.raises(OutputError, match="would be replaced"):
        draw_faces(find_pupils(given, steps=True, models=kept(settings)), tmp_path)
    assert (given / "a.jpg-0.png").read_bytes() == before


def test_a_video_frame_by_frame(settings: Settings, tmp_path: Path) -> None:
    face = np.asarray(cv2.resize(hopper(), (256, 300)), np.uint8)
    clip = film(tmp_path / "clip.mp4", [np.roll(face, 4 * i, axis=1) for i in range(6)])
    made = draw_faces(find_pupils(clip, models=kept(settings)), tmp_path / "out")
    assert len(pictures(made.drawn)) == 6
    assert [p.frame for p in made.found] == list(range(6))
    assert made.found[1].seconds is not None
    right = np.array([eyes(p).centres[0, 0, 0] for p in made.found])
    np.testing.assert_allclose(np.diff(right), 4, atol=1.5)
    with made.table.open(encoding="utf-8", newline="") as file:
        assert [row["frame"] for row in csv.DictReader(file)] == [str(i) for i in range(6)]
    some = list(find_pupils(clip, every=3, models=kept(settings)))
    assert [p.frame for p in some] == [0, 3]


def finder(settings: Settings) -> FaceAndPupilFinder:
    detector = open_detector(settings=settings, progress=Silent(), threads=1)
    landmarker = open_landmarker("dlib-5-points", settings=settings)
    return FaceAndPupilFinder(detector, open_pupil_finder("darkest", settings=settings), landmarker)


def test_a_face_without_eyes_is_grey_and_says_why(settings: Settings) -> None:
    nan = np.nan
    faces = Faces(np.array([[0, 0, 9, 9]] * 3, np.float32), np.ones(3, np.float32))
    result = faces.with_columns(
        eyes=Eyes(
            np.array([[[1, 2], [5, 2]], [[1, 2], [nan, nan]], [[nan, nan]] * 2], np.float32),
            np.full((3, 2), nan, np.float32),
            np.zeros((3, 2), np.float32),
            (("", ""), ("", "closed: a lid"), ("too dark", "too dark")),
        )
    )
    both, one, none = finder(settings).marks(result)
    assert (both.text, both.colour, len(both.crosses)) == ("0", PLAIN, 2)
    assert (one.text, one.colour, len(one.crosses)) == ("1: left eye: closed", PLAIN, 1)
    assert (none.text, len(none.crosses)) == ("2: too dark", 0)
    assert none.colour[0] == none.colour[1] == none.colour[2]


def profile(shared_data: Path) -> RGBImage:
    """A man who sings to the left, seen from the side."""
    sung = Fraction(19, 10)
    for frame in open_video(shared_data / "stage" / "performance.mp4").frames():
        if frame.timecode.seconds >= sung:
            return frame.rgb()
    raise AssertionError("the video is too short")


def test_a_profile_is_stated(shared_data: Path, settings: Settings, tmp_path: Path) -> None:
    Image.fromarray(profile(shared_data)).save(tmp_path / "profile.png")
    (found,) = find_pupils(tmp_path / "profile.png", models=kept(settings), steps=True)
    assert eyes(found).reasons[0] == ("the face is in profile", "the face is in profile")
    assert not eyes(found).found.any()


@pytest.mark.parametrize("height", [10, 14, 18, 24])
def test_tiny_faces_get_no_point_that_is_made_up(
    height: int, settings: Settings, tmp_path: Path
) -> None:
    scale = height / 111
    face = cv2.resize(astronaut(), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    canvas = np.full((200, 200, 3), 128, np.uint8)
    canvas[20 : 20 + len(face), 20 : 20 + face.shape[1]] = face
    Image.fromarray(canvas).save(tmp_path / "tiny.png")
    (found,) = find_pupils(tmp_path / "tiny.png", models=kept(settings))
    for centres, there in zip(eyes(found).centres, eyes(found).found, strict=True):
        expected = EILEENS * scale + 20
        if there.all():
            assert np.linalg.norm(centres - expected, axis=1).max() < 0.2 * 43 * scale
            assert 43 * scale > 5


def test_what_cannot_be_searched(portraits: Path, settings: Settings, tmp_path: Path) -> None:
    image = portraits / "astronaut.png"
    with pytest.raises(ValueError, match="every must be 1 or more"):
        find_pupils(image, every=0, models=kept(settings))
    with pytest.raises(ModelError, match="no pupil method 'eye'; choose one of"):
        find_pupils(image, "eye", models=kept(settings))
    with pytest.raises(InputError, match="no such file; make a calibration with"):
        find_pupils(image, calibration=tmp_path / "no.json", models=kept(settings))
    Calibration("contour", np.zeros((2, 2)), 20).save(tmp_path / "other.json")
    with pytest.raises(InputError, match="is of the method contour, not of network"):
        find_pupils(image, calibration=tmp_path / "other.json", models=kept(settings))


@pytest.mark.parametrize("degrees", [90, 180, 300])
@pytest.mark.parametrize("method", ["network", "contour"])
def test_the_pupils_of_a_turned_photo_are_not_swapped(
    method: str, degrees: int, settings: Settings
) -> None:
    image, turn = turned(astronaut(), degrees)
    (found,) = find_pupils(image, method, models=kept(settings))
    assert found.faces.rolls is not None
    error = np.linalg.norm(eyes(found).centres[0] - turn.apply(EILEENS), axis=1)
    assert error.max() < 0.1 * np.linalg.norm(EILEENS[1] - EILEENS[0])


def test_a_head_whose_roll_cannot_be_told_has_no_pupils(settings: Settings) -> None:
    faces = kept(settings).detector("yunet-n").detect(astronaut())
    lying = faces.with_columns(rolls=np.full(len(faces), np.nan, np.float32))
    found = kept(settings).pupil_finder("network").find(astronaut(), lying)
    assert not found.found.any()
    assert set(found.reasons[0]) == {"the head lies on its side"}
