"""Parts in other processes: each worker opens a part once, and finds the same."""

from __future__ import annotations

import os
import pickle
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from closeup.errors import PartError
from closeup.executors.processes import Processes
from closeup.faces import Faces
from closeup.open_models import Models
from closeup.opening import DETECTORS, PUPIL_METHODS
from closeup.settings import Settings
from tests.real_photos import astronaut


@pytest.fixture
def models(shared_models: Path, tmp_path: Path) -> Models:
    return Models(Settings(shared_models, tmp_path))


def same(a: Faces, b: Faces) -> None:
    np.testing.assert_array_equal(a.boxes, b.boxes)
    np.testing.assert_array_equal(a.scores, b.scores)


@pytest.mark.parametrize("name", [name for name in DETECTORS if name != "auto"])
def test_a_detector_that_was_pickled_finds_the_same(name: str, models: Models) -> None:
    detector = models.detector(name, threads=1)
    again = pickle.loads(pickle.dumps(detector))  # noqa: S301
    assert (again.name, again.reliable_height) == (detector.name, detector.reliable_height)
    same(detector.detect(astronaut()), again.detect(astronaut()))


@pytest.mark.parametrize("method", PUPIL_METHODS)
def test_a_pupil_finder_that_was_pickled_finds_the_same(method: str, models: Models) -> None:
    finder, faces = models.pupil_finder(method), models.detector("hog").detect(astronaut())
    again = pickle.loads(pickle.dumps(finder))  # noqa: S301
    found, expected = (one.find(astronaut(), faces).centres for one in (again, finder))
    np.testing.assert_array_equal(found, expected)


def test_an_embedder_that_was_pickled_gives_the_same_vectors(models: Models) -> None:
    embedder, faces = models.embedder(threads=1), models.detector("hog").detect(astronaut())
    again = pickle.loads(pickle.dumps(embedder))  # noqa: S301
    found, expected = (one.embed(one.chips(astronaut(), faces)) for one in (again, embedder))
    np.testing.assert_array_equal(found, expected)


def test_a_detector_works_in_another_process(models: Models) -> None:
    detector = models.detector("closeup", threads=1)
    (found,) = Processes(1).map(detector.detect, [astronaut()])
    same(found[1], detector.detect(astronaut()))


def test_a_part_that_cannot_be_pickled_is_named(models: Models) -> None:
    work = partial(max, key=lambda item: item)
    with pytest.raises(PartError, match="cannot be sent to another process"):
        list(Processes(1).map(work, [[1, 2]]))


def test_a_worker_that_dies_is_told_in_one_line() -> None:
    with pytest.raises(PartError, match=r"ended too early; put .* below if __name__") as got:
        list(Processes(1).map(os._exit, [1]))
    assert "\n" not in str(got.value)
