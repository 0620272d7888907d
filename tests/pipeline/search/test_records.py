import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from closeup.faces import Faces
from closeup.identities import Likeness, Recognition
from closeup.media.pictures import SourceKind
from closeup.pipeline.search.records import document, document_lines, faces_record
from closeup.pipeline.search.search import FacesInPicture

FACES = Faces(
    np.array([[1.234567, 2, 30.5, 40]], np.float32),
    np.array([0.98761], np.float32),
    points=np.array([[[1, 2], [3.33333, 4]]], np.float32),
    scheme="two",
)


def record(faces: Faces, frame: int | None = None, seconds: Fraction | None = None) -> Any:
    return FacesInPicture(Path("in/a.jpg"), "a.jpg", frame, seconds, faces).record()


def test_a_face_that_was_compared_with_nobody() -> None:
    assert faces_record(FACES) == [
        {
            "box": [1.23, 2.0, 30.5, 40.0],
            "score": 0.9876,
            "points": [[1.0, 2.0], [3.33, 4.0]],
            "name": None,
            "confidence": None,
            "distance": None,
        }
    ]


def test_a_name_only_where_it_is_accepted() -> None:
    best, second = Likeness("Ada", 0.9, 0.31, 98765.4, 1e-4), Likeness("Bo", 0.05, 0.6, 0.02, 0.9)
    (accepted,) = faces_record(FACES.with_columns(identities=(Recognition((best, second), True),)))
    (refused,) = faces_record(FACES.with_columns(identities=(Recognition((best,), False),)))
    assert (accepted["name"], refused["name"]) == ("Ada", None)
    assert (refused["confidence"], refused["distance"]) == (0.9, 0.31)
    assert accepted["runner_up"] == {"name": "Bo", "confidence": 0.05, "distance": 0.6}
    assert refused["runner_up"] is None
    ada = {"name": "Ada", "confidence": 0.9, "distance": 0.31}
    ada |= {"odds": 98800.0, "false_accept_rate": 0.0001}
    bo = {"name": "Bo", "confidence": 0.05, "distance": 0.6}
    bo |= {"odds": 0.02, "false_accept_rate": 0.9}
    assert accepted["candidates"] == [ada, bo]
    assert refused["candidates"] == [ada]


def test_frames_say_when_they_are_shown() -> None:
    image = record(Faces.none())
    assert image == {"image": str(Path("in/a.jpg")), "faces": [], "landmarks": None}
    frame = record(Faces.none(), 3, Fraction(1, 8))
    assert (frame["frame"], frame["seconds"]) == (3, 0.125)
    timeless = record(Faces.none(), 3)
    assert (timeless["frame"], timeless["seconds"]) == (3, None)


def test_an_object_for_an_image_an_array_for_more() -> None:
    records = [record(FACES)]
    assert document(SourceKind.IMAGE, records) == records[0]
    assert document(SourceKind.FOLDER, records) == records
    assert document(SourceKind.FRAMES, records) == records
    assert document(SourceKind.FOLDER, []) == []
    json.dumps(document(SourceKind.FOLDER, records), allow_nan=False)


def test_the_text_is_the_document_a_picture_a_line() -> None:
    records = [record(FACES, number, Fraction(number)) for number in range(3)]
    for count in range(4):
        text = "".join(document_lines(SourceKind.VIDEO, iter(records[:count])))
        assert json.loads(text) == document(SourceKind.VIDEO, records[:count])
        assert len(text.splitlines()) == count + 2
    assert json.loads(*document_lines(SourceKind.IMAGE, records[:1])) == records[0]
