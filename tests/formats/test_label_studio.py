"""Label Studio's JSON as it is exported, and as its importer takes ours."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from closeup.annotations import (
    AnnotatedPicture,
    Annotation,
    AnnotationSet,
    KeyPoint,
    LabelSchema,
    Origin,
)
from closeup.errors import InputError, OutputError
from closeup.formats.annotation_format import completed
from closeup.formats.label_studio import (
    LABEL_STUDIO,
    is_label_studio,
    read_label_studio,
    write_label_studio,
)
from closeup.geometry import Size
from closeup.progress import Silent
from tests.listening import Listener

SIZE = {"original_width": 200, "original_height": 100, "image_rotation": 0}


def region(kind: str, identity: str, value: dict[str, Any], **others: Any) -> dict[str, Any]:
    names = {"from_name": "tag", "to_name": "img", "type": kind, "origin": "manual"}
    return {"id": identity, **SIZE, **names, "value": value, **others}


BOX = region(
    "rectanglelabels", "r1",
    {"x": 10, "y": 20, "width": 5, "height": 50, "rotation": 0, "rectanglelabels": ["face", "me"]},
    meta={"text": ["hello"]},
)  # fmt: skip
PUPIL = region(
    "keypointlabels", "k1", {"x": 12.5, "y": 30, "width": 0.8, "keypointlabels": ["pupil"]},
    parentID="r1",
)  # fmt: skip
LONE = region(
    "keypointlabels", "k2", {"x": 50, "y": 50, "width": 1, "keypointlabels": ["nose"]},
    parentID="p1",
)  # fmt: skip
TURNED = region(
    "rectanglelabels", "r2",
    {"x": 50, "y": 50, "width": 10, "height": 10, "rotation": 90, "rectanglelabels": ["face"]},
)  # fmt: skip
POLYGON = region("polygonlabels", "p1", {"points": [[1, 1]], "polygonlabels": ["face"]})
CHOICE = {"from_name": "q", "to_name": "img", "type": "choices", "value": {"choices": ["good"]}}
SIZELESS = {"id": "r3", "type": "rectanglelabels", "value": {"x": 1, "y": 1}}
TASK = {
    "id": 7,
    "project": 3,
    "data": {"image": "/data/upload/3/1a2b3c4d-a.jpg", "singer": "Zoë"},
    "meta": {"shot": 4},
    "annotations": [
        {
            "id": 11, "completed_by": 2,
            "result": [PUPIL, BOX, LONE, TURNED, POLYGON, CHOICE, SIZELESS],
        },
        {"id": 12, "completed_by": 5, "result": [{**BOX, "id": "other"}]},
    ],
    "predictions": [
        {"model_version": "v1", "score": 0.4, "result": [{**BOX, "id": "p", "score": 0.75}]},
    ],
}  # fmt: skip


EMPTY = {"data": {"image": "a.jpg"}}


def file_of(folder: Path, *tasks: dict[str, Any]) -> Path:
    path = folder / "export.json"
    path.write_text(json.dumps(tasks), encoding="utf-8")
    return path


def test_an_export(tmp_path: Path) -> None:
    listener = Listener()
    path = file_of(tmp_path, TASK)
    found = read_label_studio(path, listener)
    (picture,) = found.pictures
    assert (picture.path, picture.size) == ("a.jpg", Size(200, 100))
    face, nose, turned, other, proposed = picture.annotations
    assert (face.name, face.box, face.key) == ("face", (19.5, 19.5, 29.5, 69.5), "r1")
    assert face.points == {"pupil": KeyPoint(24.5, 29.5)}
    assert face.origin is Origin.PERSON
    assert (nose.name, nose.points) == ("", {"nose": KeyPoint(99.5, 49.5)})
    # 10 % of 200 pixels become the height: the rotation is one of pixels about the corner.
    assert turned.box == pytest.approx((89.5, 49.5, 99.5, 69.5))
    assert other.key == "other"
    assert (proposed.origin, proposed.version, proposed.score) == (Origin.MODEL, "v1", 0.75)
    assert listener.lines == [
        f"{path}: left out {what}: 1"
        for what in (
            "labels of type choices",
            "labels of type polygonlabels",
            "labels without original_width and original_height",
        )
    ]


def test_what_was_read_is_written_again(tmp_path: Path) -> None:
    found = read_label_studio(file_of(tmp_path, TASK), Silent())
    write_label_studio(tmp_path / "ours.json", found)
    assert read_label_studio(tmp_path / "ours.json", Silent()) == found
    (task,) = json.loads((tmp_path / "ours.json").read_text())
    assert {key: task[key] for key in ("id", "project", "data")} == {
        key: TASK[key] for key in ("id", "project", "data")
    }
    assert task["meta"] == {"shot": 4}
    first, second = task["annotations"]
    assert (first["id"], first["completed_by"], second["id"]) == (11, 2, 12)
    kept = {one.get("id"): one for one in first["result"]}
    for one in (BOX, PUPIL, LONE, TURNED, POLYGON, SIZELESS):
        assert kept[one["id"]] == one
    assert CHOICE in first["result"]
    assert task["predictions"][0]["score"] == 0.4


def test_a_rotated_box_that_was_moved_is_upright(tmp_path: Path) -> None:
    found = read_label_studio(file_of(tmp_path, TASK), Silent())
    (picture,) = found.pictures
    moved = replace(picture.annotations[2], box=(0.0, 0.0, 9.0, 9.0))
    changed = replace(found, pictures=(replace(picture, annotations=(moved,)),))
    write_label_studio(tmp_path / "ours.json", changed)
    (task,) = json.loads((tmp_path / "ours.json").read_text())
    assert task["annotations"][0]["result"][0]["value"]["rotation"] == 0


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("/data/local-files/?d=stage/a%20b.jpg", "stage/a b.jpg"),
        ("http://localhost:8080/data/local-files/?d=a.jpg", "a.jpg"),
        ("/data/upload/1a2b3c4d-a.jpg", "a.jpg"),
        ("https://example.com/stage/a%C3%A9.jpg?size=1", "stage/aé.jpg"),
        ("s3://bucket/stage/a.jpg", "stage/a.jpg"),
        ("stage/a.jpg", "stage/a.jpg"),
        ("https://example.com", "https://example.com"),
    ],
)
def test_addresses_of_pictures(tmp_path: Path, address: str, path: str) -> None:
    found = read_label_studio(file_of(tmp_path, {"data": {"image": address}}), Silent())
    assert found.pictures[0].path == path
    assert found.pictures[0].annotations == ()


def test_a_picture_under_another_key(tmp_path: Path) -> None:
    listener = Listener()
    path = file_of(tmp_path, {"data": {"title": "x", "img": "a.png"}}, {"data": {"text": "hello"}})
    found = read_label_studio(path, listener)
    assert [picture.path for picture in found.pictures] == ["a.png"]
    assert listener.lines == [f"{path}: left out tasks without a picture: 1"]


def test_a_picture_without_a_size_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"a\.jpg has no size"):
        write_label_studio(tmp_path / "a.json", AnnotationSet((AnnotatedPicture("a.jpg"),)))
    assert not list(tmp_path.iterdir())


PLACES = st.floats(-20, 400)
OBJECTS = st.builds(
    Annotation,
    name=st.sampled_from(["", "face"]),
    box=st.sampled_from([None, (0.0, 0.0, 4.0, 4.0), (1.5, 2.0, 5.0, 6.0)]),
    points=st.dictionaries(
        st.sampled_from(["a", "b"]), st.builds(KeyPoint, PLACES, PLACES, st.booleans())
    ),
    key=st.sampled_from(["", "1", "closeup-1", "1.1"]),
    origin=st.sampled_from(Origin),
    method=st.sampled_from(["", "m"]),
    version=st.sampled_from(["", "1", "2"]),
    score=st.sampled_from([None, 0.5]),
)
PICTURES = st.lists(
    st.builds(
        AnnotatedPicture,
        path=st.sampled_from(["a.jpg", "b é?d=.jpg", "c/d.png"]),
        size=st.builds(Size, st.integers(1, 5000), st.integers(1, 5000)),
        annotations=st.lists(OBJECTS, max_size=4).map(tuple),
    ),
    max_size=3,
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(pictures=PICTURES)
def test_every_region_is_as_the_importer_wants_it(
    tmp_path_factory: pytest.TempPathFactory, pictures: list[AnnotatedPicture]
) -> None:
    """The keys that https://labelstud.io/guide/predictions asks for, and ids of their own."""
    path = tmp_path_factory.mktemp("set") / "tasks.json"
    made = AnnotationSet(tuple(pictures), completed(LabelSchema(), tuple(pictures)))
    write_label_studio(path, made)
    for task in json.loads(path.read_text(encoding="utf-8")):
        assert task["data"]["image"]
        for entry in [*task.get("annotations", []), *task.get("predictions", [])]:
            ids = [one["id"] for one in entry["result"]]
            assert len(set(ids)) == len(ids)
            for one in entry["result"]:
                check_region(one, set(ids))
    found = read_label_studio(path, Silent())
    expected = LABEL_STUDIO.kept(made)
    assert [picture.path for picture in found.pictures] == [one.path for one in expected.pictures]
    for one, other in zip(found.pictures, expected.pictures, strict=True):
        assert [face.key for face in one.annotations] == [face.key for face in other.annotations]
        assert one.extra == other.extra == {}
    assert is_label_studio(path) == bool(pictures)


def check_region(one: dict[str, Any], ids: set[str]) -> None:
    assert one["from_name"]
    assert one["to_name"] == "image"
    assert one["original_width"] > 0
    assert one["original_height"] > 0
    assert isinstance(one["value"][one["type"]], list)
    assert set(one["value"]) >= {"x", "y", "width"}
    assert one.get("parentID", one["id"]) in ids


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ({}, r"task \[0\]: no data"),
        ({"data": 3}, "data is 3, no object"),
        ({**EMPTY, "annotations": 3}, r"task \[0\]"),
        ({**EMPTY, "annotations": [3]}, r"annotations\[0\] is 3"),
        (
            {**EMPTY, "annotations": [{"result": [{**BOX, "value": {"x": "a"}}]}]},
            r"annotations\[0\]\.result\[0\]: \"a\" in x is no finite number",
        ),
        (
            {**EMPTY, "annotations": [{"result": [{**LONE, "value": {"x": 1}}]}]},
            r"result\[0\]: null in y is no finite number",
        ),
        (
            {**EMPTY, "meta": {"closeup": {"size": [0, 1]}}},
            r"size is \[0, 1\], no width and height",
        ),
        (
            {**EMPTY, "meta": {"closeup": {"objects": [[0]]}}},
            r"\[0\] in objects is no object",
        ),
    ],
)  # fmt: skip
def test_a_damaged_file_is_named_with_its_place(
    tmp_path: Path, task: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_label_studio(file_of(tmp_path, task), Silent())
    assert "export.json" in str(caught.value)
