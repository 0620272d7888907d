"""Effects on the pictures of a camera."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from closeup.effects.options import EffectOptions
from closeup.effects.triggers import KeyTrigger
from closeup.faces import Faces
from closeup.frames import ArrayFrame, RGBImage
from closeup.pipeline.effects.camera import CameraEffects, CameraPicture
from closeup.pipeline.effects.parts import EffectParts
from closeup.settings import Settings
from closeup.timecode import Timecode
from tests.kept_models import kept
from tests.real_photos import astronaut


def frames(count: int) -> list[ArrayFrame]:
    small = np.asarray(cv2.resize(astronaut(), (320, 320)), np.uint8)
    return [ArrayFrame(i, Timecode(i, Fraction(1, 25)), small) for i in range(count)]


@pytest.fixture
def parts(shared_models: Path) -> EffectParts:
    models = kept(Settings(shared_models, Path("no such folder")))
    return EffectParts(
        models.detector("yunet-n"),
        models.pupil_finder("network"),
        models.landmarker("dlib-5-points"),
    )


def changed(shown: CameraPicture) -> int:
    return int((shown.image != shown.frame.rgb()).any(axis=-1).sum())


def test_keys_choose_the_effect(parts: EffectParts) -> None:
    effects = CameraEffects(parts, {"1": "startled", "5": "googly"}, EffectOptions())
    keys = {8: "5", 14: "0", 20: "x"}
    changes = []
    for shown in effects.drawn(frames(24)):
        changes.append(changed(shown))
        if key := keys.get(shown.frame.index):
            assert effects.press(key) == (key != "x")
    assert not any(changes[:9])
    assert all(changes[11:15])
    assert not any(changes[15:])


def test_a_key_triggers(parts: EffectParts) -> None:
    key = KeyTrigger()
    options = EffectOptions(trigger=key)
    effects = CameraEffects(parts, {"1": "startled"}, options, trigger=key)
    effects.press("1")
    changes = []
    for shown in effects.drawn(frames(20)):
        changes.append(changed(shown))
        if shown.frame.index == 9:
            assert effects.press("t")
    assert not any(changes[:10])
    assert all(changes[12:])


def test_privacy_covers_from_the_first_frame_and_while_a_face_is_lost(parts: EffectParts) -> None:
    class Missing:
        """A detector that misses the face in some frames."""

        name, reliable_height = "missing", 32

        def __init__(self) -> None:
            self.calls = 0

        def detect(self, image: RGBImage) -> Faces:
            self.calls += 1
            return Faces.none() if 4 <= self.calls < 10 else parts.detector.detect(image)

        def detect_batch(self, images: list[RGBImage]) -> list[Faces]:
            return [self.detect(image) for image in images]

    lossy = EffectParts(Missing(), parts.pupils, parts.landmarker)  # type: ignore[arg-type]
    effects = CameraEffects(lossy, {"9": "pixelate"}, EffectOptions())
    effects.press("9")
    changes = [changed(shown) for shown in effects.drawn(frames(14))]
    assert all(count > 2000 for count in changes)


def test_figures_are_averaged(parts: EffectParts) -> None:
    effects = CameraEffects(parts, {"1": "startled"}, EffectOptions())
    effects.press("1")
    shown = list(effects.drawn(frames(5)))
    assert np.isnan(shown[0].rate)
    assert shown[-1].rate > 0
    assert shown[-1].latency > 0


def test_the_latency_begins_when_a_frame_arrives(
    parts: EffectParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is drawn in 100 ms, and the last one has waited for 30 ms before."""
    ticks = iter([5.0, 5.1, 5.2, 5.3, 5.43, 5.53])
    monkeypatch.setattr("closeup.pipeline.effects.camera.time.perf_counter", lambda: next(ticks))
    effects = CameraEffects(parts, {}, EffectOptions())
    times = [Timecode(ms, Fraction(1, 1000)) for ms in (0, 200, 400)]
    taken = [replace(frame, timecode=at) for frame, at in zip(frames(3), times, strict=True)]
    last = list(effects.drawn(taken))[-1]
    assert last.latency == pytest.approx((0.1 + 0.1 + 0.13) / 3)
