"""Faces, clothes and places as evidence that two tracklets show one person."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from closeup.embedding_calibration import EmbeddingCalibration
from closeup.fancam.conflicts import find_conflicts
from closeup.fancam.same_person import LEAST_WEIGHT, Features, face_odds, link_odds
from closeup.geometry import Size
from closeup.tracks import Tracklet
from tests.calibrations import DLIB, plain
from tests.fancam.tracklet_maker import make_tracklet
from tests.fancam.two_members import ANN, BOB, LEFT, MIDDLE, RIGHT, between

RED, BLUE = 7, 200
SECONDS = np.arange(500) / 25
SIZE = Size(640, 360)
ONE_SHOT = np.zeros(9, np.int64)


def features(*vectors: Sequence[Sequence[float]]) -> Features:
    """The features of one tracklet for each list of faces."""
    made = [make_tracklet(i, 0, 10, vectors=faces) for i, faces in enumerate(vectors)]
    return Features.of(made, 3)


def random_features(calibration: EmbeddingCalibration, seed: int, rows: int) -> Features:
    """Faces near a few random people; some rows have none."""
    rng = np.random.default_rng(seed)
    people = rng.normal(size=(3, calibration.dimensions))
    sums = people[rng.integers(3, size=rows)] + rng.normal(0, 0.3, (rows, calibration.dimensions))
    totals = rng.uniform(0, 6, rows) * (rng.random(rows) > 0.2)
    return Features((sums * totals[:, None]).astype(np.float32), totals, np.full(rows, 10.0))


def links(
    tracklets: Sequence[Tracklet], shots: NDArray[np.int64] = ONE_SHOT, *, clothes: bool = True
) -> NDArray[np.float64]:
    conflicts = find_conflicts(tracklets)
    own = shots[: len(tracklets)]
    return link_odds(tracklets, conflicts, own, SECONDS, SIZE, clothes=clothes)


def test_the_faces_of_a_tracklet_are_summed() -> None:
    found = features([ANN, BOB], [], [BOB])
    np.testing.assert_allclose(found.sums, [[1, 1, 0], [0, 0, 0], [0, 1, 0]])
    assert found.totals.tolist() == [2, 0, 1]
    assert found.detections.tolist() == [10, 10, 10]


def test_the_length_of_a_vector_does_not_count_and_profiles_count_a_little() -> None:
    tracklet = make_tracklet(0, 0, 10, vectors=[(7, 0, 0), (0, 0.1, 0)])
    tracklet.weights[:] = 0, 0.5
    found = Features.of([tracklet], 3)
    np.testing.assert_allclose(found.sums, [[LEAST_WEIGHT, 0.5, 0]], rtol=1e-6)
    np.testing.assert_allclose(found.totals, LEAST_WEIGHT + 0.5, rtol=1e-6)


def test_faces_of_several_together_are_those_of_a_longer_tracklet() -> None:
    found = features([ANN], [ANN, BOB], [BOB]).together([0, 2])
    expected = features([ANN, BOB])
    np.testing.assert_allclose(found.sums, expected.sums)
    assert found.totals.tolist() == expected.totals.tolist()
    assert found.detections.tolist() == [20]


@pytest.mark.parametrize("calibration", [plain(3), DLIB], ids=["plain", "dlib-128"])
@given(seed=st.integers(0, 999), rows=st.integers(1, 4), columns=st.integers(1, 4))
def test_every_pair_of_rows_is_compared(
    calibration: EmbeddingCalibration, seed: int, rows: int, columns: int
) -> None:
    one = random_features(calibration, seed, rows)
    other = random_features(calibration, seed + 1, columns)
    found = face_odds(one, other, calibration)
    assert found.shape == (rows, columns)
    np.testing.assert_allclose(found.T, face_odds(other, one, calibration), atol=1e-3)
    for a, b in np.ndindex(rows, columns):
        alone = face_odds(one.rows([a]), other.rows([b]), calibration)
        np.testing.assert_allclose(found[a, b], alone[0, 0], atol=1e-3)
    assert not found[one.totals == 0].any()
    assert not found[:, other.totals == 0].any()


@given(st.floats(0, 1.4), st.floats(0, 1.4), st.integers(1, 5), st.integers(1, 5))
def test_nearer_faces_speak_more_for_one_person(
    near: float, far: float, mine: int, theirs: int
) -> None:
    near, far = sorted((near, far))
    others = features([between(ANN, BOB, near)] * theirs, [between(ANN, BOB, far)] * theirs)
    nearer, farther = face_odds(features([ANN] * mine), others, plain(3))[0]
    assert nearer >= farther - 1e-9


def test_equal_faces_are_one_person_and_unlike_ones_are_two() -> None:
    same, other = face_odds(features([ANN] * 3), features([ANN], [BOB]), plain(3))[0]
    assert same > 5
    assert other < -5


def test_more_faces_are_more_evidence() -> None:
    few = features([between(ANN, BOB, 0.6)])
    many = features([between(ANN, BOB, 0.6)] * 3)
    ann = features([ANN] * 3)
    assert face_odds(ann, many, plain(3)) < face_odds(ann, few, plain(3)) < 0


def moving(box: Sequence[float], right: float) -> list[float]:
    return [box[0] + right, box[1], box[2] + right, box[3]]


def test_a_head_is_probably_found_again_where_it_was_lost() -> None:
    lost = make_tracklet(0, 0, 10, box=LEFT)
    beside = make_tracklet(1, 15, 25, box=moving(LEFT, 20))
    away = make_tracklet(1, 15, 25, box=RIGHT)
    near, far = (links([lost, found])[0, 1] for found in (beside, away))
    assert near > 2
    assert far < 0


def test_a_head_may_move_on_while_it_is_lost() -> None:
    lost = make_tracklet(0, 0, 10, box=LEFT)
    aside = moving(LEFT, 120)
    soon = links([lost, make_tracklet(1, 12, 30, box=aside)])[0, 1]
    later = links([lost, make_tracklet(1, 50, 60, box=aside)])[0, 1]
    much_later = links([lost, make_tracklet(1, 200, 210, box=LEFT)])[0, 1]
    assert soon < later
    assert much_later == 0, "after seconds the place says nothing"


def test_a_head_does_not_become_another_size() -> None:
    lost = make_tracklet(0, 0, 10, box=LEFT)
    large = make_tracklet(1, 15, 25, box=(-20, -27, 80, 97))
    same = make_tracklet(1, 15, 25, box=LEFT)
    assert links([lost, large])[0, 1] < links([lost, same])[0, 1]


def test_the_place_is_that_of_the_faces_and_not_of_carried_boxes() -> None:
    drifted = np.repeat(np.array([LEFT], np.float32), 20, axis=0)
    drifted[10:] = RIGHT
    lost = make_tracklet(0, 0, 20, seen=(0, 9), box=drifted)
    left, right = make_tracklet(1, 22, 30, box=LEFT), make_tracklet(1, 22, 30, box=RIGHT)
    assert links([lost, left])[0, 1] > 1 > 0 > links([lost, right])[0, 1]


def test_heads_seen_at_once_have_no_place_in_common() -> None:
    assert not links([make_tracklet(0, 0, 20, box=LEFT), make_tracklet(1, 5, 25, box=LEFT)]).any()


def dressed(*colours: int | None) -> list[Tracklet]:
    """Two people seen at once, and others long after them; each in a colour."""
    return [
        make_tracklet(i, 0 if i < 2 else 100 * i, 10 if i < 2 else 100 * i + 10,
                      box=(LEFT, MIDDLE, RIGHT)[min(i, 2)], colour=colour)
        for i, colour in enumerate(colours)
    ]  # fmt: skip


def test_clothes_link_where_people_are_dressed_differently() -> None:
    found = links(dressed(RED, BLUE, BLUE))
    assert found[1, 2] == pytest.approx(2), "at most 7 to 1"
    assert found[0, 2] == pytest.approx(-2)
    assert not links(dressed(RED, BLUE, BLUE), clothes=False)[:2, 2].any()


def test_the_same_costume_says_nothing() -> None:
    assert not links(dressed(RED, RED, RED)).any()
    assert not links(dressed(RED, RED, BLUE)).any(), "nor does another one, as after a change"


def test_clothes_say_nothing_if_nobody_is_seen_beside_anybody() -> None:
    alone = [make_tracklet(i, 100 * i, 100 * i + 9, colour=RED) for i in range(3)]
    assert not links(alone).any()


def test_clothes_that_were_not_seen_say_nothing() -> None:
    found = links(dressed(RED, BLUE, None))
    assert not found[:2, 2].any()


def test_nothing_but_faces_links_two_shots() -> None:
    shots = np.array([0, 0, 1])
    near = [*dressed(RED, BLUE), make_tracklet(2, 12, 20, box=LEFT, colour=RED)]
    assert links(near)[0, 2] > 4, "place and clothes in one shot"
    assert not links(near, shots)[:2, 2].any()


@given(
    arrays(np.int64, (5, 2), elements=st.integers(0, 90)),
    arrays(np.float32, (5, 2), elements=st.floats(0, 300, width=32)),
    arrays(np.int64, 5, elements=st.integers(0, 2)),
    st.lists(st.sampled_from([RED, BLUE, None]), min_size=5, max_size=5),
)
def test_links_are_mutual_and_limited(
    spans: NDArray[np.int64],
    corners: NDArray[np.float32],
    shots: NDArray[np.int64],
    colours: list[int | None],
) -> None:
    made = [
        make_tracklet(i, int(min(span)), int(max(span)) + 1, colour=colour,
                      box=[*corner, *(corner + 50)])
        for i, (span, corner, colour) in enumerate(zip(spans, corners, colours, strict=True))
    ]  # fmt: skip
    found = links(made, shots)
    np.testing.assert_allclose(found, found.T, atol=1e-9)
    assert np.abs(found).max() <= 6
    assert not found.diagonal().any()
    assert not found[shots[:, None] != shots].any()
