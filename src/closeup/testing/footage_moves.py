"""Motion of people in footage: formations that change, turns, close-ups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from closeup.synthesis.figures import Look
from closeup.synthesis.motion import Act, Key, Passage

_BEAT = 2.0
"""Time between two formations, in seconds."""

_WALK = 0.55
"""Share of it in which dancers change places."""

_LOOKS = ((Look.PROFILE, 0.35, 0.6, 2.0), (Look.BACK, 0.3, 0.8, 3.0), (Look.FRONT, 0.25, 0.4, 0.6),
          (Look.HAND, 0.1, 0.3, 0.8))  # fmt: skip
"""What a dancer does between two looks at the camera: look, probability, shortest and longest
duration in seconds."""

_PAUSE = (0.6, 3.0)
"""Range of the time in which a dancer looks at the camera, in seconds."""


class Dancer(NamedTuple):
    """A person to move.

    Attributes:
        name: Name of the performer.
        photos: Number of the performer's portraits.

    """

    name: str
    photos: int


def group_shot(
    dancers: Sequence[Dancer],
    seconds: float,
    faces: tuple[float, float],
    rng: np.random.Generator,
) -> tuple[Act, ...]:
    """Move a group through formations; neighbours cross, the nearer in front.

    Args:
        dancers: The people.
        seconds: Length of the shot.
        faces: Height of the farthest and the nearest face, in frame heights.
        rng: Makes all random choices.

    Returns:
        One act each, the farthest first.

    """
    depths = np.linspace(*faces, len(dancers))
    times = np.arange(0, seconds + _BEAT, _BEAT)
    places = np.stack([_formation(len(dancers), rng) for _ in times])
    order = rng.permutation(len(dancers))
    return tuple(
        _act(dancers[person], seconds, _dance(times, places[:, row], float(depths[row]), rng), rng)
        for row, person in enumerate(order)
    )


def close_up(
    people: Sequence[Dancer],
    seconds: float,
    faces: tuple[float, float],
    rng: np.random.Generator,
) -> tuple[Act, ...]:
    """Show one to three people near the camera, who hardly move.

    Args:
        people: The people, in drawing order.
        seconds: Length of the shot.
        faces: Smallest and largest height of a face, in frame heights.
        rng: Makes all random choices.

    """
    acts = []
    for slot, person in zip(_slots(len(people)), people, strict=True):
        face = rng.uniform(*faces)
        x, y = slot + rng.uniform(-0.05, 0.05), rng.uniform(0.36, 0.44)
        step = rng.uniform(-0.04, 0.04)
        keys = (Key(0, x, y, face), Key(seconds, x + step, y, face * rng.uniform(0.95, 1.1)))
        acts.append(_act(person, seconds, keys, rng))
    return tuple(acts)


def _dance(
    times: NDArray[np.float64], places: NDArray[np.float64], face: float, rng: np.random.Generator
) -> tuple[Key, ...]:
    """Return keys that hold each place for a while, and duck or rise now and then."""
    keys = []
    level = 0.24 + 1.2 * face
    for time, x in zip(times.tolist(), places.tolist(), strict=True):
        y = level + face * rng.choice([0, 0, 0, 1.2, -0.5]) + rng.normal(0, 0.01)
        size = face * rng.uniform(0.95, 1.08)
        keys += [Key(time, x, y, size), Key(time + _BEAT * (1 - _WALK), x, level, size)]
    return tuple(keys)


def _act(dancer: Dancer, seconds: float, keys: tuple[Key, ...], rng: np.random.Generator) -> Act:
    photo, flip = int(rng.integers(dancer.photos)), bool(rng.integers(2))
    return Act(dancer.name, keys, tuple(_passages(dancer, seconds, rng)), photo, flip)


def _passages(dancer: Dancer, seconds: float, rng: np.random.Generator) -> list[Passage]:
    """Return turns and hidden faces, after each of which another photo is shown."""
    passages: list[Passage] = []
    time = rng.uniform(0, 1.5)
    odds = [odd for _, odd, _, _ in _LOOKS]
    while True:
        look, _, shortest, longest = _LOOKS[rng.choice(len(_LOOKS), p=odds)]
        stop = time + rng.uniform(shortest, longest)
        if stop > seconds:
            return passages
        photo = None if look is Look.HAND else int(rng.integers(dancer.photos))
        flip = look is not Look.HAND and bool(rng.integers(2))
        passages.append(Passage(look, time, stop, flip, photo))
        time = stop + rng.uniform(*_PAUSE)


def _formation(count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return places across the frame in random order."""
    places = _slots(count) + rng.uniform(-0.3, 0.3, count) * 0.8 / count
    return np.asarray(places[rng.permutation(count)], np.float64)


def _slots(count: int) -> NDArray[np.float64]:
    """Return even places across the frame, in frame widths."""
    return 0.08 + 0.84 * (np.arange(count) + 0.5) / count
