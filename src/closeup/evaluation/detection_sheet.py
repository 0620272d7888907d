"""Contact sheets of pictures with right, missed and false detections."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.detection.letterbox import largest_inside, resized
from closeup.detections import Detections
from closeup.drawing.colours import Colour
from closeup.drawing.marks import Mark, draw_marks
from closeup.drawing.sheets import GAP, below, captioned, centred, framed, grid
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.labels import PictureLabels
from closeup.metrics.matching import FALSE, UNCOUNTED, matched

_TILE = Size(400, 400)
_RIGHT: Colour = (60, 220, 90)
_WRONG: Colour = (255, 60, 60)
_MISSED: Colour = (255, 210, 40)
_IGNORED: Colour = (150, 150, 150)
_LEGEND = "green: right    red: wrong    yellow: missed    grey: does not count"
_NO_POINTS = np.empty((0, 2), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """One picture of a sheet.

    Attributes:
        name: Caption below the picture.
        image: RGB uint8 (H, W, 3).
        found: Detections in its pixels, whose centres are at integer coordinates.
        truth: Labels in the same pixels.

    """

    name: str
    image: RGBImage
    found: Detections
    truth: PictureLabels


def detection_sheet(
    pictures: Sequence[Shown],
    names: Sequence[str],
    *,
    score_threshold: float = 0.25,
    overlap: float = 0.5,
    columns: int = 4,
) -> RGBImage:
    """Draw pictures with their boxes in a grid; RGB uint8 (H, W, 3).

    Args:
        pictures: At least one picture.
        names: Names of the classes; drawn if there are several.
        score_threshold: Boxes of a lower score are not drawn.
        overlap: Least intersection over union of a found and a true box of one class.
        columns: Number of pictures per row.

    """
    tiles = [_tile(picture, names, score_threshold, overlap) for picture in pictures]
    rows = grid(tiles, columns)
    legend = captioned(np.empty((0, rows.shape[1], 3), np.uint8), _LEGEND)
    return framed(below([legend, rows], GAP // 2))


def _tile(picture: Shown, names: Sequence[str], score_threshold: float, overlap: float) -> RGBImage:
    size = Size.of(picture.image)
    inner = largest_inside(size, _TILE)
    scale = np.tile(np.array(inner) / np.array(size), 2)
    marks = [
        Mark((mark.box + 0.5) * scale - 0.5, _NO_POINTS, mark.text, "?", mark.colour)
        for mark in _marks(picture, names, score_threshold, overlap)
    ]
    drawn = draw_marks(resized(picture.image, inner), marks)
    return captioned(centred(drawn, Size(_TILE.width, inner.height)), picture.name)


def _marks(
    picture: Shown, names: Sequence[str], score_threshold: float, overlap: float
) -> Iterator[Mark]:
    """Marks in the picture's pixels, the most important last, so that they are drawn on top."""
    found, truth = picture.found[picture.found.scores >= score_threshold], picture.truth
    pairs = matched(found, truth, overlap)
    missed = ~np.isin(np.arange(len(truth)), pairs[(pairs != FALSE) & (pairs != UNCOUNTED)])
    for some, colour in ((truth.ignored, _IGNORED), (missed & ~truth.ignored, _MISSED)):
        for box, number in zip(truth.boxes[some], truth.classes[some], strict=True):
            yield _mark(box, _name(names, int(number)), colour)
    for box, number, score, pair in zip(
        found.boxes, found.classes, found.scores, pairs, strict=True
    ):
        colour = {FALSE: _WRONG, UNCOUNTED: _IGNORED}.get(int(pair), _RIGHT)
        yield _mark(box, f"{_name(names, int(number))} {score:.2f}".strip(), colour)


def _name(names: Sequence[str], number: int) -> str:
    return names[number] if len(names) > 1 else ""


def _mark(box: NDArray[np.floating], text: str, colour: Colour) -> Mark:
    return Mark(box, _NO_POINTS, text, "?", colour)
