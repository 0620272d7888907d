"""Where eyes look, from the file to the table."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.media.pictures import open_pictures
from closeup.media.video_reader import open_video
from closeup.pipeline.evaluation.pupil_jitter import jitter_residuals, jitter_spread
from closeup.pipeline.search.drawn_faces import draw_faces
from closeup.pipeline.search.pupils import find_pupils
from closeup.pipeline.search.search import FacesInPicture, Search
from closeup.settings import Settings
from tests.filming import film
from tests.kept_models import kept
from tests.real_photos import astronaut

FIRST, COUNT = 90, 30
"""Frames of a man before his webcam who keeps still and blinks."""


@pytest.fixture(scope="module")
def clip(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = open_video(shared_data / "video" / "webcam_face.avi")
    frames: list[RGBImage] = []
    for frame in source.frames():
        if frame.index >= FIRST + COUNT:
            break
        if frame.index >= FIRST:
            frames.append(frame.rgb())
    path = tmp_path_factory.mktemp("webcam") / "clip.mp4"
    return film(path, frames, rate=source.rate, options={"crf": "12"})


def gaze(faces: Faces) -> NDArray[np.float64]:
    """(2,) of the largest face."""
    assert faces.eyes is not None
    assert faces.eyes.gaze is not None
    return np.asarray(faces.eyes.gaze[0])


def look(found: list[FacesInPicture]) -> NDArray[np.float64]:
    """(n, 2) of the largest face of each picture."""
    return np.array([gaze(picture.faces) for picture in found])


def raw(search: Search) -> NDArray[np.float64]:
    return np.array([gaze(search.finder.find(picture.read())) for picture in search.pictures])


def test_a_portrait_looks_ahead(settings: Settings, tmp_path: Path) -> None:
    Image.fromarray(astronaut()).save(tmp_path / "a.png")
    Image.fromarray(astronaut()[:, ::-1].copy()).save(tmp_path / "b.png")
    one, mirrored = look(list(find_pupils(tmp_path, "darkest", models=kept(settings))))
    assert np.all(np.abs(one) < 0.3)
    assert mirrored == pytest.approx(one * [-1, 1], abs=0.01)


def test_the_gaze_of_a_video_is_smoothed(clip: Path, settings: Settings) -> None:
    search = find_pupils(clip, "darkest", models=kept(settings))
    smooth, plain = look(list(search)), raw(search)
    known = np.isfinite(plain).all(axis=1)
    assert known.sum() > COUNT - 8
    np.testing.assert_array_equal(np.isfinite(smooth).all(axis=1), known)
    assert jitter_spread(jitter_residuals(smooth)) < 0.5 * jitter_spread(jitter_residuals(plain))
    assert np.abs(np.median(smooth[known] - plain[known], axis=0)).max() < 0.1
    np.testing.assert_array_equal(smooth[0], plain[0])


def test_every_iteration_begins_anew(clip: Path, settings: Settings) -> None:
    search = find_pupils(clip, "darkest", every=3, models=kept(settings))
    np.testing.assert_array_equal(look(list(search)), look(list(search)))


def test_the_table_has_what_the_iteration_gives(
    clip: Path, settings: Settings, tmp_path: Path
) -> None:
    search = find_pupils(clip, "darkest", models=kept(settings))
    made = draw_faces(search, tmp_path)
    with made.table.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["face"] == "0"]
    table = np.array([[float(row[f"gaze_{axis}"] or "nan") for axis in "xy"] for row in rows])
    np.testing.assert_array_equal(table, np.round(look(list(search)), 3))


def test_photos_of_a_folder_stand_for_themselves(
    clip: Path, settings: Settings, tmp_path: Path
) -> None:
    for picture in open_pictures(clip, every=10):
        Image.fromarray(picture.read()).save(tmp_path / f"{picture.frame:03}.png")
    search = find_pupils(tmp_path, "darkest", models=kept(settings))
    np.testing.assert_array_equal(look(list(search)), raw(search))
