import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from closeup.annotations import AnnotationSet
from closeup.errors import InputError, OutputError
from closeup.formats.coco import write_coco
from closeup.formats.csv_labels import write_labels
from closeup.formats.dataset_folder import Contents, read_dataset
from closeup.formats.dlib_xml import write_dlib_xml
from closeup.formats.pts import write_pts
from closeup.labels import FIVE_POINTS, FaceLabel
from closeup.pipeline.datasets.importing import import_dataset
from closeup.pipeline.datasets.set_kinds import FACTS, FORMATS, SetKind
from tests.formats.label_strategies import face_set
from tests.listening import Listener
from tests.pipeline.datasets.test_labelled_folders import eye_file, touch
from tests.pipeline.datasets.test_pupil_videos import record

NOSE = {"nose": (3.0, 4.0)}


def test_every_kind_has_its_facts() -> None:
    assert {*FACTS, *FORMATS} == set(SetKind)
    assert not FACTS.keys() & FORMATS.keys()


def test_bioid_becomes_a_table(tmp_path: Path) -> None:
    touch(tmp_path, ["BioID/BioID_0000.pgm"])
    eye_file(tmp_path / "BioID" / "BioID_0000.eye")
    made = import_dataset(SetKind.BIOID, tmp_path / "BioID", tmp_path / "out")
    assert (tmp_path / "out" / "labels.csv").read_text() == (
        "image,right_eye_x,right_eye_y,left_eye_x,left_eye_y\n"
        "BioID_0000.pgm,161.0,110.0,232.0,110.0\n"
    )
    record = json.loads((tmp_path / "out" / "dataset.json").read_text())
    assert record == made.record()
    assert (record["kind"], record["class"]) == ("bioid", "faces with landmarks")
    assert (record["count"], record["images"]) == (1, 1)
    assert record["images_root"] == str((tmp_path / "BioID").resolve())
    assert read_dataset(tmp_path / "out") == made


def test_an_eye_of_68_points_is_the_mean_of_its_six(tmp_path: Path) -> None:
    touch(tmp_path, ["300w/a.jpg"])
    points = np.zeros((68, 2))
    points[36:42] = [(10, 5), (12, 4), (14, 4), (16, 5), (14, 6), (12, 6)]
    points[30], points[54] = (20, 20), (25, 30)
    write_pts(tmp_path / "300w" / "a.pts", points + 1)
    made = import_dataset(SetKind.THREE_HUNDRED_W, tmp_path / "300w", tmp_path / "out")
    (label,) = made.labels
    assert label.points["right_eye"] == (13, 5)
    assert (label.points["nose"], label.points["mouth_left"]) == ((20, 20), (25, 30))
    with (tmp_path / "out" / "labels.csv").open() as file:
        (row,) = csv.DictReader(file)
    assert list(row)[1:11] == [f"{name}_{axis}" for name in FIVE_POINTS for axis in "xy"]
    assert (row["p36_x"], row["p67_y"]) == ("10.0", "0.0")


def test_lpw_brings_its_own_pictures(tmp_path: Path) -> None:
    record(tmp_path / "LPW" / "1" / "1.avi", [(10, 10)] * 3)
    made = import_dataset(SetKind.LPW, tmp_path / "LPW", tmp_path / "out", every=2)
    assert made.contents is Contents.EYE_CROPS
    assert all((made.images_root / label.image).is_file() for label in made.labels)
    document = json.loads((tmp_path / "out" / "dataset.json").read_text())
    assert document["images_root"] == "images"
    assert read_dataset(tmp_path / "out").images_root == tmp_path / "out" / "images"


@pytest.mark.parametrize(
    ("kind", "write"),
    [
        (SetKind.CSV, write_labels),
        (SetKind.COCO, lambda path, labels: write_coco(path, face_set(labels))),
        (SetKind.DLIB_XML, lambda path, labels: write_dlib_xml(path, face_set(labels))),
    ],
)
def test_one_file_names_pictures_elsewhere(
    tmp_path: Path, kind: SetKind, write: Callable[[Path, list[FaceLabel]], None]
) -> None:
    touch(tmp_path, ["photos/a b.jpg", "photos/sub/c.jpg", "photos/d.jpg"])
    box = (0.5, 0.5, 9.5, 9.5)
    names = ["a b.jpg", "sub\\c.jpg", str(tmp_path / "photos" / "d.jpg"), "gone.jpg"]
    labels = [FaceLabel(name, box, NOSE) for name in names]
    write(tmp_path / "labels of mine", labels)
    listener = Listener()
    made = import_dataset(
        kind, tmp_path / "labels of mine", tmp_path / "out",
        images=tmp_path / "photos", progress=listener,
    )  # fmt: skip
    assert [label.image for label in made.labels] == ["a b.jpg", "sub/c.jpg", "d.jpg"]
    assert {label.box for label in made.labels} == {box}
    assert all(label.points == NOSE for label in made.labels)
    assert listener.lines == [f"gone.jpg: no such picture below {tmp_path / 'photos'}; left out"]


def test_an_absolute_path_to_elsewhere_is_left_out(tmp_path: Path) -> None:
    touch(tmp_path, ["photos/a.jpg", "secret/b.jpg"])
    labels = [FaceLabel("a.jpg"), FaceLabel(str(tmp_path / "secret" / "b.jpg"))]
    write_labels(tmp_path / "photos" / "labels.csv", labels)
    made = import_dataset(SetKind.CSV, tmp_path / "photos" / "labels.csv", tmp_path / "out")
    assert made.labels == (FaceLabel("a.jpg"),)
    assert made.contents is Contents.FACES


def test_no_picture_at_all_is_an_error_that_leaves_nothing(tmp_path: Path) -> None:
    write_labels(tmp_path / "labels.csv", [FaceLabel("x" * 300), FaceLabel("b.jpg")])
    with pytest.raises(InputError, match=r"none of its pictures is in .* with --images"):
        import_dataset(SetKind.CSV, tmp_path / "labels.csv", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["gone/{}.jpg", "C:\\photos\\{}.jpg", "/home/ann/set/{}.jpg"])
def test_pictures_that_are_all_missing_are_said_once(tmp_path: Path, name: str) -> None:
    write_labels(tmp_path / "labels.csv", [FaceLabel(name.format(i)) for i in range(9)])
    listener = Listener()
    with pytest.raises(InputError) as caught:
        import_dataset(SetKind.CSV, tmp_path / "labels.csv", tmp_path / "out", progress=listener)
    assert listener.lines == []
    assert f"the first was looked for as {tmp_path / name.format(0)}; name" in str(caught.value)


def test_a_folder_of_pictures_that_is_not_there(tmp_path: Path) -> None:
    write_labels(tmp_path / "labels.csv", [FaceLabel("a.jpg")])
    with pytest.raises(InputError, match=r"photos: no such folder of pictures; .* --images"):
        import_dataset(
            SetKind.CSV, tmp_path / "labels.csv", tmp_path / "out", images=tmp_path / "photos"
        )


def test_points_keep_their_names_and_added_columns_are_passed_over(tmp_path: Path) -> None:
    touch(tmp_path, ["a.jpg", "b.jpg"])
    points = {"tip": (1.0, 2.0), "left_x": (3.0, 4.0)}
    labels = [FaceLabel("a.jpg", (0, 0, 5, 5), points), FaceLabel(" b.jpg ", (0, 0, 5, 5))]
    write_coco(tmp_path / "labels.json", face_set(labels))
    made = import_dataset(SetKind.COCO, tmp_path / "labels.json", tmp_path / "out")
    assert [label.image for label in made.labels] == ["a.jpg", "b.jpg"]
    assert made.record()["point_names"] == ["tip", "left_x"]
    assert read_dataset(tmp_path / "out") == made

    document = tmp_path / "out" / "dataset.json"
    record = json.loads(document.read_text())
    earlier = {key: value for key, value in record.items() if key != "point_names"}
    document.write_text(json.dumps(earlier))  # as it was before names were recorded
    assert read_dataset(tmp_path / "out") == made
    document.write_text(json.dumps(record))

    table = tmp_path / "out" / "labels.csv"
    heading, *rows = table.read_text(encoding="utf-8").splitlines()
    lines = [f"gaze_x,gaze_y,{heading}", *(f"0.1,far,{row}" for row in rows)]
    table.write_bytes("\r\n".join(lines).encode("utf-16"))
    assert read_dataset(tmp_path / "out") == made


def test_a_file_without_faces_is_an_error(tmp_path: Path) -> None:
    write_coco(tmp_path / "labels.json", AnnotationSet(()))
    with pytest.raises(InputError, match=r"labels\.json: no face in it"):
        import_dataset(SetKind.COCO, tmp_path / "labels.json", tmp_path / "out")


def test_a_name_that_is_no_text_is_left_out(tmp_path: Path) -> None:
    touch(tmp_path, ["a.jpg"])
    (tmp_path / "labels.json").write_text(
        json.dumps(
            {
                "images": [{"id": 1, "file_name": "a.jpg"}, {"id": 2, "file_name": "\udce9.jpg"}],
                "annotations": [
                    {"id": i, "image_id": i, "category_id": 1, "bbox": [1, 2, 3, 4]} for i in (1, 2)
                ],
                "categories": [{"id": 1, "name": "face"}],
            }
        )
    )
    listener = Listener()
    made = import_dataset(
        SetKind.COCO, tmp_path / "labels.json", tmp_path / "out", progress=listener
    )
    assert [label.image for label in made.labels] == ["a.jpg"]
    assert "\\udce9.jpg: no such picture" in listener.lines[0]


def test_the_source_is_never_overwritten(tmp_path: Path) -> None:
    touch(tmp_path, ["a.jpg"])
    write_labels(tmp_path / "labels.csv", [FaceLabel("a.jpg", points=NOSE)])
    before = (tmp_path / "labels.csv").read_bytes()
    with pytest.raises(OutputError, match="would be replaced by a result"):
        import_dataset(SetKind.CSV, tmp_path / "labels.csv", tmp_path)
    assert (tmp_path / "labels.csv").read_bytes() == before


def test_hand_set_eyes_of_lfw(shared_data: Path, tmp_path: Path) -> None:
    made = import_dataset(
        SetKind.CSV, shared_data / "eyes" / "truth_validation.csv", tmp_path / "out",
        images=shared_data / "lfw" / "images",
    )  # fmt: skip
    assert len(made.labels) == 824
    assert read_dataset(tmp_path / "out") == made
