from __future__ import annotations

import numpy as np

from closeup.tracking.clothes import BINS, Histogram
from closeup.tracking.heads import TrackedHead, boxes_of, likeness, to_rows
from closeup.tracking.observations import HEAD

FACE = np.array([100, 50, 140, 100], np.float32)
ASIDE = FACE + np.array([30, 0, 30, 0], np.float32)
AWAY = FACE + np.array([400, 0, 400, 0], np.float32)


def dressed(number: int, colour: int, face: Histogram = FACE) -> TrackedHead:
    head = TrackedHead.new(number, face)
    head.remember(worn(colour))
    return head


def worn(colour: int) -> Histogram:
    clothes = np.zeros(BINS, np.float32)
    clothes[colour] = 1
    return clothes


def test_a_head_is_saved_and_loaded_whole() -> None:
    head = dressed(7, 3)
    head.embedded, head.embeddings, head.alive = 12, 2, False
    rows = to_rows([head])
    assert rows.dtype == HEAD
    again = TrackedHead.from_row(rows[0])
    np.testing.assert_array_equal(to_rows([again]), rows)


def test_learns_quickly_what_is_like_what_it_knows_and_slowly_what_is_not() -> None:
    head = dressed(0, 3)
    head.remember(worn(90))
    assert 0 < head.clothes[90] < 0.1
    head.remember(np.zeros(BINS, np.float32))
    assert head.clothes.sum() == np.float32(1), "nothing seen teaches nothing"
    mixed = ((worn(3) + worn(4)) / 2).astype(np.float32)
    head.remember(mixed)
    assert head.clothes[4] > 0.09


def test_clothes_of_who_stands_in_front_are_not_ones_own() -> None:
    ann, bob = dressed(0, 3), dressed(1, 90, ASIDE)
    near = boxes_of([ann, bob])
    assert ann.owns(worn(3), FACE, [ann, bob], near)
    assert not ann.owns(worn(90), FACE, [ann, bob], near)
    far = boxes_of([ann, dressed(1, 90, AWAY)])
    assert ann.owns(worn(90), FACE, [ann, bob], far), "nobody is near: her clothes changed"


def test_clothes_behind_somebody_else_say_nothing() -> None:
    """Found in a crossing: Lance's dark suit was searched for, and Ari's was seen below him."""
    ann, bob = dressed(0, 3), dressed(1, 90)
    below, beside = FACE + np.array([5, 60, 5, 60]), FACE + np.array([55, 10, 55, 10])
    for place, covered in ((below, True), (beside, False), (FACE + 400, False)):
        bob.box = place.astype(np.float32)
        assert ann.is_covered(FACE, [bob], boxes_of([bob])) == covered
    assert not ann.is_covered(FACE, [ann], boxes_of([ann])), "nobody covers himself"
    assert not ann.is_covered(FACE, [], boxes_of([]))


def test_a_new_head_does_not_take_over_what_its_neighbour_wears() -> None:
    bob = dressed(1, 90, ASIDE)
    new = TrackedHead.new(2, FACE)
    assert not new.dressed
    assert not new.owns(worn(90), FACE, [bob], boxes_of([bob]))
    assert new.owns(worn(3), FACE, [bob], boxes_of([bob]))


def test_likeness_of_every_pair() -> None:
    table = likeness([dressed(0, 3), dressed(1, 90)], np.array([worn(90), worn(3)]))
    np.testing.assert_allclose(table, [[0, 1], [1, 0]])
    assert likeness([], np.zeros((2, BINS), np.float32)).shape == (0, 2)
