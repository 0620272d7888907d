from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from closeup.errors import InputError
from closeup.training.detection.loading import read_detection_data
from closeup.training.detection.samples import DetectionSet
from tests.training.detection.squares import write_squares


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> DetectionSet:
    return read_detection_data(write_squares(tmp_path_factory.mktemp("set"))).train


def test_some_pictures_keep_their_own_boxes(samples: DetectionSet) -> None:
    some = samples.chosen([3, 0, 3])

    assert [path.stem for path in some.paths] == ["3", "0", "3"]
    for index, original in enumerate([3, 0, 3]):
        np.testing.assert_array_equal(some.of(index).boxes, samples.of(original).boxes)
        np.testing.assert_array_equal(some.of(index).points, samples.of(original).points)
    assert len(samples.chosen([])) == 0


def test_sets_are_joined_without_doubles(samples: DetectionSet) -> None:
    joined = DetectionSet.joined([samples.chosen([2, 1]), samples.chosen([0, 1, 1])])

    assert [path.stem for path in joined.paths] == ["2", "1", "0"]
    for index, original in enumerate([2, 1, 0]):
        np.testing.assert_array_equal(joined.of(index).boxes, samples.of(original).boxes)


def test_sets_of_other_names_are_not_joined(samples: DetectionSet) -> None:
    other = replace(samples, names=("red", "teal", "blue"))
    fewer = replace(samples, names=("red", "green"))

    with pytest.raises(InputError, match="number 1 is 'green' in the first and 'teal'"):
        DetectionSet.joined([samples, other])
    with pytest.raises(InputError, match="number 2 is 'blue' in the first and missing"):
        DetectionSet.joined([samples, fewer])
    with pytest.raises(InputError, match="mirror them differently"):
        DetectionSet.joined([samples, replace(samples, flip=())])


def test_a_fingerprint_is_of_what_is_learnt(samples: DetectionSet) -> None:
    moved = replace(samples, paths=tuple(Path("elsewhere") / path for path in samples.paths))
    renamed = replace(samples, names=("a", "b", "c"))
    labels = replace(samples.labels, boxes=samples.labels.boxes + np.float32(0.5))

    assert moved.fingerprint() == samples.fingerprint()
    others = {renamed.fingerprint(), replace(samples, labels=labels).fingerprint()}
    assert len({*others, samples.chosen([0, 1]).fingerprint(), samples.fingerprint()}) == 4


def test_arrays_that_do_not_fit_are_refused(samples: DetectionSet) -> None:
    with pytest.raises(ValueError, match="sizes and digests must describe 4 pictures"):
        replace(samples, digests=())
    with pytest.raises(ValueError, match="labels must describe 11 boxes"):
        replace(samples, owner=samples.owner[1:])
    with pytest.raises(ValueError, match="in the order of their pictures"):
        replace(samples, owner=samples.owner[::-1])
