"""What every finder of pupils must do, on real portraits."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from closeup.detection.yunet import YuNetDetector
from closeup.eyes import Eyes
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.open_models import Models
from closeup.opening import PUPIL_METHODS
from closeup.pupils.calibration import Calibration
from closeup.pupils.method import PupilMethod
from closeup.settings import Settings
from tests.real_photos import astronaut, hopper, lfw

PORTRAITS = [astronaut, hopper]
PUPILS = {
    astronaut: [(202.6, 100.0), (246.1, 102.3)],
    hopper: [(222.5, 190.4), (305.7, 187.1)],
}
"""Set by hand on the enlarged photos."""
OFFSETS = np.array([(-0.008, -0.02), (0.012, -0.02)])
FINDERS = [*PUPIL_METHODS, "darkest,mean-shift", "contour, calibrated"]


@cache
def opened(name: str, models: Path) -> PupilMethod:
    method, _, calibrated = name.partition(", ")
    calibration = Calibration(method, OFFSETS, 100) if calibrated else None
    settings = Settings(models, Path("no such folder"))
    made = Models(settings).pupil_finder(method, calibration)
    assert isinstance(made, PupilMethod)
    return made


@pytest.fixture(params=FINDERS)
def finder(request: pytest.FixtureRequest, all_models: Path) -> PupilMethod:
    return opened(request.param, all_models)


@cache
def yunet(models: Path) -> YuNetDetector:
    return YuNetDetector((models / "yunet_n_dynamic.onnx").read_bytes(), threads=1)


@pytest.fixture
def found(shared_models: Path) -> Callable[[RGBImage], Faces]:
    """The best face of a photo."""
    return lambda photo: yunet(shared_models).detect(photo)[np.array([0])]


Found = Callable[[RGBImage], Faces]


def apart(found: Eyes, expected: Eyes) -> float:
    """The largest error of an eye over the distance between the expected ones."""
    assert expected.found.all()
    assert found.found.all(), found.reasons
    right, left = expected.centres[0]
    return float(
        np.linalg.norm(found.centres - expected.centres, axis=2).max()
        / np.linalg.norm(left - right)
    )


def with_patch(photo: RGBImage, faces: Faces, colour: tuple[int, int, int]) -> RGBImage:
    """A bar over both eyes."""
    assert faces.landmarks is not None
    right, left = faces.landmarks[0, :2]
    distance = float(np.linalg.norm(left - right))
    covered = photo.copy()
    reach = distance * np.array([0.6, 0.4])
    first, last = right - reach, left + reach
    (x1, y1), (x2, y2) = np.rint([first, last]).astype(int)
    covered[y1:y2, x1:x2] = colour
    return covered


def test_its_name_is_known(finder: PupilMethod) -> None:
    assert set(finder.name.split(",")) <= set(PUPIL_METHODS)


@pytest.mark.parametrize("portrait", PORTRAITS)
def test_pupils_are_found_the_right_one_first(
    finder: PupilMethod, portrait: Callable[[], RGBImage], found: Found
) -> None:
    photo = portrait()
    eyes = finder.find(photo, found(photo))
    assert eyes.found.all()
    assert eyes.centres.dtype == np.float32
    right, left = eyes.centres[0]
    assert right[0] < left[0], "the subject's right eye is left in the picture"
    expected = np.array(PUPILS[portrait])
    distance = np.linalg.norm(expected[1] - expected[0])
    assert np.linalg.norm(eyes.centres[0] - expected, axis=1).max() < 0.05 * distance
    assert np.all((eyes.confidence > 0) & (eyes.confidence <= 1))
    assert np.all((eyes.openness > 0.2) & (eyes.openness <= 1))


def test_no_face_has_no_eyes(finder: PupilMethod) -> None:
    assert len(finder.find(astronaut(), Faces.none())) == 0


def test_they_move_with_the_picture(finder: PupilMethod, found: Found) -> None:
    photo = astronaut()
    faces = found(photo)
    large = np.zeros((900, 1000, 3), np.uint8)
    large[300:812, 400:912] = photo
    shift = np.array([400, 300], np.float32)
    assert faces.landmarks is not None
    there = replace(faces, boxes=faces.boxes + np.tile(shift, 2), landmarks=faces.landmarks + shift)
    moved = finder.find(large, there)
    expected = finder.find(photo, faces)
    np.testing.assert_allclose(moved.centres - shift, expected.centres, atol=0.05)


@pytest.mark.parametrize("scale", [0.6, 2.0])
def test_they_grow_with_the_picture(finder: PupilMethod, scale: float, found: Found) -> None:
    photo = astronaut()
    faces = found(photo)
    resized = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    large = finder.find(np.asarray(resized, np.uint8), faces.scaled(scale, scale))
    back = replace(large, centres=(large.centres + np.float32(0.5)) / np.float32(scale) - 0.5)
    assert apart(back, finder.find(photo, faces)) < 0.06


@pytest.mark.parametrize("degrees", [-15, 15])
def test_they_turn_with_the_head(finder: PupilMethod, degrees: float, found: Found) -> None:
    photo = astronaut()
    matrix = cv2.getRotationMatrix2D((225, 110), degrees, 1)
    turned = np.asarray(cv2.warpAffine(photo, matrix, (512, 512)), np.uint8)
    expected = finder.find(photo, found(photo))
    there = expected.centres @ matrix[:, :2].T + matrix[:, 2]
    expected = replace(expected, centres=there.astype(np.float32))
    assert apart(finder.find(turned, found(turned)), expected) < 0.08


def test_a_mirrored_face_has_mirrored_eyes(finder: PupilMethod, found: Found) -> None:
    photo = astronaut()
    mirrored = np.ascontiguousarray(photo[:, ::-1])
    eyes = finder.find(mirrored, found(mirrored))
    back = eyes.centres[:, ::-1] * np.array([-1, 1], np.float32)
    back = back + np.array([photo.shape[1] - 1, 0], np.float32)
    assert apart(replace(eyes, centres=back), finder.find(photo, found(photo))) < 0.08


def test_grey_pictures_and_dim_ones(finder: PupilMethod, found: Found) -> None:
    photo = hopper()
    expected = finder.find(photo, found(photo))
    gray = np.repeat(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    assert apart(finder.find(np.asarray(gray, np.uint8), found(photo)), expected) < 0.05
    dim = np.asarray(photo * 0.5, np.uint8)
    assert apart(finder.find(dim, found(photo)), expected) < 0.05


@pytest.mark.parametrize("colour", [(0, 0, 0), (15, 15, 20), (222, 184, 160)])
def test_eyes_that_are_covered_have_a_reason(
    finder: PupilMethod, colour: tuple[int, int, int], found: Found
) -> None:
    """As by dark glasses, a bar, or lids without lashes."""
    for portrait in PORTRAITS:
        photo = portrait()
        faces = found(photo)
        eyes = finder.find(with_patch(photo, faces, colour), faces)
        assert not eyes.found.any()
        assert all("no contrast" in reason for reason in eyes.reasons[0])
        assert np.isnan(eyes.centres).all()
        assert np.all(eyes.confidence == 0)
        for steps in finder.show(with_patch(photo, faces, colour), faces):
            assert steps.pictures[-1][0] == eyes.reasons[0][0], "the last step says why"


def test_a_profile_has_a_reason(finder: PupilMethod, found: Found) -> None:
    photo = astronaut()
    faces = found(photo)
    assert faces.landmarks is not None
    points = faces.landmarks.copy()
    points[0, 2, 0] = points[0, 1, 0] + 5
    eyes = finder.find(photo, replace(faces, landmarks=points))
    assert eyes.reasons == (("the face is in profile",) * 2,)


def test_a_face_of_ten_pixels_has_a_reason(finder: PupilMethod, found: Found) -> None:
    photo = astronaut()
    faces = found(photo)
    scale = 10 / float(faces.boxes[0, 3] - faces.boxes[0, 1])
    tiny = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    eyes = finder.find(np.asarray(tiny, np.uint8), faces.scaled(scale, scale))
    assert not eyes.found.any()
    assert all(eyes.reasons[0])


def test_an_eye_outside_the_picture_has_a_reason(finder: PupilMethod, found: Found) -> None:
    photo = astronaut()
    faces = found(photo)
    assert faces.landmarks is not None
    whole = finder.find(photo, faces)
    right, left = whole.centres[0]
    for column in (int(right[0]) + 5, int((right[0] + left[0]) / 2)):
        cut = np.ascontiguousarray(photo[:, column:])
        shift = np.array([column, 0], np.float32)
        there = replace(
            faces, boxes=faces.boxes - np.tile(shift, 2), landmarks=faces.landmarks - shift
        )
        eyes = finder.find(cut, there)
        assert not eyes.found[0, 0]
        assert eyes.reasons[0][0]


@pytest.mark.parametrize("shape", [(1, 1), (1, 200), (200, 1), (40, 40)])
@pytest.mark.parametrize("box", [(-0.5, -0.5, 0.5, 0.5), (-90, -90, -40, -40), (0, 0, 40, 40)])
def test_where_no_eye_is_none_is_told(
    finder: PupilMethod, shape: tuple[int, int], box: tuple[float, ...]
) -> None:
    faces = Faces(np.array([box], np.float32), np.ones(1, np.float32))
    for value in (0, 255):
        eyes = finder.find(np.full((*shape, 3), value, np.uint8), faces)
        assert not eyes.found.any()
        assert all(eyes.reasons[0])


def test_points_are_on_the_picture_whatever_the_box(finder: PupilMethod) -> None:
    photo = astronaut()
    draw = np.random.default_rng(3)
    first = draw.uniform(-80, 480, (40, 2))
    side = draw.uniform(5, 200, (40, 1))
    boxes = np.hstack([first, first + side]).astype(np.float32)
    eyes = finder.find(photo, Faces(boxes, np.ones(40, np.float32)))
    there = eyes.centres[eyes.found]
    assert np.all(there >= -0.5)
    assert np.all(there <= 511.5)


def test_every_face_has_its_own_eyes(
    finder: PupilMethod, shared_data: Path, shared_models: Path
) -> None:
    """Many faces of one picture give what each gives alone, in their order."""
    photos = lfw(shared_data, 5)
    picture = np.hstack(photos)
    faces = yunet(shared_models).detect(picture)
    together = finder.find(picture, faces)
    assert len(together) == len(faces) >= 5
    for row in range(len(faces)):
        alone = finder.find(picture, faces[np.array([row])])
        np.testing.assert_allclose(together.centres[row], alone.centres[0], atol=1e-3)
        assert together.reasons[row] == alone.reasons[0]
    assert together.found.mean() > 0.8


def test_views_and_read_only_pictures(finder: PupilMethod, found: Found) -> None:
    mirrored = astronaut()[:, ::-1]
    mirrored.flags.writeable = False
    copied = np.ascontiguousarray(mirrored)
    faces = found(copied)
    np.testing.assert_array_equal(
        finder.find(mirrored, faces).centres, finder.find(copied, faces).centres
    )


def test_two_threads_find_what_one_does(finder: PupilMethod, found: Found) -> None:
    work = [(portrait(), found(portrait())) for portrait in PORTRAITS * 3]
    expected = [finder.find(*each).centres for each in work]
    with ThreadPoolExecutor(2) as pool:
        again = list(pool.map(lambda each: finder.find(*each).centres, work))
    np.testing.assert_array_equal(again, expected)


def test_every_step_is_shown(finder: PupilMethod, found: Found) -> None:
    photo = astronaut()
    for steps in finder.show(photo, found(photo)):
        titles = [title for title, _ in steps.pictures]
        assert titles[0] == "eye"
        assert len(titles) >= 3
        marked = steps.pictures[-1][1]
        assert np.any(np.all(marked == (0, 255, 0), axis=2)), "the pupil is marked"


def test_nothing_is_shown_where_nothing_is_cut(finder: PupilMethod) -> None:
    faces = Faces(np.array([[-0.5, -0.5, 0.5, 0.5]], np.float32), np.ones(1, np.float32))
    for steps in finder.show(np.zeros((1, 1, 3), np.uint8), faces):
        assert all(picture.ndim == 3 for _, picture in steps.pictures)
