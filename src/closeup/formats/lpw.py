"""Pupils as text, one line ``x y`` for each frame of a video, as LPW has them.

Tonsen, Zhang, Sugano and Bulling, "Labelled pupils in the wild", ETRA 2016: videos of one eye,
640×480, from a head-mounted camera. The set does not say where pixels are; what is read is what
the file says.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from closeup.errors import InputError
from closeup.formats.text import read_number, read_text


def read_pupils(path: Path) -> NDArray[np.float64]:
    """The pupil's centre in each frame; shape (n, 2), x and y in the video's pixels.

    Raises:
        InputError: it cannot be read, holds nothing, or has a line that is not two numbers.

    """
    points = []
    for number, line in enumerate(read_text(path).rstrip().splitlines(), 1):
        words = line.split()
        if len(words) != 2:
            raise InputError(f"{path}, line {number}: {line!r} is not an x and a y; correct it")
        points.append([read_number(word, f"{path}, line {number}") for word in words])
    if not points:
        raise InputError(f"{path}: no point in it; it needs a line for each frame")
    return np.array(points, np.float64)
