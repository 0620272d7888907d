from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from closeup.effects.googly import GooglyEyes
from closeup.faces import Faces
from closeup.frames import RGBImage
from tests.effects.portraits import described, in_video, moved


def pupil(drawn: RGBImage, x: int = 203, y: int = 101) -> NDArray[np.float64]:
    """Place of the dark pupil relative to the right eye."""
    around = drawn[y - 14 : y + 15, x - 14 : x + 15].max(axis=-1) < 70
    return np.asarray(np.argwhere(around).mean(axis=0)[::-1] - 14)


def test_in_a_photo_the_pupils_hang(shared_models: Path) -> None:
    image, faces = described("astronaut", shared_models)
    across, down = pupil(GooglyEyes()(image, faces))
    assert abs(across) < 2
    assert down > 3


def test_a_head_that_moves_leaves_its_pupils_behind(shared_models: Path) -> None:
    image, faces = described("astronaut", shared_models)
    effect = GooglyEyes()

    def drawn(offset: float, seconds: float) -> RGBImage:
        frame: Faces = in_video(moved(faces, (offset, 0.0)), seconds)
        shifted = np.roll(image, round(offset), axis=1)
        return effect(shifted, frame)

    rest = [pupil(drawn(0, i / 50)) for i in range(20)]
    assert rest[-1][1] > 3
    starting = [pupil(drawn(8.0 * i, 0.4 + i / 50), 203 + 8 * i) for i in range(1, 4)]
    assert min(place[0] for place in starting) < -1.5


def test_a_pupil_stays_in_its_disc(shared_models: Path) -> None:
    image, faces = described("astronaut", shared_models)
    effect = GooglyEyes()
    rng = np.random.default_rng(1)
    for number in range(40):
        offset = tuple(rng.uniform(-30, 30, 2).tolist())
        frame = in_video(moved(faces, (offset[0], offset[1])), number / 30)
        white = np.full_like(image, 255)
        inside = effect(white, frame)
        rows, columns = np.nonzero(inside.max(axis=-1) < 70)
        centres = frame.eyes.centres[0] if frame.eyes else np.zeros((2, 2))
        away = np.linalg.norm(np.stack([columns, rows], -1)[:, None] - centres, axis=2).min(axis=1)
        assert away.max() < 0.31 * 46
