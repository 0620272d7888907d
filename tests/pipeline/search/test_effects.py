"""An effect of one's own in the place of boxes and names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from closeup.errors import PartError
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.pipeline.search.drawn_faces import draw_faces
from closeup.pipeline.search.faces import find_faces
from closeup.settings import Settings
from tests.kept_models import kept
from tests.pipeline.running import files, pictures
from tests.real_photos import astronaut
from tests.small_stage import FRAMES


def darkened(image: RGBImage, faces: Faces) -> RGBImage:
    """Black, but for the faces."""
    shown = np.zeros_like(image)
    for x1, y1, x2, y2 in faces.boxes.clip(0).astype(int):
        shown[y1:y2, x1:x2] = image[y1:y2, x1:x2]
    return shown


def test_an_image(settings: Settings, tmp_path: Path) -> None:
    photo = tmp_path / "a.png"
    Image.fromarray(astronaut()).save(photo)
    search = find_faces(photo, "yunet-n", models=kept(settings))
    made = draw_faces(search, tmp_path / "out", effect=darkened)
    with Image.open(made.drawn) as drawn:
        shown = np.asarray(drawn)
    x1, y1, x2, y2 = made.found[0].faces.boxes[0].astype(int)
    assert np.abs(shown[y1:y2, x1:x2].astype(int) - astronaut()[y1:y2, x1:x2]).mean() < 10
    assert shown[: y1 - 16].max() < 30


def test_a_video(small_stage: Path, settings: Settings, tmp_path: Path) -> None:
    search = find_faces(small_stage, "yunet-n", models=kept(settings))
    made = draw_faces(search, tmp_path / "out", effect=darkened)
    frames = pictures(made.drawn)
    assert len(frames) == FRAMES
    seen = [not_black > 0.01 for not_black in ((frame > 40).mean() for frame in frames)]
    assert seen == [len(found.faces) > 0 for found in made.found]


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (None, "a picture of type NoneType"),
        (
            np.zeros((10, 512, 3), np.uint8),
            r"of shape \(10, .*must return RGB uint8 of shape \(512",
        ),
        (np.zeros((512, 512, 3), np.float32), "dtype float32"),
    ],
)
def test_a_broken_result_is_refused(
    result: object, message: str, settings: Settings, tmp_path: Path
) -> None:
    def effect(_: RGBImage, __: Faces) -> object:
        return result

    search = find_faces(astronaut(), "yunet-n", models=kept(settings))
    with pytest.raises(PartError, match=message):
        draw_faces(search, tmp_path / "out", effect=effect)  # type: ignore[arg-type]
    assert not files(tmp_path)
