"""Places that cannot be right."""

from __future__ import annotations

import pytest

from closeup.annotations import Annotation
from closeup.labelling.suspicions import Suspicion
from closeup.labelling.suspicions_places import BorderCheck, ExchangedCheck, OutsideCheck
from tests.labelling.items import boxed, item, points

FACE = {
    "right_eye": (80.0, 40.0), "left_eye": (120.0, 40.0), "nose": (100.0, 60.0),
    "mouth_right": (85.0, 75.0), "mouth_left": (115.0, 75.0),
}  # fmt: skip


def reasons(check: OutsideCheck | BorderCheck | ExchangedCheck, *labels: Annotation) -> list[str]:
    found: list[Suspicion] = [*check.look(item(1, *labels)), *check.finish()]
    assert all(0 < one.weight < 1 for one in found)
    return [one.reason for one in found]


def test_points_and_boxes_out_of_the_picture() -> None:
    inside = points(nose=(-0.5, 99.5)), boxed((-0.5, -0.5, 199.5, 99.5))
    assert reasons(OutsideCheck(), *inside) == []
    out = points(nose=(203.5, 102.5)), boxed((150, 50, 210.5, 90))
    assert reasons(OutsideCheck(), *out) == [
        "nose is 5.0 pixels out of the picture", "the box is 11.0 pixels out of the picture",
    ]  # fmt: skip
    near, far = (list(OutsideCheck().look(item(1, points(a=(x, 5))))) for x in (201, 900))
    assert near[0].weight < far[0].weight


def test_a_picture_of_unknown_size_has_no_border() -> None:
    for check in (OutsideCheck(), BorderCheck()):
        assert not list(check.look(item(1, points(nose=(900, 900)), size=None)))


def test_a_box_that_was_hardly_meant() -> None:
    assert reasons(OutsideCheck(), boxed((10, 10, 12, 40))) == ["the box is 2.0 by 30.0 pixels"]


@pytest.mark.parametrize(
    ("place", "where"),
    [
        ((0.0, 0.0), "in a corner"), ((199.0, 99.0), "in a corner"), ((0.4, 50.0), "on the border"),
        ((100.0, 98.6), "on the border"), ((3.0, 50.0), ""), ((-9.0, 0.0), ""),
    ],
)  # fmt: skip
def test_points_on_the_border(place: tuple[float, float], where: str) -> None:
    expected = [f"pupil is {where} of the picture"] if where else []
    assert reasons(BorderCheck(), points(pupil=place)) == expected


def test_exchanged_eyes() -> None:
    assert reasons(ExchangedCheck(), points(**FACE)) == []
    wrong = {**FACE, "right_eye": FACE["left_eye"], "left_eye": FACE["right_eye"]}
    assert reasons(ExchangedCheck(), points(**wrong)) == [
        "right_eye and left_eye seem to be exchanged"
    ]
    mouth = {**FACE, "mouth_right": FACE["mouth_left"], "mouth_left": FACE["mouth_right"]}
    assert reasons(ExchangedCheck(), points(**mouth)) == [
        "mouth_right and mouth_left seem to be exchanged"
    ]


def test_a_head_upside_down_is_no_exchange() -> None:
    turned = {name: (200 - x, 100 - y) for name, (x, y) in FACE.items()}
    eyes_and_nose = {name: turned[name] for name in ("right_eye", "left_eye", "nose")}
    assert reasons(ExchangedCheck(), points(**eyes_and_nose)) == []


def test_corners_of_one_eye() -> None:
    right = {"right_corner": (20.0, 30.0), "pupil": (40.0, 32.0), "left_corner": (60.0, 30.0)}
    assert reasons(ExchangedCheck(), points(**right)) == []
    wrong = {**right, "right_corner": right["left_corner"], "left_corner": right["right_corner"]}
    assert reasons(ExchangedCheck(), points(**wrong)) == [
        "right_corner and left_corner seem to be exchanged"
    ]


def test_points_that_fall_on_one_another() -> None:
    same = {**FACE, "nose": FACE["mouth_left"]}
    assert reasons(ExchangedCheck(), points(**same)) == ["nose and mouth_left are at one place"]
