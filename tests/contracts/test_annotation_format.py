"""Every format of annotation files: what it carries comes back, what it does not is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from closeup.annotations import (
    AnnotatedPicture,
    Annotation,
    AnnotationSet,
    KeyPoint,
    LabelSchema,
    LabelVerdict,
    Origin,
)
from closeup.errors import InputError, OutputError
from closeup.formats.annotation_format import AnnotationFormat, Aspect, completed
from closeup.formats.annotation_formats import ANNOTATION_FORMATS, annotation_format, recognised
from closeup.geometry import Size
from closeup.progress import Silent
from tests.formats.annotation_strategies import annotation_sets, sized
from tests.formats.written_sets import place_of, written

EVERY = pytest.mark.parametrize("form", ANNOTATION_FORMATS.values(), ids=ANNOTATION_FORMATS)
NAME = "Zoë 지수 ⟨&\"'⟩"


def read(form: AnnotationFormat, path: Path) -> AnnotationSet:
    return form.read(path, Silent())


def check_same(form: AnnotationFormat, found: AnnotationSet, expected: AnnotationSet) -> None:
    """Check that two sets are the same within the format's places, in any order of pictures."""
    assert found.schema == expected.schema
    for one, other in zip(in_order(found), in_order(expected), strict=True):
        assert plain(one) == plain(other)
        assert numbers(one) == pytest.approx(numbers(other), abs=form.places + 1e-9, rel=0)


def in_order(given: AnnotationSet) -> list[AnnotatedPicture]:
    return sorted(given.pictures, key=lambda picture: (picture.path, picture.frame or 0))


def plain(picture: AnnotatedPicture) -> AnnotatedPicture:
    """The picture without coordinates, and without what only its file needs."""
    return replace(picture, annotations=tuple(map(without_places, picture.annotations)), extra={})


def without_places(one: Annotation) -> Annotation:
    points = {name: replace(point, x=0, y=0) for name, point in one.points.items()}
    return replace(one, box=one.box and (0, 0, 1, 1), points=points, extra={})


def numbers(picture: AnnotatedPicture) -> list[float]:
    return [number for one in picture.annotations for number in coordinates(one)]


def coordinates(one: Annotation) -> list[float]:
    points = [one.points[name] for name in sorted(one.points)]
    return [*(one.box or ()), *(number for point in points for number in (point.x, point.y))]


@pytest.mark.parametrize("name", ANNOTATION_FORMATS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(given=annotation_sets())
def test_what_a_format_carries_comes_back(
    tmp_path_factory: pytest.TempPathFactory, name: str, given: AnnotationSet
) -> None:
    form = ANNOTATION_FORMATS[name]
    given = sized(given, Size(640, 480)) if form.needs_sizes else given
    path = written(form, given, tmp_path_factory.mktemp("set"))
    check_same(form, read(form, path), form.kept(given))


@pytest.mark.parametrize("name", ANNOTATION_FORMATS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(given=annotation_sets())
def test_what_is_not_kept_is_named(name: str, given: AnnotationSet) -> None:
    form = ANNOTATION_FORMATS[name]
    given = form.changed(given)
    losses = form.losses(given)
    assert all(line.startswith(form.title) and "\n" not in line for line in losses)
    kept = form.kept(given)
    assert form.losses(kept) == []
    assert losses or kept == given or not has_all(given)


def has_all(given: AnnotationSet) -> bool:
    """Whether each object has a place or a name, as one without either is nothing."""
    return all(
        one.box or one.points or one.mask or one.name or one.verdict
        for picture in given.pictures
        for one in picture.annotations
    )


@EVERY
def test_an_empty_set(tmp_path: Path, form: AnnotationFormat) -> None:
    path = written(form, AnnotationSet(()), tmp_path)
    assert len(read(form, path)) == 0


@EVERY
def test_many_points_in_a_picture_of_a_long_name(tmp_path: Path, form: AnnotationFormat) -> None:
    points = {f"p{number}": KeyPoint(number % 40, number // 40) for number in range(478)}
    one = Annotation(NAME, (-0.5, -0.5, 39.5, 19.5), points)
    pictures = (AnnotatedPicture(f"images/{'é' * 90}.jpg", size=Size(64, 48), annotations=(one,)),)
    given = AnnotationSet(pictures, completed(LabelSchema(), pictures))
    check_same(form, read(form, written(form, given, tmp_path)), form.kept(given))


ONE = Annotation(
    NAME, (1.25, 2.5, 30.125, 40), {"nose": KeyPoint(10.5, 20.25), "tip": KeyPoint(3, 4, False)},
    "masks/a.png", "7", False, True, LabelVerdict.UNSURE, Origin.COARSE, "darkest", "2", 0.5,
)  # fmt: skip
FULL = AnnotationSet(
    (
        AnnotatedPicture("images/a.jpg", size=Size(64, 48), annotations=(ONE,)),
        AnnotatedPicture("images/b.jpg", size=Size(64, 48)),
    ),
    LabelSchema(("nose", "tip", "chin"), (NAME, "no one"), (("nose", "tip"),), {NAME: 3}, box=True),
)


@EVERY
def test_a_path_is_recognised(tmp_path: Path, form: AnnotationFormat) -> None:
    path = written(form, FULL, tmp_path)
    assert recognised(path) is form
    assert annotation_format(form.name) is form


def test_a_path_of_no_format_is_told_with_all_names(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello")
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "a.txt", tmp_path / "empty"):
        with pytest.raises(InputError) as caught:
            recognised(path)
        assert all(name in str(caught.value) for name in ANNOTATION_FORMATS)
    with pytest.raises(InputError, match="no such file"):
        recognised(tmp_path / "b.txt")
    with pytest.raises(InputError, match="choose one of"):
        annotation_format("coca")


@EVERY
def test_each_loss_is_named(form: AnnotationFormat) -> None:
    lost = set(Aspect) - form.carries - {Aspect.SIZES, Aspect.EMPTY, Aspect.SCHEMA}
    outside = KeyPoint(-1, 700)
    given = AnnotationSet(
        (
            AnnotatedPicture("v.mp4", 3, Size(64, 48), (replace(ONE, points={"a": outside}),)),
            AnnotatedPicture("a.jpg", annotations=(Annotation("tag"), replace(ONE, box=None))),
        ),
        extra={"another": {}},
    )
    said = "\n".join(form.losses(given))
    assert all(f" cannot carry {aspect}: " in said for aspect in lost | {Aspect.EXTRA})


@EVERY
def test_a_damaged_file_is_refused_and_left_untouched(
    tmp_path: Path, form: AnnotationFormat
) -> None:
    path = place_of(form, written(form, FULL, tmp_path))
    whole = path.read_bytes()
    for damaged in (whole[: len(whole) // 2], b"\xff\xfe\0\xd8", b"{]"):
        path.write_bytes(damaged)
        with pytest.raises(InputError) as caught:
            read(form, path)
        assert str(tmp_path) in str(caught.value)
        assert len(str(caught.value).splitlines()) == 1
        assert path.read_bytes() == damaged


@EVERY
def test_a_path_that_is_not_there(tmp_path: Path, form: AnnotationFormat) -> None:
    with pytest.raises(InputError, match="gone"):
        read(form, tmp_path / "gone")


@EVERY
def test_what_cannot_be_written_changes_nothing(tmp_path: Path, form: AnnotationFormat) -> None:
    (tmp_path / "file").write_text("a file")
    with pytest.raises(OutputError) as caught:
        form.write(tmp_path / "file" / "below", FULL)
    assert len(str(caught.value).splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
