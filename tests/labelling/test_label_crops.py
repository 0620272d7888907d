"""Crops show the surroundings of a label, and its mark lies where the label is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from closeup.annotations import Annotation, KeyPoint
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.labelling.label_crops import EyeCropper, LabelCropper, ObjectCropper, label_crop

SIZE = Size(36, 28)
EYE = EyeCropper(SIZE, 1.0, 2.0)
OBJECT = ObjectCropper(SIZE, 1.5)


def picture(width: int = 80, height: int = 60) -> RGBImage:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3)).astype(np.uint8)


def at(x: float, y: float, **others: tuple[float, float]) -> Annotation:
    places = {"pupil": (x, y), **others}
    return Annotation(points={name: KeyPoint(*place) for name, place in places.items()})


@settings(max_examples=40, deadline=None)
@given(st.floats(25, 55), st.floats(20, 40))
def test_the_mark_of_an_eye_is_at_the_label(x: float, y: float) -> None:
    image, label = picture(), at(x, y)
    crop = label_crop(image, label, EYE)
    assert crop is not None
    assert crop.shape == (SIZE.height, SIZE.width, 4)
    place = EYE.place(Size.of(image), label)
    assert place is not None
    row, column = np.unravel_index(crop[..., 3].argmax(), crop.shape[:2])
    assert np.hypot(*(place.apply(np.array([x, y])) - (column, row))) < 0.75


def test_all_labels_of_an_eye_have_the_same_pixels() -> None:
    one, other = (label_crop(picture(), at(*place), EYE) for place in ((30, 30), (50, 25)))
    assert one is not None
    assert other is not None
    assert np.array_equal(one[..., :3], other[..., :3])
    assert not np.array_equal(one[..., 3], other[..., 3])


def test_corners_of_an_eye_are_not_marked() -> None:
    alone, beside = (
        label_crop(picture(), label, EYE)
        for label in (at(40, 30), at(40, 30, left_corner=(60, 30), right_corner=(20, 30)))
    )
    assert alone is not None
    assert beside is not None
    assert np.array_equal(alone, beside)


@settings(max_examples=40, deadline=None)
@given(st.floats(-20, 70), st.floats(-20, 50), st.floats(4, 60), st.floats(4, 60))
def test_a_box_is_in_the_middle_and_equally_large(
    x: float, y: float, width: float, height: float
) -> None:
    crop = label_crop(picture(), Annotation(box=(x, y, x + width, y + height)), OBJECT)
    assert crop is not None
    rows, columns = np.nonzero(crop[..., 3])
    assert set(np.unique(crop[..., 3])) <= {0, 255}
    assert abs(columns.mean() - (SIZE.width - 1) / 2) < 0.6
    assert abs(rows.mean() - (SIZE.height - 1) / 2) < 0.6
    longer = SIZE.width / 1.5
    across = longer * width / max(width, height)
    assert abs(columns.max() - columns.min() + 1 - min(across, SIZE.width)) <= 1


def test_points_mark_an_object_that_has_no_box() -> None:
    crop = label_crop(picture(), at(30, 30, nose=(40, 34)), OBJECT)
    assert crop is not None
    assert crop[..., 3].max() > 200
    assert 0 < (crop[..., 3] > 128).mean() < 0.2


@pytest.mark.parametrize("cropper", [EYE, OBJECT])
def test_a_label_without_a_place_has_no_crop(cropper: LabelCropper) -> None:
    assert label_crop(picture(), Annotation(mask="0.png"), cropper) is None
    assert OBJECT.place(Size(9, 9), at(4, 4)) is not None  # one point has a place, but no size
