from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from closeup.errors import InputError
from closeup.media.video_reader import open_video
from closeup.pipeline.pupil_jitter import evaluate_jitter
from closeup.progress import Silent
from closeup.settings import Settings
from tests.filming import film
from tests.kept_models import kept
from tests.real_photos import astronaut


@pytest.fixture(scope="module")
def webcam(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first second and a half of a real face."""
    with open_video(shared_data / "video" / "webcam_face.avi") as video:
        pictures = [frame.rgb() for frame, _ in zip(video.frames(), range(40), strict=False)]
    return film(tmp_path_factory.mktemp("webcam") / "face.mkv", pictures)


def test_a_real_face(webcam: Path, settings: Settings) -> None:
    methods = ("contour", "darkest")
    found = evaluate_jitter(webcam, methods, models=kept(settings), progress=Silent())
    assert (found["frames"], found["faces"]) == (40, 40)
    for own in found["methods"].values():
        assert own["eyes_found"] > 0.9
        assert 0 < own["jitter_pixels"] < 1
        expected = own["jitter_pixels"] / found["eye_distance"]
        assert own["jitter_eye_distances"] == pytest.approx(expected, rel=0.3)
        sides = sorted([own["jitter_pixels_right"], own["jitter_pixels_left"]])
        assert sides[0] <= own["jitter_pixels"] <= sides[1]


def test_the_same_picture_again_and_again_does_not_jitter(
    settings: Settings, tmp_path: Path
) -> None:
    video = film(tmp_path / "still.mkv", [astronaut()[:300, 100:360]] * 12, codec="ffv1")
    found = evaluate_jitter(video, ("darkest",), models=kept(settings), progress=Silent())
    assert found["methods"]["darkest"]["jitter_pixels"] < 1e-3


def test_without_a_face_nothing_is_made_up(settings: Settings, tmp_path: Path) -> None:
    video = film(tmp_path / "grey.mkv", [np.full((64, 64, 3), 127, np.uint8)] * 10)
    found = evaluate_jitter(video, ("darkest",), models=kept(settings), progress=Silent())
    assert (found["faces"], found["eye_distance"]) == (0, None)
    own = found["methods"]["darkest"]
    assert own.pop("eyes_found") == 0
    assert set(own.values()) == {None}


def test_a_photo_is_no_video(shared_data: Path, settings: Settings) -> None:
    photo = shared_data / "lfw" / "images" / "Al_Gore" / "Al_Gore_0001.jpg"
    with pytest.raises(InputError, match="is no video"):
        evaluate_jitter(photo, models=kept(settings), progress=Silent())
