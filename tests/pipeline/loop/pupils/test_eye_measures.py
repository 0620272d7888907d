"""What an ensemble says of eyes: places, spread, and what the files give beyond points."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from closeup.acquisition.uncertainty import ensemble_spread
from closeup.geometry import Size
from closeup.pipeline.labelling.proposers import recut
from closeup.pipeline.loop.pupils.eye_measures import EyeCutter, MeasuredEyes, measure_eyes
from closeup.pupils.eye_crops import in_pixels
from closeup.pupils.network import EyeNetwork
from tests.datasets.eyes.drawn_eyes import draw_eyes, scattered
from tests.pupil_networks import constant_network, darkness_network

WIDTH = 2.0
SIZE = Size(144, 108)
UNIT = SIZE.width / WIDTH


def cutters(count: int) -> list[EyeCutter]:
    return [partial(recut, crop, WIDTH) for crop in draw_eyes(scattered(count), SIZE)]


def constant(x: float, y: float = 0.5, **more: float | list[float]) -> EyeNetwork:
    """A network that always points at shares of its crop, 1.2 eye distances wide."""
    return EyeNetwork(constant_network([(x, y)], more=more), f"{x}.onnx")


@pytest.mark.parametrize("count", [1, 65, 130])
def test_pupils_are_in_pixels_of_the_pictures(count: int) -> None:
    """A quarter of the network's crop is 0.3 eye distances left of its middle."""
    measured = measure_eyes([constant(0.25)], cutters(count))
    middle = (np.array(SIZE) - 1) / 2
    expected = middle - (0.3 * UNIT, 0)
    np.testing.assert_allclose(measured.points, np.broadcast_to(expected, (1, count, 2)))
    np.testing.assert_allclose(measured.mean, np.broadcast_to(expected, (count, 2)))
    np.testing.assert_allclose(measured.distances, UNIT)
    np.testing.assert_allclose(measured.places, np.broadcast_to((-0.3, 0), (count, 2)), atol=1e-6)


def test_each_eye_has_its_own_pupil() -> None:
    labels = scattered(100)
    measured = measure_eyes([EyeNetwork(darkness_network(), "it")], cutters(100))
    truth = in_pixels(labels, SIZE)
    for axis in (0, 1):
        assert np.corrcoef(measured.mean[:, axis], truth[:, axis])[0, 1] > 0.95


def test_two_networks_differ_in_eye_distances() -> None:
    """A tenth of a crop 1.2 eye distances wide."""
    measured = measure_eyes([constant(0.5), constant(0.6)], cutters(3))
    np.testing.assert_allclose(ensemble_spread(measured.predictions), 0.12 / np.sqrt(2), rtol=1e-5)
    np.testing.assert_allclose(measured.places, [[0.06, 0]] * 3, atol=1e-6)
    np.testing.assert_allclose(measured.expected, 0.02, rtol=1e-6)
    assert measured.confidence.shape == (2, 3)


def test_entropy_needs_all_networks_and_features_the_first() -> None:
    both = constant(0.5, entropy=2.0, features=[1.0, 2.0]), constant(0.6, entropy=4.0)
    measured = measure_eyes(both, cutters(3))
    assert measured.entropy is not None
    np.testing.assert_allclose(measured.entropy, 3)
    assert measured.features is not None
    assert measured.features.shape == (3, 0), "features that never vary tell nothing"
    measured = measure_eyes([both[0], constant(0.5)], cutters(3))
    assert measured.entropy is None
    assert measure_eyes([constant(0.5), both[0]], cutters(3)).features is None


def test_no_eye() -> None:
    measured = measure_eyes([constant(0.5), constant(0.6)], [])
    assert len(measured) == 0
    assert measured.points.shape == (2, 0, 2)
    assert measured.features is None


def test_candidates_are_some_of_the_eyes() -> None:
    rng = np.random.default_rng(0)
    measured = MeasuredEyes(
        rng.random((2, 5, 2)), np.full(5, 2.0), rng.random((5, 2)), rng.random((2, 5)),
        rng.random(5), rng.random(5), rng.random((5, 3)),
    )  # fmt: skip
    known = measured.candidates([4, 1, 1], [9, 8, 8], [0, 2], bad=np.array([0.1, 0.2, 0.3]))
    assert known.pictures.tolist() == [9, 8, 8]
    assert known.predictions is not None
    np.testing.assert_array_equal(known.predictions, measured.points[:, [4, 1, 1]] / 2)
    assert measured.features is not None
    np.testing.assert_array_equal(known.need("labelled"), measured.features[[0, 2]])
    np.testing.assert_array_equal(known.need("expected"), measured.expected[[4, 1, 1]])
    assert known.disagreement is None
    assert known.unit == "eye distances"
    alone = MeasuredEyes(
        measured.points[:1], measured.distances, measured.places, measured.confidence[:1],
        measured.expected,
    )  # fmt: skip
    known = alone.candidates([0], [0])
    assert known.predictions is None
    assert known.features is None
    assert known.labelled is None
