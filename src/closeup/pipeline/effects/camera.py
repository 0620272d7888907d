"""Applies effects to the pictures of a camera while they arrive."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from closeup.effects.catalogue import Chain, open_effect
from closeup.effects.covered_faces import HeldCovers
from closeup.effects.options import EffectOptions
from closeup.effects.privacy import CoveringEffect
from closeup.effects.triggers import KeyTrigger
from closeup.faces import Faces
from closeup.frames import Frame, RGBImage
from closeup.parts import checked_picture
from closeup.pipeline.effects.parts import EffectParts
from closeup.protocols import Effect

_COUNTED = 30
"""Pictures over which frames a second and latency are averaged."""


@dataclass(frozen=True, slots=True, eq=False)
class CameraPicture:
    """One picture of a camera with its effect.

    Attributes:
        frame: The camera's frame.
        image: RGB uint8 of shape (H, W, 3).
        rate: Pictures a second, averaged over the last ones; NaN at first.
        latency: Seconds from the arrival of the frame until the picture was drawn, averaged.

    """

    frame: Frame
    image: RGBImage
    rate: float
    latency: float


class CameraEffects:
    """Draws effects on the pictures of a camera; keys switch between them.

    The keys 1 to 9 choose an effect, 0 none, and ``t`` triggers what waits for a key.

    Args:
        parts: What finds the faces.
        effects: Key → effect. An effect that is opened at its first use is given as a name.
        options: Options of effects that are given by name.
        first: Effect at the beginning; None for none.
        trigger: What the key ``t`` switches; None without one.

    """

    def __init__(
        self,
        parts: EffectParts,
        effects: Mapping[str, str | Effect],
        options: EffectOptions,
        first: Effect | None = None,
        trigger: KeyTrigger | None = None,
    ) -> None:
        self._following, self._detector = parts.following(), parts.cover_detector
        self._effects, self._options = dict(effects), options
        self._effect, self._trigger = first, trigger
        self._covers = HeldCovers()

    def press(self, key: str) -> bool:
        """Handle a key; False if it has no meaning here."""
        if key == "0":
            self._effect = None
        elif key == "t" and self._trigger is not None:
            self._trigger.pressed = not self._trigger.pressed
        elif key in self._effects:
            chosen = self._effects[key]
            if isinstance(chosen, str):
                chosen = self._effects[key] = open_effect(chosen, self._options)
            self._effect = chosen
        else:
            return False
        return True

    def drawn(self, frames: Iterable[Frame]) -> Iterator[CameraPicture]:
        """Yield every frame with the effect that is chosen at that moment.

        Args:
            frames: The frames of a camera; their time is that of their arrival.

        """
        started = math.inf  # the clock at the time 0 of the frames; none arrives before its time
        ends: deque[float] = deque(maxlen=_COUNTED)
        delays: deque[float] = deque(maxlen=_COUNTED)
        for frame in frames:
            arrived = float(frame.timecode.seconds)
            started = min(started, time.perf_counter() - arrived)
            image = self._applied(frame, frame.rgb())
            ends.append(time.perf_counter())
            delays.append(ends[-1] - started - arrived)
            passed = ends[-1] - ends[0]
            rate = (len(ends) - 1) / passed if passed > 0 else float("nan")
            yield CameraPicture(frame, image, rate, sum(delays) / len(delays))

    def _applied(self, frame: Frame, image: RGBImage) -> RGBImage:
        if self._effect is None:
            return image
        faces = self._following.find(frame, image)
        for effect in self._effect.effects if isinstance(self._effect, Chain) else [self._effect]:
            own = self._covered(frame, image) if isinstance(effect, CoveringEffect) else faces
            image = checked_picture(effect(image, own), image)
        return image

    def _covered(self, frame: Frame, image: RGBImage) -> Faces:
        """All faces to cover: every frame is searched whole, and lost faces stay covered."""
        boxes = self._covers.step(frame, *self._detector.find(image))
        return Faces.of(boxes, np.ones(len(boxes)))
