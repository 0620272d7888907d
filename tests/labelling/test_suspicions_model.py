"""Labels that a model contradicts, and boxes unlike all others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

from closeup.annotations import Annotation, LabelVerdict, Origin
from closeup.labelling.suspicions_model import BoxShapeCheck, MistakennessCheck
from closeup.store.label_queue import Unit
from closeup.store.label_records import StoredItem
from tests.labelling.items import boxed, by_model, item, points

EYES = points(right_eye=(60, 40), left_eye=(100, 40))
AWAY = points(right_eye=(68, 40), left_eye=(108, 40))
BOX = boxed((10, 10, 50, 50))


def check(*said: Annotation) -> MistakennessCheck:
    def by_models(_: StoredItem) -> Iterable[Annotation]:
        return said

    return MistakennessCheck(by_models)


def test_a_point_far_from_the_models_is_weighted_by_its_score() -> None:
    (sure,) = check(by_model(EYES, 1.0)).look(item(1, AWAY))
    (unsure,) = check(by_model(EYES, 0.5)).look(item(1, AWAY))
    assert sure.reason == "0.20 of its size from what net says"
    assert sure.weight == pytest.approx(1 - np.exp(-2))
    assert unsure.weight == pytest.approx(sure.weight / 2)
    assert not list(check(by_model(EYES)).look(item(1, EYES)))


def test_only_labels_by_hand_are_compared() -> None:
    assert not list(check(by_model(EYES)).look(item(1, by_model(AWAY))))


def test_the_nearest_label_of_a_model_counts() -> None:
    other = points(right_eye=(160, 40), left_eye=(190, 40))
    assert not list(check(by_model(other), by_model(EYES)).look(item(1, EYES)))


def test_a_model_that_labels_other_things_says_nothing() -> None:
    assert not list(check(by_model(boxed((0, 0, 9, 9)))).look(item(1, EYES)))
    assert not list(check().look(item(1, EYES, BOX)))


def test_boxes_are_compared_by_overlap() -> None:
    near, far = boxed((12, 10, 52, 50)), boxed((60, 60, 90, 90))
    assert not list(check(by_model(near)).look(item(1, BOX)))
    (found,) = check(by_model(far, 0.9)).look(item(1, BOX))
    assert found.unit == Unit(1, "0")
    assert found.weight == pytest.approx(0.9, abs=0.001)


def test_objects_that_were_forgotten_in_a_complete_picture() -> None:
    sure, unsure = (
        by_model(boxed((100, 10, 140, 50)), 0.95),
        by_model(boxed((150, 60, 170, 80)), 0.4),
    )
    models = check(by_model(BOX), sure, unsure)
    (found,) = models.look(item(1, BOX, verdict=LabelVerdict.TRUE))
    assert (found.unit, found.kind) == (Unit(1), "forgotten")
    assert not list(models.look(item(1, BOX)))


def test_a_box_of_an_unusual_shape() -> None:
    rng = np.random.default_rng(3)
    shapes = BoxShapeCheck()
    for number in range(60):
        side = 20 * np.exp(rng.normal(0, 0.1))
        height = side * 1.3 * np.exp(rng.normal(0, 0.03))
        usual = boxed((50, 20, 50 + side, 20 + height), "Ann")
        assert not list(shapes.look(item(number, usual)))
    list(shapes.look(item(60, boxed((50, 20, 80, 30), "Ann"))))
    list(shapes.look(item(61, boxed((0, 0, 80, 100), "Ann"))))
    list(shapes.look(item(62, boxed((50, 20, 80, 30), "Bob"))))
    found = {one.unit.item: one.reason for one in shapes.finish()}
    assert found.keys() == {60, 61}
    assert found[60].startswith("0.33 times as high as wide, the usual box of Ann 1.29")
    assert found[61] == "its area is 15 times that of the usual box of Ann"


def test_imported_labels_may_be_wrong_too() -> None:
    assert list(check(by_model(EYES)).look(item(1, replace(AWAY, origin=Origin.IMPORTED))))
