"""Files of TensorFlow Lite whose outputs do not depend on the picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from closeup.models.tflite import Operator
from tests.tflite_files import TFLiteFile


def constant_tflite(side: int, outputs: Sequence[ArrayLike]) -> bytes:
    """A network of pictures of ``side`` pixels that gives these rows of numbers."""
    file = TFLiteFile()
    picture = file.variable(1, side, side, 3)
    valid = {0: ("byte", 1), 1: ("int", 1), 2: ("int", 1)}
    whole = {**valid, 3: ("int", side), 4: ("int", side)}
    brightest = file.node(Operator.MAX_POOL_2D, [picture], file.variable(1, 1, 1, 3), whole)
    made = []
    for output in outputs:
        bias = np.asarray(output, np.float32).ravel()
        weights = np.zeros((len(bias), 1, 1, 3), np.float32), bias
        inputs = [brightest, *(file.constant(values) for values in weights)]
        pixel = file.node(Operator.CONV_2D, inputs, file.variable(1, 1, 1, len(bias)), valid)
        made.append(file.node(Operator.RESHAPE, [pixel], file.variable(1, len(bias)), {}))
    return file.written([picture], made)
