from __future__ import annotations

import numpy as np

from closeup.effects.face_memory import FaceMemory
from closeup.faces import Faces


def frame(seconds: float | None, *ids: int) -> Faces:
    boxes = np.tile(np.array([0, 0, 1, 1], np.float32), (len(ids), 1))
    faces = Faces.of(boxes, np.ones(len(ids)))
    if seconds is None:
        return faces
    return faces.with_columns(ids=np.array(ids, np.int64), seconds=seconds)


def test_each_face_has_its_own_state() -> None:
    memory: FaceMemory[list[str]] = FaceMemory(list)
    for seconds, row in ((0.0, 0), (0.0, 1), (0.1, 1)):
        recalled = memory.recall(frame(seconds, 7, 9), row)
        assert recalled is not None
        recalled[0].append(f"{seconds}")
    states = [memory.recall(frame(0.2, 7, 9), row) for row in (0, 1)]
    assert [state for state in states if state] == [(["0.0"], 0.2), (["0.0", "0.1"], 0.1)]


def test_photos_have_no_state() -> None:
    assert FaceMemory(list).recall(frame(None, 1), 0) is None


def test_a_face_that_was_away_and_a_video_that_begins_again_start_anew() -> None:
    memory: FaceMemory[list[str]] = FaceMemory(list)
    first = memory.recall(frame(5.0, 1), 0)
    assert first is not None
    for later in (6.5, 0.0):
        again = memory.recall(frame(later, 1), 0)
        assert again is not None
        assert again[0] is not first[0]
        assert again[1] == 0.0
