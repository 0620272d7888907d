from __future__ import annotations

import hashlib
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import pytest

from closeup.errors import InputError
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.testing import (
    WARDROBE,
    Act,
    Key,
    Look,
    Passage,
    Performer,
    Scene,
    Shot,
    TruthRow,
    eileen_collins,
    grace_hopper,
    render,
)

EILEEN = Performer("Eileen", (eileen_collins(),), WARDROBE[0])
GRACE = Performer("Grace", (grace_hopper(),), WARDROBE[1])
SIZE = Size(640, 360)


def still(name: str, x: float, y: float = 0.4, face: float = 0.25) -> Act:
    return Act(name, (Key(0, x, y, face),))


def scene_of(*acts: Act, seconds: float = 0.4, **changes: Any) -> Scene:
    scene = Scene((EILEEN, GRACE), (Shot(seconds, acts),), SIZE, lively=False, noise=0)
    return replace(scene, **changes)


def rows_of(scene: Scene) -> list[dict[str, TruthRow]]:
    return [{row.name: row for row in rows} for _, rows in render(scene)]


def first(scene: Scene) -> tuple[RGBImage, list[TruthRow]]:
    return next(render(scene))


def test_the_face_is_where_the_truth_says() -> None:
    picture, (row,) = first(scene_of(still("Eileen", 0.5)))
    assert row.box.centre == pytest.approx((320, 144))
    assert row.box.height == pytest.approx(90)
    photo = EILEEN.portraits[0]
    part = photo.image[round(photo.face.y1) + 25 : round(photo.face.y2), 190:260]
    scale = row.box.height / photo.face.height
    template = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    match = cv2.matchTemplate(picture, template, cv2.TM_CCOEFF_NORMED)
    _, best, _, (left, top) = cv2.minMaxLoc(match)
    assert best > 0.9
    assert top == pytest.approx(row.box.y1 + 25 * scale, abs=2)
    assert left == pytest.approx(row.box.x1 + (190 - photo.face.x1) * scale, abs=2)


def test_frames_are_counted_by_the_whole_scene() -> None:
    shots = tuple(Shot(1 / 3, (still("Eileen", 0.5),), i) for i in range(3))
    scene = Scene((EILEEN,), shots, SIZE)
    assert (scene.frame_count, scene.starts) == (25, (0, 8, 17))
    indices = [row.frame for _, rows in render(scene) for row in rows]
    assert indices == list(range(25))


def test_the_same_seed_gives_the_same_bytes() -> None:
    def digest(seed: int) -> str:
        scene = scene_of(still("Eileen", 0.4), still("Grace", 0.6), seed=seed, noise=5, lively=True)
        joined = hashlib.sha256()
        for picture, rows in render(scene):
            joined.update(picture.tobytes())
            joined.update(repr(rows).encode())
        return joined.hexdigest()

    assert digest(3) == digest(3)
    assert digest(3) != digest(4)


def test_frames_belong_to_the_caller() -> None:
    pictures = [picture for picture, _ in render(scene_of(still("Eileen", 0.5)))]
    assert len({id(picture) for picture in pictures}) == len(pictures)
    assert pictures[0].shape == (360, 640, 3)
    assert pictures[0].dtype == np.uint8


def test_who_is_behind_somebody_is_not_visible() -> None:
    _, rows = first(scene_of(still("Eileen", 0.5), still("Grace", 0.5)))
    seen = {row.name: (row.visible, row.face_visible) for row in rows}
    assert seen == {"Eileen": (False, False), "Grace": (True, True)}
    _, rows = first(scene_of(still("Eileen", 0.3), still("Grace", 0.7)))
    assert all(row.visible for row in rows)


@pytest.mark.parametrize(
    ("x", "visible"), [(0.0, True), (-0.02, False), (1.02, False), (0.98, True)]
)
def test_half_of_the_box_must_be_in_the_frame(x: float, visible: bool) -> None:
    # the middle itself lies half a pixel inside the frame's edge, so 0 shows just over half
    _, (row,) = first(scene_of(still("Eileen", x)))
    assert row.visible is visible


def test_nobody_outside_has_a_row() -> None:
    assert first(scene_of(still("Eileen", -0.3)))[1] == []


@pytest.mark.parametrize("look", [Look.BACK, Look.HAND, Look.HAIR])
def test_a_hidden_face_is_visible_as_a_head_only(look: Look) -> None:
    act = replace(still("Eileen", 0.5), passages=(Passage(look, 0.4, 1.6),))
    frames = rows_of(scene_of(act, seconds=2.0))
    assert all(frame["Eileen"].visible for frame in frames)
    faces = [frame["Eileen"].face_visible for frame in frames]
    assert faces[:10] == [True] * 10
    assert not any(faces[20:30])
    assert faces[41:] == [True] * 9


def test_a_cut_changes_the_camera_at_once() -> None:
    shots = tuple(Shot(0.4, (still("Eileen", 0.5),), backdrop=i) for i in range(2))
    pictures = [picture.astype(float) for picture, _ in render(scene_of(shots=shots))]
    steps = [np.abs(b - a).mean() for a, b in pairwise(pictures)]
    assert int(np.argmax(steps)) + 1 == 10
    assert steps[9] > 10 * sorted(steps)[-2]


def test_a_flash_is_bright_and_a_strobe_flickers() -> None:
    scene = scene_of(still("Eileen", 0.5), seconds=2.0, flashes=(0.4,), strobes=((1.0, 1.6),))
    light = np.array([picture.mean() for picture, _ in render(scene)])
    assert int(np.argmax(light)) == 10
    assert light[10] > light[9] + 80
    assert light[20] == pytest.approx(light[9], abs=4)
    assert (light[25:40] < light[24] / 2).sum() == 6
    assert light[41] == pytest.approx(light[24], abs=4)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"size": Size(641, 360)}, "give even numbers"),
        ({"size": Size(0, 360)}, "give even numbers"),
        ({"rate": Fraction(0)}, "give a rate above 0"),
        ({"noise": 99}, "noise of 0 to 20"),
        ({"performers": (EILEEN, EILEEN)}, "share a name"),
        ({"shots": ()}, "make it longer"),
        ({"shots": (Shot(0.001, ()),)}, "make it longer"),
        ({"shots": (Shot(1, (still("Nobody", 0.5),)),)}, "'Nobody', who is not in the scene"),
        ({"shots": (Shot(1, (replace(still("Grace", 0.5), photo=1),)),)}, "photo 1 of 1"),
    ],
)
def test_contradictions_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        scene_of(still("Eileen", 0.5), **changes)
