"""One eye drawn with its iris moved and its lids closed a little."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.effects.eye_opening import EyeOpening, Values
from closeup.effects.eyeball import Eyeball
from closeup.effects.face_shapes import IRIS, Point
from closeup.effects.frontal_view import Colours, FrontalView
from closeup.effects.warping import Part
from closeup.frames import RGBImage

_NARROWED = 0.24, 0.1
"""Shares of the height of an eye by which the upper and the lower lid close."""
_VISIBLE = 0.35, 0.5
"""Least distance of the closed upper and lower lid from the centre of the moved iris, in radii."""
_PART = 0.3
"""Half the side of the part of the picture in which an eye is drawn, in eye distances."""
_LID = 0.11
"""Height of the part of a lid that moves with its edge, in eye distances."""
_SOFT, _SOFT_PIXELS = 0.016, 0.5
"""Width of the transition between a lid and the eyeball, in eye distances, and least in pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class MovedEye:
    """One eye with its iris moved and its lids closed a little.

    Attributes:
        eye: The opening of the eye.
        shift: (2,) by which the iris moves, in the plane of the face.
        closed: Shares of the height of the eye by which the upper and the lower lid close.

    """

    eye: EyeOpening
    shift: Point
    closed: tuple[float, float]

    @property
    def offset(self) -> Point:
        """The shift (2,) of the iris in the picture, in eye distances along the face's axes."""
        eye = self.eye
        return np.asarray(np.linalg.solve(eye.axes, eye.linear @ self.shift))

    @classmethod
    def narrowed(cls, eye: EyeOpening, shift: Point, amount: float) -> MovedEye:
        """An eye whose lids close by ``amount`` from 0 to 1, as far as the iris stays visible."""
        x, y = eye.iris + shift
        top, bottom = (float(lid) for lid in eye.lids(np.array(x)))
        height, gaps = max(bottom - top, 1e-9), (y - top, bottom - y)
        upper, lower = (
            min(amount * share, max(0.0, gap - least * IRIS) / height)
            for share, gap, least in zip(_NARROWED, gaps, _VISIBLE, strict=True)
        )
        return cls(eye, shift, (upper, lower))

    def draw(self, image: RGBImage, drawn: RGBImage) -> None:
        """Draw the eye of ``image`` on ``drawn``; nothing but the eye and its lids is changed."""
        if not self.shift.any() and not any(self.closed):
            return
        part = Part.around(image, self.eye.middle, _PART * self.eye.scale)
        if part.empty:
            return
        view = FrontalView.of(self.eye)
        change = view.returned(self._change(view, view.read(image)), part)
        target, changed = drawn[part.rows, part.columns], self._reached(part)
        whole = np.clip(np.rint(target[changed] + change[changed]), 0, 255)
        target[changed] = whole.astype(np.uint8)

    def _change(self, view: FrontalView, source: Colours) -> Colours:
        """What is added to the pixels (h, w, 3) of the view."""
        eye, soft = self.eye, max(_SOFT, _SOFT_PIXELS / self.eye.scale)
        ball = Eyeball.completed(view, source, eye, soft).moved(self.shift)
        top, bottom = eye.lids(view.x)
        height = np.maximum(bottom - top, 0)
        upper, lower = top + self.closed[0] * height, bottom - self.closed[1] * height
        inside = np.minimum(view.y - upper, lower - view.y) / soft
        seen = np.clip(np.where(height > 0, inside, 0), 0, 1)[..., None]
        if not any(self.closed):
            return np.asarray(seen * (ball - source))
        lids = _moved_lid(view.y, top, upper, soft) - _moved_lid(-view.y, -bottom, -lower, soft)
        skin = view.sampled(source, view.x, view.y + lids)
        return np.asarray(skin - source + seen * (ball - skin))

    def _reached(self, part: Part) -> NDArray[np.bool_]:
        """Which pixels (h, w) of a part are in the opening, or on a lid that moves."""
        eye, (columns, rows) = self.eye, part.axes()
        across, down = columns - eye.middle[0], rows - eye.middle[1]
        x, y = (a * across + b * down for a, b in np.linalg.inv(eye.linear).tolist())
        above, below = (_LID if share > 0 else 0.0 for share in self.closed)
        return np.asarray(eye.depth(x, y, above, below) > 0)


def _moved_lid(down: Values, edge: Values, moved: Values, soft: float) -> Values:
    """What is added to ``down`` for the sources of a lid whose edge moves down; 0 elsewhere.

    The lid is stretched between its fixed upper end and its edge, and continued a little below it.
    """
    end = edge - _LID
    share = (down - end) / np.maximum(moved - end, 1e-9)
    on_lid = (share > 0) & (down < moved + soft) & (moved > edge)
    return np.where(on_lid, end + share * (edge - end) - down, 0)
