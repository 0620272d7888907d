"""Two public-domain portraits with degraded eyes: camera effects and occlusion.

They replace the photos of LFW, which may not be published.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from matplotlib import cbook
from numpy.typing import NDArray

from closeup.frames import RGBImage
from closeup.media.images import read_image
from closeup.pupils.eye_frame import EyeFrame
from closeup.synthesis.portraits import eileen_collins, grace_hopper
from closeup.synthesis.varied_portraits import with_moved_irises

RIGHT, LEFT, BOTH = (0,), (1,), (0, 1)
"""Indices of the eyes to modify."""

_INK = (28, 22, 20)
_SHIFT = 4
"""Fractional bits of OpenCV's coordinates."""

_HEAD = 1.3
"""Radius of the head's cylinder model, in eye distances."""

Mask = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """A face and its pupils.

    Attributes:
        image: (H, W, 3) RGB uint8.
        pupils: (2, 2) x and y in its pixels, the subject's right eye first; includes hidden eyes.

    """

    image: RGBImage
    pupils: NDArray[np.float64]

    @property
    def frame(self) -> EyeFrame:
        """Eye frame whose eye centres are the pupils."""
        return EyeFrame(*self.pupils)

    def at(self, across: float, down: float) -> NDArray[np.float64]:
        """Return positions (2, 2) shifted from both pupils towards the left eye and down."""
        return self.pupils + self.frame.moved(np.tile([across, down], (2, 1)))


def eileen() -> Portrait:
    """Eileen Collins, by NASA, from scikit-image; pupils set by hand."""
    photo = eileen_collins()
    return Portrait(photo.image, np.array(photo.pupils))


def grace() -> Portrait:
    """Grace Hopper, by the US Navy, from matplotlib; pupils set by hand."""
    image = read_image(Path(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)))
    return Portrait(image, np.array(grace_hopper().pupils))


def hard_portraits() -> Iterator[tuple[str, Portrait]]:
    """Yield all of them, each with a description of its modification."""
    one, other = eileen(), grace()
    yield "nothing done", one
    yield "nothing done, glasses", other
    yield "looking aside", looking_aside(one, 0.07)
    yield "head turned by 35°", turned(one, 35)
    yield "head turned by 55°", turned(one, 55)
    yield "strongly blurred", blurred(one, 0.1)
    yield "eyes ten pixels apart", shrunk(one, 10)
    yield "eyes five pixels apart", shrunk(one, 5)
    yield "hardly any light", darkened(one, 0.06)
    yield "both eyes closed", closed(one, BOTH)
    yield "one eye closed", closed(one, LEFT)
    yield "dark glasses", behind_dark_glasses(one)
    yield "glare on glasses", with_glare(other)
    yield "hair over one eye", behind_hair(one, RIGHT)
    yield "something before one eye", hidden(one, LEFT)
    yield "cut by the edge", cut_off(one)


def looking_aside(portrait: Portrait, share: float) -> Portrait:
    """Move both irises towards the subject's left by a share of the eye distance."""
    offset = np.array([share, 0.0])
    moved = with_moved_irises(portrait.image, portrait.pupils, offset)
    return Portrait(moved, portrait.at(*offset))


def turned(portrait: Portrait, degrees: float) -> Portrait:
    """Rotate the head about its vertical axis, as if the photo lay on a cylinder."""
    yaw, radius = np.deg2rad(degrees), _HEAD * portrait.frame.distance
    middle = float(portrait.pupils[:, 0].mean())
    height, width = portrait.image.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    seen = np.clip((x - middle) / radius, -1, 1)
    own = np.where(np.abs(seen) < 1, middle + radius * np.sin(np.arcsin(seen) - yaw), x)
    image = cv2.remap(portrait.image, own.astype(np.float32), y, cv2.INTER_CUBIC)
    pupils = portrait.pupils.copy()
    pupils[:, 0] = middle + radius * np.sin(np.arcsin((pupils[:, 0] - middle) / radius) + yaw)
    return Portrait(np.asarray(image, np.uint8), pupils)


def blurred(portrait: Portrait, share: float) -> Portrait:
    """Blur by a Gaussian whose standard deviation is a share of the eye distance."""
    deviation = share * portrait.frame.distance
    image = cv2.GaussianBlur(portrait.image, (0, 0), deviation)
    return Portrait(np.asarray(image, np.uint8), portrait.pupils)


def shrunk(portrait: Portrait, distance: float) -> Portrait:
    """Reduce the picture to an eye distance of ``distance`` pixels."""
    height, width = portrait.image.shape[:2]
    scale = distance / portrait.frame.distance
    size = (round(width * scale), round(height * scale))
    image = cv2.resize(portrait.image, size, interpolation=cv2.INTER_AREA)
    scales = np.array(size) / (width, height)
    return Portrait(np.asarray(image, np.uint8), (portrait.pupils + 0.5) * scales - 0.5)


def darkened(portrait: Portrait, share: float) -> Portrait:
    """Reduce the light to a share, and add sensor noise."""
    noise = np.random.default_rng(0).normal(0, 2, portrait.image.shape)
    dim = np.clip(portrait.image * share + noise, 0, 255)
    return Portrait(np.rint(dim).astype(np.uint8), portrait.pupils)


def closed(portrait: Portrait, eyes: tuple[int, ...]) -> Portrait:
    """Paint eyes over with the surrounding skin and a line of lashes."""
    lids = _spots(portrait, eyes, portrait.at(0, 0.02), 0.33, 0.2)
    mask = np.where(lids > 0, 255, 0).astype(np.uint8)
    image = np.asarray(cv2.inpaint(portrait.image, mask, 3, cv2.INPAINT_TELEA), np.uint8)
    outer = _spots(portrait, eyes, portrait.at(0, 0.0), 0.25, 0.1)
    inner = _spots(portrait, eyes, portrait.at(0, -0.035), 0.27, 0.1)
    lashes = _soft(np.clip(outer - inner, 0, 1), 0.012 * portrait.frame.distance)
    return Portrait(_mixed(image, (60, 40, 32), lashes), portrait.pupils)


def behind_dark_glasses(portrait: Portrait) -> Portrait:
    """Add dark lenses with a transmission of 1/20, and a bridge."""
    lenses = _spots(portrait, BOTH, portrait.at(0, 0.06), 0.4, 0.3)
    bridge = _lines(portrait, [portrait.at(0, -0.03)], 0.06)
    dark = 0.95 * np.maximum(lenses, bridge)
    return Portrait(_mixed(portrait.image, _INK, dark), portrait.pupils)


def with_glare(portrait: Portrait) -> Portrait:
    """Add a lamp's reflection on both lenses, over the upper half of each iris."""
    lamps = _spots(portrait, BOTH, portrait.at(0.03, -0.05), 0.13, 0.09)
    bright = _soft(lamps, 0.02 * portrait.frame.distance)
    return Portrait(_mixed(portrait.image, (255, 253, 248), bright), portrait.pupils)


def behind_hair(portrait: Portrait, eyes: tuple[int, ...]) -> Portrait:
    """Add a lock of hair that hangs in front of eyes."""
    random, strands = np.random.default_rng(1), []
    down = np.linspace(-0.7, 0.5, 30)
    for eye in eyes:
        for start in np.linspace(-0.3, 0.22, 12):
            across = start + random.normal(0.12, 0.05) * (down + 0.7) ** 2
            offsets = np.column_stack([across, down]) * portrait.frame.distance
            strands.append(portrait.pupils[eye] + offsets)
    locks = 0.9 * _lines(portrait, strands, 0.025)
    return Portrait(_mixed(portrait.image, (74, 52, 34), locks), portrait.pupils)


def hidden(portrait: Portrait, eyes: tuple[int, ...]) -> Portrait:
    """Copy the skin of the cheek over eyes; in a crop this resembles a hand."""
    spots = _spots(portrait, eyes, portrait.at(0, 0.02), 0.36, 0.25)
    aside, down = np.rint(np.array([0.1, 0.58]) * portrait.frame.distance).astype(int).tolist()
    cheek = np.roll(portrait.image, (-down, -aside), axis=(0, 1))
    share = _soft(spots, 0.02 * portrait.frame.distance)[..., None]
    mixed = portrait.image * (1 - share) + cheek * share
    return Portrait(np.rint(mixed).astype(np.uint8), portrait.pupils)


def cut_off(portrait: Portrait) -> Portrait:
    """Crop the picture at the middle of the subject's right eye, removing its left part."""
    left = round(float(portrait.pupils[0, 0]))
    image = np.ascontiguousarray(portrait.image[:, left:])
    return Portrait(image, portrait.pupils - (left, 0))


def _spots(
    portrait: Portrait, eyes: tuple[int, ...], places: NDArray[np.float64], wide: float, high: float
) -> Mask:
    """Return 1 in ellipses at eye positions, half width and height in eye distances, else 0."""
    mask = np.zeros(portrait.image.shape[:2], np.uint8)
    axes = _fixed(np.array([wide, high]) * portrait.frame.distance)
    tilt = float(np.degrees(np.arctan2(*portrait.frame.across[::-1])))
    for eye in eyes:
        centre = _fixed(places[eye])
        cv2.ellipse(
            mask, centre.tolist(), axes.tolist(), tilt, 0, 360, 255, cv2.FILLED, cv2.LINE_AA, _SHIFT
        )
    return mask / 255


def _lines(portrait: Portrait, lines: list[NDArray[np.float64]], wide: float) -> Mask:
    """Return 1 on lines (n, 2) of positions, with a width in eye distances, else 0."""
    mask = np.zeros(portrait.image.shape[:2], np.uint8)
    thick = max(1, round(wide * portrait.frame.distance))
    rounded = [_fixed(line) for line in lines]
    cv2.polylines(mask, rounded, False, 255, thick, cv2.LINE_AA, _SHIFT)
    return mask / 255


def _fixed(places: NDArray[np.float64]) -> NDArray[np.int32]:
    return np.rint(places * (1 << _SHIFT)).astype(np.int32)


def _soft(mask: Mask, deviation: float) -> Mask:
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), deviation), np.float64)


def _mixed(image: RGBImage, colour: tuple[int, int, int], share: Mask) -> RGBImage:
    """Return a copy blended with a colour by a share per pixel."""
    part = share[..., None]
    return np.rint(image * (1 - part) + np.array(colour) * part).astype(np.uint8)
