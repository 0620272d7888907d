"""Covered faces cannot be recognised."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st

from closeup.drawing.concealing import conceal
from closeup.effects.catalogue import open_effect
from closeup.faces import Faces
from closeup.settings import Settings
from tests.effects.portraits import PORTRAITS, described
from tests.kept_models import kept

NAMES = ("blur-faces", "pixelate", "black-bar")
_SAME_PERSON = 0.6
"""dlib's limit for two photos of one person."""


@pytest.mark.parametrize("portrait", PORTRAITS)
@pytest.mark.parametrize("name", NAMES)
def test_a_covered_face_no_longer_matches_its_own_photo(
    name: str, portrait: str, shared_models: Path
) -> None:
    image, faces = described(portrait, shared_models)
    embedder = kept(Settings(shared_models, Path("no such folder"))).embedder()
    drawn = open_effect(name)(image, faces)
    chips = [embedder.chips(picture, faces)[0] for picture in (image, image, drawn)]
    plain, again, covered = embedder.embed(chips)
    assert np.linalg.norm(plain - again) < 1e-5
    assert np.linalg.norm(plain - covered) > _SAME_PERSON


@pytest.mark.parametrize("name", NAMES)
def test_nothing_far_from_the_face_changes(name: str, shared_models: Path) -> None:
    image, faces = described("astronaut", shared_models)
    drawn = open_effect(name)(image, faces)
    x1, y1, x2, y2 = faces.boxes[0]
    changed = np.argwhere((drawn != image).any(axis=-1))
    assert changed[:, 0].min() > y1 - (y2 - y1) / 2
    assert changed[:, 0].max() < y2 + (y2 - y1) / 2
    assert changed[:, 1].min() > x1 - (x2 - x1) / 2
    assert changed[:, 1].max() < x2 + (x2 - x1) / 2


@pytest.mark.parametrize("name", NAMES)
def test_all_faces_are_covered_and_their_order_does_not_matter(
    name: str, shared_models: Path
) -> None:
    image, faces = described("astronaut", shared_models)
    other = faces.boxes + np.float32(180)
    both = Faces.of(np.concatenate([faces.boxes, other]), np.ones(2))
    drawn = open_effect(name)(image, both)
    np.testing.assert_array_equal(drawn, open_effect(name)(image, both[np.array([1, 0])]))
    for box in both.boxes.astype(int):
        x, y = (box[0] + box[2]) // 2, (box[1] + box[3]) // 2
        assert (
            drawn[y - 20 : y + 20, x - 20 : x + 20] != image[y - 20 : y + 20, x - 20 : x + 20]
        ).any()


def test_a_pixelated_face_has_few_colours(shared_models: Path) -> None:
    image, faces = described("hopper", shared_models)
    drawn = open_effect("pixelate")(image, faces)
    x1, y1, x2, y2 = faces.boxes[0].astype(int)
    inside = drawn[y1:y2, x1:x2].reshape(-1, 3)
    assert len(np.unique(inside, axis=0)) <= 10 * 10


@given(
    corner=st.tuples(st.integers(-90, 90), st.integers(-90, 90)),
    side=st.floats(0, 200),
    smooth=st.booleans(),
    planes=st.booleans(),
)
def test_any_box_can_be_concealed(
    corner: tuple[int, int], side: float, smooth: bool, planes: bool
) -> None:
    pixels = np.full((40, 60) if planes else (40, 60, 3), 77, np.uint8)
    conceal(pixels, np.array([*corner, corner[0] + side, corner[1] + side]), smooth=smooth)
    assert (pixels == 77).all()


def test_a_concealed_ellipse_keeps_nothing_of_its_details() -> None:
    stripes = np.tile(np.array([0, 255], np.uint8), (100, 50))
    conceal(stripes, np.array([30.0, 30, 70, 70]), smooth=True)
    assert np.ptp(stripes[40:60, 40:60].astype(int)) <= 60
    assert np.ptp(stripes[:, :5].astype(int)) == 255
