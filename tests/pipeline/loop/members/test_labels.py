"""What is known of the heads of a frame."""

from __future__ import annotations

from closeup.annotations import LabelVerdict
from closeup.pipeline.loop.members.labels import FrameLabels
from tests.pipeline.loop.members.member_items import (
    LEFT,
    MIDDLE,
    RIGHT,
    by_hand,
    complete,
    frame,
    proposed,
)

BESIDE = (45.0, 50.0, 85.0, 100.0)
"""On the head of LEFT."""


def test_labels_are_sorted_by_what_people_said() -> None:
    true = proposed("Ann", LEFT, verdict=LabelVerdict.TRUE)
    false = proposed("Bea", RIGHT, verdict=LabelVerdict.FALSE)
    unsure = proposed("Bea", MIDDLE, verdict=LabelVerdict.UNSURE)
    known = FrameLabels.of(frame(0, true, false, unsure))
    assert (known.certain, known.false, known.unknown) == ((true,), (false,), (unsure,))
    assert known.pending == ()
    assert not known.complete


def test_a_head_by_hand_replaces_what_was_proposed_for_it() -> None:
    hand = by_hand("Ann", BESIDE)
    for other in (
        proposed("Ann", LEFT),
        proposed("Bea", LEFT),
        proposed("Ann", LEFT, verdict=LabelVerdict.TRUE),
        proposed("", LEFT),
    ):
        known = FrameLabels.of(complete(0, other, hand))
        assert known.certain == (hand,)
        assert known.pending == known.unknown == ()
        assert known.complete


def test_a_head_without_a_name_is_unknown() -> None:
    nobody = proposed("", LEFT)
    known = FrameLabels.of(frame(0, nobody))
    assert known.unknown == (nobody,)
    assert known.heads() == []


def test_a_head_is_shown_once_with_its_likeliest_box() -> None:
    less, more = proposed("Ann", LEFT, 0.4), proposed("Bea", BESIDE, 0.7, by_model=True)
    other = proposed("Ann", RIGHT, 0.1)
    known = FrameLabels.of(frame(0, less, more, other))
    assert known.pending == (less, more, other)
    assert known.heads() == [more, other]
