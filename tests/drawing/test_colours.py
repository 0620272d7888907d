from itertools import combinations

import numpy as np

from closeup.drawing.colours import distinct_colour


def test_the_first_colours_are_bright_and_far_apart() -> None:
    colours = np.array([distinct_colour(number) for number in range(8)])
    assert colours.max(axis=1).tolist() == [255] * 8
    assert min(np.abs(a - b).sum() for a, b in combinations(colours, 2)) >= 60
    assert len({distinct_colour(number) for number in range(100)}) == 100
