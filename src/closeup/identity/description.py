"""Embeddings and weights of faces, the input of recognition, clustering and verification."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.identity.calibration import calibration_of
from closeup.identity.quality import weights
from closeup.protocols import Embedder


def describe(image: RGBImage, faces: Faces, embedder: Embedder) -> Faces:
    """The same faces with embeddings and weights.

    Args:
        image: RGB uint8 of shape (H, W, 3) that shows the faces.
        faces: n faces, in the pixels of the image.
        embedder: Turns each face into a vector.

    Returns:
        The faces with ``embeddings`` (n, d), each the mean of the vectors of the face and of its
        mirror image, and ``weights`` (n,) in 0..1, how much each should count.

    Raises:
        CalibrationError: the embedder has no calibration.

    """
    return described(faces, embedder.chips(image, faces), embedder, Size.of(image))


def described(
    faces: Faces, chips: Sequence[RGBImage], embedder: Embedder, size: Size | None = None
) -> Faces:
    """Like :func:`describe`, for faces whose chips are cut already.

    Args:
        faces: n faces.
        chips: Their n chips, as ``embedder.chips`` gives them.
        embedder: Turns each chip into a vector.
        size: Size of the picture; None if no face is cut off by its edge.

    """
    worths = weights(faces, chips, calibration_of(embedder).variance, size)
    return faces.with_columns(
        embeddings=mirrored_mean(embedder, list(chips)), weights=np.array(worths, np.float64)
    )


def mirrored_mean(embedder: Embedder, chips: list[RGBImage]) -> NDArray[np.float32]:
    """Mean of the embeddings of each chip and its mirror image; shape (n, dimensions).

    The mean is nearer to other photos of the person than either of the two vectors.
    """
    vectors = embedder.embed([*chips, *(np.ascontiguousarray(chip[:, ::-1]) for chip in chips)])
    return np.asarray((vectors[: len(chips)] + vectors[len(chips) :]) / 2, np.float32)
