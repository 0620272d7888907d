"""Faces in a scene that nobody pasted: people who stood behind somebody in a photo."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from closeup.datasets.scenes.canvas import Canvas, Content
from closeup.datasets.scenes.painting_over import paint_over
from closeup.faces import Faces
from closeup.geometry import centres_of

SURE = 0.8
"""Score of YuNet from which a face is labelled; below it is painted over."""

DOUBTFUL = 0.3
"""Score from which a detector should report what it sees, so that it can be painted over."""


def settle_bystanders(canvas: Canvas, found: Faces, rng: np.random.Generator) -> None:
    """Label what is surely a face, paint over what may be one, so that none is unlabelled.

    What lies over a pasted face, hidden or not, is that face: its composed label is exact.
    Where faces were painted over, what still looks like one is painted over again.
    What lies over drawings is no face, whatever a detector thinks of it; learning that is
    what drawings are there for.

    Args:
        canvas: The scene; its picture is written to.
        found: By a detector that gives points, in the canvas' pixels.
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
    """Whether its middle lies in a pasted face, or a pasted face's middle lies in it."""
    own = canvas.all_boxes
    middle, middles = centres_of(box), centres_of(own)
    inside = (own[:, :2] <= middle).all(axis=1) & (middle <= own[:, 2:]).all(axis=1)
    around = (box[:2] <= middles).all(axis=1) & (middles <= box[2:]).all(axis=1)
    return bool((inside | around).any())
