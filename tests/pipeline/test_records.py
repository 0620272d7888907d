import json
from fractions import Fraction
from pathlib import Path

import numpy as np

from closeup.identity.recognition import Likeness
from closeup.media.pictures import Picture, SourceKind
from closeup.pipeline.records import document, document_lines, face_record, picture_record

BOX = np.array([1.234567, 2, 30.5, 40], np.float32)
POINTS = np.array([[1, 2], [3.33333, 4]], np.float32)


def picture(frame: int | None = None, seconds: Fraction | None = None) -> Picture:
    return Picture(Path("in/a.jpg"), "a.jpg", frame, seconds, lambda: np.zeros((1, 1, 3), np.uint8))


def test_a_face_that_nobody_was_compared_with() -> None:
    assert face_record(BOX, 0.98761, POINTS) == {
        "box": [1.23, 2.0, 30.5, 40.0],
        "score": 0.9876,
        "points": [[1.0, 2.0], [3.33, 4.0]],
        "name": None,
        "confidence": None,
        "distance": None,
    }


def test_a_name_only_where_it_is_accepted() -> None:
    best, second = Likeness("Ada", 0.9, 0.31), Likeness("Bo", 0.05, 0.6)
    accepted = face_record(BOX, 1, POINTS, best, accepted=True, runner_up=second)
    refused = face_record(BOX, 1, POINTS, best, accepted=False)
    assert (accepted["name"], refused["name"]) == ("Ada", None)
    assert (refused["confidence"], refused["distance"]) == (0.9, 0.31)
    assert accepted["runner_up"] == {"name": "Bo", "confidence": 0.05, "distance": 0.6}
    assert refused["runner_up"] is None


def test_pictures_of_a_video_say_when() -> None:
    assert picture_record(picture(), []) == {"image": str(Path("in/a.jpg")), "faces": []}
    record = picture_record(picture(3, Fraction(1, 8)), [])
    assert (record["frame"], record["seconds"]) == (3, 0.125)


def test_an_object_for_an_image_an_array_for_more() -> None:
    records = [picture_record(picture(), [face_record(BOX, 1, POINTS)])]
    assert document(SourceKind.IMAGE, records) == records[0]
    assert document(SourceKind.FOLDER, records) == records
    assert document(SourceKind.FOLDER, []) == []
    json.dumps(document(SourceKind.FOLDER, records), allow_nan=False)


def test_the_text_is_the_document_a_picture_a_line() -> None:
    records = [picture_record(picture(number, Fraction(number)), []) for number in range(3)]
    for count in range(4):
        text = "".join(document_lines(SourceKind.VIDEO, iter(records[:count])))
        assert json.loads(text) == document(SourceKind.VIDEO, records[:count])
        assert len(text.splitlines()) == count + 2
    assert json.loads(*document_lines(SourceKind.IMAGE, records[:1])) == records[0]
