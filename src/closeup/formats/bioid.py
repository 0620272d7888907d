"""The BioID face database: eyes in ``.eye`` files, twenty points in ``.pts`` files.

An ``.eye`` file is a comment, ``#LX LY RX RY``, and four numbers: the left eye, then the right
one. "Left" is the person's left, which is right in the picture, see
http://ftp.fau.de/pub/facedb/readme.html. The twenty points are those of the FGnet mark-up.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from closeup.errors import InputError
from closeup.files.text import lines_of, read_number, read_text
from closeup.formats.pts import read_pts
from closeup.labels import EYES, Point

POINTS = 20
_NAMED = {"right_eye": 0, "left_eye": 1, "nose": 14, "mouth_right": 2, "mouth_left": 3}
"""Indices of the five landmarks in the twenty points: pupils, nose tip, corners of the mouth."""


def read_eyes(path: Path) -> dict[str, Point]:
    """Read ``right_eye`` and ``left_eye`` from an ``.eye`` file, in the picture's pixels.

    Raises:
        InputError: it cannot be read, does not have four numbers, or the person's left eye is not
            right of the other in the picture, as in all of BioID's frontal faces.

    """
    lines = [
        (number, line)
        for number, line in enumerate(lines_of(read_text(path)), 1)
        if line.strip() and not line.startswith("#")
    ]
    if len(lines) != 1:
        raise InputError(f"{path}: {len(lines)} lines with numbers, not 1; get the file again")
    number, line = lines[0]
    words = line.split()
    if len(words) != 4:
        raise InputError(f"{path}, line {number}: {len(words)} numbers, not 4; get the file again")
    left_x, left_y, right_x, right_y = (
        read_number(word, f"{path}, line {number}") for word in words
    )
    if left_x <= right_x:
        raise InputError(
            f"{path}, line {number}: the person's left eye is not right in the picture; "
            "it comes first, exchange the two"
        )
    return dict(zip(EYES, [(right_x, right_y), (left_x, left_y)], strict=True))


def read_points(path: Path) -> tuple[NDArray[np.float64], dict[str, Point]]:
    """Read the twenty points of a ``.pts`` file.

    Returns:
        All points, shape (20, 2), and the five landmarks by name, in the picture's pixels.

    Raises:
        InputError: as :func:`closeup.formats.pts.read_pts`.

    """
    points = read_pts(path, POINTS)
    return points, {name: (points[i, 0], points[i, 1]) for name, i in _NAMED.items()}
