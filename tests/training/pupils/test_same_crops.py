import numpy as np

from closeup.training.pupils.same_crops import numbered


def test_the_same_pixels_have_the_same_number_but_for_those_that_show_nothing() -> None:
    crops = np.random.default_rng(0).integers(0, 256, (6, 4, 5)).astype(np.uint8)
    crops[3] = crops[1]
    crops[4] = crops[5] = 0

    numbers = numbered(crops)

    assert numbers[3] == numbers[1]
    assert len(set(numbers.tolist())) == 5


def test_no_crop() -> None:
    assert len(numbered(np.empty((0, 4, 5), np.uint8))) == 0
