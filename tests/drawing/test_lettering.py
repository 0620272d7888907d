from __future__ import annotations

import numpy as np
import pytest

from closeup.drawing.lettering import label


@pytest.mark.parametrize("name", ["Rosé", "Ωмега", "x" * 60, "a/b", " ", "a\x85\n\u2028"])
def test_any_name_gives_a_plate_with_letters(name: str) -> None:
    plate = label(name, "#1", 21, (255, 200, 0))
    assert plate.shape[0] == 22
    assert plate.shape[1] % 2 == 0
    assert (plate[2:-2, 4:-4, 0] < 100).any() == bool(name.strip())
    assert tuple(plate[0, 0]) == (255, 200, 0)


def test_letters_that_no_font_has_become_the_number() -> None:
    private = "\U0010fffd"
    assert np.array_equal(label(private, "#3", 20, (9, 9, 9)), label("#3", "?", 20, (9, 9, 9)))


def test_a_plate_that_is_kept_cannot_be_changed() -> None:
    plate = label("Ann", "#1", 20, (9, 9, 9))
    assert plate is label("Ann", "#1", 20, (9, 9, 9))
    with pytest.raises(ValueError, match="read-only"):
        plate[0, 0] = 1
