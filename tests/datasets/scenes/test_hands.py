"""Hands tempt a detector, and are no faces: the one that knows faces sees none in them."""

from __future__ import annotations

import numpy as np
import pytest

from closeup.datasets.scenes.distractors import SIDE, Drawer
from closeup.datasets.scenes.hands import draw_fist, draw_open_hand
from closeup.detection.yunet import YuNetDetector

GREY = 140
HANDS = 20
either = pytest.mark.parametrize("draw", [draw_open_hand, draw_fist])


def drawn(draw: Drawer, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Colour (96, 96, 3) and how much of each pixel is hand, 0 … 1."""
    colour, alpha = np.zeros((SIDE, SIDE, 3), np.uint8), np.zeros((SIDE, SIDE), np.uint8)
    draw(colour, alpha, np.random.default_rng(seed))
    return colour, alpha / 255


@either
def test_the_detector_sees_no_face_in_a_hand(draw: Drawer, teacher: YuNetDetector) -> None:
    for seed in range(HANDS):
        colour, alpha = drawn(draw, seed)
        shown = (colour * alpha[..., None] + GREY * (1 - alpha[..., None])).astype(np.uint8)
        for step in (1, 2, 3):
            assert not (
                teacher.detect(np.ascontiguousarray(shown[::step, ::step])).scores > 0.6
            ).any()


@either
def test_a_hand_is_one_piece_that_reaches_the_lower_edge(draw: Drawer) -> None:
    for seed in range(HANDS):
        _, alpha = drawn(draw, seed)
        assert alpha[40:70, 40:56].all()
        assert alpha[-1].any()
        assert not alpha[0].any()
        assert 0.15 < alpha.mean() < 0.6


def test_hands_differ_and_the_same_chance_gives_the_same_one() -> None:
    first, again, other = drawn(draw_fist, 0)[0], drawn(draw_fist, 0)[0], drawn(draw_fist, 1)[0]
    assert (first == again).all()
    assert (first != other).any()
