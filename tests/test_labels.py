from math import nan

import pytest

from closeup.labels import FaceLabel


def test_a_face_may_be_only_an_image() -> None:
    label = FaceLabel("a.jpg")
    assert (label.box, dict(label.points)) == (None, {})


def test_impossible_labels_are_refused() -> None:
    with pytest.raises(ValueError, match="names no image"):
        FaceLabel("")
    with pytest.raises(ValueError, match="holds nothing"):
        FaceLabel("a.jpg", (4, 0, 4, 9))
    with pytest.raises(ValueError, match=r"box .* not finite"):
        FaceLabel("a.jpg", (nan, 0, 4, 9))
    with pytest.raises(ValueError, match=r"point nose .* not finite"):
        FaceLabel("a.jpg", points={"nose": (1, nan)})
