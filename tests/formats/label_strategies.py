"""Labelled faces for property tests."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from hypothesis import strategies as st

from closeup.annotations import AnnotatedPicture, Annotation, AnnotationSet, KeyPoint
from closeup.labels import FIVE_POINTS, Box, FaceLabel, Point

COORDINATES = st.floats(-50, 5000, allow_nan=False).map(lambda value: round(value, 4))
POINTS: st.SearchStrategy[Point] = st.tuples(COORDINATES, COORDINATES)
NAMES = st.text(
    st.characters(
        codec="utf-8",
        exclude_categories=["Cc", "Cs", "Zl", "Zp"],
        exclude_characters="\ufffe\uffff",  # which XML has not
    ),
    min_size=1,
).filter(lambda text: text.strip() == text)
"""File names as they occur: with spaces, commas, quotes and letters of all scripts."""


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    x, y = draw(POINTS)
    size = st.floats(1, 500).map(lambda value: round(value, 4))
    return x, y, x + draw(size), y + draw(size)


def face_labels(
    names: tuple[str, ...] = (*FIVE_POINTS, "pupil", "p0"),
) -> st.SearchStrategy[FaceLabel]:
    points = st.dictionaries(st.sampled_from(names), POINTS)
    return st.builds(FaceLabel, NAMES, st.none() | boxes(), points)


def face_set(labels: Iterable[FaceLabel]) -> AnnotationSet:
    """Labelled faces as annotations of pictures."""
    return AnnotationSet(
        tuple(
            AnnotatedPicture(image, annotations=tuple(map(_annotation, faces)))
            for image, faces in groupby(labels, lambda label: label.image)
        )
    )


def _annotation(label: FaceLabel) -> Annotation:
    points = {name: KeyPoint(*point) for name, point in label.points.items()}
    return Annotation("face", label.box, points)
