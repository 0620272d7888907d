"""Costumes that distinguish performers by colour and pattern."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

Colour = tuple[int, int, int]
"""Red, green, blue, 0..255."""


class Pattern(Enum):
    """Pattern of the cloth of the upper part."""

    PLAIN = "plain"
    STRIPES = "stripes"
    CHECKS = "checks"
    SEQUINS = "sequins"


@dataclass(frozen=True, slots=True)
class Costume:
    """The clothes of one performer; they do not change within a scene.

    Attributes:
        first: The cloth's main colour.
        second: The colour of its pattern.
        trousers: The colour of trousers or skirt.
        pattern: The pattern of the upper part.
        skirt: Whether it has a skirt with bare legs instead of trousers.
        cap: The colour of a cap with a brim that shades the brow; None without one.

    """

    first: Colour
    second: Colour
    trousers: Colour
    pattern: Pattern = Pattern.PLAIN
    skirt: bool = False
    cap: Colour | None = None

    def cloth(self, height: int, width: int) -> NDArray[np.uint8]:
        """Return the upper part's cloth; RGB uint8 of shape (height, width, 3)."""
        mask = _PATTERNS[self.pattern](height, width)[..., None]
        first, second = np.array(self.first), np.array(self.second)
        mixed = first + mask * (second - first)
        return np.asarray(np.clip(mixed, 0, 255), np.uint8)


def _plain(height: int, width: int) -> NDArray[np.float32]:
    rows = np.linspace(0, 0.35, height, dtype=np.float32)
    return np.repeat(rows[:, None], width, axis=1)


def _stripes(height: int, width: int) -> NDArray[np.float32]:
    rows = np.arange(height) // 24 % 2
    return np.repeat(rows[:, None], width, axis=1).astype(np.float32)


def _checks(height: int, width: int) -> NDArray[np.float32]:
    rows, columns = np.arange(height) // 30 % 2, np.arange(width) // 30 % 2
    return np.asarray((rows[:, None] + columns[None, :]) / 2, np.float32)


def _sequins(height: int, width: int) -> NDArray[np.float32]:
    coarse = np.random.default_rng(7).random((height // 6 + 1, width // 6 + 1)) ** 3
    fine = np.kron(coarse, np.ones((6, 6)))
    return np.asarray(fine[:height, :width], np.float32)


_PATTERNS = {
    Pattern.PLAIN: _plain,
    Pattern.STRIPES: _stripes,
    Pattern.CHECKS: _checks,
    Pattern.SEQUINS: _sequins,
}

WARDROBE = (
    Costume((196, 40, 52), (250, 236, 220), (36, 36, 48), Pattern.STRIPES),
    Costume((32, 92, 190), (168, 206, 250), (226, 226, 232), Pattern.CHECKS, skirt=True),
    Costume((66, 40, 110), (240, 214, 120), (24, 20, 40), Pattern.SEQUINS),
    Costume((20, 132, 86), (12, 84, 60), (196, 178, 140), Pattern.PLAIN, skirt=True),
    Costume((240, 196, 40), (40, 40, 40), (40, 70, 120), Pattern.STRIPES),
    Costume((236, 236, 240), (240, 96, 160), (200, 70, 130), Pattern.SEQUINS, skirt=True),
)
"""Costumes that differ clearly from each other, assigned in this order."""
