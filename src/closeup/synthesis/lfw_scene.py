"""A stage of people from Labeled Faces in the Wild, shown in photos not used for enrolment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from closeup.errors import ImageError, InputError
from closeup.geometry import Size
from closeup.synthesis.choreography import Company
from closeup.synthesis.costumes import WARDROBE
from closeup.synthesis.portraits import Portrait, face_boxes
from closeup.synthesis.scene import Performer, Scene

_ENROLLED, _SHOWN = 5, 3
_LISTED = 10
"""Number of photos from which a person can be chosen."""

_SHOT = 20 / 3
"""Approximate length of a shot, in seconds."""

Cast = dict[str, list[Portrait]]


def lfw_scene(
    folder: Path,
    seed: int = 0,
    *,
    people: Sequence[str] | None = None,
    width: int = 1280,
    height: int = 720,
    seconds: float = 20.0,
    rate: Fraction | int = 25,
) -> Scene:
    """Build a stage with members and one non-member, with two cuts in the first 20 s.

    Five photos of each member are for enrolment and three others are shown. A performer
    changes photo at a cut, outside the frame, or while turned away. A longer scene continues
    with other shots of the same kinds.

    Args:
        folder: Contains ``NAME/NAME_0001.jpg`` and so on.
        seed: Selects the people, unless ``people`` names them, and their motion.
        people: Names of the members; None selects four of the people with ten photos or more.
        width: Width of the frame in pixels, even.
        height: Height of the frame in pixels, even.
        seconds: Length of the scene.
        rate: Frames per second.

    Raises:
        InputError: the folder does not contain such photos, or too few of a person.

    """
    cast = _cast(folder, seed, people)
    *members, stranger = cast
    company = Company(tuple(members), stranger, _SHOWN)
    shots = company.shots(seconds, _SHOT, seed)
    length = shots[0].seconds
    starts = [i * length for i in range(len(shots))]
    return Scene(
        tuple(
            _performer(name, photos, number, member=name != stranger)
            for number, (name, photos) in enumerate(cast.items())
        ),
        shots,
        Size(width, height),
        Fraction(rate),
        flashes=tuple(start + 0.3 * length for start in starts[::3]),
        strobes=tuple((start + 0.7 * length, start + 0.85 * length) for start in starts[2::3]),
        seed=seed,
    )


def _performer(name: str, photos: list[Portrait], number: int, *, member: bool) -> Performer:
    costume = WARDROBE[number % len(WARDROBE)]
    enrolled = tuple(photo.image for photo in photos[:_ENROLLED]) if member else ()
    return Performer(name, tuple(photos[_ENROLLED:]), costume, enrolled, member)


def _cast(folder: Path, seed: int, people: Sequence[str] | None) -> Cast:
    """Return the members' photos, then the non-member's."""
    if not folder.is_dir():
        raise InputError(f"no folder {folder}; give the one that holds NAME/NAME_0001.jpg")
    cast = {name: _photos(folder / name) for name in people or ()}
    for name, photos in cast.items():
        if len(photos) < _ENROLLED + _SHOWN:
            raise InputError(
                f"{name} has {len(photos)} usable photos in {folder}; "
                f"choose people with {_ENROLLED + _SHOWN}"
            )
    wanted = (len(cast) or 4) + 1
    for name in _candidates(folder, seed):
        if len(cast) == wanted:
            break
        photos = _photos(folder / name)
        if name not in cast and len(photos) == _ENROLLED + _SHOWN:
            cast[name] = photos
    if len(cast) < wanted:
        raise InputError(
            f"{folder} has {len(cast)} people with enough photos of {wanted}; "
            "give the images of Labeled Faces in the Wild"
        )
    return cast


def _candidates(folder: Path, seed: int) -> list[str]:
    """Return people with many photos, in an order that depends on the seed."""
    listed = sorted(
        person.name
        for person in folder.iterdir()
        if person.is_dir() and len(list(person.glob("*.jpg"))) >= _LISTED
    )
    return [listed[i] for i in np.random.default_rng(seed).permutation(len(listed))]


def _photos(person: Path) -> list[Portrait]:
    """Return the first photos in which exactly one frontal face is found."""
    return list(islice(_usable(sorted(person.glob("*.jpg"))), _ENROLLED + _SHOWN))


def _usable(paths: list[Path]) -> Iterator[Portrait]:
    for path in paths:
        bgr = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if bgr is None:
            raise ImageError(f"cannot read {path} as a picture; remove it")
        image = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
        faces = face_boxes(image, upsample=1)
        if len(faces) == 1:
            yield Portrait(image, faces[0])
