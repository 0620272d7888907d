"""A head that moves as another one does, the other way round, is its reflection in a mirror."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray

from closeup.fancam.assign import NOBODY
from closeup.fancam.conflicts import find_conflicts
from closeup.fancam.corrections import Corrections
from closeup.fancam.identity_assignment import IdentityAssignment, assign_members
from closeup.fancam.reflections import find_reflections
from closeup.tracks import Tracklet
from tests.fancam.tracklet_maker import make_tracklet
from tests.fancam.two_members import ANN, BOB, ELSE, GALLERY, between, timeline

FRAMES, AXIS, RATE = 100, 320, 25
SAME, OTHER = 8.0, -8.0
LATE = 3
"""Frames by which a good dancer is late: 0.12 s."""


def dance(seed: int, height: float = 40, start: float = 120) -> NDArray[np.float32]:
    """Boxes of a head that sways, steps aside and ducks, with the noise of a detector."""
    rng = np.random.default_rng(seed)
    times = np.arange(FRAMES + LATE) / RATE

    def sway() -> NDArray[np.float64]:
        waves = [
            rng.uniform(0.2, 0.5) * height * np.sin(2 * np.pi * speed * times + rng.uniform(0, 6))
            for speed in (0.4, 0.9)
        ]
        return np.asarray(np.sum(waves, axis=0))

    return boxes(start + sway(), 150 + sway(), height)


def boxes(x: NDArray[np.float64], y: NDArray[np.float64], height: float) -> NDArray[np.float32]:
    half = height / 2
    return np.stack([x - half, y - half, x + half, y + half], axis=1).astype(np.float32)


def mirrored(
    seen: NDArray[np.float32], scale: float = 1.0, axis: float = AXIS, noise: float = 0.4
) -> NDArray[np.float32]:
    """The reflection at a vertical line, drawn towards y = 150, with noise in pixels."""
    x, y = (seen[:, 0] + seen[:, 2]) / 2, (seen[:, 1] + seen[:, 3]) / 2
    off = np.random.default_rng(7).normal(0, noise, (2, len(seen)))
    height = scale * float(seen[0, 3] - seen[0, 1])
    return boxes(axis + scale * (axis - x) + off[0], 150 + scale * (y - 150) + off[1], height)


def tracklets_of(*heads: NDArray[np.float32], faces: Sequence[int] = ()) -> list[Tracklet]:
    counts = faces or [4] * len(heads)
    return [
        make_tracklet(row, 0, FRAMES, box=head[:FRAMES], vectors=[between(ANN, BOB, 0.1)] * count)
        for row, (head, count) in enumerate(zip(heads, counts, strict=True))
    ]


def reflections(tracklets: Sequence[Tracklet], alike: float = SAME) -> list[bool]:
    count = len(tracklets)
    found = find_reflections(
        tracklets,
        find_conflicts(tracklets),
        np.full((count, count), alike),
        np.zeros(count, np.int64),
        np.arange(FRAMES) / RATE,
    )
    return [bool(reflection) for reflection in found]


@pytest.mark.parametrize("scale", [1.0, 0.7])
def test_a_reflection_is_found(scale: float) -> None:
    head = dance(1)
    pair = tracklets_of(head, mirrored(head, scale))
    assert reflections(pair) == [False, True]
    assert reflections(pair, OTHER) == [False, False], "the faces are of two people"


def test_the_nearer_one_is_the_performer_on_either_side() -> None:
    head = dance(1, height=30)
    assert reflections(tracklets_of(head, mirrored(head, 1.3))) == [True, False]


def test_of_two_as_large_the_side_that_shows_more_faces_is_the_stage() -> None:
    head = dance(1)
    assert reflections(tracklets_of(head, mirrored(head), faces=(2, 6))) == [True, False]


@pytest.mark.parametrize("seed", range(5))
def test_twins_are_never_as_exact_as_a_mirror(seed: int) -> None:
    """By themselves, in step with each other, and opposite to each other, an instant later."""
    head = dance(seed)
    late = head[:-LATE]
    late = np.concatenate([late[:1].repeat(LATE, axis=0), late])
    shift = np.array([250, 0, 250, 0], np.float32)
    for twin in (dance(seed + 50, start=400), head + shift, late + shift, mirrored(late)):
        assert reflections(tracklets_of(head, twin)) == [False, False]


def test_two_who_walk_apart_evenly_mirror_nothing() -> None:
    path = np.linspace(0, 150, FRAMES)
    height = np.full(FRAMES, 150.0)
    assert reflections(
        tracklets_of(boxes(250 - path, height, 40), boxes(390 + path, height, 40))
    ) == [
        False,
        False,
    ]


def test_heads_that_hardly_move_are_two_people() -> None:
    still = np.array([[100, 130, 140, 170]], np.float32).repeat(FRAMES, axis=0)
    assert reflections(tracklets_of(still, mirrored(still))) == [False, False]


def test_a_known_mirror_explains_heads_that_are_seen_too_briefly() -> None:
    head, glimpse = dance(1), dance(2, start=200)
    brief = (
        make_tracklet(2, 0, 8, box=glimpse[:8]),
        make_tracklet(3, 0, 8, box=mirrored(glimpse)[:8]),
    )
    assert reflections([*tracklets_of(head, mirrored(head)), *brief]) == [False, True, False, True]


def test_nothing_to_compare() -> None:
    assert reflections([]) == []
    assert reflections(tracklets_of(dance(1))) == [False]


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.floats(0.5, 0.9), st.permutations(range(3)))
def test_left_and_right_and_the_order_do_not_matter(
    seed: int, scale: float, order: list[int]
) -> None:
    head = dance(seed)
    heads = [head, mirrored(head, scale), dance(seed + 1, start=200)]
    found = reflections(tracklets_of(*heads))
    assert found[0] is False
    flipped = [(640 - own)[:, [2, 1, 0, 3]] for own in heads]
    assert reflections(tracklets_of(*flipped)) == found
    moved = reflections(tracklets_of(*(heads[i] for i in order)))
    assert moved == [found[i] for i in order]


def assigned(rows: list[Tracklet], lines: Corrections | None = None) -> IdentityAssignment:
    found = assign_members(rows, GALLERY, lines or Corrections(), timeline(FRAMES), appearance=True)
    return found.within(0.01)


def test_a_member_beside_a_mirror_is_shown_and_the_reflection_is_not() -> None:
    head = dance(1)
    found = assigned(tracklets_of(head, mirrored(head, 0.8)))
    assert found.members.tolist() == [0, NOBODY]
    assert found.confidence.min() > 0.99
    assert [person.duplicate for person in found.persons] == [False, True]


def test_twins_who_dance_together_are_withheld() -> None:
    head = dance(1)
    found = assigned(tracklets_of(head, head + np.array([250, 0, 250, 0], np.float32)))
    assert found.members.tolist() == [NOBODY, NOBODY]
    assert not any(person.duplicate for person in found.persons)


def test_a_correction_names_the_reflection() -> None:
    head = dance(1)
    rows = tracklets_of(head, mirrored(head, 0.8))
    assert assigned(rows, Corrections(tracklets=((1, "Ann"),))).members.tolist() == [NOBODY, 0]


def test_a_stranger_beside_a_mirror_is_nobody() -> None:
    head = dance(1)
    rows = [
        make_tracklet(row, 0, FRAMES, box=own[:FRAMES], vectors=[ELSE] * 4)
        for row, own in enumerate((head, mirrored(head, 0.8)))
    ]
    assert assigned(rows).members.tolist() == [NOBODY, NOBODY]
