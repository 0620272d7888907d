"""What is left of a set when a format carries only some of it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from closeup.annotations import AnnotatedPicture, Annotation, AnnotationSet, KeyPoint, LabelSchema
from closeup.formats.annotation_format import (
    ALL_ASPECTS,
    Aspect,
    clipped,
    completed,
    is_inside,
    kept,
)
from closeup.geometry import Size
from closeup.labels import Box
from tests.formats.annotation_strategies import annotation_sets

SIZE = Size(64, 48)


@settings(max_examples=50)
@given(given=annotation_sets())
def test_what_is_kept_is_kept_again(given: AnnotationSet) -> None:
    for aspect in Aspect:
        once = kept(given, ALL_ASPECTS - {aspect}, "coco")
        assert kept(once, ALL_ASPECTS - {aspect}, "coco") == once


@pytest.mark.parametrize(
    ("box", "inside"),
    [
        ((1, 2, 3, 4), (1, 2, 3, 4)),
        ((-5, 2, 3, 400), (-0.5, 2, 3, 47.5)),
        ((-5, 2, -0.5, 4), None),
        ((63.5, 2, 70, 4), None),
        ((-9, -9, 90, 90), (-0.5, -0.5, 63.5, 47.5)),
    ],
)
def test_a_box_is_cut_to_its_picture(box: Box, inside: Box | None) -> None:
    assert clipped(box, SIZE) == inside


def test_edges_of_a_picture_belong_to_it() -> None:
    assert is_inside(KeyPoint(-0.5, 47.5), SIZE)
    assert not is_inside(KeyPoint(-0.51, 47.5), SIZE)
    assert not is_inside(KeyPoint(0, 47.51), SIZE)


def test_an_object_that_loses_its_box_may_be_lost_with_it() -> None:
    both = Annotation("face", (70, 2, 80, 4), {"nose": KeyPoint(1, 1)})
    picture = AnnotatedPicture("a.jpg", size=SIZE, annotations=(both,))
    given = AnnotationSet((picture,), LabelSchema(("nose",), ("face",), box=True))
    (without_box,) = kept(given, ALL_ASPECTS - {Aspect.OUTSIDE}, "x").pictures
    assert without_box.annotations == (Annotation("face", None, both.points),)
    aspects = ALL_ASPECTS - {Aspect.OUTSIDE, Aspect.BOXLESS}
    assert kept(given, aspects, "x").pictures[0].annotations == ()


def test_new_names_come_last() -> None:
    picture = AnnotatedPicture(
        "a.jpg", annotations=(Annotation("b", points={"tip": KeyPoint(0, 0)}), Annotation("a"))
    )
    schema = completed(LabelSchema(("nose",), ("a",), targets={"a": 5}), (picture,))
    assert schema == LabelSchema(("nose", "tip"), ("a", "b"), targets={"a": 5})
