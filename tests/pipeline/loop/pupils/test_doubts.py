"""Whether a map speaks against the place of the label itself."""

from __future__ import annotations

import numpy as np

from closeup.labelling.quality_network import LabelQuality
from closeup.pipeline.loop.pupils.doubts import DoubtedLabels, against_the_label


def test_a_map_counts_at_the_mark() -> None:
    crops = np.zeros((2, 48, 64, 4), np.uint8)
    crops[:, 20:28, 28:36, 3] = 255
    maps = np.full((2, 6, 8), -0.1)
    maps[0, 2:4, 3:5] = 3.0
    maps[1, 0, 0] = 9.0
    found = against_the_label(LabelQuality(np.array([0.9, 0.9]), maps), crops)
    assert found.tolist() == [True, False]


def test_labels_that_are_bad_by_both_come_worst_first() -> None:
    doubts = DoubtedLabels(
        np.array([0.85, 0.99, 0.2, np.nan, 0.9]), np.array([True, True, True, True, False])
    )
    assert doubts.both.tolist() == [1, 0]
