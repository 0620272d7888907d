"""COCO's JSON as annotation sets: others' keys survive, and others read what we write."""

from __future__ import annotations

import json
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from closeup.annotations import (
    AnnotatedPicture,
    Annotation,
    AnnotationSet,
    KeyPoint,
    LabelSchema,
    Origin,
)
from closeup.errors import InputError
from closeup.formats.coco import read_coco_annotations, write_coco
from closeup.geometry import Size

FACES = LabelSchema(
    ("right_eye", "left_eye", "nose"), ("face", "member"), (("right_eye", "left_eye"),), box=True
)
PICTURES = (
    AnnotatedPicture(
        "photos/b.png",
        size=Size(64, 48),
        annotations=(
            Annotation(
                "face", (3.5, 4.5, 23.5, 34.5),
                {"left_eye": KeyPoint(10.25, 12.5, False), "nose": KeyPoint(11, 20)}, score=0.5,
            ),
            Annotation("member", (0, 0, 63.5, 47.5)),
        ),
    ),
    AnnotatedPicture("photos/a.png", size=Size(64, 48)),
)  # fmt: skip
SET = AnnotationSet(PICTURES, FACES)

THEIRS: dict[str, Any] = {
    "info": {"year": 2026, "contributor": "Zoë"},
    "licenses": [{"id": 3, "name": "CC BY 4.0"}],
    "images": [
        {"id": 400, "file_name": "a.jpg", "width": 640, "height": 480, "license": 3},
        {"id": "b-7", "file_name": "b.jpg", "coco_url": "https://example.org/b.jpg"},
    ],
    "annotations": [
        {
            "id": 91, "image_id": "b-7", "category_id": 44, "bbox": [1.5, 2.25, 30, 40],
            "area": 700.5, "iscrowd": 0, "segmentation": [[1, 2, 31, 2, 31, 42]],
            "num_keypoints": 1, "keypoints": [0, 0, 0, 7.5, 8.25, 1],
            "attributes": {"occluded": True, "track_id": 5},
        },
        {
            "id": 17, "image_id": 400, "category_id": 2, "bbox": [0, 0, 5, 5], "area": 9,
            "iscrowd": 1, "segmentation": {"size": [480, 640], "counts": "x"},
        },
    ],
    "categories": [
        {"id": 44, "name": "person", "supercategory": "animal", "keypoints": ["nose", "left_eye"],
         "skeleton": [[1, 2]]},
        {"id": 2, "name": "car", "supercategory": "vehicle"},
    ],
    "our_tool": {"version": [1, 2]},
}  # fmt: skip


def read(folder: Path, content: object) -> AnnotationSet:
    path = folder / "theirs.json"
    path.write_text(json.dumps(content))
    return read_coco_annotations(path)


def test_what_another_program_wrote_comes_back(tmp_path: Path) -> None:
    write_coco(tmp_path / "ours.json", read(tmp_path, THEIRS))
    ours = json.loads((tmp_path / "ours.json").read_text())
    ours["annotations"].sort(key=lambda one: -one["id"])
    own = ours.pop("closeup")
    assert own == {"skeleton": [["nose", "left_eye"]], "box": True}
    assert ours == THEIRS


def test_a_crowd_and_a_tag_are_annotations_too(tmp_path: Path) -> None:
    found = read(tmp_path, THEIRS)
    assert [picture.path for picture in found.pictures] == ["a.jpg", "b.jpg"]
    assert found.pictures[0].size == Size(640, 480)
    assert found.pictures[1].size is None
    crowd, person = (picture.annotations[0] for picture in found.pictures)
    assert crowd.name == "car"
    assert crowd.extra["coco"]["iscrowd"] == 1
    assert person.box == (1.0, 1.75, 31.0, 41.75)
    assert person.points == {"left_eye": KeyPoint(7.5, 8.25, False)}
    assert found.schema.classes == ("person", "car")


def test_ids_of_merged_files_are_made_unique(tmp_path: Path) -> None:
    one, other = read(tmp_path, THEIRS), read(tmp_path, THEIRS)
    write_coco(tmp_path / "both.json", AnnotationSet((*one.pictures, *other.pictures)))
    both = json.loads((tmp_path / "both.json").read_text())
    for key in ("images", "annotations", "categories"):
        ids = [item["id"] for item in both[key]]
        assert len(set(ids)) == len(ids)
    again = read_coco_annotations(tmp_path / "both.json")
    assert [len(picture.annotations) for picture in again.pictures] == [1, 1, 1, 1]


def test_a_category_gets_the_points_that_it_lacks(tmp_path: Path) -> None:
    found = read(tmp_path, THEIRS)
    car = Annotation("car", points={"nose": KeyPoint(1, 2)})
    picture = AnnotatedPicture("c.jpg", annotations=(car,))
    path = tmp_path / "ours.json"
    write_coco(path, AnnotationSet((*found.pictures, picture), found.schema, found.extra))
    assert read_coco_annotations(path).pictures[-1].annotations[0].points == car.points
    car_category = json.loads(path.read_text())["categories"][1]
    assert car_category["supercategory"] == "vehicle"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"images": [{"id": 1, "file_name": ""}]}, r"images\[0\]: it names no picture"),
        ({"images": [{"id": 1}]}, r"images\[0\]: no file_name"),
        (
            {"images": [{"id": 1, "file_name": "a", "width": 1.5, "height": 2}]},
            r"images\[0\]: a size of 1.5 x 2",
        ),
        (
            {"images": [{"id": 1, "file_name": "a", "closeup": {"frame": -1}}]},
            r"images\[0\]: frame is -1",
        ),
        ({"categories": [{"id": 1}]}, r"categories\[0\]: no name"),
        (
            {"categories": [{"id": 1, "name": "a", "keypoints": ["b"], "skeleton": [[1, 2]]}]},
            r"categories\[0\]: \[1, 2\] in skeleton is no pair of 1 to 1",
        ),
        ({"categories": [{"id": 1, "name": "a", "keypoints": [""]}]}, "a point has no name"),
        ({"closeup": 5}, "closeup is 5, no object"),
        ({"closeup": {"skeleton": [["a", "b"]]}}, "names the point 'a', which is not in points"),
        ({"closeup": {"targets": {"a": "x"}}}, 'targets has "x", no whole number'),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    content = {"images": [], "annotations": [], "categories": [], **changes}
    with pytest.raises(InputError, match=message) as caught:
        read(tmp_path, content)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ({"verdict": "maybe"}, 'verdict is "maybe", none of true, false, unsure'),
        ({"origin": 1}, "origin is 1, none of coarse"),
        ({"keyframe": "no"}, 'keyframe is "no", neither true nor false'),
        ({"mask": 3}, "mask is 3, no text"),
        ({"score": 2}, "score is 2, not from 0 to 1"),
        ([], r"closeup is \[\], no object"),
    ],
)
def test_own_keys_are_checked(tmp_path: Path, own: object, message: str) -> None:
    content = json.loads(json.dumps(THEIRS))
    content["annotations"][1]["closeup"] = own
    with pytest.raises(InputError, match=rf"annotations\[1\]: {message}"):
        read(tmp_path, content)


def test_unknown_own_keys_of_a_newer_version_do_no_harm(tmp_path: Path) -> None:
    content = json.loads(json.dumps(THEIRS))
    content["annotations"][0]["closeup"] = {"origin": "model", "colour": "red"}
    assert read(tmp_path, content).pictures[1].annotations[0].origin is Origin.MODEL


def written(folder: Path) -> Path:
    (folder / "photos").mkdir()
    for picture in PICTURES:
        Image.new("RGB", (64, 48)).save(folder / picture.path)
    write_coco(folder / "labels.json", SET)
    return folder / "labels.json"


def test_supervision_reads_it(tmp_path: Path) -> None:
    supervision = pytest.importorskip("supervision")
    found = supervision.DetectionDataset.from_coco(str(tmp_path), str(written(tmp_path)))
    assert found.classes == ["face", "member"]
    boxes = {Path(path).name: detections for path, _, detections in found}
    expected = np.array([one.box for one in PICTURES[0].annotations]) + 0.5
    np.testing.assert_allclose(boxes["b.png"].xyxy, expected, atol=1e-4)
    assert boxes["b.png"].class_id.tolist() == [0, 1]
    assert len(boxes["a.png"]) == 0


def test_cocos_own_evaluation_reads_it(tmp_path: Path) -> None:
    """The labels found as detections are all right, by COCO's own code."""
    coco = pytest.importorskip("pycocotools.coco")
    evaluation = pytest.importorskip("pycocotools.cocoeval")
    path = written(tmp_path)
    with redirect_stdout(StringIO()):
        truth = coco.COCO(str(path))
        assert truth.getAnnIds(imgIds=[1], catIds=truth.getCatIds(["face"])) == [1]
        assert truth.loadCats([1])[0]["keypoints"] == list(FACES.points)
        found = truth.loadRes(
            [{**one, "score": 0.9} for one in truth.dataset["annotations"] if "keypoints" in one]
        )
        for kind in ("bbox", "keypoints"):
            scored = evaluation.COCOeval(truth, found, kind)
            scored.params.kpt_oks_sigmas = np.full(len(FACES.points), 0.05)
            scored.params.catIds = [1]
            scored.evaluate()
            scored.accumulate()
            precision = scored.eval["precision"][..., 0, -1]
            assert precision[precision >= 0].min() == pytest.approx(1)
