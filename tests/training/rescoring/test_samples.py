"""Candidates are sorted by the labels of their picture."""

from __future__ import annotations

import numpy as np
import pytest

from closeup.faces import Faces
from closeup.labels import PictureLabels
from closeup.training.rescoring.samples import SIDE, Candidates

IMAGE = np.random.default_rng(0).integers(0, 256, (100, 120, 3)).astype(np.uint8)
FACE = (40.0, 40.0, 60.0, 65.0)


def sort(box: tuple[float, ...], *, ignored: bool = False) -> Candidates:
    truth = PictureLabels.of(np.array([FACE]), ignored=np.array([ignored]))
    return Candidates.of(IMAGE, Faces.of([box], [0.4]), truth)


@pytest.mark.parametrize(
    ("box", "face"),
    [
        (FACE, True),
        ((42, 42, 62, 66), True),
        ((80, 20, 100, 45), False),
        ((0, 0, 119, 99), False),
    ],
)
def test_what_lies_on_a_face_is_one_and_what_lies_apart_is_none(
    box: tuple[float, ...], face: bool
) -> None:
    found = sort(box)
    assert found.faces.tolist() == [face]
    assert found.crops.shape == (1, SIDE, SIDE, 3)
    np.testing.assert_allclose(found.scores, [0.4])
    np.testing.assert_allclose(found.heights, [box[3] - box[1]])


@pytest.mark.parametrize("box", [(50, 50, 70, 75), (41, 41, 48, 48), (30, 30, 90, 75)])
def test_a_part_of_a_face_is_neither(box: tuple[float, ...]) -> None:
    assert not len(sort(box))


def test_what_lies_on_an_ignored_face_is_neither() -> None:
    assert not len(sort(FACE, ignored=True))
    assert sort((80, 20, 100, 45), ignored=True).faces.tolist() == [False]


def test_in_a_picture_without_faces_nothing_is_one() -> None:
    found = Candidates.of(IMAGE, Faces.of([FACE], [0.4]), PictureLabels.none())
    assert found.faces.tolist() == [False]
    assert not len(Candidates.of(IMAGE, Faces.none(), PictureLabels.none()))


def test_sets_are_joined_in_order_and_selected() -> None:
    both = Candidates.joined([sort(FACE), Candidates.none(), sort((80, 20, 100, 45))])
    assert both.faces.tolist() == [True, False]
    assert both[both.faces].digest() == sort(FACE).digest()
    assert both.digest() != both[np.array([1, 0])].digest()
    assert not len(Candidates.joined([]))
