from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray

from closeup.detection.hog import HogDetector
from closeup.detection.yunet import YuNetDetector
from closeup.errors import ModelError
from closeup.faces import Faces, PointScheme
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.landmarks.alignment import face_chip
from closeup.landmarks.cut_options import CutOptions, Template
from closeup.landmarks.cuts import FaceCutter
from closeup.landmarks.dlib_points import DlibLandmarker
from closeup.landmarks.five_points import five_points
from closeup.landmarks.templates import ARCFACE_POINTS, ARCFACE_SIZE, EyePlace
from closeup.landmarks.warping import warped
from tests.real_photos import astronaut, dlib_file, hopper

SIZES = {Template.DLIB150: 150, Template.ARCFACE112: 112, Template.EYES256: 256}


@cache
def landmarker(name: str = "dlib-5-points") -> DlibLandmarker:
    return DlibLandmarker(dlib_file(name), name)


def cutter(template: Template, **choice: object) -> FaceCutter:
    points = choice.get("points")
    name = "dlib-68-points" if points is PointScheme.DLIB_68 else "dlib-5-points"
    return FaceCutter(CutOptions(template=template, **choice), landmarker(name))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def yunet_faces(shared_models: Path) -> Faces:
    yunet = YuNetDetector((shared_models / "yunet_n_dynamic.onnx").read_bytes(), threads=1)
    return yunet.detect(astronaut())


@cache
def hog_faces() -> Faces:
    return HogDetector().detect(astronaut())


def box(*corners: float) -> Faces:
    return Faces(np.array([corners], np.float32), np.ones(1, np.float32))


@pytest.mark.parametrize(
    ("template", "points"),
    [
        *product(SIZES, (None, PointScheme.DLIB_5, PointScheme.DLIB_68)),
        (Template.ARCFACE112, PointScheme.EYES_NOSE_MOUTH),
    ],
)
def test_the_matrix_says_where_the_pixels_come_from(
    template: Template, points: PointScheme | None, yunet_faces: Faces
) -> None:
    (cut,) = cutter(template, points=points).cut(astronaut(), yunet_faces)
    side = SIZES[template]
    assert cut.size == Size(side, side)
    again = warped(astronaut(), cut.similarity, cut.size).astype(int)
    assert np.abs(again - cut.pixels).mean() < 1


@pytest.mark.parametrize("points", [PointScheme.DLIB_5, PointScheme.DLIB_68])
def test_eyes_are_level_and_in_their_place(points: PointScheme, yunet_faces: Faces) -> None:
    options = {"eyes": EyePlace(0.3, 0.4), "size": 200, "points": points}
    (cut,) = cutter(Template.EYES256, **options).cut(astronaut(), yunet_faces)
    name = "dlib-68-points" if points is PointScheme.DLIB_68 else "dlib-5-points"
    eyes = five_points(landmarker(name).find(astronaut(), yunet_faces))[0, :2]
    np.testing.assert_allclose(cut.similarity.apply(eyes), [(59.5, 79.5), (139.5, 79.5)], atol=1e-4)
    assert cut.size == Size(200, 200)


def test_eyes_are_found_again_where_they_were_asked(
    shared_models: Path, yunet_faces: Faces
) -> None:
    yunet = YuNetDetector((shared_models / "yunet_n_dynamic.onnx").read_bytes(), threads=1)
    (cut,) = cutter(Template.EYES256).cut(astronaut(), yunet_faces)
    found = yunet.detect(cut.pixels).landmarks
    assert found is not None
    share = (found[0, :2] + 0.5) / 256
    assert np.abs(share - [(0.35, 0.35), (0.65, 0.35)]).max() < 0.03


def test_the_arcface_template_prefers_the_detectors_points(yunet_faces: Faces) -> None:
    (cut,) = cutter(Template.ARCFACE112).cut(astronaut(), yunet_faces)
    assert yunet_faces.landmarks is not None
    there = cut.similarity.apply(yunet_faces.landmarks[0])
    assert np.abs(there.mean(axis=0) - ARCFACE_POINTS.mean(axis=0)).max() < 1e-4
    bare = replace(yunet_faces, landmarks=None)
    (without,) = cutter(Template.ARCFACE112).cut(astronaut(), bare)
    (asked,) = cutter(Template.ARCFACE112, points=PointScheme.DLIB_5).cut(astronaut(), yunet_faces)
    np.testing.assert_array_equal(without.similarity.matrix, asked.similarity.matrix)
    assert not np.allclose(cut.similarity.matrix, asked.similarity.matrix)
    assert cut.size == ARCFACE_SIZE


def test_points_of_the_detector_must_be_there() -> None:
    own = cutter(Template.ARCFACE112, points=PointScheme.EYES_NOSE_MOUTH)
    with pytest.raises(ModelError, match="the detector gives no points; take those of dlib"):
        own.cut(astronaut(), hog_faces())
    assert own.cut(astronaut(), Faces.none()) == []


def test_dlibs_chip_is_what_the_embedding_reads() -> None:
    (cut,) = cutter(Template.DLIB150).cut(astronaut(), hog_faces())
    points = landmarker().find(astronaut(), hog_faces())[0]
    np.testing.assert_array_equal(cut.pixels, face_chip(astronaut(), points, 150))


@pytest.mark.parametrize("degrees", [-30, 45, 90, 180])
@pytest.mark.parametrize("template", [Template.ARCFACE112, Template.EYES256])
def test_a_turned_picture_gives_the_same_cut(
    template: Template, degrees: int, yunet_faces: Faces
) -> None:
    """With the same points: where they lie is all that counts."""
    assert yunet_faces.landmarks is not None
    turn = cv2.getRotationMatrix2D((255.5, 255.5), degrees, 1)
    turned = np.asarray(cv2.warpAffine(astronaut(), turn, (512, 512)), np.uint8)
    moved = (yunet_faces.landmarks @ turn[:, :2].T + turn[:, 2]).astype(np.float32)

    class Fixed:
        name, scheme, count = "dlib-68-points", "dlib-68", 68

        def find(self, image: RGBImage, faces: Faces) -> NDArray[np.float32]:
            assert image.shape == (512, 512, 3)
            rows = [0] * 36 + [0] * 6 + [1] * 6 + [3] * 20
            rows[30], rows[54] = 2, 4
            assert faces.landmarks is not None
            return faces.landmarks[:, rows]

    cut = FaceCutter(CutOptions(template=template), Fixed())
    (straight,) = cut.cut(astronaut(), yunet_faces)
    (upright,) = cut.cut(turned, replace(yunet_faces, landmarks=moved))
    difference = np.abs(upright.pixels.astype(int) - straight.pixels)
    assert difference[20:-20, 20:-20].mean() < 3


def test_a_crop_is_the_pictures_own_pixels() -> None:
    (cut,) = cutter(Template.CROP, margin=0).cut(astronaut(), box(9.5, 19.5, 39.5, 59.5))
    np.testing.assert_array_equal(cut.pixels, astronaut()[20:60, 10:40])
    assert cut.similarity.matrix.tolist() == [[1, 0, -10], [0, 1, -20]]


def test_the_margin_is_a_share_of_each_side() -> None:
    (cut,) = cutter(Template.CROP).cut(astronaut(), box(99.5, 99.5, 199.5, 299.5))
    assert cut.size == Size(160, 320)
    assert cut.similarity.matrix[:, 2].tolist() == [-70, -40]


@given(
    st.floats(-40, 600), st.floats(-40, 600), st.floats(0.5, 300), st.floats(0.5, 300),
    st.floats(0, 10),
)  # fmt: skip
def test_a_crop_ends_where_the_picture_does(
    x: float, y: float, width: float, height: float, margin: float
) -> None:
    image = hopper()
    faces = box(x, y, x + width, y + height)
    (cut,) = cutter(Template.CROP, margin=margin).cut(image, faces)
    left, top = (-cut.similarity.matrix[:, 2]).astype(int).tolist()
    inside = image[top : top + cut.size.height, left : left + cut.size.width]
    np.testing.assert_array_equal(cut.pixels, inside)
    assert cut.pixels.size > 0


@pytest.mark.parametrize("template", Template)
def test_no_face_gives_no_cut(template: Template) -> None:
    assert cutter(template).cut(astronaut(), Faces.none()) == []


@pytest.mark.parametrize("template", Template)
def test_every_face_is_cut_in_order(template: Template) -> None:
    faces = hog_faces()
    aside = faces.boxes + np.float32(30)
    two = Faces(np.concatenate([aside, faces.boxes]), np.ones(2, np.float32))
    other, same = cutter(template).cut(astronaut(), two)
    (alone,) = cutter(template).cut(astronaut(), faces)
    np.testing.assert_array_equal(same.pixels, alone.pixels)
    assert not np.array_equal(other.similarity.matrix, same.similarity.matrix)
