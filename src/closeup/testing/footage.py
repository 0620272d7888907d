"""Scenes as hard as footage that nobody composed, with exact truth.

Four kinds stand for what was seen to go wrong on real clips: a dance practice in similar clothes,
a dark and blurred practice in caps, a series with hard cuts and more lasting people than members,
and one singer among dancers. Heads are cut out of other photos of the members than those that are
enrolled; they change photo while they move, are turned aside or away for seconds, cross, and are
small, smeared and compressed. In the rooms hang sockets, signs and portraits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from closeup.datasets.scenes.heads import Photo
from closeup.datasets.scenes.rotation import turned_aside
from closeup.errors import ImageError, InputError
from closeup.geometry import Box, Size
from closeup.media.images import read_image
from closeup.protocols import FaceDetector
from closeup.synthesis.capture import Capture
from closeup.synthesis.costumes import Costume
from closeup.synthesis.portraits import Portrait
from closeup.synthesis.scene import Performer, Scene, Shot
from closeup.synthesis.sprites import Sprite, premultiplied
from closeup.testing.footage_moves import Dancer, close_up, group_shot
from closeup.testing.rooms import draw_room

SHOWN = 4
"""Photos of which each person's heads are made."""

_FEWEST, _MOST = 2, 5
"""Photos that a member is enrolled with."""

_SURE = 0.7
"""Least score of the face in a photo."""

_TURNED = (0.7, 1.15)
"""Range of the angle of a head that is turned aside, in radians."""


class FootageKind(StrEnum):
    """What a scene stands for."""

    PRACTICE = "practice"
    """Five members in similar clothes dance, unlit, seen by one distant camera."""
    DARK = "dark"
    """The same with seven members in caps, dark and blurred."""
    SERIES = "series"
    """Four members and two others, letterboxed, in close-ups with hard cuts."""
    SOLO = "solo"
    """One member among five dancers in the same clothes, with stage light."""


_SIZE = Size(960, 540)


@dataclass(frozen=True, slots=True)
class _Kind:
    """The constants of a kind: people, faces (in frame heights), camera."""

    members: int
    others: int
    faces: tuple[float, float]
    capture: Capture
    size: Size = _SIZE
    noise: int = 6
    caps: bool = False
    cuts: bool = False
    detail: int = 72
    spread: int = 14
    """Largest difference between two people's clothes, in values of 0..255."""


_KINDS = {
    FootageKind.PRACTICE: _Kind(
        5, 0, (0.06, 0.1), Capture(shutter=0.4, softness=0.5, glow=0.0, crf=25)
    ),
    FootageKind.DARK: _Kind(
        7, 0, (0.065, 0.1), Capture(0.4, 0.4, 0.6, glow=0.1, crf=24), caps=True
    ),
    FootageKind.SERIES: _Kind(
        4, 2, (0.16, 0.3), Capture(0.5, 0.5, glow=0.0, bars=0.11, blended=True, crf=26),
        Size(640, 360), cuts=True, detail=96,
    ),
    FootageKind.SOLO: _Kind(1, 5, (0.06, 0.13), Capture(0.6, 0.6, 0.8, crf=26)),
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Heads:
    """The photos of one person.

    Attributes:
        shown: Photos of which heads are made.
        enrolled: Photos for enrolment.

    """

    shown: tuple[Photo, ...]
    enrolled: tuple[Photo, ...]


def people_of(
    folder: Path, names: Sequence[str], detector: FaceDetector, wanted: int, seed: int = 0
) -> dict[str, Heads]:
    """Choose people with enough photos that show one face each.

    Args:
        folder: Contains ``NAME/NAME_0001.jpg`` and so on.
        names: People to choose from.
        detector: Finds the faces, with five points each.
        wanted: Number of people.
        seed: Seed of the choice of people and photos.

    Raises:
        InputError: too few of them have :data:`SHOWN` + 2 such photos.

    """
    rng = np.random.default_rng(seed)
    people: dict[str, Heads] = {}
    for place in rng.permutation(len(names)):
        if len(people) == wanted:
            return people
        photos = list(_photos(folder / names[place], detector))
        if len(photos) < SHOWN + _FEWEST:
            continue
        mixed = [photos[i] for i in rng.permutation(len(photos))]
        count = int(rng.integers(_FEWEST, _MOST + 1))
        heads = Heads(tuple(mixed[:SHOWN]), tuple(mixed[SHOWN : SHOWN + count]))
        people[names[place]] = heads
    if len(people) < wanted:
        raise InputError(
            f"{folder} has {len(people)} people of {wanted} with {SHOWN + _FEWEST} photos of one "
            "face each; give the images of Labeled Faces in the Wild, or other names"
        )
    return people


def footage_scene(
    kind: FootageKind,
    people: Mapping[str, Heads],
    seed: int = 0,
    *,
    members: int | None = None,
    seconds: float = 16.0,
    rate: Fraction | int = 25,
) -> Scene:
    """Build a scene of a kind.

    Args:
        kind: What the scene stands for.
        people: Members first, then people who are not enrolled, by name; as many as
            :func:`cast_size` says.
        seed: Seed of clothes, room and motion.
        members: Number of members; None for the kind's own number.
        seconds: Length of the scene.
        rate: Frames a second.

    Raises:
        InputError: there are too few people.
        ImageError: a face is too small to be cut out.

    """
    plan = _KINDS[kind] if members is None else replace(_KINDS[kind], members=members)
    size = plan.members + plan.others
    if len(people) < size:
        raise InputError(f"{kind} has {size} people, not {len(people)}; give more of them")
    rng = np.random.default_rng([seed, list(FootageKind).index(kind)])
    names = list(people)[:size]
    performers = tuple(
        _performer(name, people[name], clothes, member=number < plan.members)
        for number, (name, clothes) in enumerate(
            zip(names, _clothes(plan, len(names), rng), strict=True)
        )
    )
    return Scene(
        performers,
        tuple(_shots(plan, names, seconds, rng)),
        plan.size,
        Fraction(rate),
        noise=plan.noise,
        seed=seed,
        capture=plan.capture,
        detail=plan.detail,
    )


def cast_size(kind: FootageKind) -> int:
    """Return the number of people in a scene of a kind."""
    return _KINDS[kind].members + _KINDS[kind].others


def _photos(person: Path, detector: FaceDetector) -> Iterator[Photo]:
    """Yield the photos in which exactly one face is found."""
    for path in sorted(person.glob("*.jpg"))[:16]:
        image = read_image(path)
        faces = detector.detect(image)
        if len(faces) == 1 and faces.scores[0] >= _SURE:
            yield Photo(image, faces)


def _performer(name: str, heads: Heads, clothes: Costume, *, member: bool) -> Performer:
    return Performer(
        name,
        tuple(Portrait(photo.image, photo.face) for photo in heads.shown),
        clothes,
        tuple(photo.image for photo in heads.enrolled) if member else (),
        member,
        tuple(_profile(photo, number) for number, photo in enumerate(heads.shown)),
    )


def _profile(photo: Photo, number: int) -> Sprite:
    """Turn a photo's head aside, by another angle for each ``number``."""
    low, high = _TURNED
    turned = turned_aside(photo, low + (high - low) * (number % SHOWN) / (SHOWN - 1))
    soft = cv2.GaussianBlur(turned.alpha, (0, 0), 0.015 * photo.face.height).astype(np.int16)
    alpha = np.clip(2 * soft - 255, 0, 255).astype(np.uint8)
    top, bottom = max(0, round(photo.face.y1)), round(photo.face.y2)
    columns = np.flatnonzero(alpha[top:bottom].any(axis=0))
    if not len(columns):
        raise ImageError("a photo's head cannot be turned aside; give one that shows it whole")
    x, y = float(columns[0] + columns[-1]) / 2, photo.face.centre[1]
    half = photo.face.height / 2  # a head is about as deep as its face is high
    box = Box(x - 0.9 * half, y - half, x + 0.9 * half, y + half)
    return Sprite(premultiplied(turned.image, alpha), box)


def _clothes(plan: _Kind, count: int, rng: np.random.Generator) -> list[Costume]:
    """Return clothes that resemble each other."""
    first, below = int(rng.integers(20, 200)), int(rng.integers(20, 120))
    tint = rng.integers(-18, 19, 3)

    def near(value: int) -> tuple[int, int, int]:
        off = rng.integers(-plan.spread, plan.spread + 1, 3)
        red, green, blue = np.clip(value + tint + off, 8, 240).tolist()
        return red, green, blue

    caps = [near(40) if plan.caps else None for _ in range(count)]
    return [Costume(near(first), near(first), near(below), cap=cap) for cap in caps]


def _shots(
    plan: _Kind, names: list[str], seconds: float, rng: np.random.Generator
) -> Iterator[Shot]:
    dancers = [Dancer(name, SHOWN) for name in names]
    if not plan.cuts:
        acts = group_shot(dancers, seconds, plan.faces, rng)
        yield Shot(seconds, acts, picture=draw_room(rng, plan.size, plan.faces[1]))
        return
    rooms = [draw_room(rng, plan.size, plan.faces[0]) for _ in range(3)]
    lengths = rng.uniform(1.4, 3.6, max(1, round(seconds / 2.5)))
    for number, length in enumerate(lengths * (seconds / lengths.sum())):
        chosen = [dancers[i] for i in rng.permutation(len(dancers))[: rng.integers(1, 4)]]
        acts = close_up(chosen, float(length), plan.faces, rng)
        yield Shot(float(length), acts, picture=rooms[number % len(rooms)])
