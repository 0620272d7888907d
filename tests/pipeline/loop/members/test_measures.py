"""What may be asked next: heads and frames, and how much an answer may teach."""

from __future__ import annotations

import numpy as np
import pytest

from closeup.annotations import LabelVerdict
from closeup.detections import Detections
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.labelling.quality_file import QualityFile
from closeup.labelling.quality_network import LabelQualityNetwork
from closeup.labels import Box
from closeup.pipeline.loop.members.labels import FrameLabels
from closeup.pipeline.loop.members.measures import FrameView, StageMeasures
from closeup.store.label_records import StoredItem
from tests.labelling.test_quality_network import file_of
from tests.pipeline.loop.members.member_items import (
    LEFT,
    MIDDLE,
    RIGHT,
    SIZE,
    by_hand,
    complete,
    frame,
    proposed,
)

NAMES = ("Ann", "Bea")
FALSE = LabelVerdict.FALSE


class NoPictures:
    def is_there(self, item: StoredItem) -> bool:  # noqa: ARG002
        return True

    def read(self, item: StoredItem) -> RGBImage:
        raise AssertionError(item)


def detected(*rows: tuple[int, Box, float]) -> Detections:
    """What a detector finds: number of the name, box, score."""
    return Detections(
        np.array([box for _, box, _ in rows], np.float32).reshape(-1, 4),
        np.array([score for *_, score in rows], np.float32),
        np.array([number for number, *_ in rows], np.int64),
    )


def measures(*items: StoredItem, found: tuple[Detections, ...] = ()) -> StageMeasures:
    views = [
        FrameView(item, place, FrameLabels.of(item), found) for place, item in enumerate(items)
    ]
    return StageMeasures(views, NAMES, NoPictures())


def test_heads_that_nobody_is_certain_of_are_judged() -> None:
    sure = by_hand("Ann", LEFT)
    pool = measures(
        frame(0, sure, proposed("Bea", LEFT), proposed("Bea", RIGHT)),
        complete(1, proposed("Bea", RIGHT)),
        frame(2, proposed("", LEFT)),
    ).to_judge()
    assert [unit.item for unit in pool.units] == [1]
    assert pool.candidates.pictures.tolist() == [0]
    assert pool.candidates.disagreement is None
    assert pool.candidates.change is None
    assert pool.candidates.bad is None


def test_an_uncertain_score_has_the_largest_entropy() -> None:
    heads = [proposed("Ann", LEFT, 0.99), proposed("Bea", RIGHT, 0.5), proposed("Bea", MIDDLE, 0.0)]
    entropy = measures(frame(0, *heads)).to_judge().candidates.need("entropy")
    np.testing.assert_allclose(entropy, [0.056, np.log(2), 0.0], atol=1e-3)


def test_the_score_of_a_trained_detector_counts_for_a_face() -> None:
    found = (detected((0, LEFT, 0.5)),)
    pool = measures(frame(0, proposed("Ann", LEFT, 0.99)), found=found).to_judge()
    np.testing.assert_allclose(pool.candidates.need("entropy"), [np.log(2)])
    np.testing.assert_allclose(pool.candidates.need("disagreement"), [0.0], atol=1e-6)


@pytest.mark.parametrize("found", [(1, LEFT, 0.9), (0, RIGHT, 0.9)])
def test_another_name_or_place_is_a_disagreement(found: tuple[int, Box, float]) -> None:
    pool = measures(frame(0, proposed("Ann", LEFT)), found=(detected(found),)).to_judge()
    assert pool.candidates.need("disagreement").tolist() == [1.0]


def test_a_detected_head_is_compared_with_faces() -> None:
    own = proposed("Ann", LEFT, by_model=True)
    none = measures(frame(0, own), found=(detected((0, LEFT, 0.9)),)).to_judge()
    assert none.candidates.need("disagreement").tolist() == [1.0]


def test_a_jump_between_frames_is_measured_in_sides() -> None:
    def at(x: float) -> Box:
        return (x, 50.0, x + 40, 100.0)

    items = [frame(n, proposed("Ann", at(x))) for n, x in enumerate((40.0, 95.0, 50.0))]
    change = measures(*items).to_judge().candidates.need("change")
    np.testing.assert_allclose(change, [np.nan, 1.0, np.nan])
    apart = [items[0], items[1], frame(7, proposed("Ann", at(50.0)))]
    assert measures(*apart).to_judge().candidates.change is None


def test_an_ensemble_gives_its_predictions() -> None:
    near: Box = (45.0, 50.0, 85.0, 100.0)
    found = (detected((0, LEFT, 0.9)), detected((0, near, 0.8)))
    pool = measures(frame(0, proposed("Ann", LEFT), proposed("Bea", RIGHT)), found=found).to_judge()
    predictions = pool.candidates.need("predictions")
    np.testing.assert_allclose(predictions[:, 0] * 50, [LEFT, near])
    assert np.isnan(predictions[:, 1]).all()


def test_a_network_judges_boxes() -> None:
    class Black:
        def is_there(self, item: StoredItem) -> bool:  # noqa: ARG002
            return True

        def read(self, item: StoredItem) -> RGBImage:  # noqa: ARG002
            return np.zeros((*SIZE[::-1], 3), np.uint8)

    file = file_of(QualityFile(Size(24, 18), "object", 3.0).properties())
    items = [frame(0, proposed("Ann", LEFT), proposed("Bea", RIGHT)), frame(1)]
    views = [FrameView(item, place, FrameLabels.of(item), ()) for place, item in enumerate(items)]
    of_stage = StageMeasures(views, NAMES, Black(), LabelQualityNetwork(file, "it"))
    bad = of_stage.to_judge().candidates.need("bad")
    assert ((bad > 0.5) & (bad <= 1)).all()  # the mark of the box is what this network dislikes
    assert of_stage.to_label().candidates.need("bad").tolist()[0] == bad.max()
    assert np.isnan(of_stage.to_label().candidates.need("bad")[1])


def test_frames_have_the_measures_of_their_heads() -> None:
    two = [proposed("Ann", LEFT, 0.5), proposed("Bea", RIGHT, 0.5)]
    pool = measures(frame(0, *two), complete(1), frame(2)).to_label()
    assert [unit.item for unit in pool.units] == [1, 3]
    np.testing.assert_allclose(pool.candidates.need("entropy"), [2 * np.log(2), 0])


def test_members_who_appear_or_vanish_are_counted() -> None:
    ann, bea = proposed("Ann", LEFT), proposed("Bea", RIGHT)
    items = [frame(0, ann), frame(1, bea), frame(2, ann), frame(3, ann), frame(4, ann)]
    change = measures(*items).to_label().candidates.need("change")
    assert change.tolist() == [0, 2, 0, 0, 0]


def test_frames_with_a_confident_false_box_come_first() -> None:
    wrong = proposed("Ann", LEFT, 0.9, FALSE)
    pool = measures(
        frame(0, proposed("Ann", LEFT, 0.3, FALSE)),
        frame(1, wrong),
        frame(2, wrong, by_hand("Bea", LEFT)),
    ).to_label()
    assert pool.first == {1: "the box of Ann was called false"}
