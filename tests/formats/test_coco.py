import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from closeup.errors import InputError
from closeup.formats.coco import write_coco
from closeup.formats.coco_faces import read_coco
from closeup.labels import FaceLabel
from tests.formats.label_strategies import face_labels, face_set
from tests.listening import Listener


@given(labels=st.lists(face_labels(), max_size=5))
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, labels: list[FaceLabel]
) -> None:
    path = tmp_path_factory.mktemp("coco") / "labels.json"
    write_coco(path, face_set(labels))
    told = [label for label in labels if label.box or label.points]
    again = read_coco(path)
    assert [(label.image, label.points) for label in again] == [
        (label.image, label.points) for label in told
    ]
    for read, written in zip(again, told, strict=True):
        assert read.box == (written.box and pytest.approx(written.box, abs=1e-6))


def document(**changes: Any) -> dict[str, Any]:
    """One person of COCO, with a nose, a hidden left eye, no right eye and an ankle."""
    return {
        "images": [{"id": 7, "file_name": "my photos/a.jpg", "width": 640, "height": 480}],
        "annotations": [
            {
                "id": 1, "image_id": 7, "category_id": 1, "bbox": [10, 20, 30, 40], "iscrowd": 0,
                "num_keypoints": 3, "keypoints": [100, 50, 2, 110, 40, 1, 0, 0, 0, 90, 300, 2],
            }
        ],
        "categories": [
            {"id": 1, "name": "person",
             "keypoints": ["nose", "left_eye", "right_eye", "left_ankle"]}
        ],
        **changes,
    }  # fmt: skip


def written(folder: Path, content: object) -> Path:
    path = folder / "labels.json"
    path.write_text(json.dumps(content))
    return path


def test_a_persons_box_and_ankles_are_not_the_faces(tmp_path: Path) -> None:
    assert read_coco(written(tmp_path, document())) == [
        FaceLabel("my photos/a.jpg", None, {"nose": (100, 50), "left_eye": (110, 40)})
    ]


def test_a_faces_box_and_other_names_are_taken(tmp_path: Path) -> None:
    category = {"id": 1, "name": "Face", "keypoints": ["Nose tip", "Left-Eye", "x", "mouth left"]}
    assert read_coco(written(tmp_path, document(categories=[category]))) == [
        FaceLabel(
            "my photos/a.jpg",
            (9.5, 19.5, 39.5, 59.5),
            {"nose": (100, 50), "left_eye": (110, 40), "mouth_left": (90, 300)},
        )
    ]


def test_who_shows_no_face_is_left_out(tmp_path: Path) -> None:
    content = document()
    content["annotations"][0]["keypoints"] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 90, 300, 2]
    assert read_coco(written(tmp_path, content)) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"keypoints": [1, 2, 2]}, r"annotations\[0\]: keypoints has 3 numbers, not 12"),
        ({"keypoints": ["a"] * 12}, r'annotations\[0\]: "a" in keypoints is no finite number'),
        ({"keypoints": [float("nan")] * 12}, "NaN in keypoints is no finite number"),
        ({"keypoints": [10**400] * 12}, "in keypoints is no finite number"),
        ({"keypoints": "none"}, r'annotations\[0\]: keypoints is "none", no list'),
        ({"bbox": [1, 2, 3]}, r"annotations\[0\]: bbox has 3 numbers, not 4"),
        ({"bbox": [1, 2, 3, None]}, r"annotations\[0\]: null in bbox is no finite number"),
        ({"bbox": [1, 2, -3, 4]}, r"annotations\[0\]: a bbox of -3 x 4"),
        ({"image_id": None}, r"annotations\[0\]: image_id is null, no number or text"),
        ({"image_id": True}, r"annotations\[0\]: image_id is true, no number or text"),
        ({"image_id": float("inf")}, r"annotations\[0\]: image_id is Infinity, no number or text"),
        ({"image_id": 10**200}, r"annotations\[0\]: image_id 10+… is nowhere"),
        ({"image_id": 8}, r"annotations\[0\]: image_id 8 is nowhere"),
        ({"category_id": "one"}, r'annotations\[0\]: category_id "one" is nowhere'),
    ],
)
def test_a_bad_annotation_is_named_with_the_reason(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    content = document(categories=[{**document()["categories"][0], "name": "face"}])
    content["annotations"][0] |= changes
    path = written(tmp_path, content)
    with pytest.raises(InputError, match=message) as caught:
        read_coco(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "no object with images"),
        ({}, "no images"),
        (document(images=[{"file_name": "a.jpg"}]), r"images\[0\]: no id"),
        (document(images=["a.jpg"]), r"images\[0\]: not an object"),
        (document(images=[{"id": 7}]), r"annotations\[0\], its image: no file_name"),
        (
            document(images=[{"id": 7, "file_name": "a"}, {"id": 7, "file_name": "b"}]),
            r"images\[1\]: the id 7 is there twice",
        ),
        (
            document(categories=[{"id": 1, "name": "face"}]),
            r"annotations\[0\], its category: no keypoints",
        ),
        (
            document(categories=[{"id": 1, "name": "b", "keypoints": ["nose", "nose", "a", "b"]}]),
            'has "nose" twice',
        ),
    ],
)
def test_another_document_is_refused(tmp_path: Path, content: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_coco(written(tmp_path, content))


@pytest.mark.parametrize("text", ["", '{"images": [', "[" * 100_000, "9" * 5000])
def test_damaged_json_is_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "labels.json"
    path.write_text(text)
    with pytest.raises(InputError, match=r"JSON|damaged") as caught:
        read_coco(path)
    assert "\n" not in str(caught.value)


FACE = {"id": 1, "name": "face", "keypoints": ["nose", "left_eye", "right_eye", "left_ankle"]}
POINTS = {"nose": (100, 50), "left_eye": (110, 40)}


def changed(folder: Path, changes: dict[str, Any]) -> tuple[list[FaceLabel], list[str]]:
    """What is read of one face with other members, and what is said."""
    content, listener = document(categories=[FACE]), Listener()
    content["annotations"][0] |= changes
    return read_coco(written(folder, content), listener), listener.lines


@pytest.mark.parametrize("box", [None, [], [0, 0, 0, 0], [0.0, 0, 0, 0], [7, 8, 0, 9]])
def test_a_face_without_a_box_keeps_its_points(tmp_path: Path, box: object) -> None:
    assert changed(tmp_path, {"bbox": box}) == ([FaceLabel("my photos/a.jpg", None, POINTS)], [])


@pytest.mark.parametrize("points", [None, [], [0] * 12, [None, None, 0] * 4, [float("nan"), 0, 0]])
def test_a_face_without_points_keeps_its_box(tmp_path: Path, points: object) -> None:
    if isinstance(points, list) and len(points) == 3:
        points = points * 4
    expected = [FaceLabel("my photos/a.jpg", (9.5, 19.5, 39.5, 59.5))]
    assert changed(tmp_path, {"keypoints": points}) == (expected, [])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"iscrowd": 1, "segmentation": {"size": [480, 640], "counts": "x"}}, "mark a crowd"),
        ({"bbox": [0, 0, 0, 0], "keypoints": []}, "have neither a point of a face nor the box"),
    ],
)
def test_an_annotation_that_is_no_face_is_counted(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    labels, lines = changed(tmp_path, changes)
    assert labels == []
    assert len(lines) == 1
    assert said in lines[0]
    assert lines[0].endswith(": 1")


@pytest.mark.parametrize(
    ("image", "annotation"), [("a-7", "a-7"), (7, "7"), ("7", 7), (7, 7.0), (10**30, str(10**30))]
)
def test_ids_may_be_texts(tmp_path: Path, image: object, annotation: object) -> None:
    content = document(images=[{"id": image, "file_name": "a.jpg"}])
    content["annotations"][0]["image_id"] = annotation
    assert [label.image for label in read_coco(written(tmp_path, content))] == ["a.jpg"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_an_editor_may_have_saved_it(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "labels.json"
    path.write_bytes(json.dumps(document()).encode(encoding))
    assert read_coco(path)[0].points == POINTS


def test_a_name_that_stands_twice_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(document())[:-1] + ', "annotations": []}')
    with pytest.raises(InputError, match='"annotations" is there twice'):
        read_coco(path)
