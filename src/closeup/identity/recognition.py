"""Whose face it is: a member, with how sure that is, or nobody of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from closeup.cohort import unit_length
from closeup.faces import Faces
from closeup.identities import Likeness, Recognition
from closeup.identity.gallery import Gallery

STRANGERS = 0.005
"""Share of strangers that may be called by a member's name; on people that the limits were not
measured on it was a fifth more."""

_LIKELY = 0.5


def recognise(
    gallery: Gallery,
    vectors: NDArray[np.float32],
    weights: Sequence[float],
    strangers: float = STRANGERS,
) -> list[Recognition]:
    """Compare faces with all members, each face for itself.

    A name is given when it is likelier than not, and so few strangers come as near to the
    member that, over all members, no more than ``strangers`` of them would get any name.

    Args:
        gallery: The members.
        vectors: (n, d) one a face, best the mean with the mirror image; of any length.
        weights: (n,) how much each face is worth, 0..1 (:func:`closeup.identity.quality.weight`).
        strangers: Share of strangers that may be called by a name.

    """
    if not len(vectors):
        return []
    apart = gallery.distances(vectors)
    order = np.argsort(apart, axis=1, kind="stable")
    if gallery.discriminant is not None:
        order = np.argsort(gallery.discriminant.distances(unit_length(vectors)), axis=1)
    return [
        _recognition(gallery, row, ranked.tolist(), vector, weight, strangers)
        for row, ranked, vector, weight in zip(apart, order, vectors, weights, strict=True)
    ]


def identified(faces: Faces, gallery: Gallery, false_accept_rate: float = STRANGERS) -> Faces:
    """The same faces with ``identities``, each face compared by itself.

    Args:
        faces: With embeddings and weights, as :func:`closeup.identity.description.describe`
            gives them.
        gallery: The members.
        false_accept_rate: Share of strangers that may be given any member's name.

    Raises:
        ValueError: the faces have no embeddings or no weights.

    """
    if faces.embeddings is None or faces.weights is None:
        raise ValueError("the faces have no embeddings; describe them first")
    found = recognise(gallery, faces.embeddings, faces.weights.tolist(), false_accept_rate)
    return faces.with_columns(identities=tuple(found))


def _recognition(
    gallery: Gallery,
    apart: NDArray[np.float32],
    ranked: list[int],
    vector: NDArray[np.float32],
    weight: float,
    strangers: float,
) -> Recognition:
    sure = _confidences(gallery, vector, weight)
    likenesses = [Likeness(gallery.names[m], float(sure[m]), float(apart[m])) for m in ranked[:2]]
    best = ranked[0]
    rate = float(gallery.calibration.false_accepts.rate(apart[best], gallery.photos[best]))
    accepted = rate * len(gallery.names) <= strangers and bool(sure[best] >= _LIKELY)
    return Recognition(
        best=likenesses[0],
        runner_up=likenesses[1] if len(likenesses) > 1 else None,
        accepted=accepted,
    )


def _confidences(
    gallery: Gallery, vector: NDArray[np.float32], weight: float
) -> NDArray[np.float64]:
    """Probability of each member against all others and a stranger, alike beforehand."""
    worth = np.array([max(weight, 0.05)], np.float32)
    odds = np.exp(gallery.evidence(vector[None], worth))
    return np.asarray(odds / (1 + odds.sum()))
