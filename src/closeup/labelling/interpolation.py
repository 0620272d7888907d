"""Boxes and points between two key frames of a video."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from closeup.annotations import Annotation, KeyPoint, Origin
from closeup.labels import Box


def filled_in(
    frames: Sequence[int], labels: Sequence[Annotation | None]
) -> Iterator[tuple[int, Annotation]]:
    """The label of one object in the frames between its key frames.

    Key frames are those whose label is by a person, or by a file that calls it one.

    Args:
        frames: Numbers of the frames, ascending.
        labels: The object's present label in each frame; None without one.

    Yields:
        Index into ``frames``, and the label there. Frames before the first key frame, after the
        last one, and after one in which the object is absent are left out.

    """
    keys = [index for index, label in enumerate(labels) if label is not None and _is_key(label)]
    for begin, end in pairwise(keys):
        first, last = labels[begin], labels[end]
        if first is None or last is None or first.absent:
            continue
        for index in range(begin + 1, end):
            passed, all_of_it = frames[index] - frames[begin], frames[end] - frames[begin]
            yield index, between(first, last, passed / all_of_it)


def _is_key(label: Annotation) -> bool:
    return label.keyframe and label.origin in (Origin.PERSON, Origin.IMPORTED)


def between(first: Annotation, last: Annotation, share: float) -> Annotation:
    """The object at a moment between two key frames, moved evenly.

    Points and a box that only one key frame has are left out; a point is visible if it is in both.

    Args:
        first: The object in the key frame before.
        last: The object in the key frame after. If it is absent there, the object stays where it
            was.
        share: Share of the time between both that has passed, from 0 to 1.

    """
    if last.absent:
        last = first
    box: Box | None = None
    if first.box is not None and last.box is not None:
        x1, y1, x2, y2 = (_mean(a, b, share) for a, b in zip(first.box, last.box, strict=True))
        box = (x1, y1, x2, y2)
    return replace(
        first,
        box=box,
        points={
            name: _moved(point, last.points[name], share)
            for name, point in first.points.items()
            if name in last.points
        },
        keyframe=False,
        origin=Origin.INTERPOLATED,
        method="linear",
        version="",
        verdict=None,
        score=None,
    )


def _moved(a: KeyPoint, b: KeyPoint, share: float) -> KeyPoint:
    return KeyPoint(_mean(a.x, b.x, share), _mean(a.y, b.y, share), a.visible and b.visible)


def _mean(a: float, b: float, share: float) -> float:
    return a + (b - a) * share
