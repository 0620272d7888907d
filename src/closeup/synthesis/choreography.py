"""Shots for any number of members and one non-member, varied by a seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from closeup.synthesis.figures import Look
from closeup.synthesis.motion import Act, Key, Passage
from closeup.synthesis.scene import Shot


@dataclass(frozen=True, slots=True)
class Company:
    """The people of a scene.

    Attributes:
        members: Names of the members.
        stranger: Name of a person who is not a member.
        photos: Number of portraits of each person.

    """

    members: tuple[str, ...]
    stranger: str
    photos: int

    def shots(self, seconds: float, length: float, seed: int) -> tuple[Shot, ...]:
        """Return shots of about ``length`` seconds that fill ``seconds`` exactly."""
        count = max(1, round(seconds / length))
        kinds = (self.changing_places, self.near, self.coming_back)
        return tuple(
            kinds[i % len(kinds)](seconds / count, i, np.random.default_rng([seed, i]))
            for i in range(count)
        )

    def changing_places(self, length: float, number: int, rng: np.random.Generator) -> Shot:
        """Neighbours cross, one turns away, one turns round; the non-member walks behind."""
        order = rng.permutation(self.members)
        slots = _slots(len(order))
        goals = slots.copy()
        for i in range(0, len(order) - 1, 2):
            goals[[i, i + 1]] = goals[[i + 1, i]]
        acts = [self._passing_by(length, rng)]
        for place, name in enumerate(order):
            passages: tuple[Passage, ...] = ()
            if place == 0:
                passages = (self._turned_away(0.72 * length, 0.9 * length, number),)
            elif place == 1:
                passages = (Passage(Look.FRONT, 0.1 * length, 0.1 * length + 0.5, flip=True),)
            y, face = rng.uniform(0.32, 0.4), rng.uniform(0.13, 0.16)
            keys = (
                Key(0, slots[place], y, face),
                Key(0.22 * length, slots[place], y, face),
                Key(0.65 * length, goals[place], y, face * rng.uniform(1.0, 1.15)),
                Key(length, goals[place], y, face),
            )
            acts.append(Act(str(name), keys, passages, number % self.photos))
        return Shot(length, tuple(acts), backdrop=number)

    def near(self, length: float, number: int, rng: np.random.Generator) -> Shot:
        """A near camera: two large faces, one behind a hand, and a third walks through."""
        order = rng.permutation(self.members)
        acts = []
        for place, name in enumerate(order[:2]):
            x, face = (0.3, 0.72)[place] + rng.uniform(-0.04, 0.04), rng.uniform(0.2, 0.24)
            keys = (
                Key(0, x, 0.38, face),
                Key(0.5 * length, x + 0.05, 0.36, face * 1.1),
                Key(length, x, 0.38, face * 0.9),
            )
            hidden = (
                Passage(Look.HAND, 0.2 * length, 0.2 * length + 1)
                if place == 0
                else self._turned_away(0.6 * length, 0.6 * length + 0.5, number, flip=True)
            )
            acts.append(Act(str(name), keys, (hidden,), number % self.photos))
        for name in order[2:3]:
            through = (Key(0.1 * length, -0.15, 0.36, 0.15), Key(0.9 * length, 1.15, 0.34, 0.17))
            acts.insert(0, Act(str(name), through, (), number % self.photos))
        return Shot(length, tuple(acts), backdrop=number)

    def coming_back(self, length: float, number: int, rng: np.random.Generator) -> Shot:
        """One leaves and comes back, one is behind hair; the non-member stands among them."""
        order = [self.stranger, *(str(name) for name in rng.permutation(self.members))]
        slots = _slots(len(order))[rng.permutation(len(order))]
        acts = []
        for place, name in enumerate(order):
            x, y, face = slots[place], rng.uniform(0.3, 0.42), rng.uniform(0.125, 0.15)
            step = rng.uniform(-0.04, 0.04)
            keys: tuple[Key, ...] = (
                Key(0, x, y, face),
                Key(0.5 * length, x + step, y, face),
                Key(length, x, y, face),
            )
            passages: tuple[Passage, ...] = ()
            if place == 1:
                outside = 1.15 if x > 0.5 else -0.15
                keys = (
                    Key(0, x, y, face), Key(0.1 * length, x, y, face),
                    Key(0.4 * length, outside, y, face), Key(0.5 * length, outside, y, face),
                    Key(0.85 * length, x, y, face), Key(length, x, y, face),
                )  # fmt: skip
                passages = (self._turned_away(0.4 * length, 0.5 * length, number),)
            elif place == 2:
                passages = (Passage(Look.HAIR, 0.5 * length, 0.5 * length + 1),)
            acts.append(Act(name, keys, passages, number % self.photos))
        return Shot(length, tuple(acts), backdrop=number)

    def _turned_away(
        self, start: float, stop: float, number: int, *, flip: bool = False
    ) -> Passage:
        return Passage(Look.BACK, start, stop, flip, (number + 1) % self.photos)

    def _passing_by(self, length: float, rng: np.random.Generator) -> Act:
        y = rng.uniform(0.26, 0.3)
        ends = (0.06, 0.94) if rng.random() < 0.5 else (0.94, 0.06)
        return Act(self.stranger, (Key(0, ends[0], y, 0.12), Key(length, ends[1], y, 0.125)))


def _slots(count: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return positions side by side, in frame widths."""
    return np.linspace(0.5 / count, 1 - 0.5 / count, count)
