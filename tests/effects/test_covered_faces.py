"""Faces stay covered where they are not found."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from closeup.drawing.concealing import HIGHER, WIDER
from closeup.effects.covered_faces import FOLLOWED, HELD, CoverDetector, HeldCovers, find_covers
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Boxes, centres_of, sides_of
from closeup.media.video_reader import open_video
from closeup.protocols import FaceDetector
from closeup.settings import Settings
from closeup.synthesis.truth import read_truth
from tests.filming import film
from tests.kept_models import kept

RATE = 25
SIDE = 40
Scores = Mapping[int, float]


def place(frame: int, speed: float = 2.0) -> np.ndarray:
    """Box of the painted face in a frame."""
    return np.array([30 + speed * frame, 60, 30 + speed * frame + SIDE, 60 + SIDE], np.float32)


@pytest.fixture(scope="module")
def moving(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A textured square that moves over a textured ground for four seconds."""
    rng = np.random.default_rng(3)
    ground = rng.integers(60, 120, (30, 48, 3)).repeat(6, 0).repeat(6, 1).astype(np.uint8)
    face = rng.integers(100, 255, (10, 10, 3)).repeat(4, 0).repeat(4, 1).astype(np.uint8)
    pictures = []
    for frame in range(4 * RATE):
        picture = ground.copy()
        x, y = place(frame)[:2].astype(int)
        picture[y : y + SIDE, x : x + SIDE] = face[:, : max(0, 288 - x)]
        pictures.append(picture)
    return film(tmp_path_factory.mktemp("moving") / "v.mkv", pictures, codec="ffv1")


class Scripted(FaceDetector):
    """Finds the painted face in some frames only."""

    name = "scripted"

    def __init__(self, scores: Scores) -> None:
        self._scores, self._frame = scores, -1

    def detect(self, image: RGBImage) -> Faces:  # noqa: ARG002
        self._frame += 1
        if self._frame not in self._scores:
            return Faces.none()
        return Faces.of(place(self._frame)[None], np.array([self._scores[self._frame]]))


def covers(video: Path, scores: Scores, certain: float = 0.0) -> list[Boxes]:
    with open_video(video) as reader:
        return find_covers(reader.frames(), CoverDetector(Scripted(scores), certain))


def share(boxes: Boxes, box: np.ndarray, middle: float = 0.6) -> float:
    """Share of the middle of a face that is inside the concealed ellipses."""
    steps = (np.linspace(0, 1, 12) - 0.5) * middle
    centre, sides = centres_of(box), sides_of(box)
    grid = np.stack(np.meshgrid(*(centre[:, None] + sides[:, None] * steps)), -1).reshape(-1, 2)
    grid = grid[(grid >= 0).all(axis=1)]
    half = sides_of(boxes) * (WIDER, HIGHER) / 2
    away = (((grid[:, None] - centres_of(boxes)) / half) ** 2).sum(axis=2)
    return float((away <= 1).any(axis=1).mean())


def test_a_face_that_is_always_found_is_covered_once(moving: Path) -> None:
    found = covers(moving, dict.fromkeys(range(100), 0.9))
    assert [len(boxes) for boxes in found] == [1] * 100
    np.testing.assert_allclose(found[50][0], place(50), atol=0.01)


def test_a_face_is_covered_before_and_after(moving: Path) -> None:
    found = covers(moving, {50: 0.9})
    held = int(HELD * RATE)
    assert all(share(found[frame], place(frame)) > 0.9 for frame in range(50 - held, 51 + held))
    last = int(FOLLOWED * RATE) + 1
    assert not len(found[50 + last])
    assert not len(found[50 - last])


def test_the_box_grows_while_the_face_is_lost(moving: Path) -> None:
    found = covers(moving, {50: 0.9})
    assert sides_of(found[60][0])[0] > 1.2 * SIDE
    assert sides_of(found[40][0])[0] > 1.2 * SIDE


@pytest.mark.parametrize("gap", [5, 20, 60])
def test_a_gap_is_filled_entirely(moving: Path, gap: int) -> None:
    found = covers(moving, {10: 0.9, 10 + gap: 0.9})
    assert all(share(found[frame], place(frame)) > 0.9 for frame in range(10, 11 + gap))


def test_a_gap_is_not_filled_across_the_picture(moving: Path) -> None:
    class Twice(Scripted):
        def detect(self, image: RGBImage) -> Faces:
            faces = super().detect(image)
            return faces if self._frame != 60 else Faces.of(np.array([[250, 5, 280, 35]]), [0.9])

    with open_video(moving) as reader:
        found = find_covers(reader.frames(), CoverDetector(Twice({0: 0.9, 60: 0.9})))
    assert not len(found[30])


def test_doubtful_faces_count_only_where_a_face_was(moving: Path) -> None:
    assert not any(map(len, covers(moving, dict.fromkeys(range(100), 0.4), certain=0.6)))
    doubtful = dict.fromkeys(range(100), 0.4) | {50: 0.9}
    found = covers(moving, doubtful, certain=0.6)
    assert all(share(boxes, place(frame)) > 0.9 for frame, boxes in enumerate(found))


def test_a_face_behind_another_one_stays_covered(moving: Path) -> None:
    near, behind = np.array([100, 60, 140, 100]), np.array([125, 62, 155, 92])

    class Hidden(Scripted):
        def detect(self, image: RGBImage) -> Faces:
            super().detect(image)
            both = np.array([near, behind])[: 2 if self._frame < 10 else 1]
            return Faces.of(both, np.full(len(both), 0.9))

    with open_video(moving) as reader:
        found = find_covers(reader.frames(), CoverDetector(Hidden({})))
    assert all(share(boxes, behind) > 0.9 for boxes in found[:20])


def test_a_camera_holds_faces_without_a_look_ahead(moving: Path) -> None:
    held, counts = HeldCovers(), []
    with open_video(moving) as reader:
        for frame in reader.frames():
            found = place(frame.index)[None] if frame.index == 30 else np.empty((0, 4), np.float32)
            boxes = held.step(frame, found, np.ones(len(found), bool))
            counts.append(len(boxes))
            if 30 <= frame.index <= 30 + HELD * RATE:
                assert share(boxes, place(frame.index)) > 0.9
    assert not any(counts[:30])
    assert not any(counts[31 + int(FOLLOWED * RATE) :])


def test_no_face_and_no_frame(moving: Path) -> None:
    assert all(boxes.shape == (0, 4) for boxes in covers(moving, {}))
    assert find_covers([], CoverDetector(Scripted({}))) == []


@pytest.mark.parametrize("detector", ["yunet-n", "closeup"])
def test_every_face_of_a_drawn_stage_is_covered(
    detector: str, small_stage: Path, shared_models: Path
) -> None:
    models = kept(Settings(shared_models, Path("no such folder")))
    opened = CoverDetector(*models.cover_detector(detector))
    assert opened.certain > 0
    with open_video(small_stage) as reader:
        found = find_covers(reader.frames(), opened)
    faces = [row for row in read_truth(small_stage).rows() if row.face_visible]
    assert len(faces) > 60
    for row in faces:
        box = np.array([row.box.x1, row.box.y1, row.box.x2, row.box.y2])
        assert share(found[row.frame], box) > 0.9, (row.frame, row.name)
    area = np.mean([1.83 * np.prod(sides_of(b), axis=1).sum() for b in found]) / (320 * 180)
    assert area < 0.3
