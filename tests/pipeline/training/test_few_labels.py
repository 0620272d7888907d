"""From many coarse labels and few by hand to one network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from closeup.errors import InputError
from closeup.evaluation.pupil_truth import PupilTruth
from closeup.eyes import Eyes
from closeup.pipeline.training.coarse_to_fine_faces import BY_HAND, SIZE, ReadFace, ReadFaces
from closeup.pipeline.training.few_labels import (
    FewLabelOptions,
    consensus_samples,
    teach_from_few,
    with_share,
)
from closeup.progress import Silent
from closeup.training.pupils.samples import EyeSamples
from tests.training.pupils.drawn_samples import drawn_samples

METHODS = ("contour", "darkest")


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 20), st.integers(0, 60), st.floats(0, 0.9))
def test_labels_by_hand_are_repeated_up_to_their_share(
    by_hand: int, others: int, share: float
) -> None:
    every = EVERY.chosen(np.arange(by_hand + others))
    hand = replace(every, weight=np.full(len(every), 0.5, np.float32))
    hand = hand.chosen(np.arange(by_hand))
    both = with_share(hand, every, share)
    repeated = (both.weight == 0.5).sum()
    assert len(both) - repeated == others
    assert repeated >= by_hand
    wanted = share / (1 - share) * others
    assert repeated == by_hand or repeated == pytest.approx(wanted, abs=0.51)


EVERY = drawn_samples(80)


def faces() -> ReadFaces:
    """Two methods, of which the first is 0.06 eye distances too far right in every crop."""
    chance = np.random.default_rng(0)
    count = 12
    names = tuple(f"person{n // 2}/{n}.jpg" for n in range(count))
    truth = PupilTruth(names, tuple(map(Path, names)), np.zeros((count, 2, 2)))
    made = []
    for number in range(count):
        places = chance.uniform(0.45, 0.55, (2, 2))
        second = places.copy()
        second[number == 3] = np.nan
        labels = {BY_HAND: places, "contour": places + np.array([0.03, 0]), "darkest": second}
        eyes = Eyes(
            np.zeros((1, 2, 2), np.float32), np.full((1, 2), 0.5, np.float32),
            np.ones((1, 2), np.float32), (("", ""),),
        )  # fmt: skip
        crops = chance.integers(0, 255, (2, SIZE.height, SIZE.width), np.uint8)
        made.append(ReadFace(None, np.zeros((2, 2)), crops, labels, dict.fromkeys(METHODS, eyes)))
    nobody = np.empty((0, SIZE.height, SIZE.width), np.uint8)
    made[5] = ReadFace(None, np.full((2, 2), np.nan), nobody, {}, {})
    return ReadFaces(truth, made)


def test_the_consensus_is_without_offsets_that_few_labels_reveal() -> None:
    read = faces()
    samples = consensus_samples(read, METHODS, np.arange(5))
    shown = [index for index in range(12) if index != 5]
    truth = np.concatenate([read.faces[index].labels[BY_HAND] for index in shown])
    assert samples.pupils == pytest.approx(truth, abs=1e-3)
    assert samples.faces.tolist() == np.repeat(shown, 2).tolist()
    assert samples.openness == pytest.approx(0.5)
    assert np.flatnonzero(samples.weight < 0.9).tolist() == [6, 7]
    assert np.array_equal(samples.crops[2], read.faces[1].crops[0])


def test_without_labels_the_offset_stays() -> None:
    read = faces()
    samples = consensus_samples(read, METHODS, np.empty(0, np.int64))
    off = samples.pupils[0] - read.faces[0].labels[BY_HAND][0]
    assert off == pytest.approx([0.015, 0], abs=1e-6)


def test_the_student_is_the_same_when_continued(tmp_path: Path) -> None:
    coarse = shifted(drawn_samples(72, seed=1), 0.03)
    by_hand = drawn_samples(32, seed=2)
    options = FewLabelOptions(teachers=1, coarse_epochs=1, fine_epochs=1, student_epochs=1)

    student = teach_from_few(coarse, by_hand, tmp_path, options, Silent())
    again = teach_from_few(coarse, by_hand, tmp_path, options, Silent())

    assert sorted(path.name for path in tmp_path.iterdir()) == ["student", "teacher-0"]
    before, after = student.state_dict(), again.state_dict()
    assert all((before[name] == after[name]).all() for name in before)


def shifted(samples: EyeSamples, by: float) -> EyeSamples:
    return replace(samples, points=samples.points + np.float32(by))


def test_there_are_coarse_labels(tmp_path: Path) -> None:
    coarse = shifted(EVERY, np.nan)
    with pytest.raises(InputError, match="0 eyes with a coarse label are too few"):
        teach_from_few(coarse, EVERY, tmp_path, FewLabelOptions(), Silent())


def test_there_is_a_teacher() -> None:
    with pytest.raises(ValueError, match="teachers must be 1 or more"):
        FewLabelOptions(teachers=0)
