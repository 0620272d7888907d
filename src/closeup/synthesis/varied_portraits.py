"""Photos with known pupils, made of two public-domain portraits, to practise and to test with.

They show two people only: what is learnt from them holds for these two.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.formats.csv_labels import write_labels
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.labels import EYES, FaceLabel
from closeup.landmarks.warping import warped
from closeup.media.images import write_image
from closeup.pupils.eye_frame import EyeFrame
from closeup.similarity import Similarity
from closeup.synthesis.portraits import eileen_collins, grace_hopper

PUPILS_TABLE = "pupils.csv"

_SIDE = 240
"""Side of a photo in pixels."""
_APART = (44.0, 60.0)
"""Range of the eye distance in a photo, in pixels."""
_ROLL, _SHIFT = 8.0, 10.0
"""Standard deviations of the rotation in degrees, and of the face's place in pixels."""
_GAZE = (0.05, 0.02)
"""Standard deviations of the shift of the irises, across and down, in eye distances; at most
:data:`_FARTHEST`, which the lids allow."""
_FARTHEST = 0.065

_IRIS = 0.1
"""Radius around a pupil that moves rigidly, in eye distances: an iris with its rim."""
_STILL = 0.21
"""Radius outside which nothing moves, in eye distances: about the distance of the eye corners."""


@dataclass(frozen=True, slots=True, eq=False)
class VariedPortrait:
    """A photo of one of the two people.

    Attributes:
        person: Name of the person.
        image: (H, W, 3) RGB uint8.
        pupils: (2, 2) float64, x and y in its pixels, the subject's right eye first.

    """

    person: str
    image: RGBImage
    pupils: NDArray[np.float64]


def varied_portraits(count: int, seed: int = 0) -> Iterator[VariedPortrait]:
    """Yield photos of Eileen Collins and Grace Hopper in turn.

    Every photo differs from the portrait in size, rotation, place, gaze, light, sharpness and
    noise, and every second one of a person is mirrored. The pupils were set by hand in the two
    portraits, and move with the pixels.

    Args:
        count: Number of photos.
        seed: Determines all of them; another count does not change the first ones.

    """
    people = {"Eileen": eileen_collins(), "Grace": grace_hopper()}
    rng = np.random.default_rng(seed)
    for number in range(count):
        person = tuple(people)[number % len(people)]
        image, pupils = people[person].image, np.array(people[person].pupils)
        if number // len(people) % 2:
            image, pupils = _mirrored(image, pupils)
        yield VariedPortrait(person, *_varied(image, pupils, rng))


def write_varied_portraits(
    folder: Path | str, count: int, seed: int = 0, *, by_person: bool = True
) -> Path:
    """Write photos as ``folder/PERSON/000.png`` and so on, and their pupils as ``pupils.csv``.

    Args:
        folder: The folder; made when it does not exist.
        count: Number of photos.
        seed: See :func:`varied_portraits`.
        by_person: Whether each person has a folder. A photo outside of any folder counts as a
            person of its own: then trainings, which never measure on the people that they learn
            from, can learn from both.

    Returns:
        The table of the pupils, in the columns of ``closeup evaluate pupils``.

    Raises:
        OutputError: a file cannot be written.

    """
    folder, labels = Path(folder), []
    for number, photo in enumerate(varied_portraits(count, seed)):
        name = f"{photo.person}/{number:03}.png" if by_person else f"{number:03}.png"
        write_image(folder / name, photo.image)
        points = {eye: (float(x), float(y)) for eye, (x, y) in zip(EYES, photo.pupils, strict=True)}
        labels.append(FaceLabel(name, points=points))
    write_labels(folder / PUPILS_TABLE, labels)
    return folder / PUPILS_TABLE


def with_moved_irises(
    image: RGBImage, pupils: NDArray[np.floating], offset: NDArray[np.floating]
) -> RGBImage:
    """Return a photo with both irises moved equally; surrounding skin and lids stretch smoothly.

    Each pixel is sampled at its content's original position: the full offset within an iris,
    decreasing towards the eye corners (a cubic step). Offsets up to 0.07 eye distances do not fold.

    Args:
        image: (H, W, 3) RGB uint8.
        pupils: (2, 2) centres of the irises in pixels, the subject's right eye first.
        offset: (2,) horizontal and vertical in the face, in eye distances.

    """
    frame = EyeFrame(*pupils.astype(np.float64))
    moves = frame.moved(np.tile(offset, (2, 1)))
    height, width = image.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float64), np.arange(height, dtype=np.float64))
    from_x, from_y = x.copy(), y.copy()
    for pupil, move in zip(pupils, moves, strict=True):
        far = np.hypot(*(grid - at for grid, at in zip((x, y), pupil + move, strict=True)))
        nearness = np.clip((_STILL - far / frame.distance) / (_STILL - _IRIS), 0, 1)
        share = nearness**2 * (3 - 2 * nearness)
        from_x -= share * move[0]
        from_y -= share * move[1]
    moved = cv2.remap(
        image,
        from_x.astype(np.float32),
        from_y.astype(np.float32),
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(moved, np.uint8)


def _mirrored(image: RGBImage, pupils: NDArray[np.float64]) -> tuple[RGBImage, NDArray[np.float64]]:
    """The mirror image; its right eye is the other one."""
    places = pupils[::-1].copy()
    places[:, 0] = image.shape[1] - 1 - places[:, 0]
    return np.ascontiguousarray(image[:, ::-1]), places


def _varied(
    image: RGBImage, pupils: NDArray[np.float64], rng: np.random.Generator
) -> tuple[RGBImage, NDArray[np.float64]]:
    offset = np.clip(rng.normal(0, _GAZE), -_FARTHEST, _FARTHEST)
    frame = EyeFrame(*pupils)
    image = with_moved_irises(image, pupils, offset)
    pupils = pupils + frame.moved(np.tile(offset, (2, 1)))
    half, angle = rng.uniform(*_APART) / 2, np.deg2rad(rng.normal(0, _ROLL))
    middle = np.array([_SIDE / 2, 0.45 * _SIDE]) + rng.normal(0, _SHIFT, 2)
    arm = half * np.array([np.cos(angle), np.sin(angle)])
    place = Similarity.between(
        np.array([frame.right, frame.left]), np.array([middle - arm, middle + arm])
    )
    photo = warped(image, place, Size(_SIDE, _SIDE), fill=None)
    return _photographed(photo, rng), place.apply(pupils)


def _photographed(photo: RGBImage, rng: np.random.Generator) -> RGBImage:
    """The photo in another light, less sharp, and with noise."""
    light = 255 * (photo / 255.0) ** np.exp(rng.normal(0, 0.3))
    slope = np.linspace(-1, 1, _SIDE) * rng.uniform(-0.35, 0.35)
    light *= rng.uniform(0.7, 1.1) * (1 + slope[:, None])
    soft = cv2.GaussianBlur(light, (0, 0), rng.uniform(0.3, 1.6))
    noisy = soft + rng.normal(0, rng.uniform(1, 6), soft.shape)
    return np.asarray(np.clip(noisy, 0, 255).round(), np.uint8)
