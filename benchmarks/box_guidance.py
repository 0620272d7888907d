"""Redraws the pictures of the pages on what to box, from the two public-domain portraits.

python -m benchmarks.box_guidance
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from matplotlib import cbook
from skimage import data

from benchmarks.recording import ROOT
from closeup.drawing.sheets import captioned, framed, grid
from closeup.frames import RGBImage
from closeup.labels import Box
from closeup.media.images import read_image, write_image

PICTURES = ROOT / "docs" / "images"
_YES, _NO = (0, 150, 70), (200, 30, 30)
_QUALITY = 88
_WIDTH = 300
"""Pixels of a tile."""


def main() -> None:
    """Draw both pictures."""
    hopper = read_image(Path(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)))[:512]
    collins = np.asarray(data.astronaut(), np.uint8)
    write(
        "box_face.jpg",
        tile(hopper, (157, 128, 376, 334), True, "yes: hair line to chin, ear to ear"),
        tile(hopper, (112, 10, 418, 400), False, "no: with hat, hair and neck"),
        tile(hopper, (178, 165, 350, 290), False, "no: without chin and forehead"),
        tile(collins, (172, 62, 282, 190), True, "yes: the same rule, smaller face"),
        tile(hidden(collins), (172, 62, 282, 190), False, "leave out: more than half is hidden"),
        tile(merged(hopper, collins), (142, 100, 420, 330), False, "leave out: two heads in one"),
    )
    write(
        "box_shoulders.jpg",
        tile(collins, (58, 10, 330, 300), True, "yes: top of the hair to the shoulders"),
        tile(hopper, (28, 18, 505, 440), True, "yes: with the hat, both shoulders"),
        tile(collins, (150, 10, 305, 192), False, "no: the head alone"),
        tile(collins, (20, 10, 365, 508), False, "no: the whole upper body"),
        tile(cut(collins), (0, 10, 190, 300), True, "yes: up to the edge of the picture"),
        tile(merged(hopper, collins), (20, 20, 500, 440), False, "leave out: two people in one"),
    )


def write(name: str, *tiles: RGBImage) -> None:
    """Write tiles in rows of three."""
    write_image(PICTURES / name, framed(grid(tiles, 3)), _QUALITY)


def tile(picture: RGBImage, box: Box, good: bool, caption: str) -> RGBImage:
    """A picture with a box: a whole line if it is good, else a dashed one."""
    scale = _WIDTH / picture.shape[1]
    size = (_WIDTH, round(picture.shape[0] * scale))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    x1, y1, x2, y2 = (round(scale * edge) for edge in box)
    for width, colour in ((6, (255, 255, 255)), (3, _YES if good else _NO)):
        for (ax, ay), (bx, by) in (
            ((x1, y1), (x2, y1)), ((x2, y1), (x2, y2)), ((x2, y2), (x1, y2)), ((x1, y2), (x1, y1)),
        ):  # fmt: skip
            steps = 1 if good else max(1, round(np.hypot(bx - ax, by - ay) / 12)) | 1
            ends = np.linspace((ax, ay), (bx, by), steps + 1).round().astype(int)
            for first, last in zip(ends[:-1:2], ends[1::2], strict=True):
                cv2.line(small, first.tolist(), last.tolist(), colour, width, cv2.LINE_AA)
    return captioned(np.asarray(small, np.uint8), caption)


def hidden(picture: RGBImage) -> RGBImage:
    """The face behind a raised sheet of paper."""
    covered = picture.copy()
    sheet = np.array([(150, 108), (300, 100), (310, 262), (160, 270)])
    cv2.fillPoly(covered, [sheet], (236, 232, 222), cv2.LINE_AA)
    cv2.polylines(covered, [sheet], True, (150, 148, 140), 2, cv2.LINE_AA)
    return covered


def merged(front: RGBImage, behind: RGBImage) -> RGBImage:
    """One head half behind another one."""
    picture = front.copy()
    head = behind[15:215, 140:310]
    large = cv2.resize(head, None, fx=1.25, fy=1.25, interpolation=cv2.INTER_CUBIC)
    height, width = large.shape[:2]
    mask = np.zeros((height, width), np.float32)
    cv2.ellipse(
        mask, (width // 2, height // 2), (width // 2 - 22, height // 2 - 8), 0, 0, 360, 1, -1
    )
    mask = cv2.GaussianBlur(mask, (0, 0), 4)[..., None]
    top, left = 95, 262
    place = picture[top : top + height, left : left + width]
    mixed = mask[:, : place.shape[1]] * large[:, : place.shape[1]]
    place[:] = (mixed + (1 - mask[:, : place.shape[1]]) * place).astype(np.uint8)
    return picture


def cut(picture: RGBImage) -> RGBImage:
    """The picture without its left part, so that the person is cut off."""
    return np.ascontiguousarray(picture[:372, 140:])


if __name__ == "__main__":
    main()
