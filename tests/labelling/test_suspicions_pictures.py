"""Twins with other labels, and masks that say nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from closeup.annotations import Annotation, LabelVerdict
from closeup.errors import ImageError
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.labelling.suspicions import Suspicion
from closeup.labelling.suspicions_pictures import EmptyMaskCheck, TwinsCheck, thumbnail
from closeup.media.images import write_image
from closeup.store.label_records import StoredItem
from tests.labelling.items import SIZE, boxed, by_model, item, points
from tests.real_photos import astronaut

FACE = cv2.resize(astronaut()[20:260, 120:360], tuple(SIZE), interpolation=cv2.INTER_AREA)
"""A real face."""


class Pictures:
    """Pictures by the numbers of their items."""

    def __init__(self, **pictures: RGBImage) -> None:
        self._pictures = pictures

    def read(self, item: StoredItem) -> RGBImage:
        if item.path not in self._pictures:
            raise ImageError(f"{item.path} is gone", "missing")
        return self._pictures[item.path]

    def is_there(self, item: StoredItem) -> bool:
        return item.path in self._pictures


def named(number: int, name: str, *labels: Annotation) -> StoredItem:
    return replace(item(number, *labels), path=name)


def twins(first: StoredItem, second: StoredItem, other: RGBImage) -> list[Suspicion]:
    check = TwinsCheck(Pictures(one=np.asarray(FACE, np.uint8), other=other))
    assert not [*check.look(first), *check.look(second)]
    return list(check.finish())


def brighter(scale: float = 1.0) -> RGBImage:
    """The same picture, compressed, brighter, of another size."""
    size = round(SIZE.width * scale), round(SIZE.height * scale)
    resized = cv2.resize(FACE, size, interpolation=cv2.INTER_AREA)
    _, data = cv2.imencode(".jpg", resized, [cv2.IMWRITE_JPEG_QUALITY, 60])
    decoded = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.float32)
    return np.asarray(np.clip(decoded * 1.1 + 8, 0, 255), np.uint8)


EYES = points(right_eye=(60, 40), left_eye=(110, 40))


def test_a_twin_with_other_points() -> None:
    moved = points(right_eye=(80, 40), left_eye=(110, 40))
    found = twins(named(1, "one", EYES), named(2, "other", moved), brighter())
    assert [one.unit.item for one in found] == [1, 2]
    assert found[0].reason == "0.40 of its size from the label in its twin other"


@pytest.mark.parametrize("scale", [1.0, 0.5, 1.5])
def test_a_twin_with_the_same_points_in_any_size(scale: float) -> None:
    same = points(
        right_eye=(60.5 * scale - 0.5, 40.5 * scale - 0.5),
        left_eye=(110.5 * scale - 0.5, 40.5 * scale - 0.5),
    )
    assert not twins(named(1, "one", EYES), named(2, "other", same), brighter(scale))


def test_another_picture_is_no_twin() -> None:
    other = np.ascontiguousarray(FACE[:, ::-1]).astype(np.uint8)
    moved = points(right_eye=(80, 40), left_eye=(110, 40))
    assert not twins(named(1, "one", EYES), named(2, "other", moved), other)


def test_a_twin_with_another_name_or_verdict() -> None:
    box = boxed((50, 20, 120, 80), "Ann")
    found = twins(named(1, "one", box), named(2, "other", replace(box, name="Bob")), brighter())
    assert found[0].reason == "'Ann' and 'Bob' in its twin other"
    true, false = (
        replace(by_model(box), verdict=said) for said in (LabelVerdict.TRUE, LabelVerdict.FALSE)
    )
    found = twins(named(1, "one", true), named(2, "other", false), brighter())
    assert found[1].reason == "true and false in its twin one"


def test_a_box_that_its_twin_lacks() -> None:
    box, other = boxed((50, 20, 90, 60)), boxed((120, 20, 160, 60))
    found = twins(named(1, "one", box, other), named(2, "other", box), brighter())
    assert [(one.unit.object, one.reason) for one in found] == [
        ("1", "its twin other has no such label")
    ]


def test_frames_of_one_video_are_no_twins() -> None:
    moved = points(right_eye=(80, 40), left_eye=(110, 40))
    frames = (replace(named(n, "v.mp4", own), frame=n) for n, own in ((1, EYES), (2, moved)))
    check = TwinsCheck(Pictures(**{"v.mp4": np.asarray(FACE, np.uint8)}))
    for frame in frames:
        check.look(frame)
    assert not list(check.finish())


def test_labels_of_different_methods_are_not_compared() -> None:
    moved = by_model(points(right_eye=(80, 40), left_eye=(110, 40)))
    assert not twins(named(1, "one", EYES), named(2, "other", moved), brighter())


def test_pictures_that_are_gone_or_plain_are_passed_over() -> None:
    plain = np.full((*SIZE[::-1], 3), 90, np.uint8)
    assert thumbnail(plain) is None
    check = TwinsCheck(Pictures(one=plain, other=plain))
    for number, name in enumerate(("one", "other", "gone")):
        check.look(named(number, name, EYES))
    assert not list(check.finish())


def test_masks(tmp_path: Path) -> None:
    size = Size(40, 30)
    for name, shape, value in (
        ("good.png", (30, 40), 1), ("empty.png", (30, 40), 0), ("small.png", (20, 40), 1),
    ):  # fmt: skip
        write_image(tmp_path / name, np.full(shape, value, np.uint8))
    check = EmptyMaskCheck(tmp_path)
    found = {
        name: [one.reason for one in check.look(item(1, Annotation(mask=name), size=size))]
        for name in ("good.png", "empty.png", "small.png", "gone.png")
    }
    assert found == {
        "good.png": [],
        "empty.png": ["its mask is all zero"],
        "small.png": ["its mask is 40x20, the picture 40x30"],
        "gone.png": ["its mask is missing"],
    }
