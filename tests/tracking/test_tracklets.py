from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, strategies as st
from numpy.typing import NDArray

from closeup.tracking.clothes import BINS
from closeup.tracking.observations import CLOTHES, OBSERVATION
from closeup.tracking.tracklets import EMBEDDED, Evidence, build_tracklets
from closeup.tracks import PositionSource, Tracklet
from tests.calibrations import DLIB

D, T = PositionSource.DETECTED, PositionSource.TRACKED


HERE, BESIDE, AWAY = (10, 10, 30, 30), (25, 10, 45, 30), (60, 10, 80, 30)


def rows(
    sources: Iterable[PositionSource],
    *,
    head: int = 0,
    start: int = 0,
    checked: Iterable[int] = (),
    place: tuple[int, int, int, int] = HERE,
) -> NDArray[np.void]:
    """A head that stands still; the flow is right unless a test says otherwise."""
    sources, checked = list(sources), set(checked)
    box = np.array(place, np.float32)
    return np.array(
        [
            (start + i, head, box, box, source, 1.0, source is D or start + i in checked)
            for i, source in enumerate(sources)
        ],
        OBSERVATION,
    )


def evidence(
    *observations: NDArray[np.void],
    faces: Iterable[tuple[int, int, float]] = (),
    clothes: Iterable[NDArray[np.void]] = (),
) -> Evidence:
    """Observations, and embeddings of one number each as (frame, head, value)."""
    faces = list(faces)
    return Evidence(
        np.concatenate(observations),
        clothes,
        np.array([[value] for *_, value in faces], np.float32).reshape(-1, 1),
        np.array([(frame, head, 1.0) for frame, head, _ in faces], EMBEDDED),
    )


def tracklets_of(
    seen: Evidence, cuts: list[int], frame_count: int, longest_gap: int | None = None
) -> list[Tracklet]:
    return build_tracklets(seen, cuts, frame_count, DLIB.split, longest_gap)


def test_one_head_is_one_tracklet() -> None:
    found = tracklets_of(evidence(rows([D, T, T, D])), [], 10)
    assert len(found) == 1
    assert found[0].frames.tolist() == [0, 1, 2, 3]


def test_flow_that_was_not_confirmed_is_dropped() -> None:
    assert len(tracklets_of(evidence(rows([D, T, T, D, T, T])), [], 10)[0]) == 4
    carried = rows([D, T, T, T, T], checked=[3])
    assert len(tracklets_of(evidence(carried), [], 10)[0]) == 4


def test_flow_up_to_a_cut_or_the_end_counts() -> None:
    assert len(tracklets_of(evidence(rows([D, T, T])), [3], 10)[0]) == 3
    assert len(tracklets_of(evidence(rows([D, T, T])), [], 3)[0]) == 3


def test_a_cut_splits_and_what_follows_must_be_seen_again() -> None:
    found = tracklets_of(evidence(rows([D, T, T, T, D, T, D])), [3], 10)
    assert [t.frames.tolist() for t in found] == [[0, 1, 2], [4, 5, 6]]


def test_a_head_that_never_showed_its_face_is_nothing() -> None:
    assert tracklets_of(evidence(rows([T, T, T])), [], 3) == []


def test_a_change_of_person_splits() -> None:
    seen = rows([D] * 12)
    faces = [(i, 0, 0.0 if i < 6 else 1.0) for i in range(0, 12, 2)]
    found = tracklets_of(evidence(seen, faces=faces), [], 12)
    assert [t.start for t in found] == [0, 6]
    assert [t.embeddings.ravel().tolist() for t in found] == [[0, 0, 0], [1, 1, 1]]


def test_one_bad_embedding_does_not_split() -> None:
    faces = [(i, 0, 0.9 if i == 6 else 0.0) for i in range(12)]
    assert len(tracklets_of(evidence(rows([D] * 12), faces=faces), [], 12)) == 1


def test_drift_is_taken_back() -> None:
    seen = rows([D, T, T, T, D])
    drift = np.array([0, 1, 2, 3, 4], np.float32)[:, None]
    seen["box"] = seen["box"] + drift
    seen["predicted"] = seen["box"]
    seen["box"][-1] -= 4
    found = tracklets_of(evidence(seen), [], 5)[0]
    np.testing.assert_allclose(found.boxes, np.tile([10, 10, 30, 30], (5, 1)), atol=1e-5)


def test_ids_follow_the_time_of_the_first_frame() -> None:
    found = tracklets_of(evidence(rows([D] * 3, head=5, start=7), rows([D], head=9)), [], 12)
    assert [(t.id, t.start) for t in found] == [(0, 0), (1, 7)]


def test_a_frame_that_was_written_twice_counts_once() -> None:
    found = tracklets_of(evidence(rows([T, T], start=1), rows([D, T, D])), [], 3)
    assert found[0].frames.tolist() == [0, 1, 2]


def test_nothing_seen() -> None:
    assert tracklets_of(evidence(rows([])), [3], 10) == []


def test_a_face_of_the_earlier_shot_in_a_blended_frame_is_not_of_the_later_one() -> None:
    seen = rows([D, T, D, D, T, T], checked=[5])
    assert [t.frames.tolist() for t in tracklets_of(evidence(seen), [3], 6)] == [[0, 1, 2]]
    again = rows([D, T, D, D, T, D])
    assert [t.start for t in tracklets_of(evidence(again), [3], 6)] == [0, 3]
    new = rows([D, T, T], start=3)
    assert [t.start for t in tracklets_of(evidence(new), [3], 6)] == [3]


def test_flow_around_a_place_in_doubt_is_dropped() -> None:
    seen = rows([D, T, T, T, D, T, D])
    doubtful = np.delete(seen, 2)
    found = tracklets_of(evidence(doubtful), [], 7)[0]
    assert found.frames.tolist() == [0, 4, 5, 6]


def test_flow_in_doubt_before_a_cut_is_dropped() -> None:
    doubtful = np.delete(rows([D, T, D, T, T, T]), 4)
    assert tracklets_of(evidence(doubtful), [6], 9)[0].frames.tolist() == [0, 1, 2]


def test_clothes_found_again_need_a_face() -> None:
    seen = rows([D, T, T, T, T], checked=[4])
    without_face = np.delete(seen, 2)
    assert tracklets_of(evidence(without_face), [], 9)[0].frames.tolist() == [0]
    again = np.delete(rows([D, T, T, T, T, D], checked=[4]), 2)
    assert tracklets_of(evidence(again), [], 9)[0].frames.tolist() == [0, 4, 5]


def test_the_appearance_is_the_mean_of_the_clothes_in_its_frames() -> None:
    def worn(frame: int, head: int, *bins: int) -> NDArray[np.void]:
        histogram = np.zeros(BINS, np.float32)
        histogram[list(bins)] = 1 / max(1, len(bins))
        return np.array([(frame, head, histogram)], CLOTHES)

    clothes = [
        np.concatenate([worn(0, 0, 1), worn(0, 1, 7)]),
        np.concatenate([worn(3, 0, 1, 2), worn(4, 0), worn(5, 0, 3), worn(5, 8, 9)]),
        np.zeros(0, CLOTHES),
        worn(9, 1, 8),
    ]
    seen = evidence(
        rows([D, T, T, D, D, D, D]),
        rows([D, T, D], head=1, place=AWAY),
        rows([D, D], start=7, head=2),
        clothes=clothes,
    )
    found = {(t.head, int(t.frames[0])): t.appearance for t in tracklets_of(seen, [5], 20)}
    assert found[0, 0][:4] == pytest.approx([0, 0.75, 0.25, 0])
    assert found[0, 5][:4] == pytest.approx([0, 0, 0, 1])
    assert found[1, 0].argmax() == 7
    assert found[1, 0].sum() == pytest.approx(1), "clothes after its last frame do not count"
    assert not found[2, 7].any()


def spans(found: list[Tracklet], head: int = 0) -> list[list[int]]:
    """Frames of the tracklets of one head."""
    return [tracklet.frames.tolist() for tracklet in found if tracklet.head == head]


HIDDEN = [D, D, T, T, D, D]
"""A head that is looked for in all six frames and not found in two of them."""


def test_a_head_hidden_beside_another_may_be_taken_for_it() -> None:
    other = rows([D] * 6, head=1, place=BESIDE)
    found = tracklets_of(evidence(rows(HIDDEN), other), [], 6)
    assert spans(found, 1) == [[0, 1, 2, 3, 4, 5]], "the one in front was seen all the time"
    first, again = spans(found)
    assert (first[0], again) == (0, [4, 5])


def test_a_head_that_nobody_is_near_is_not_taken_for_another() -> None:
    other = rows([D] * 6, head=1, place=AWAY)
    found = tracklets_of(evidence(rows(HIDDEN), other), [], 6)
    assert spans(found) == [[0, 1, 2, 3, 4, 5]]


def test_frames_in_which_no_face_is_looked_for_hide_nobody() -> None:
    other = rows([D, D, T, T, D, D], head=1, place=BESIDE)
    found = tracklets_of(evidence(rows(HIDDEN), other), [], 6)
    assert spans(found) == spans(found, 1) == [[0, 1, 2, 3, 4, 5]]


def test_another_head_that_comes_near_only_later_hides_nobody() -> None:
    other = np.concatenate(
        [rows([D] * 5, head=1, place=AWAY), rows([D], head=1, start=5, place=BESIDE)]
    )
    assert spans(tracklets_of(evidence(rows(HIDDEN), other), [], 6)) == [[0, 1, 2, 3, 4, 5]]


def test_another_head_may_hide_one_that_moves() -> None:
    moved = rows(HIDDEN)
    for box in ("box", "predicted"):
        moved[box] = moved[box] + np.array([0, 8, 16, 24, 32, 40], np.float32)[:, None]
    still = np.array([34, 34, 54, 54])
    other = rows([D] * 6, head=1, place=tuple(still))
    assert len(spans(tracklets_of(evidence(moved, other), [], 6))) == 2


def test_a_head_lost_for_long_may_be_found_on_another_person() -> None:
    lost = rows([D, D, *[T] * 5, D, D])
    lost = np.delete(lost, range(2, 7))
    assert spans(tracklets_of(evidence(lost), [], 9)) == [[0, 1, 7, 8]]
    assert spans(tracklets_of(evidence(lost), [], 9, longest_gap=5)) == [[0, 1, 7, 8]]
    assert spans(tracklets_of(evidence(lost), [], 9, longest_gap=4)) == [[0, 1], [7, 8]]


def test_a_part_without_a_face_after_a_gap_is_nothing() -> None:
    lost = np.delete(rows([D, *[T] * 8, D], checked=[6, 8]), [1, 2, 3, 4, 5, 7])
    assert spans(tracklets_of(evidence(lost), [], 10)) == [[0, 6, 8, 9]]
    assert spans(tracklets_of(evidence(lost), [], 10, longest_gap=2)) == [[0], [6, 8, 9]]
    assert spans(tracklets_of(evidence(lost), [], 10, longest_gap=0)) == [[0], [8, 9]]


@given(st.lists(st.integers(0, 40), min_size=1, max_size=12, unique=True), st.integers(0, 6))
def test_no_tracklet_has_a_longer_gap_and_no_face_is_lost(frames: list[int], gap: int) -> None:
    seen = np.concatenate([rows([D], start=frame) for frame in sorted(frames)])
    found = tracklets_of(evidence(seen), [], 41, longest_gap=gap)
    assert [frame for run in spans(found) for frame in run] == sorted(frames)
    assert all(np.diff(run).max(initial=1) - 1 <= gap for run in spans(found))
    starts = [run[0] - before[-1] - 1 for before, run in pairwise(spans(found))]
    assert min(starts, default=gap + 1) > gap
