"""Labelled faces for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from closeup.labels import FIVE_POINTS, Box, FaceLabel, Point

COORDINATES = st.floats(-50, 5000, allow_nan=False).map(lambda value: round(value, 4))
POINTS: st.SearchStrategy[Point] = st.tuples(COORDINATES, COORDINATES)
NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1
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
