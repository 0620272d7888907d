"""What every effect must do, on real portraits."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from closeup.effects.catalogue import EFFECTS, open_effect
from closeup.effects.options import EffectOptions
from closeup.effects.triggers import TriggerKind
from closeup.faces import Faces
from closeup.protocols import Effect
from tests.effects.portraits import described, in_video, moved

COVERING = {"blur-faces", "pixelate", "black-bar"}


@pytest.fixture(scope="session")
def disc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A green disc on transparent ground."""
    rows, columns = np.mgrid[:64, :64]
    inside = (rows - 31.5) ** 2 + (columns - 31.5) ** 2 < 30**2
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[inside] = (30, 200, 60, 255)
    path = tmp_path_factory.mktemp("sticker") / "disc.png"
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture(params=EFFECTS)
def opened(request: pytest.FixtureRequest, disc: Path) -> Callable[[], Effect]:
    """Opens the effect anew, without what it remembers of a video."""
    options = EffectOptions(sticker=disc, trigger=TriggerKind.ALWAYS)
    return lambda: open_effect(request.param, options)


@pytest.mark.parametrize("name", ["astronaut", "hopper"])
def test_it_changes_a_copy_near_the_face_only(
    opened: Callable[[], Effect], name: str, shared_models: Path
) -> None:
    image, faces = described(name, shared_models)
    before = image.copy()
    drawn = opened()(image, faces)
    np.testing.assert_array_equal(image, before)
    assert (drawn.shape, drawn.dtype) == (image.shape, image.dtype)
    changed = np.argwhere((drawn != image).any(axis=-1))
    assert len(changed) > 100
    middle = (faces.boxes[0, :2] + faces.boxes[0, 2:])[::-1] / 2
    away = np.abs(changed - middle).max(axis=1)
    assert np.quantile(away, 0.1) < faces.boxes[0, 3] - middle[0]  # beams of lasers go far


def test_without_a_face_the_picture_stays_the_same(
    opened: Callable[[], Effect], shared_models: Path
) -> None:
    image, _ = described("astronaut", shared_models)
    np.testing.assert_array_equal(opened()(image, Faces.none()), image)


def test_faces_beyond_the_edges_are_drawn_as_far_as_they_are_seen(
    opened: Callable[[], Effect], shared_models: Path
) -> None:
    image, faces = described("astronaut", shared_models)
    x, y = ((faces.boxes[0, :2] + faces.boxes[0, 2:]) / 2).tolist()
    for place in ((0, 0), (511, 0), (0, 511), (511, 511), (256, -30)):
        drawn = opened()(image, moved(faces, (place[0] - x, place[1] - y)))
        assert drawn.shape == image.shape
    far = opened()(image, moved(faces, (5000, 5000)))
    np.testing.assert_array_equal(far, image)


def test_a_tiny_face_gets_nothing_but_a_cover(
    opened: Callable[[], Effect], request: pytest.FixtureRequest, shared_models: Path
) -> None:
    """Nothing smaller than six pixels is drawn; covers for privacy are."""
    image, faces = described("astronaut", shared_models)
    drawn = opened()(image, moved(faces, (20, 20), 0.03))
    covers = any(name in request.node.name for name in COVERING)
    assert (drawn != image).any() == covers


def test_eyes_that_are_faded_out_are_left_alone(
    opened: Callable[[], Effect], request: pytest.FixtureRequest, shared_models: Path
) -> None:
    if any(name in request.node.name for name in COVERING):
        return  # covers do not fade: see their own tests
    image, faces = described("astronaut", shared_models)
    drawn = opened()(image, in_video(faces, 0.0, opacity=0.0))
    np.testing.assert_array_equal(drawn, image)


def test_eyes_that_are_not_found_are_left_alone(
    opened: Callable[[], Effect], request: pytest.FixtureRequest, shared_models: Path
) -> None:
    image, faces = described("astronaut", shared_models)
    assert faces.eyes is not None
    closed = replace(
        faces.eyes,
        centres=np.full((1, 2, 2), np.nan, np.float32),
        reasons=(("closed", "closed"),),
    )
    drawn = opened()(image, faces.with_columns(eyes=closed))
    whole = COVERING | {"sticker"}  # they belong to the face
    assert (drawn != image).any() == any(name in request.node.name for name in whole)


def test_a_video_is_drawn_the_same_each_time(
    opened: Callable[[], Effect], shared_models: Path
) -> None:
    image, faces = described("astronaut", shared_models)
    frames = [in_video(moved(faces, (4.0 * i, 0)), i / 25) for i in range(8)]
    one = opened()
    first = [one(image, frame) for frame in frames]
    again = [one(image, frame) for frame in frames]  # the same video from its beginning
    anew = opened()
    other = [anew(image, frame) for frame in frames]
    for a, b, c in zip(first, again, other, strict=True):
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(a, c)


def test_photos_may_be_drawn_by_several_threads(
    opened: Callable[[], Effect], shared_models: Path
) -> None:
    image, faces = described("astronaut", shared_models)
    effect = opened()
    alone = effect(image, faces)
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(lambda _: effect(image, faces), range(8)))
    for one in drawn:
        np.testing.assert_array_equal(one, alone)


def test_a_turned_picture_gets_the_same_drawing(
    opened: Callable[[], Effect], request: pytest.FixtureRequest, shared_models: Path
) -> None:
    """Eyes, and all that hangs on them, roll with the head; covers by boxes do not."""
    if any(name in request.node.name for name in COVERING | {"googly"}):
        return  # a googly pupil falls down in the picture
    image, faces = described("astronaut", shared_models)
    height = image.shape[0] - 1

    def turned(points: np.ndarray) -> np.ndarray:
        return np.stack([height - points[..., 1], points[..., 0]], axis=-1)

    assert faces.points is not None
    assert faces.eyes is not None
    assert faces.landmarks is not None
    x1, y1, x2, y2 = faces.boxes[0].tolist()
    rolled = faces.with_columns(
        boxes=np.array([[height - y2, x1, height - y1, x2]], np.float32),
        points=turned(faces.points),
        landmarks=turned(faces.landmarks),
        eyes=replace(faces.eyes, centres=turned(faces.eyes.centres)),
    )
    upright = opened()(image, faces)
    drawn = np.rot90(opened()(np.ascontiguousarray(np.rot90(image, -1)), rolled))
    apart = np.abs(drawn.astype(int) - upright).max(axis=-1)
    changed = (upright != image).any(axis=-1).sum()
    assert (apart > 40).sum() < 0.06 * changed
