from __future__ import annotations

import numpy as np
import pytest

from closeup.labels import PictureLabels
from closeup.metrics.heights import recall_by_height


def test_found_and_missed_are_counted_by_height() -> None:
    heights = np.array([10.0, 20, 30, 40])
    boxes = np.stack([0 * heights, 0 * heights, heights, heights], axis=1)
    truth = PictureLabels.of(
        boxes, np.zeros(4, np.int64), ignored=np.array([False, False, True, False])
    )
    flags = np.array([False, True, False, True])

    rows = recall_by_height([flags, flags], [truth, truth], (5, 20, 40, float("inf"), float("inf")))

    assert [(row.found, row.there) for row in rows] == [(0, 2), (2, 2), (2, 2), (0, 0)]
    assert rows[0].recall == 0
    assert rows[1].recall == 1
    assert np.isnan(rows[3].recall)
    with pytest.raises(ValueError, match="zip"):
        recall_by_height([flags], [truth, truth], (0, 10))
