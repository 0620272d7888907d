"""Candidates are collected from scenes by labels, from photos and videos by a teacher."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from closeup.errors import InputError
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.media.images import write_image
from closeup.pipeline.training.rescorer_samples import CandidateCollector
from closeup.progress import Silent
from closeup.protocols import FaceDetector
from closeup.training.rescoring.samples import Candidates
from tests.filming import film
from tests.listening import Listener
from tests.training.detection.squares import write_squares

CELL = 24


class BrightCells(FaceDetector):
    """Finds the cells of a grid whose middle is bright; the score is the brightness."""

    name = "bright cells"

    def __init__(self, least: int) -> None:
        self._least = least

    def detect(self, image: RGBImage) -> Faces:
        corners = [
            (x, y)
            for y in range(0, image.shape[0] - CELL + 1, CELL)
            for x in range(0, image.shape[1] - CELL + 1, CELL)
            if image[y + CELL // 2, x + CELL // 2].mean() >= self._least
        ]
        scores = [float(image[y + CELL // 2, x + CELL // 2].mean()) / 255 for x, y in corners]
        return Faces.of([(x, y, x + CELL - 1, y + CELL - 1) for x, y in corners], scores)


class CloseLooker(FaceDetector):
    """Finds a face only in what fills a small square picture."""

    name = "close looker"

    def detect(self, image: RGBImage) -> Faces:
        if image.shape[:2] != (160, 160):
            return Faces.none()
        return Faces.of([(48, 48, 112, 112)], [0.9])


TEACHER = BrightCells(120)
"""Sure of white, in doubt about light, blind to grey."""


def picture() -> RGBImage:
    """White, light and grey cells on black."""
    image = np.zeros((96, 96, 3), np.uint8)
    image[:CELL, :CELL], image[48:72, 48:72], image[:CELL, 72:] = 255, 150, 90
    return image


def collector(teacher: FaceDetector = TEACHER) -> CandidateCollector:
    return CandidateCollector(BrightCells(80), teacher, Silent())


@pytest.fixture
def people(tmp_path: Path) -> Path:
    for number in range(10):
        folder = tmp_path / "people" / f"person {number}"
        folder.mkdir(parents=True)
        write_image(folder / "1.png", picture())
    return tmp_path / "people"


def brightness(found: Candidates) -> list[int]:
    return [int(crop[32, 32, 0]) for crop in found.crops]


def test_photos_have_the_faces_of_the_teacher(people: Path) -> None:
    found = collector().pictures(people, 0.2)
    assert len(found.train) == 16
    assert len(found.held_out) == 4
    assert brightness(found.train[found.train.faces]) == [255] * 8
    assert brightness(found.train[~found.train.faces]) == [90] * 8


def test_photos_are_searched_shrunken_too(people: Path) -> None:
    for path in people.rglob("1.png"):
        write_image(path, np.repeat(np.repeat(picture(), 2, 0), 2, 1))
    faces = collector().pictures(people, 0.2).train.faces
    # The white square holds four cells, and at half and at a third of the size one.
    assert np.count_nonzero(faces) == 8 * (4 + 1 + 1)


def test_what_the_teacher_sees_only_closely_is_left_out(people: Path) -> None:
    assert not len(collector(CloseLooker()).pictures(people, 0.2).train)


def test_a_damaged_photo_is_named_and_left_out(people: Path) -> None:
    listener = Listener()
    (people / "person 3" / "1.png").write_bytes(b"no photo")
    found = CandidateCollector(BrightCells(80), TEACHER, listener).pictures(people, 0.2)
    assert len(found.train) + len(found.held_out) == 18
    assert any("1.png" in line and "it is left out" in line for line in listener.lines)


def test_every_fifth_frame_of_a_video_is_for_training(tmp_path: Path) -> None:
    video = film(tmp_path / "it.mp4", [np.repeat(np.repeat(picture(), 8, 0), 8, 1)] * 11)
    found = collector().pictures(video, 0.2)
    assert not len(found.held_out)
    assert len(found.train) % 3 == 0
    assert len(found.train) > 0


def test_scenes_have_the_faces_of_their_labels(tmp_path: Path) -> None:
    data = write_squares(tmp_path, train=6, val=3)
    found = CandidateCollector(BrightCells(90), CloseLooker(), Silent()).scenes(data)
    for part in (found.train, found.held_out):
        pure = part.crops[:, 28:36, 28:36].astype(int)
        coloured = np.ptp(pure.mean(axis=(1, 2)), axis=1) > 150
        assert coloured[part.faces].all()
        assert not part.faces.all()


def test_a_source_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing: no such file"):
        collector().pictures(tmp_path / "nothing", 0.2)
