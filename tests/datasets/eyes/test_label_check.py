"""The whole check, as a build calls it."""

from __future__ import annotations

import numpy as np
import pytest

from closeup.datasets.eyes.label_check import check_eye_labels
from closeup.errors import InputError
from tests.datasets.eyes.drawn_eyes import draw_eyes, scattered, sides


def test_places_come_before_pictures() -> None:
    labels = scattered(200)
    crops, left = draw_eyes(labels), sides(200)
    check_eye_labels(labels, left, crops)
    with pytest.raises(InputError, match=r"upper left corner.*twice.*so the build stops"):
        check_eye_labels(labels / 50, left, crops)
    with pytest.raises(InputError, match="the labels are mirrored"):
        check_eye_labels(labels * (-1, 1) + (1, 0), left, crops)


def test_some_crops_of_many_labels() -> None:
    labels, shown = scattered(600), np.arange(0, 600, 2)
    left = np.arange(600) < 300
    crops = draw_eyes(labels)[shown]
    check_eye_labels(labels, left, crops, shown)
    flipped = np.where(left[:, None], labels * (-1, 1) + (1, 0), labels)
    with pytest.raises(InputError, match="the labels of left eyes are mirrored"):
        check_eye_labels(flipped, left, crops, shown)


def test_arrays_of_different_eyes_are_refused() -> None:
    labels = scattered(10)
    with pytest.raises(ValueError, match="do not match"):
        check_eye_labels(labels, sides(9), draw_eyes(labels))
    with pytest.raises(ValueError, match="do not match"):
        check_eye_labels(labels, sides(10), draw_eyes(labels)[:5])
