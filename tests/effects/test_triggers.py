from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from closeup.effects.triggers import Always, KeyTrigger, TriggerKind, WideEyes, open_trigger
from closeup.faces import Faces
from tests.effects.portraits import described, in_video, moved


@pytest.fixture
def faces(shared_models: Path) -> Faces:
    return described("astronaut", shared_models)[1]


def opened_by(faces: Faces, openness: float, seconds: float) -> Faces:
    shown = in_video(faces, seconds)
    assert shown.eyes is not None
    eyes = replace(shown.eyes, openness=np.full((1, 2), openness, np.float32))
    return shown.with_columns(eyes=eyes)


def test_eyes_that_widen_trigger_for_a_moment(faces: Faces) -> None:
    trigger = WideEyes()
    calm = [trigger.on(opened_by(faces, 0.6, i / 25), 0) for i in range(50)]
    wide = [trigger.on(opened_by(faces, 0.9, 2 + i / 25), 0) for i in range(10)]
    after = [trigger.on(opened_by(faces, 0.6, 2.4 + i / 25), 0) for i in range(50)]
    assert not any(calm)
    assert wide == [False] + [True] * 9
    assert after[0]
    assert not after[-1]


def test_a_blink_and_slow_changes_do_not_trigger(faces: Faces) -> None:
    trigger = WideEyes()
    slow = [trigger.on(opened_by(faces, 0.4 + 0.005 * i, i / 5), 0) for i in range(40)]
    assert not any(slow)
    trigger = WideEyes()
    blinking = [0.7] * 50 + [0.1] * 4 + [0.7] * 20
    shown = [trigger.on(opened_by(faces, o, i / 25), 0) for i, o in enumerate(blinking)]
    assert not any(shown)


def test_eyes_that_open_after_a_blink_or_a_squint_do_not_trigger(faces: Faces) -> None:
    trigger = WideEyes()
    lids = [0.8] * 60 + [0.45] * 30 + [0.1] * 4 + [0.8] * 20
    assert not any(trigger.on(opened_by(faces, o, i / 25), 0) for i, o in enumerate(lids))


def test_eyes_that_are_almost_as_open_as_can_be_still_widen(faces: Faces) -> None:
    trigger = WideEyes()
    lids = [0.93] * 50 + [0.99] * 5
    shown = [trigger.on(opened_by(faces, o, i / 25), 0) for i, o in enumerate(lids)]
    assert shown.index(True) == 51


def test_one_frame_is_not_enough(faces: Faces) -> None:
    trigger = WideEyes()
    lids = [0.6] * 50 + [0.9] + [0.6] * 5
    assert not any(trigger.on(opened_by(faces, o, i / 25), 0) for i, o in enumerate(lids))


def test_another_face_after_a_cut_is_not_compared(faces: Faces) -> None:
    trigger = WideEyes()
    for i in range(50):
        assert not trigger.on(opened_by(faces, 0.5, i / 25), 0)
    other = moved(faces, (60.0, 0.0))
    assert not any(trigger.on(opened_by(other, 0.9, 2 + i / 25), 0) for i in range(20))


def test_a_turned_head_does_not_trigger(faces: Faces) -> None:
    trigger = WideEyes()
    assert faces.points is not None
    turned = faces.points.copy()
    turned[0, 4, 0] += 40
    aside = faces.with_columns(points=turned)
    calm = [trigger.on(opened_by(aside, 0.6, i / 25), 0) for i in range(50)]
    assert not any(calm + [trigger.on(opened_by(aside, 0.9, 2 + i / 25), 0) for i in range(10)])


def test_eyes_of_unknown_openness_do_not_trigger(faces: Faces) -> None:
    trigger = WideEyes()
    assert not any(trigger.on(opened_by(faces, np.nan, i / 25), 0) for i in range(5))


def test_in_photos_the_effect_is_on(faces: Faces) -> None:
    assert WideEyes().on(faces, 0)


def test_a_key_switches(faces: Faces) -> None:
    trigger = KeyTrigger()
    assert not trigger.on(faces, 0)
    trigger.pressed = True
    assert trigger.on(faces, 0)


def test_triggers_by_name() -> None:
    kinds = {kind: type(open_trigger(kind)) for kind in TriggerKind}
    assert list(kinds.values()) == [Always, WideEyes, KeyTrigger]
    own = KeyTrigger()
    assert open_trigger(own) is own
    with pytest.raises(ValueError, match="sometimes"):
        open_trigger("sometimes")
