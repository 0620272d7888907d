"""Every effect looks as it was agreed: compared with pictures that were looked at.

Other versions of Skia and OpenCV may round otherwise, so a small difference is allowed. After
a wanted change, ``python -m tests.effects.test_golden MODELS`` draws the pictures again; look at
them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from closeup.effects.cartoon_eyes import EyeStyle
from closeup.effects.catalogue import open_effect
from closeup.effects.extras import Extra
from closeup.effects.glare import Direction
from closeup.effects.options import EffectOptions
from closeup.effects.sticker import Anchor, Sticker, StickerPlacement
from closeup.frames import RGBImage
from closeup.protocols import Effect
from tests.effects.portraits import described

GOLDEN = Path(__file__).parent / "golden"
_PART = slice(60, 190), slice(165, 285)
_MOST = 0.15
"""Largest difference from the agreed picture, as a share of what the effect changes."""


def effects() -> dict[str, Effect]:
    rings = np.zeros((40, 80, 4), np.uint8)
    rows, columns = np.mgrid[:40, :80]
    for middle in (19.5, 59.5):
        away = np.hypot(rows - 19.5, columns - middle)
        rings[(away > 12) & (away < 19)] = (200, 30, 120, 255)
    extras = (Extra.SWEAT, Extra.LINES)
    found: dict[str, Effect] = {
        "startled-pop": open_effect("startled", EffectOptions(extras=extras)),
        "startled-anime": open_effect("startled", EffectOptions(style=EyeStyle.ANIME)),
        "sticker": Sticker(rings, StickerPlacement(Anchor.EYES, width=2.2)),
    }
    for direction in Direction:
        found[f"glare-{direction}"] = open_effect("glare", EffectOptions(1.0, direction=direction))
    names = ("bigger-eyes", "sparkle", "googly", "laser", "blur-faces", "pixelate", "black-bar")
    return found | {name: open_effect(name) for name in names}


def drawn(name: str, models: Path) -> RGBImage:
    image, faces = described("astronaut", models)
    return effects()[name](image, faces)[_PART]


@pytest.mark.parametrize("name", effects())
def test_an_effect_looks_as_it_was_agreed(name: str, shared_models: Path) -> None:
    agreed = np.asarray(Image.open(GOLDEN / f"{name}.png")).astype(int)
    before = described("astronaut", shared_models)[0][_PART]
    change = np.abs(agreed - before).sum()
    assert change > 0
    assert np.abs(drawn(name, shared_models) - agreed).sum() < _MOST * change


if __name__ == "__main__":
    for title in effects():
        Image.fromarray(drawn(title, Path(sys.argv[1]))).save(GOLDEN / f"{title}.png")
