from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray

from closeup.effects.cartoon_eyes import EyeStyle, drawing_of
from closeup.effects.extras import Extra, draw_extra
from closeup.effects.face_shapes import face_shapes
from closeup.effects.startled import Spring, StartledEyes
from closeup.effects.triggers import Always, KeyTrigger
from closeup.faces import Faces
from closeup.frames import RGBImage
from tests.effects.portraits import described, in_video, moved


def changed(drawn: RGBImage, image: RGBImage) -> NDArray[np.bool_]:
    return np.asarray((drawn != image).any(axis=-1))


def startled(**options: object) -> StartledEyes:
    return StartledEyes(drawing_of(EyeStyle.POP), Always(), **options)  # type: ignore[arg-type]


def test_the_eyes_are_as_large_as_the_amount(shared_models: Path) -> None:
    image, faces = described("astronaut", shared_models)
    areas = [changed(startled(amount=a)(image, faces), image).sum() for a in (0.5, 1.0, 1.5)]
    assert areas[1] == pytest.approx(4 * areas[0], rel=0.15)
    assert areas[2] == pytest.approx(9 * areas[0], rel=0.15)


def test_the_irises_look_where_the_eyes_look(shared_models: Path) -> None:
    image, faces = described("astronaut", shared_models)
    assert faces.eyes is not None
    places = []
    for look in ((-1.0, 0.0), (1.0, 0.0)):
        eyes = replace(faces.eyes, gaze=np.array([look]))
        drawn = startled()(image, faces.with_columns(eyes=eyes))
        dark = changed(drawn, image) & (drawn.max(axis=-1) < 60)
        places.append(float(np.nonzero(dark[90:115, 190:216])[1].mean()))
    assert places[1] > places[0] + 4


def test_in_a_video_they_spring_out_and_overshoot(shared_models: Path) -> None:
    image, faces = described("astronaut", shared_models)
    effect = startled()
    sizes = []
    for number in range(30):
        drawn = effect(image, in_video(faces, number / 50))
        sizes.append(int(changed(drawn, image).sum()))
    assert sizes[0] == 0
    assert sizes[2] < sizes[4] < sizes[6]
    assert max(sizes) > 1.2 * sizes[-1]


def test_they_tremble_a_little(shared_models: Path) -> None:
    image, faces = described("astronaut", shared_models)
    effect = startled()
    drawn = [effect(image, in_video(faces, number / 50)) for number in range(40)]
    white = [(one.min(axis=-1) > 235) & changed(one, image) for one in drawn[30:]]
    middles = np.array([np.argwhere(mask).mean(axis=0) for mask in white])
    assert 0.1 < np.ptp(middles, axis=0).max() < 3


def test_a_key_lets_them_out_and_in(shared_models: Path) -> None:
    image, faces = described("astronaut", shared_models)
    key = KeyTrigger()
    effect = StartledEyes(drawing_of(EyeStyle.POP), key)
    states = []
    for number in range(90):
        key.pressed = 30 <= number < 60
        states.append(changed(effect(image, in_video(faces, number / 30)), image).any())
    assert not any(states[:30])
    assert all(states[33:60])
    assert not states[-1]


def test_a_picture_of_the_users_own_is_drawn(shared_models: Path) -> None:
    image, faces = described("astronaut", shared_models)
    own = np.full((20, 30, 4), (255, 0, 255, 255), np.uint8)
    drawn = StartledEyes(drawing_of(EyeStyle.PICTURE, own), Always())(image, faces)
    magenta = (drawn == (255, 0, 255)).all(axis=-1)
    (face,) = face_shapes(faces)
    for eye in face.eyes:
        x, y = np.rint(eye.pupil).astype(int)
        assert magenta[y, x]
    with pytest.raises(ValueError, match="needs a picture"):
        drawing_of(EyeStyle.PICTURE)
    with pytest.raises(ValueError, match="needs a picture"):
        drawing_of(EyeStyle.POP, own)


def test_one_eye_of_a_profile_is_drawn(shared_models: Path) -> None:
    image, faces = described("astronaut", shared_models)
    assert faces.eyes is not None
    centres = faces.eyes.centres.copy()
    centres[0, 0] = np.nan
    eyes = replace(faces.eyes, centres=centres, reasons=(("hidden", ""),))
    both = changed(startled()(image, faces), image)
    one = changed(startled()(image, faces.with_columns(eyes=eyes)), image)
    assert one.sum() == pytest.approx(both.sum() / 2, rel=0.1)


def test_extras_are_drawn_around_the_face(shared_models: Path) -> None:
    image, faces = described("astronaut", shared_models)
    usual = changed(startled()(image, faces), image)
    extras = [draw_extra(extra) for extra in Extra]
    more = changed(startled(extras=extras)(image, faces), image)
    assert more.sum() > usual.sum() + 300
    assert more[:60].any()  # lines above the head


def test_several_faces_are_drawn(shared_models: Path) -> None:
    image, faces = described("astronaut", shared_models)
    two = Faces.joined([faces, moved(faces, (150, 200))])
    drawn = changed(startled()(image, two), image)
    assert drawn[101, 203]
    assert drawn[301, 353]


def test_a_spring_overshoots_and_comes_to_rest() -> None:
    spring = Spring()
    values = [spring.move(1.0, 1 / 60) for _ in range(120)]
    assert max(values) > 1.15
    assert values[-1] == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("target", [1.0, -2.0])
@given(steps=st.lists(st.floats(1e-4, 0.05), min_size=1, max_size=20))
def test_the_motion_does_not_depend_on_the_frame_rate(target: float, steps: list[float]) -> None:
    once, often = Spring(), Spring()
    if sum(steps) <= 0.5:
        once.move(target, sum(steps))
        for step in steps:
            often.move(target, step)
        assert often.value == pytest.approx(once.value, abs=1e-6)
        assert often.speed == pytest.approx(once.speed, abs=1e-4)


def test_it_agrees_with_the_differential_equation() -> None:
    spring = Spring(pulsation=18.0, damping=0.45)
    value = speed = 0.0
    step = 1e-5
    for _ in range(15_000):
        speed += (-(18.0**2) * (value - 1) - 2 * 0.45 * 18.0 * speed) * step
        value += speed * step
    assert spring.move(1.0, 0.15) == pytest.approx(value, abs=1e-3)


def test_after_a_long_pause_it_is_at_rest() -> None:
    spring = Spring()
    assert spring.move(1.0, 10.0) == 1.0
    assert spring.speed == 0.0
