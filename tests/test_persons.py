import numpy as np
import pytest

from closeup.persons import Persons


def test_boxes_and_scores_belong_together() -> None:
    boxes = np.zeros((2, 4), np.float32)
    assert len(Persons(boxes, np.zeros(2, np.float32))) == 2
    assert len(Persons.none()) == 0
    with pytest.raises(ValueError, match=r"\(3, 4\)"):
        Persons(boxes, np.zeros(3, np.float32))
