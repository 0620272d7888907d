"""Scenes in which somebody seems to be there twice: beside a mirror, or with a twin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

import numpy as np

from closeup.synthesis.motion import Act, Key
from closeup.synthesis.scene import Mirror, Scene, Shot

TWIN = "'s twin"
"""What is added to a member's name for the twin."""

_AXIS = 0.6
"""x of the mirror's edge, about which places are mirrored, in frame widths."""

_STAGE = (0.04, 0.58)
"""Range of x, in frame widths, in which performers stay beside a mirror or a twin."""

_LATE = 0.12
"""Seconds by which a twin follows in step."""

_SLOPPY = 0.15
"""Standard deviation of a twin's places from those of the choreography, in face heights."""


class TwinKind(StrEnum):
    """How a twin moves."""

    APART = "apart"
    """By itself."""
    IN_STEP = "in step"
    """As the other one, an instant later."""
    OPPOSITE = "opposite"
    """As the other one's reflection would, an instant later."""


def with_mirror(scene: Scene, scale: float = 1.0) -> Scene:
    """Put a mirror on the right of a scene, and move the performers to the left of it.

    Args:
        scene: The scene.
        scale: Height of reflections relative to the performers.

    """
    mirror = Mirror(_AXIS, 1.0, _AXIS, scale)
    return _changed(_narrowed(scene), lambda shot: replace(shot, mirror=mirror))


def with_twin(scene: Scene, kind: TwinKind) -> Scene:
    """Add a twin of the first member, who is not enrolled and wears the same.

    Args:
        scene: The scene; its performers are moved to the left, and the twin is on the right.
        kind: How the twin moves.

    """
    first = scene.performers[0]
    twin = replace(first, name=first.name + TWIN, enrolment=(), member=False)
    rng = np.random.default_rng([scene.seed, list(TwinKind).index(kind)])

    def joined(shot: Shot) -> Shot:
        acts = [
            _twin(act, twin.name, kind, rng) for act in shot.acts if act.performer == first.name
        ]
        return replace(shot, acts=(*acts, *shot.acts))

    narrowed = _narrowed(scene)
    return _changed(replace(narrowed, performers=(*scene.performers, twin)), joined)


def _twin(act: Act, name: str, kind: TwinKind, rng: np.random.Generator) -> Act:
    """The act of a twin."""
    if kind is TwinKind.APART:
        keys = tuple(
            replace(key, x=0.68 + 0.26 * float(rng.random()), y=key.y + 0.02 * float(rng.normal()))
            for key in act.keys
        )
        return Act(name, keys, (), act.photo, act.flip)
    keys = tuple(_followed(key, kind, rng) for key in act.keys)
    passages = tuple(
        replace(own, start=own.start + _LATE, stop=own.stop + _LATE) for own in act.passages
    )
    return Act(name, keys, passages, act.photo, act.flip ^ (kind is TwinKind.OPPOSITE))


def _followed(key: Key, kind: TwinKind, rng: np.random.Generator) -> Key:
    """A key of a twin in step: later, elsewhere, and not quite the same."""
    x = 2 * _AXIS - key.x if kind is TwinKind.OPPOSITE else key.x + 0.4
    off = rng.normal(0, _SLOPPY * key.face, 2)
    return replace(key, at=key.at + _LATE, x=x + 9 / 16 * float(off[0]), y=key.y + float(off[1]))


def _narrowed(scene: Scene) -> Scene:
    """The scene with everybody in :data:`_STAGE`."""
    low, high = _STAGE

    def moved(act: Act) -> Act:
        keys = tuple(replace(key, x=low + (high - low) * key.x) for key in act.keys)
        return replace(act, keys=keys)

    return _changed(scene, lambda shot: replace(shot, acts=tuple(map(moved, shot.acts))))


def _changed(scene: Scene, change: Callable[[Shot], Shot]) -> Scene:
    return replace(scene, shots=tuple(map(change, scene.shots)))
