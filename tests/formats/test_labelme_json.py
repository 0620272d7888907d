"""labelme's JSON as it writes it, and as it and others read ours."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import supervision
from hypothesis import HealthCheck, given, settings, strategies as st
from PIL import Image

from closeup.annotations import (
    AnnotatedPicture,
    Annotation,
    AnnotationSet,
    KeyPoint,
    LabelSchema,
    LabelVerdict,
)
from closeup.errors import InputError
from closeup.formats.annotation_format import completed
from closeup.formats.labelme_json import LABELME, read_labelme, write_labelme
from closeup.geometry import Size
from closeup.progress import Silent
from tests.listening import Listener


def shape(label: str, kind: str, *points: list[Any], **others: Any) -> dict[str, Any]:
    return {
        "label": label, "points": list(points), "group_id": None, "description": "",
        "shape_type": kind, "flags": {}, "mask": None, **others,
    }  # fmt: skip


def document(*shapes: Any, **others: Any) -> dict[str, Any]:
    return {
        "version": "5.4.1", "flags": {"sharp": True}, "shapes": list(shapes),
        "imagePath": "..\\photos\\a.jpg", "imageData": "aGVsbG8=", "imageHeight": 48,
        "imageWidth": 64, **others,
    }  # fmt: skip


def file_of(folder: Path, content: Any) -> Path:
    (folder / "labels").mkdir(exist_ok=True)
    (folder / "labels" / "a.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


SHAPES = (
    shape("pupil", "point", [10.5, 20.5], group_id=3, flags={"occluded": True, "sure": True}),
    shape("face", "rectangle", [40, 30], [10, 5.25], group_id=3, attributes={"age": 12}),
    shape("nose", "point", [1, 2], description="tip"),
    shape("face", "oriented_rectangle", [10, 0], [20, 10], [10, 20], [0, 10], score=None),
    shape("face", "polygon", [1, 1], [2, 1], [2, 2]),
    shape("face", "rectangle", [7, 1], [7, 9]),
)


def test_a_file_of_labelme(tmp_path: Path) -> None:
    listener = Listener()
    found = read_labelme(file_of(tmp_path, document(*SHAPES, lineColor=[0])), listener)
    (picture,) = found.pictures
    assert (picture.path, picture.size) == ("photos/a.jpg", Size(64, 48))
    face, nose, turned = picture.annotations
    assert (face.name, face.box, face.key) == ("face", (9.5, 4.75, 39.5, 29.5), "3")
    assert face.points == {"pupil": KeyPoint(10, 20, False)}
    assert (nose.name, nose.points, nose.key) == ("", {"nose": KeyPoint(0.5, 1.5)}, "")
    assert turned.box == (-0.5, -0.5, 19.5, 19.5)
    assert picture.extra["labelme"]["flags"] == {"sharp": True}
    assert picture.extra["labelme"]["lineColor"] == [0]
    assert picture.extra["labelme"]["version"] == "5.4.1"
    assert listener.lines == [
        f"{tmp_path}: left out {what}: 1"
        for what in (
            "pictures that lie in the files (imageData)",
            "rectangles without area",
            "shapes of type polygon",
        )
    ]


def test_what_was_read_is_written_again(tmp_path: Path) -> None:
    found = read_labelme(file_of(tmp_path, document(*SHAPES)), Silent())
    write_labelme(tmp_path / "ours", found)
    assert read_labelme(tmp_path / "ours", Silent()) == found
    written = json.loads((tmp_path / "ours" / "photos" / "a.json").read_text())
    assert written["imagePath"] == "a.jpg"
    assert written["flags"] == {"sharp": True}
    kept = {(one["label"], one["shape_type"]): one for one in written["shapes"]}
    assert kept["face", "oriented_rectangle"]["points"] == SHAPES[3]["points"]
    assert kept["face", "oriented_rectangle"]["score"] is None
    assert kept["face", "polygon"] == SHAPES[4]
    assert kept["pupil", "point"]["flags"] == {"occluded": True, "sure": True}
    assert kept["pupil", "point"]["group_id"] == 3


def test_a_rotated_box_that_was_moved_is_upright(tmp_path: Path) -> None:
    found = read_labelme(file_of(tmp_path, document(*SHAPES)), Silent())
    (picture,) = found.pictures
    moved = replace(picture.annotations[2], box=(0.0, 0.0, 9.0, 9.0))
    write_labelme(
        tmp_path / "ours", replace(found, pictures=(replace(picture, annotations=(moved,)),))
    )
    written = json.loads((tmp_path / "ours" / "photos" / "a.json").read_text())
    assert written["shapes"][0]["points"] == [[0.5, 0.5], [9.5, 9.5]]
    assert written["shapes"][0]["shape_type"] == "rectangle"


def test_supervision_reads_the_same_boxes(tmp_path: Path) -> None:
    Image.new("RGB", (64, 48)).save(tmp_path / "a.png")
    box = (3.25, 4.0, 20.125, 30.5)
    one = Annotation("face", box, {"nose": KeyPoint(5, 6)}, verdict=LabelVerdict.TRUE)
    pictures = (AnnotatedPicture("a.png", size=Size(64, 48), annotations=(one,)),)
    write_labelme(tmp_path / "labels", AnnotationSet(pictures))
    with pytest.warns(UserWarning, match="point"):
        dataset = supervision.DetectionDataset.from_labelme(str(tmp_path), str(tmp_path / "labels"))
    (detections,) = dataset.annotations.values()
    np.testing.assert_allclose(detections.xyxy, [np.array(box) + 0.5], atol=1e-5)
    assert dataset.classes == ["face"]


OBJECTS = st.builds(
    Annotation,
    name=st.sampled_from(["", "face", "nose"]),
    box=st.sampled_from([None, (0.0, 0.0, 4.0, 4.0), (1.5, 2.0, 5.0, 6.0)]),
    points=st.dictionaries(
        st.sampled_from(["nose", "tip"]),
        st.builds(KeyPoint, st.integers(0, 9).map(float), st.just(1.25), st.booleans()),
    ),
    key=st.sampled_from(["", "0", "1", "2", "07", "x", "9999999999999"]),
    verdict=st.sampled_from([None, LabelVerdict.TRUE]),
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    objects=st.lists(OBJECTS, max_size=5), name=st.sampled_from(["a.jpg", "a\\b.jpg", "é/a.jpg"])
)
def test_groups_come_back_and_labelme_takes_them(
    tmp_path_factory: pytest.TempPathFactory, objects: list[Annotation], name: str
) -> None:
    """The checks of ``labelme/_label_file.py``, and objects that share a key."""
    folder = tmp_path_factory.mktemp("set")
    pictures = (AnnotatedPicture(name, None, Size(20, 10), tuple(objects)),)
    given = AnnotationSet(pictures, completed(LabelSchema(), pictures))
    write_labelme(folder, given)
    assert read_labelme(folder, Silent()) == LABELME.kept(given)
    (file,) = folder.rglob("*.json")
    written = json.loads(file.read_text(encoding="utf-8"))
    assert {"imageData", "imagePath", "shapes", "imageHeight", "imageWidth"} <= written.keys()
    for one in written["shapes"]:
        assert isinstance(one["label"], str)
        assert one["shape_type"] in ("rectangle", "point")
        assert all(len(point) == 2 for point in one["points"])
        assert len(one["points"]) == (2 if one["shape_type"] == "rectangle" else 1)
        assert one["group_id"] is None or isinstance(one["group_id"], int)
        assert all(isinstance(flag, bool) for flag in one["flags"].values())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "is damaged|no object"),
        ({"imagePath": "a.jpg"}, "no shapes"),
        (document(imagePath=""), "imagePath is empty"),
        (document(imagePath=3), "imagePath is 3, no text"),
        (document(imageWidth=1.5), "imageWidth is 1.5, no number of pixels"),
        (document(3), r"shapes\[0\]"),
        (document(shape("a", "rectangle", [1, 2], [3])), r"\[0\]: \[3\] in points is no pair"),
        (document(shape("a", "point", [1, "b"])), r'shapes\[0\]: "b" in points is no finite'),
        (document(shape("a", "point")), "points is empty"),
        (document(shape("a", "point", [1e9, 1])), r"shapes\[0\]: the point .* beyond"),
        (document({"shape_type": "point", "points": [[1, 1]]}), r"shapes\[0\]: no label"),
        (
            document(shape("a", "point", [1, 1], closeup={"verdict": "maybe"})),
            r'shapes\[0\]: verdict is "maybe", none of',
        ),
        (document(closeup={"objects": [3]}), "3 in objects is no object"),
    ],
)  # fmt: skip
def test_a_damaged_file_is_named_with_its_place(tmp_path: Path, content: Any, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_labelme(file_of(tmp_path, content), Silent())
    assert "a.json" in str(caught.value)
