from pathlib import Path

import dlib
import numpy as np

from closeup.detection.hog import HogDetector
from tests.real_photos import astronaut, lfw


def test_boxes_and_scores_are_those_of_dlib(shared_data: Path) -> None:
    detector, original = HogDetector(), dlib.get_frontal_face_detector()
    for photo in [astronaut(), *lfw(shared_data, 3)]:
        faces = detector.detect(photo)
        rectangles, scores, _ = original.run(photo, 0, 0.0)
        assert len(faces) == len(rectangles) >= 1
        best = rectangles[int(np.argmax(scores))]
        corners = [best.left() - 0.5, best.top() - 0.5, best.right() + 0.5, best.bottom() + 0.5]
        assert faces.boxes[0].tolist() == corners
        np.testing.assert_allclose(faces.scores, sorted(scores, reverse=True), rtol=1e-6)


def test_upsampling_finds_smaller_faces() -> None:
    small = np.ascontiguousarray(astronaut()[::3, ::3])
    assert [len(HogDetector(upsample).detect(small)) for upsample in (0, 1)] == [0, 1]
