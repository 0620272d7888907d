from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from closeup.effects.catalogue import EFFECTS, Chain, effect_names, open_effect
from closeup.effects.options import EffectOptions
from closeup.errors import InputError
from closeup.faces import Faces

OWN = """
import numpy as np

class Negative:
    def __init__(self, amount):
        self.amount = amount

    def __call__(self, image, faces):
        return np.asarray(255 - image, np.uint8) if self.amount else image

def open_negative(options):
    return Negative(1.0 if options.amount is None else options.amount)
"""
METADATA = "Metadata-Version: 2.1\nName: closeup-negative\nVersion: 1.0\n"
POINTS = "[closeup.effects]\nnegative = negative_effect:open_negative\nlost = no_such_module:x\n"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install a package with an effect, as pip would lay it out."""
    (tmp_path / "negative_effect.py").write_text(OWN)
    described = tmp_path / "closeup_negative-1.0.dist-info"
    described.mkdir()
    (described / "METADATA").write_text(METADATA)
    (described / "entry_points.txt").write_text(POINTS)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])


@pytest.mark.usefixtures("package")
def test_another_package_adds_an_effect() -> None:
    assert effect_names() == (*EFFECTS, "lost", "negative")
    image = np.full((4, 5, 3), 10, np.uint8)
    np.testing.assert_array_equal(open_effect("negative")(image, Faces.none()), 245)
    unchanged = open_effect("negative", EffectOptions(amount=0))
    np.testing.assert_array_equal(unchanged(image, Faces.none()), 10)


@pytest.mark.usefixtures("package")
def test_an_effect_that_cannot_be_imported_is_named() -> None:
    with pytest.raises(InputError, match=r"'lost' of no_such_module:x cannot be imported"):
        open_effect("lost")


def test_an_unknown_effect_shows_the_list() -> None:
    with pytest.raises(InputError, match=r"no effect 'glitter'; there are startled, glare"):
        open_effect("startled, glitter")


@pytest.mark.usefixtures("package")
def test_effects_are_applied_one_after_another() -> None:
    chain = open_effect("negative, negative,negative")
    assert isinstance(chain, Chain)
    assert len(chain.effects) == 3
    image = np.full((4, 5, 3), 10, np.uint8)
    np.testing.assert_array_equal(chain(image, Faces.none()), 245)
    assert isinstance(open_effect(["sparkle", "laser"]), Chain)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("sticker", EffectOptions(), "sticker needs a picture"),
        ("sticker", EffectOptions(sticker=Path("none.png")), "none.png: no such file"),
        ("startled", EffectOptions(eyes=Path("none.png")), "none.png: no such file"),
    ],
)
def test_missing_files_are_named(name: str, options: EffectOptions, message: str) -> None:
    with pytest.raises(InputError, match=message):
        open_effect(name, options)


@pytest.mark.parametrize("amount", [-0.1, float("nan"), float("inf")])
def test_an_amount_must_be_a_number(amount: float) -> None:
    with pytest.raises(ValueError, match="amount must be 0 or more"):
        EffectOptions(amount=amount)


def test_what_is_drawn_is_not_warped() -> None:
    """The iris of a cartoon eye would smear."""
    chain = open_effect("startled,glare,sparkle,bigger-eyes")
    assert isinstance(chain, Chain)
    names = [type(effect).__name__ for effect in chain.effects]
    assert names == ["GlaringEyes", "BiggerEyes", "StartledEyes", "SparklingEyes"]
