from math import nan

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.labels import FaceLabel, PictureLabels


@st.composite
def picture_labels(draw: st.DrawFn, points: int = 5) -> PictureLabels:
    count = draw(st.integers(0, 6))
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    return PictureLabels.of(
        rng.uniform(-5, 100, (count, 4)),
        rng.integers(0, 4, count),
        rng.integers(0, 3, (count, points, 3)).astype(np.float64),
        rng.random(count) < 0.3,
    )


def assert_same(a: PictureLabels, b: PictureLabels) -> None:
    for name in ("boxes", "classes", "points", "ignored"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name))
        assert getattr(a, name).dtype == getattr(b, name).dtype


@given(picture_labels())
def test_what_is_ignored_joined_with_the_rest_is_all_again(every: PictureLabels) -> None:
    known, ignored = every[~every.ignored], every[every.ignored]
    order = np.argsort(every.ignored, kind="stable")
    assert not known.ignored.any()
    assert len(known) + len(ignored) == len(every)
    assert_same(PictureLabels.joined([known, ignored]), every[order])


@given(picture_labels(points=2))
def test_background_adds_nothing(every: PictureLabels) -> None:
    assert_same(PictureLabels.joined([PictureLabels.none(2), every]), every)


def test_boxes_alone_are_of_one_class_and_count() -> None:
    labels = PictureLabels.of(np.array([[0.0, 0, 9, 9]]))
    assert labels.classes.tolist() == [0]
    assert labels.ignored.tolist() == [False]
    assert labels.points.shape == (1, 0, 3)
    assert labels.boxes.dtype == labels.points.dtype == np.float32


def test_arrays_of_other_shapes_are_refused_with_the_expected_one() -> None:
    boxes = np.zeros((2, 4))
    with pytest.raises(ValueError, match=r"boxes must have shape \(2, 4\), got \(2, 5\)"):
        PictureLabels.of(np.zeros((2, 5)))
    with pytest.raises(ValueError, match=r"classes must have shape \(2,\), got \(1,\)"):
        PictureLabels.of(boxes, np.zeros(1, np.int64))
    with pytest.raises(ValueError, match=r"points must have shape \(2, k, 3\), got \(2, 5, 2\)"):
        PictureLabels.of(boxes, points=np.zeros((2, 5, 2)))
    with pytest.raises(ValueError, match=r"ignored must have shape \(2,\), got \(3,\)"):
        PictureLabels.of(boxes, ignored=np.zeros(3, np.bool_))


def test_a_face_may_be_only_an_image() -> None:
    label = FaceLabel("a.jpg")
    assert (label.box, dict(label.points)) == (None, {})


def test_impossible_labels_are_refused() -> None:
    with pytest.raises(ValueError, match="names no image"):
        FaceLabel("")
    with pytest.raises(ValueError, match="holds nothing"):
        FaceLabel("a.jpg", (4, 0, 4, 9))
    with pytest.raises(ValueError, match=r"box .* not finite"):
        FaceLabel("a.jpg", (nan, 0, 4, 9))
    with pytest.raises(ValueError, match=r"point nose .* not finite"):
        FaceLabel("a.jpg", points={"nose": (1, nan)})
    with pytest.raises(ValueError, match=r"point nose .* beyond 1e\+07 pixels"):
        FaceLabel("a.jpg", points={"nose": (1, -1e30)})
