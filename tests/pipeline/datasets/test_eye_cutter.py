"""Which of a face's points are the corners of its eyes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from closeup.faces import Faces
from closeup.labels import FaceLabel
from closeup.media.images import read_image
from closeup.opening import open_detector, open_landmarker
from closeup.pipeline.datasets.eye_cutter import found_corners, labelled_corners
from closeup.progress import Silent
from closeup.settings import Settings


def test_five_and_sixty_eight_points_agree(shared_data: Path, settings: Settings) -> None:
    image = read_image(next((shared_data / "lfw" / "images").glob("George_W_Bush/*_0001.jpg")))
    faces = open_detector(settings=settings, progress=Silent()).detect(image)
    largest: Faces = faces[np.array([0])]
    five, all_points = (
        found_corners(
            open_landmarker(f"dlib-{count}-points", settings=settings).find(image, largest)[0]
        )
        for count in (5, 68)
    )
    assert np.abs(five - all_points).max() < 5
    (outer_right, inner_right), (outer_left, inner_left) = five[..., 0].tolist()
    assert outer_right < inner_right < inner_left < outer_left


def test_labels_of_sixty_eight_points() -> None:
    points = {f"p{number}": (float(number), -float(number)) for number in range(68)}
    corners = labelled_corners(FaceLabel("a.jpg", None, points))
    assert corners[..., 0].tolist() == [[36, 39], [45, 42]]
    assert np.array_equal(found_corners(np.array(list(points.values()))), corners)
    del points["p67"]
    assert np.isnan(labelled_corners(FaceLabel("a.jpg", None, points))).all()
