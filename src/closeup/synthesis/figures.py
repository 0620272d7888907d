"""Full figures: a head from a photo on a drawn body, from the front or back, or occluded."""

from __future__ import annotations

from enum import Enum

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.geometry import Box
from closeup.synthesis.costumes import Colour, Costume
from closeup.synthesis.sprites import Premultiplied, Sprite, over, premultiplied

Points = list[tuple[float, float]]

_WIDTH, _ABOVE, _BELOW = 4.4, 1.4, 7.7
"""Width of the canvas, and its reach above and below the face's middle, in face heights."""

_ABOVE_ARMS = 2.2
"""Its reach above the face's middle where the arms are raised."""

SOLES = 7.42
"""Lower edge of the shoes, in face heights below the middle of the face."""

FINGERTIPS = 1.85
"""Upper edge of raised hands, in face heights above the middle of the face."""

_COLLAR = 0.72
"""Upper edge of the costume, in face heights below the middle of the face."""

_TORSO: Points = [
    (-0.40, _COLLAR), (-1.12, 1.02), (-1.05, 1.9), (-0.82, 3.0), (-0.95, 3.9),
    (0.95, 3.9), (0.82, 3.0), (1.05, 1.9), (1.12, 1.02), (0.40, _COLLAR),
]  # fmt: skip
_NECKLINE: Points = [(0.22, 0.95), (0.0, 1.2), (-0.22, 0.95)]
_LEG: Points = [(0.02, 3.6), (0.95, 3.6), (0.80, 5.6), (0.62, 7.2), (0.22, 7.2), (0.10, 5.6)]
_SKIRT: Points = [(-0.88, 3.4), (0.88, 3.4), (1.3, 5.3), (-1.3, 5.3)]
_SHOE: Points = [(0.18, 7.1), (0.66, 7.1), (0.92, SOLES), (0.18, SOLES)]
_SLEEVE: Points = [
    (1.0, 1.0), (1.22, 1.12), (1.42, 2.3), (1.44, 3.5), (1.20, 3.5), (1.12, 2.4), (0.86, 1.5),
]  # fmt: skip
_RAISED_SLEEVE: Points = [
    (0.86, 1.05), (1.2, 1.05), (1.62, 2.0), (1.5, 2.2), (0.55, 0.85), (0.78, 0.62),
    (1.1, 1.2), (1.0, 1.6),
]  # fmt: skip
_HIGH_SLEEVE: Points = [
    (0.78, 1.5), (1.12, 1.32), (1.58, 0.0), (1.30, -1.25), (1.02, -1.2), (1.24, 0.0), (0.90, 0.95),
]  # fmt: skip
_HIGH_PALM: Points = [
    (1.02, -1.12), (1.30, -1.18), (1.28, -1.6), (1.14, -FINGERTIPS), (0.98, -1.6),
]  # fmt: skip
_PALM: Points = [
    (0.55, 0.85), (0.76, 0.6), (0.52, 0.1), (0.46, -0.42), (0.28, -0.5), (0.05, -0.52),
    (-0.16, -0.46), (-0.3, -0.3), (-0.36, 0.1), (-0.2, 0.42), (0.2, 0.7),
]  # fmt: skip
_FINGERS: list[Points] = [
    [(0.28, -0.45), (0.26, 0.1)], [(0.06, -0.48), (0.08, 0.12)], [(-0.14, -0.42), (-0.1, 0.16)],
]  # fmt: skip
_FRINGE: Points = [
    (-0.62, -0.6), (-0.3, -0.85), (0.3, -0.85), (0.62, -0.6), (0.66, 0.5), (0.5, 0.9),
    (0.32, 0.62), (0.12, 0.95), (-0.12, 0.66), (-0.34, 0.95), (-0.52, 0.6), (-0.66, 0.7),
]  # fmt: skip

_CAP: Points = [
    (-0.56, -0.22), (-0.6, -0.6), (-0.42, -0.92), (0.0, -1.04), (0.42, -0.92), (0.6, -0.6),
    (0.56, -0.22), (0.0, -0.34),
]  # fmt: skip
_BRIM: Points = [
    (-0.6, -0.14), (-0.5, -0.32), (0.0, -0.4), (0.5, -0.32), (0.6, -0.14), (0.0, -0.24),
]  # fmt: skip


class Look(Enum):
    """The visible side of a performer."""

    FRONT = "front"
    BACK = "back"
    """Seen from behind: hair instead of the face."""
    PROFILE = "profile"
    """Seen from the side; the head shows it already."""
    HAND = "hand"
    """A raised hand in front of the face."""
    HAIR = "hair"
    """A sheet of hair in front of the face."""
    RAISED = "raised"
    """Both arms raised above the head."""


def figure(head: Sprite, costume: Costume, look: Look = Look.FRONT) -> Sprite:
    """Draw a full figure that wears ``costume``.

    Args:
        head: From :func:`~closeup.synthesis.cutout.cut_out`. What it shows below the neck is
            replaced, because photos of one person show different clothes.
        costume: Clothes, drawn from the collar down.
        look: The visible side.

    Returns:
        A sprite whose face box is that of ``head``, moved.

    """
    canvas = _Canvas(head, costume, _ABOVE_ARMS if look is Look.RAISED else _ABOVE)
    canvas.legs()
    if look is Look.BACK:
        canvas.back()
    else:
        canvas.front()
    if look is Look.RAISED:
        canvas.raised_arms()
    else:
        canvas.sleeve(1)
    if look is Look.HAND:
        canvas.hand()
    elif look is not Look.RAISED:
        canvas.sleeve(-1)
    if look is Look.HAIR:
        canvas.fringe()
    if costume.cap is not None:
        canvas.cap(costume.cap, brim=look is not Look.BACK)
    return Sprite(canvas.pixels, canvas.face)


class _Canvas:
    """A canvas for one person, in face heights around the middle of the face."""

    def __init__(self, head: Sprite, costume: Costume, above: float) -> None:
        unit = head.face.height
        self.shape = (round((above + _BELOW) * unit), round(_WIDTH * unit))
        self.unit = unit
        self.origin = (self.shape[1] / 2, above * unit)
        self.costume = costume
        self.cloth = costume.cloth(*self.shape)
        self.pixels: Premultiplied = np.zeros((*self.shape, 4), np.uint8)
        self.head, offset = self._moved(head)
        self.face = Box(
            head.face.x1 + offset[0],
            head.face.y1 + offset[1],
            head.face.x2 + offset[0],
            head.face.y2 + offset[1],
        )
        self.origin = self.face.centre
        self.skin = _median_colour(self.head, self._mask([[(-0.3, 0.0), (0.3, 0.0), (0.0, 0.3)]]))
        crown = self._mask([[(-0.4, -0.55), (0.4, -0.55), (0.3, -0.9), (-0.3, -0.9)]])
        self.hair = _median_colour(self.head, crown)

    def _moved(self, head: Sprite) -> tuple[Premultiplied, tuple[int, int]]:
        """Return the head on the canvas, shifted by whole pixels so that it stays sharp."""
        x, y = head.face.centre
        left, top = round(self.origin[0] - x), round(self.origin[1] - y)
        placed: Premultiplied = np.zeros_like(self.pixels)
        rows, columns = head.pixels.shape[:2]
        y1, x1 = max(0, top), max(0, left)
        y2, x2 = min(self.shape[0], top + rows), min(self.shape[1], left + columns)
        placed[y1:y2, x1:x2] = head.pixels[y1 - top : y2 - top, x1 - left : x2 - left]
        return placed, (left, top)

    def _mask(self, polygons: list[Points]) -> NDArray[np.uint8]:
        """Return the soft-edged union of polygons; shape (h, w)."""
        mask = np.zeros(self.shape, np.uint8)
        for points in polygons:
            pixels = np.array(points) * self.unit + self.origin
            cv2.fillPoly(mask, [np.round(pixels * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
        return mask

    def _paint(self, cloth: NDArray[np.uint8] | Colour, polygons: list[Points]) -> None:
        """Draw polygons of a cloth, or of one colour, over the present content."""
        mask = self._mask(polygons)
        x, y, width, height = cv2.boundingRect(mask)
        part = slice(y, y + height), slice(x, x + width)
        whole = np.broadcast_to(np.array(cloth, np.uint8), (*self.shape, 3))
        shaded = _rounded(np.ascontiguousarray(whole[part]), mask[part], self.unit)
        below = np.ascontiguousarray(self.pixels[part])
        self.pixels[part] = over(below, premultiplied(shaded, mask[part]))

    def legs(self) -> None:
        """Draw trousers, or a skirt with bare legs, and shoes."""
        both = [_LEG, _mirrored(_LEG)]
        self._paint((30, 26, 26), [_SHOE, _mirrored(_SHOE)])
        self._paint(self.skin if self.costume.skirt else self.costume.trousers, both)
        if self.costume.skirt:
            self._paint(self.costume.trousers, [_SKIRT])

    def front(self) -> None:
        """Draw neck, the photo's head, and the costume below it."""
        self._paint(self.skin, [[(-0.26, 0.2), (0.26, 0.2), (0.36, 1.3), (-0.36, 1.3)]])
        self.pixels = over(self.pixels, self._above_collar(self.head))
        self._paint(self.cloth, [_TORSO + _NECKLINE])

    def back(self) -> None:
        """Draw the same outline of the head filled with hair, without a neckline."""
        self._paint(self.cloth, [_TORSO])
        outline = self._above_collar(self.head)[..., 3]
        locks = self._mask([[(-0.3, -0.3), (0.3, -0.3), (0.55, 0.9), (-0.55, 0.9)]])
        hair = premultiplied(_strands(self.hair, self.shape), np.maximum(outline, locks))
        self.pixels = over(self.pixels, hair)

    def sleeve(self, side: int) -> None:
        """Draw a hanging arm; ``side`` is 1 at the right of the picture, -1 at the left."""
        hand = [(1.18, 3.45), (1.46, 3.45), (1.44, 3.85), (1.32, 4.02), (1.2, 3.85)]
        arm, palm = (_SLEEVE, hand) if side > 0 else (_mirrored(_SLEEVE), _mirrored(hand))
        self._paint(self.skin, [palm])
        self._paint(self.cloth, [arm])

    def raised_arms(self) -> None:
        """Draw both arms above the head."""
        self._paint(self.skin, [_HIGH_PALM, _mirrored(_HIGH_PALM)])
        self._paint(self.cloth, [_HIGH_SLEEVE, _mirrored(_HIGH_SLEEVE)])

    def hand(self) -> None:
        """Draw the other arm bent upwards, its hand over the face."""
        self._paint(self.cloth, [_mirrored(_RAISED_SLEEVE)])
        self._paint(self.skin, [_mirrored(_PALM)])
        dark = _darker(self.skin)
        for finger in _FINGERS:
            start, end = np.round(np.array(_mirrored(finger)) * self.unit + self.origin).astype(int)
            cv2.line(self.pixels, tuple(start), tuple(end), (*dark, 255), 2, cv2.LINE_AA)

    def fringe(self) -> None:
        """Draw hair over the whole face."""
        hair = premultiplied(_strands(self.hair, self.shape), self._mask([_FRINGE]))
        self.pixels = over(self.pixels, hair)

    def cap(self, colour: Colour, *, brim: bool) -> None:
        """Draw a cap down to the brow, and its brim if it is seen from the front."""
        self._paint(colour, [_CAP])
        if brim:
            self._paint(_darker(colour), [_BRIM])

    def _above_collar(self, head: Premultiplied) -> Premultiplied:
        """Return the head without the photo's own shoulders, fading out below the collar."""
        kept: Points = [(-2, -2), (2, -2), (2, 0.3), (0.6, 0.62), (0.3, 1.0), (-0.3, 1.0),
                        (-0.6, 0.62), (-2, 0.3)]  # fmt: skip
        mask = cv2.GaussianBlur(self._mask([kept]), (0, 0), self.unit / 40)
        return np.asarray(cv2.multiply(head, cv2.merge([mask] * 4), scale=1 / 255), np.uint8)


def _mirrored(points: Points) -> Points:
    return [(-x, y) for x, y in points]


def _darker(colour: Colour) -> Colour:
    red, green, blue = (int(channel * 0.6) for channel in colour)
    return red, green, blue


def _median_colour(pixels: Premultiplied, where: NDArray[np.uint8]) -> Colour:
    """Return the median of the opaque pixels in the mask; brown if there are none."""
    chosen = pixels[(where > 127) & (pixels[..., 3] > 250)]
    if not len(chosen):
        return (96, 70, 54)
    red, green, blue = np.median(chosen[:, :3], axis=0)
    return int(red), int(green), int(blue)


def _rounded(rgb: NDArray[np.uint8], mask: NDArray[np.uint8], unit: float) -> NDArray[np.uint8]:
    """Darken towards the edges of the mask, for a rounded look."""
    depth = cv2.distanceTransform(mask, cv2.DIST_L2, 3) / np.float32(unit * 0.35)
    light = 0.62 + 0.38 * np.sin(np.clip(depth, 0, 1) * np.float32(np.pi / 2))
    return np.asarray(rgb * light[..., None], np.uint8)


def _strands(colour: Colour, shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Draw hair of that colour in vertical streaks; RGB uint8 of shape (*shape, 3)."""
    noise = np.random.default_rng(3).random((shape[0] // 24 + 1, shape[1] // 2 + 1))
    streaks = cv2.resize(noise.astype(np.float32), (shape[1], shape[0]))
    light = 0.55 + 0.6 * streaks[..., None]
    return np.asarray(np.clip(np.array(colour) * light, 0, 255), np.uint8)
