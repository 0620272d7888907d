"""Masks of annotations, and those that cannot be shown."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from closeup.errors import ImageError
from closeup.geometry import Size
from closeup.labelling.shown_masks import read_mask

SIZE = Size(8, 6)


def classes() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    mask = np.zeros((6, 8), np.uint8)
    mask[1:3, 2:5] = 3
    mask[4, 6] = 9
    return mask


def test_grey_deep_and_palette_masks_give_their_values(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "grey.png"), classes())
    cv2.imwrite(str(tmp_path / "deep.png"), classes().astype(np.uint16) * 100)
    palette = Image.fromarray(classes(), "P")
    palette.putpalette([value for number in range(256) for value in (255 - number, 7, number)])
    palette.save(tmp_path / "palette.png")
    assert (read_mask(tmp_path, "grey.png", SIZE) == classes()).all()
    assert (read_mask(tmp_path, "deep.png", SIZE) == classes().astype(int) * 100).all()
    assert (read_mask(tmp_path, "palette.png", SIZE) == classes()).all()


def test_colours_that_are_greys_are_values_and_other_colours_are_numbered(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "greys.png"), np.dstack([classes()] * 3))
    colours = np.zeros((6, 8, 3), np.uint8)
    colours[0, 0], colours[0, 1] = (255, 0, 0), (0, 0, 255)  # BGR: blue is the lower number
    cv2.imwrite(str(tmp_path / "colours.png"), colours)
    assert (read_mask(tmp_path, "greys.png", SIZE) == classes()).all()
    assert read_mask(tmp_path, "colours.png", SIZE)[0, :3].tolist() == [1, 2, 0]


def test_a_bilevel_mask_has_one_class(tmp_path: Path) -> None:
    Image.fromarray(classes() > 0).save(tmp_path / "mask.png")
    mask = read_mask(tmp_path, "mask.png", SIZE)
    assert ((mask > 0) == (classes() > 0)).all()


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("gone.png", "missing", "is gone"),
        ("large.png", "of another size", "is 16 × 12 pixels and its picture is 8 × 6"),
        ("text.png", "damaged", "is not a picture"),
        ("nothing.png", "damaged", "is not a picture"),
        ("../outside.png", "outside", "leads out of"),
    ],
)
def test_masks_that_cannot_be_shown_say_why(
    tmp_path: Path, name: str, kind: str, said: str
) -> None:
    folder = tmp_path / "masks"
    folder.mkdir()
    cv2.imwrite(str(folder / "large.png"), np.ones((12, 16), np.uint8))
    cv2.imwrite(str(tmp_path / "outside.png"), classes())
    (folder / "text.png").write_text("no mask")
    (folder / "nothing.png").touch()
    with pytest.raises(ImageError, match=said) as raised:
        read_mask(folder, name, SIZE)
    assert raised.value.kind == kind
