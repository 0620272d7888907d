from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from closeup.errors import InputError
from closeup.geometry import Size, iou
from closeup.synthesis.demo_scene import demo_scene
from closeup.synthesis.lfw_scene import lfw_scene
from closeup.synthesis.motion import track
from closeup.testing import Look, Scene, TruthRow, render

Detected = list[tuple[TruthRow, float]]


@pytest.fixture(scope="module")
def lfw(shared_data: Path) -> Path:
    return shared_data / "lfw" / "images"


def detected(scene: Scene, model: Path, every: int) -> Detected:
    """Everyone with a visible face, and the best overlap of what YuNet finds."""
    detector = cv2.FaceDetectorYN.create(str(model), "", scene.size, 0.6)
    pairs: Detected = []
    for index, (picture, rows) in enumerate(render(scene)):
        if index % every:
            continue
        _, found = detector.detect(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
        boxes = np.zeros((1, 4)) if found is None else np.array(found[:, :4], np.float64)
        boxes[:, 2:] += boxes[:, :2]
        for row in rows:
            if row.face_visible:
                real = np.array([[row.box.x1, row.box.y1, row.box.x2, row.box.y2]])
                pairs.append((row, float(iou(real, boxes).max())))
    return pairs


def assert_found(pairs: Detected) -> None:
    overlaps = np.array([overlap for _, overlap in pairs])
    assert (overlaps >= 0.3).mean() > 0.95
    assert overlaps[overlaps >= 0.3].mean() > 0.6
    heights = np.array([row.box.height for row, _ in pairs])
    assert heights.min() > 60
    assert (heights >= 85).mean() > 0.9


def test_a_real_detector_finds_the_demo_s_faces(shared_models: Path) -> None:
    assert_found(detected(demo_scene(), shared_models / "face_detection_yunet_2023mar.onnx", 10))


def test_a_real_detector_finds_the_lfw_faces(shared_models: Path, lfw: Path) -> None:
    scene = lfw_scene(lfw)
    assert_found(detected(scene, shared_models / "face_detection_yunet_2023mar.onnx", 25))


def passages(scene: Scene) -> Iterator[Look]:
    for shot in scene.shots:
        for act in shot.acts:
            yield from (passage.look for passage in act.passages)


def test_the_demo_has_everything_that_it_promises() -> None:
    scene = demo_scene()
    assert (scene.frame_count, scene.size, scene.starts) == (400, Size(1280, 720), (0, 225))
    assert set(passages(scene)) == set(Look) - {Look.PROFILE, Look.RAISED}
    assert scene.flashes
    assert scene.strobes
    assert all(performer.member for performer in scene.performers)
    assert all(len(performer.enrolment) >= 3 for performer in scene.performers)
    first = [track(act) for act in scene.shots[0].acts]
    order = np.sign([first[0](t).x - first[1](t).x for t in np.linspace(0, 9, 50)])
    assert set(order) == {-1, 1}, "they cross"
    leaving = track(scene.shots[1].acts[0])
    assert leaving(0).x > 0
    assert leaving(3).x < -0.1
    assert leaving(6).x > 0.2


def test_photos_of_the_lfw_scene_are_not_those_enrolled(lfw: Path) -> None:
    scene = lfw_scene(lfw)
    assert (scene.frame_count, len(scene.starts)) == (500, 3)
    assert [performer.member for performer in scene.performers] == [True] * 4 + [False]
    for performer in scene.performers:
        assert len(performer.enrolment) == (5 if performer.member else 0)
        shown = {photo.image.tobytes() for photo in performer.portraits}
        assert len(shown) == 3
        assert not shown & {photo.tobytes() for photo in performer.enrolment}


def test_photos_change_only_where_the_face_is_not_seen(lfw: Path) -> None:
    for shot in lfw_scene(lfw).shots:
        for act in shot.acts:
            poses = [track(act)(t) for t in np.arange(0, shot.seconds, 0.04)]
            changes = [(a, b) for a, b in pairwise(poses) if a.photo != b.photo]
            assert not any(a.faces_camera or b.faces_camera for a, b in changes)


def test_the_seed_decides_people_and_motion(lfw: Path) -> None:
    def names(seed: int) -> list[str]:
        return [performer.name for performer in lfw_scene(lfw, seed).performers]

    assert names(0) == names(0)
    assert names(0) != names(1)


def test_people_size_and_length_can_be_chosen(lfw: Path) -> None:
    people = ["Jennifer_Capriati", "Serena_Williams"]
    scene = lfw_scene(lfw, people=people, width=1920, height=1080, seconds=40, rate=30)
    assert [performer.name for performer in scene.performers[:2]] == people
    assert (scene.size, scene.rate, scene.frame_count) == (Size(1920, 1080), Fraction(30), 1200)
    assert len(scene.shots) == 6
    assert next(render(scene))[0].shape == (1080, 1920, 3)


def test_bad_folders_and_people_are_refused(lfw: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no folder"):
        lfw_scene(tmp_path / "nowhere")
    with pytest.raises(InputError, match="people with enough photos of 5"):
        lfw_scene(tmp_path)
    with pytest.raises(InputError, match="Nobody has 0 usable photos"):
        lfw_scene(lfw, people=["Nobody"])
