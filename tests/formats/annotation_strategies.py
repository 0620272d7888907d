"""Annotation sets for property tests: names of all scripts, places outside, points hidden."""

from dataclasses import replace

from hypothesis import strategies as st

from closeup.annotations import (
    AnnotatedPicture,
    Annotation,
    AnnotationSet,
    KeyPoint,
    LabelSchema,
    LabelVerdict,
    Origin,
)
from closeup.formats.annotation_format import completed
from closeup.geometry import Size
from tests.formats.label_strategies import NAMES, boxes

COORDINATES = st.floats(-50, 5000) | st.integers(-50, 5000).map(float)
TEXTS = NAMES.map(lambda name: name[:12].strip()).filter(bool)
"""Names of classes, members, points and methods."""
FILE_NAMES = st.builds(
    "{}{}".format,
    NAMES.map(lambda name: name.replace("/", "-").replace("\\", "-").replace(".", "_")[:20]),
    st.sampled_from([".jpg", ".png", ".JPEG"]),
)
FOLDERS = st.sampled_from(["", "images/", "images/train/", "train/images/", "my photos/é/"])
PATHS = st.builds("{}{}".format, FOLDERS, FILE_NAMES)
SIZES = st.builds(Size, st.integers(1, 5000), st.integers(1, 5000))
KEY_POINTS = st.builds(KeyPoint, COORDINATES, COORDINATES, st.booleans())


@st.composite
def objects(draw: st.DrawFn, schema: LabelSchema) -> Annotation:
    """An object with any of its parts; not all are in the schema."""
    points = draw(st.dictionaries(st.sampled_from(schema.points or ("nose",)), KEY_POINTS))
    return Annotation(
        name=draw(st.sampled_from(("", *schema.classes)) | TEXTS),
        box=draw(st.none() | boxes()),
        points=points,
        mask=draw(st.none() | FILE_NAMES),
        key=draw(st.just("") | TEXTS),
        keyframe=draw(st.booleans()),
        absent=draw(st.booleans()),
        verdict=draw(st.none() | st.sampled_from(LabelVerdict)),
        origin=draw(st.sampled_from(Origin)),
        method=draw(st.just("") | TEXTS),
        version=draw(st.just("") | TEXTS),
        score=draw(st.none() | st.floats(0, 1)),
    )


@st.composite
def schemas(draw: st.DrawFn) -> LabelSchema:
    points = draw(st.lists(TEXTS, max_size=6, unique=True))
    classes = draw(st.lists(TEXTS, max_size=4, unique=True))
    ends, named = st.sampled_from(points or [""]), st.sampled_from(classes or [""])
    pairs, targets = st.tuples(ends, ends), st.dictionaries(named, st.integers(0, 5000))
    return LabelSchema(
        points=tuple(points),
        classes=tuple(classes),
        skeleton=tuple(draw(st.lists(pairs, max_size=3))) if points else (),
        targets=draw(targets) if classes else {},
        box=draw(st.booleans()),
    )


@st.composite
def pictures(draw: st.DrawFn, schema: LabelSchema) -> AnnotatedPicture:
    return AnnotatedPicture(
        path=draw(PATHS),
        frame=draw(st.none() | st.integers(0, 100_000)),
        size=draw(st.none() | SIZES),
        annotations=tuple(draw(st.lists(objects(schema), max_size=4))),
    )


@st.composite
def annotation_sets(draw: st.DrawFn) -> AnnotationSet:
    """A set of up to four pictures; its schema names all that its objects have, and more.

    No two pictures, or frames of one video, are the same one, nor differ in the suffix alone.
    """
    schema = draw(schemas())
    found = st.lists(pictures(schema), max_size=4, unique_by=_place)
    chosen = tuple(draw(found))
    return AnnotationSet(chosen, completed(schema, chosen))


def sized(given: AnnotationSet, size: Size) -> AnnotationSet:
    """The set, with this size for pictures that have none."""
    return replace(
        given,
        pictures=tuple(replace(picture, size=picture.size or size) for picture in given.pictures),
    )


def _place(picture: AnnotatedPicture) -> tuple[str, int | None]:
    return picture.path.rpartition(".")[0].casefold(), picture.frame
