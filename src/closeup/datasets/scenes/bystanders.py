"""Faces in a scene that were not pasted on purpose: bystanders in the background of photos."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from closeup.datasets.scenes.canvas import Canvas, Content
from closeup.datasets.scenes.painting_over import paint_over
from closeup.faces import Faces
from closeup.geometry import centres_of

SURE = 0.8
"""YuNet score from which a face is labelled; below it the face is painted over."""

DOUBTFUL = 0.3
"""Detection threshold for faces to be painted over."""


def settle_bystanders(canvas: Canvas, found: Faces, rng: np.random.Generator) -> None:
    """Label certain faces and paint over possible ones, so that no face stays unlabelled.

    A detection on a pasted face, hidden or not, is that face: its composed label is exact.
    Where faces were painted over, a remaining detection is painted over again.
    Detections on drawings are ignored: drawings are hard negatives that a detector must learn to
    reject.

    Args:
        canvas: The scene; its picture is written to.
        found: Detections with landmarks, in the canvas' pixels.
        rng: Chooses how faces are painted over.

    """
    if found.landmarks is None:
        return
    for box, score, points in zip(found.boxes, found.scores, found.landmarks, strict=True):
        content = canvas.content(box)
        if _known(box, canvas) or content is Content.DRAWN:
            continue
        if score >= SURE and content is Content.PHOTO:
            canvas.add(box, points)
        else:
            paint_over(canvas.image, box[None], rng)


def _known(box: NDArray[np.float32], canvas: Canvas) -> bool:
    """Return whether its middle lies in a pasted face, or a pasted face's middle lies in it."""
    own = canvas.all_boxes
    middle, middles = centres_of(box), centres_of(own)
    inside = (own[:, :2] <= middle).all(axis=1) & (middle <= own[:, 2:]).all(axis=1)
    around = (box[:2] <= middles).all(axis=1) & (middles <= box[2:]).all(axis=1)
    return bool((inside | around).any())
