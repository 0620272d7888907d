from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st
from PIL import Image

from closeup.errors import ImageError
from closeup.geometry import Size
from closeup.labelling.shown_masks import class_colour, coloured, read_mask

VALUES = np.array([[0, 1, 2], [5, 0, 255]], np.uint8)


@pytest.mark.parametrize("mode", ["L", "P", "I;16"])
def test_grey_and_palette_files_give_their_values(tmp_path: Path, mode: str) -> None:
    if mode == "P":
        image = Image.fromarray(VALUES).convert("L").convert("P")
        image.putdata(VALUES.flatten().tolist())
        image.putpalette([7 * i % 256 for i in range(768)])
    else:
        image = Image.fromarray(
            VALUES.astype({"L": np.uint8, "I;16": np.uint16, "I": np.int32}[mode])
        )
    image.save(tmp_path / "mask.png")
    assert read_mask(tmp_path, "mask.png").tolist() == VALUES.tolist()


def test_black_and_white(tmp_path: Path) -> None:
    Image.fromarray(VALUES > 1).save(tmp_path / "mask.png")
    assert read_mask(tmp_path, "mask.png").tolist() == [[0, 0, 255], [255, 0, 255]]


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_grey_as_colours_gives_the_grey_values(tmp_path: Path, mode: str) -> None:
    Image.fromarray(VALUES).convert(mode).save(tmp_path / "mask.png")
    assert read_mask(tmp_path, "mask.png").tolist() == VALUES.tolist()


def test_every_colour_is_a_class(tmp_path: Path) -> None:
    pixels = [[(0, 0, 0), (0, 0, 9), (0, 3, 0)], [(200, 0, 0), (0, 3, 0), (0, 0, 0)]]
    Image.fromarray(np.array(pixels, np.uint8)).save(tmp_path / "mask.png")
    assert read_mask(tmp_path, "mask.png").tolist() == [[0, 1, 2], [3, 2, 0]]


def test_another_size_is_refused(tmp_path: Path) -> None:
    Image.fromarray(VALUES).save(tmp_path / "mask.png")
    assert read_mask(tmp_path, "mask.png", Size(3, 2)).shape == (2, 3)
    with pytest.raises(ImageError, match="is 3 × 2 pixels and its picture is 2 × 3; make both"):
        read_mask(tmp_path, "mask.png", Size(2, 3))


def test_what_is_no_mask_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "masks"
    folder.mkdir()
    Image.fromarray(VALUES).save(tmp_path / "outside.png")
    (folder / "text.png").write_text("no picture", encoding="utf-8")
    for name, reason in (
        ("none.png", "is gone"), ("text.png", "is not a picture"), ("../outside.png", "leads out"),
    ):  # fmt: skip
        with pytest.raises(ImageError, match=reason):
            read_mask(folder, name)


@given(st.integers(0, 65535), st.integers(0, 65535))
def test_a_class_has_one_colour_in_all_masks(first: int, second: int) -> None:
    pixels = coloured(np.array([[first, second]], np.uint16))
    assert tuple(pixels[0, 0]) == class_colour(first)
    assert tuple(pixels[0, 1]) == class_colour(second)
    assert (pixels[..., 3] > 0).tolist() == [[first > 0, second > 0]]


def test_the_only_class_has_the_first_colour_however_it_is_written() -> None:
    assert class_colour(1) == class_colour(255)
    assert len({class_colour(value) for value in range(1, 40)}) == 39
