import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from closeup.detection.suppression import best_of_overlapping
from closeup.geometry import iou

PLACES = arrays(np.float32, (12, 2), elements=st.floats(0, 100, width=32))
SIDES = arrays(np.float32, (12, 2), elements=st.floats(1, 60, width=32))
SCORES = arrays(np.float32, 12, elements=st.floats(0.125, 1, width=32))


@given(PLACES, SIDES, SCORES, st.sampled_from([0.3, 0.45, 0.6]))
def test_what_stays_is_apart_and_what_goes_overlaps_something_surer(
    places: np.ndarray, sides: np.ndarray, scores: np.ndarray, overlap: float
) -> None:
    boxes = np.hstack([places, places + sides])
    kept = best_of_overlapping(boxes, scores, overlap)
    assert np.all(np.diff(scores[kept]) <= 0)
    shares = iou(boxes, boxes)
    among = shares[np.ix_(kept, kept)] - np.eye(len(kept))
    assert among.max(initial=0) <= overlap + 1e-4
    for index in set(range(12)) - set(kept.tolist()):
        surer = [k for k in kept if scores[k] >= scores[index]]
        assert shares[index, surer].max(initial=0) > overlap - 1e-4


def test_nothing_gives_nothing() -> None:
    kept = best_of_overlapping(np.empty((0, 4)), np.empty(0), 0.5)
    assert kept.shape == (0,)
    assert kept.dtype == np.intp
