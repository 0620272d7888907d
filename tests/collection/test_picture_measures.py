"""The hash of a picture is about what it shows."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from closeup.collection.picture_measures import BITS, picture_hash, require_hashes
from closeup.errors import InputError
from closeup.evaluation.sensitivity import recompressed
from closeup.frames import RGBImage
from tests.real_photos import astronaut


def differing(one: RGBImage, other: RGBImage) -> int:
    return int((picture_hash(one) != picture_hash(other)).sum())


def test_copies_are_near_and_other_pictures_far() -> None:
    photo = astronaut()
    assert picture_hash(photo).shape == (BITS,)
    smaller = np.asarray(cv2.resize(photo, (90, 90), interpolation=cv2.INTER_AREA), np.uint8)
    darker = (photo * 0.6).astype(np.uint8)
    for copy in (smaller, darker, recompressed(photo, 15)):
        assert differing(photo, copy) <= 6
    assert 20 <= differing(photo, np.ascontiguousarray(photo[::-1, ::-1])) <= 44


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    require_hashes()
    monkeypatch.setattr("closeup.collection.picture_measures.find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"pip install 'closeup\[collect\]'"):
        require_hashes()
