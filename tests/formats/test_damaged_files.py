"""Every format of label files, damaged in any way: it is read, or refused in one line.

Whatever is read consists of finite numbers; whatever is refused names the file.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from closeup.annotations import (
    AnnotatedPicture,
    Annotation,
    AnnotationSet,
    KeyPoint,
    LabelSchema,
    LabelVerdict,
    Origin,
)
from closeup.datasets.eyes.eye_table import EyeRow, read_rows, write_rows
from closeup.errors import InputError
from closeup.evaluation.lfw_pairs import read_pairs
from closeup.evaluation.pupil_truth import read_pupil_truth
from closeup.fancam.coordinates import read_coordinates
from closeup.fancam.corrections import read_corrections
from closeup.formats.annotation_json import read_annotation_json, write_annotation_json
from closeup.formats.bioid import read_eyes
from closeup.formats.coco import read_coco_annotations, write_coco
from closeup.formats.coco_faces import read_coco
from closeup.formats.csv_annotations import read_csv_annotations, write_csv_annotations
from closeup.formats.csv_labels import read_labels, write_labels
from closeup.formats.dataset_folder import Contents, Dataset, read_dataset, write_dataset
from closeup.formats.dlib_xml import read_dlib_annotations, read_dlib_xml, write_dlib_xml
from closeup.formats.pts import read_pts, write_pts
from closeup.formats.yolo_dataset import (
    YoloDataset,
    read_image_list,
    read_yolo_dataset,
    write_yolo_dataset,
)
from closeup.formats.yolo_labels import read_yolo_labels
from closeup.geometry import Size
from closeup.labels import FaceLabel
from closeup.pipeline.datasets.pupil_videos import read_pupils
from closeup.pupils.calibration import Calibration
from tests.formats.label_strategies import face_set
from tests.listening import Listener

FACES = [
    FaceLabel("a b/é.jpg", (1, 2, 30, 40), {"right_eye": (10, 20.5), "left_eye": (20, 21)}),
    FaceLabel("b.jpg", (0, 0, 5, 5), {"right_eye": (1, 2), "left_eye": (3, 2)}),
]
OBJECTS = AnnotationSet(
    (
        AnnotatedPicture(
            "photos/é.jpg", 3, Size(64, 48),
            (
                Annotation(
                    "Zoë", (1, 2, 30, 40), {"nose": KeyPoint(10, 20.5, False)}, "é.png", "7", True,
                    False, LabelVerdict.TRUE, Origin.MODEL, "darkest", "2", 0.5,
                ),
            ),
        ),
        AnnotatedPicture("b.jpg", annotations=(Annotation("true", (1, 2, 3, 4), mask="b.jpg"),)),
    ),
    LabelSchema(("nose", "tip"), ("Zoë", "true"), (("nose", "tip"),), {"Zoë": 5}, box=True),
)  # fmt: skip
CORRECTIONS = {
    "tracklets": {"17": "Rosé", "4": None},
    "crops": [{"member": "Rosé", "from": 12.3, "to": 14, "box": [1, 2, 3, 4]}],
}
COORDINATES = (
    "frame,time,member,x,y,w,h,source,confidence\n"
    "0,0.0,Ann,0.5,0.5,0.1,0.1,detected,1\n1,0.04,Ann,,,,,absent,0\n"
)
POSES = "0 0.5 0.5 0.2 0.2 0.45 0.45 2 0.5 0.5 1\n1 0.25 0.25 0.5 0.5 0 0 0 0.1 0.1 2\n"
LONG = "images/train/a.jpg\n./images/b.jpg\n"
SET = Dataset(
    tuple(FACES), Path("/photos"), "csv", Contents.LANDMARKS, "source", "terms", "convention"
)


def write_set(path: Path) -> None:
    write_dataset(path.parent, SET)
    (path.parent / "dataset.json").rename(path)


def read_set(path: Path) -> object:
    path.rename(path.parent / "dataset.json")
    return read_dataset(path.parent)


def yolo_set(path: Path) -> None:
    root = path.parent
    made = YoloDataset(("a", "é"), (root / "train",), (root / "val",), (), 2, 3, (1, 0))
    write_yolo_dataset(path, made)


NAN = re.compile(r"(?<![\w'\"/. ])(nan|inf)\b|[ (]-?(nan|inf)[,)]")
"""A number that is not finite, not a part of a name."""


def vars_of(calibration: Calibration) -> tuple[str, list[object], int]:
    return calibration.method, calibration.offsets.tolist(), calibration.photos


def text(content: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(content, encoding="utf-8")


FORMATS: dict[str, tuple[Callable[[Path], object], Callable[[Path], object]]] = {
    "csv": (lambda path: write_labels(path, FACES), lambda path: read_labels(path, Listener())),
    "coco": (
        lambda path: write_coco(path, face_set(FACES)), lambda path: read_coco(path, Listener())
    ),
    "dlib": (
        lambda path: write_dlib_xml(path, face_set(FACES)),
        lambda path: read_dlib_xml(path, Listener()),
    ),
    "coco set": (
        lambda path: write_coco(path, OBJECTS), lambda path: read_coco_annotations(path)
    ),
    "csv set": (
        lambda path: write_csv_annotations(path, OBJECTS),
        lambda path: read_csv_annotations(path),
    ),
    "dlib set": (
        lambda path: write_dlib_xml(path, OBJECTS), lambda path: read_dlib_annotations(path)
    ),
    "annotation.json": (
        lambda path: write_annotation_json(path, OBJECTS), lambda path: read_annotation_json(path)
    ),
    "pts": (lambda path: write_pts(path, np.arange(8.0).reshape(4, 2)), read_pts),
    "eye": (text("#LX\tLY\tRX\tRY\n232\t110\t161\t110\n"), read_eyes),
    "yolo": (
        text("0 0.5 0.5 0.2 0.2\n1 0.2 0.3 0.6 0.3 0.5 0.9\n"),
        lambda path: read_yolo_labels(path, Size(64, 48), ("a", "b")),
    ),
    "pose": (text(POSES), lambda path: read_yolo_labels(path, Size(64, 48), ("a", "b"), 2)),
    "yaml": (yolo_set, read_yolo_dataset),
    "list": (text(LONG), read_image_list),
    "lpw": (text("1 2\n3.5 4\n"), read_pupils),
    "pairs": (text("2 1\nAda 1 2\nAda 1 Bo 3\nCy 4 12\nCy 4 Di 1\n"), read_pairs),
    "corrections": (text(json.dumps(CORRECTIONS, indent=1)), read_corrections),
    "coordinates": (text(COORDINATES), lambda path: read_coordinates(path, Size(64, 48))),
    "eyes": (lambda path: write_rows(path, [EyeRow("é.jpg", 0, 1, "left", "0/1")]), read_rows),
    "dataset": (write_set, read_set),
    "calibration": (
        lambda path: Calibration("darkest", np.full((2, 2), 0.01), 9).save(path),
        lambda path: vars_of(Calibration.load(path)),
    ),
    "truth": (
        lambda path: write_labels(path, FACES), lambda path: read_pupil_truth(path, path.parent)
    ),
}  # fmt: skip

TOKENS = st.sampled_from(
    [b"", b"0", b"-1", b"nan", b"NaN", b"Infinity", b"1e999", b"9" * 5000, b"1_0", b"null", b"[]",
     b"{}", b"true", b'""', b'"', b"'", b",", b";", b"\t", b"\r", b"\n", b"\r\n", b"\0", b"\xff",
     b"\xc3\xa9", b"\xe2\x80\xa8", b"\xc2\x85", b"<", b"&a;", b"&#10;", b"<!DOCTYPE a>", b"*",
     b"&x [*x]", b": ", b"- ", b"x" * 300, b"..", b"C:\\a", b"[" * 2000,
     codecs.BOM_UTF8, codecs.BOM_UTF16_LE],
)  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """The content with one to three places cut out, replaced or written twice."""
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(content)))
        end = start + draw(st.integers(0, 12) | st.integers(0, len(content)))
        new = draw(TOKENS | st.binary(max_size=4) | st.just(content[start:end] * 2))
        content = content[:start] + new + content[end:]
    return content


def encoded(content: bytes, encoding: str) -> bytes:
    return content.decode("utf-8").encode(encoding)


@pytest.mark.parametrize("form", FORMATS)
def test_a_damaged_file_is_read_or_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, form: str
) -> None:
    write, read = FORMATS[form]
    path = tmp_path_factory.mktemp(form) / "é.file"
    write(path)
    whole = path.read_bytes()

    @settings(max_examples=150)
    @given(damaged(whole) | damaged(encoded(whole, "utf-16")))
    def check(content: bytes) -> None:
        path.write_bytes(content)
        try:
            found = read(path)
        except InputError as error:
            message = str(error)
            assert len(message.splitlines()) == 1
            assert len(message) < 700
            assert any(part in message for part in (str(path.parent), "crop "))
        else:
            assert not NAN.search(repr(found)) or form in {"coordinates", "eyes"}  # unknown there

    check()


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_changes_nothing(tmp_path: Path, form: str, encoding: str) -> None:
    write, read = FORMATS[form]
    path = tmp_path / "a.file"
    if form == "truth":
        (tmp_path / "a b").mkdir()
        (tmp_path / "a b" / "é.jpg").touch()
        (tmp_path / "b.jpg").touch()
    write(path)
    whole = path.read_bytes()
    expected = read(path)
    path.write_bytes(encoded(whole.replace(b"\n", b"\r\n"), encoding))
    assert described(read(path)) == described(expected)


def described(found: object) -> str:
    """All content of a result; arrays and their owners do not compare as one."""
    if hasattr(found, "__dataclass_fields__"):
        return repr({name: described(getattr(found, name)) for name in found.__dataclass_fields__})
    return repr(found)
