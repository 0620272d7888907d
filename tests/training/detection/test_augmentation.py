from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.labels import PictureLabels
from closeup.training.detection.augmentation import DetectionAugmentation, augmented, plain
from closeup.training.detection.loading import read_detection_data
from closeup.training.detection.pictures import PictureCache
from closeup.training.detection.samples import DetectionSet
from closeup.training.photography import Photography
from closeup.training.rng import TensorRng
from tests.training.detection.squares import COLOURS, SIZE, write_squares

CANVAS = Size(160, 128)
MOVED = DetectionAugmentation(
    hue=0, saturation=0, brightness=0,
    photography=Photography(gamma=0, slope=0, blurred=0, coarse=0, compressed=0, noise=0),
)  # fmt: skip
"""Nothing but moved."""


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> DetectionSet:
    return read_detection_data(write_squares(tmp_path_factory.mktemp("set"))).train


def changed(
    samples: DetectionSet, options: DetectionAugmentation, seed: int, *, calm: bool = False
) -> tuple[RGBImage, PictureLabels]:
    pictures = PictureCache(samples, options.largest(CANVAS))
    return augmented(samples, seed % 4, CANVAS, pictures, options, TensorRng(seed), calm=calm)


def covered(
    image: RGBImage, labels: PictureLabels
) -> list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Pixels of each colour, and of the boxes of its class, a pixel larger."""
    masks = []
    for number, colour in enumerate(COLOURS):
        boxed = np.zeros(image.shape[:2], np.bool_)
        for x1, y1, x2, y2 in (labels.boxes[labels.classes == number] + 0.5).tolist():
            boxed[max(0, round(y1) - 1) : round(y2) + 1, max(0, round(x1) - 1) : round(x2) + 1] = 1
        masks.append((np.abs(image.astype(int) - colour).max(axis=2) < 60, boxed))
    return masks


@pytest.mark.parametrize("mosaic", [0, 1])
@pytest.mark.parametrize("seed", range(20))
def test_boxes_are_where_their_squares_are(samples: DetectionSet, mosaic: int, seed: int) -> None:
    options = replace(MOVED, mosaic=mosaic, least=replace(MOVED.least, share=0, side=0))
    image, labels = changed(samples, options, seed)

    for coloured, boxed in covered(image, labels):
        assert not (coloured & ~boxed).any()
    for (x1, y1, x2, y2), number in zip(labels.boxes + 0.5, labels.classes, strict=True):
        # Resampling blurs two pixels on either side.
        inside = image[int(y1) + 2 : int(np.ceil(y2)) - 2, int(x1) + 2 : int(np.ceil(x2)) - 2]
        assert (np.abs(inside.astype(int) - COLOURS[number]) < 60).all()


def test_a_mosaic_shows_four_and_calm_epochs_one(samples: DetectionSet) -> None:
    options = replace(MOVED, mosaic=1, scale=(0.4, 0.45), least=replace(MOVED.least, share=0.01))

    fours = [len(changed(samples, options, seed)[1]) for seed in range(20)]
    ones = [len(changed(samples, options, seed, calm=True)[1]) for seed in range(20)]

    assert max(fours) == 12
    assert min(fours) > 3
    assert set(ones) == {3}


def test_points_follow_their_boxes_into_mosaics_and_mirrors(samples: DetectionSet) -> None:
    seen = 0
    for seed in range(20):
        _, labels = changed(samples, MOVED, seed)
        shown = labels.points[..., 2] > 0
        corners = labels.boxes[:, [[0, 1], [2, 1]]]
        np.testing.assert_allclose(labels.points[shown][:, :2], corners[shown], atol=1e-3)
        seen += int(shown.sum())
    assert seen > 100


def test_points_that_cannot_be_mirrored_are_not(samples: DetectionSet) -> None:
    always = replace(MOVED, mosaic=0, mirrored=1)
    order = [labels.boxes[:, 0].argsort().tolist() for _, labels in (
        changed(samples, always, 0), changed(replace(samples, flip=()), always, 0)
    )]  # fmt: skip
    assert order == [[2, 1, 0], [0, 1, 2]]


def test_colours_and_grain_change_and_boxes_do_not(samples: DetectionSet) -> None:
    still = DetectionAugmentation(mosaic=0, mirrored=0, scale=(1, 1), shift=0)
    pictures = PictureCache(samples, CANVAS)
    image, labels = plain(samples, 1, CANVAS, pictures)
    other, same = augmented(samples, 1, CANVAS, pictures, still, TensorRng(3))

    np.testing.assert_allclose(same.boxes, labels.boxes)
    assert 1 < np.abs(image.astype(int) - other).mean() < 60
    assert changed(samples, still, 1)[0].std(axis=(0, 1)).min() > 5


def test_without_any_change_it_is_what_prediction_sees(samples: DetectionSet) -> None:
    still = replace(MOVED, mosaic=0, mirrored=0, scale=(1, 1), shift=0)
    canvas = Size(2 * SIZE.width, 2 * SIZE.height + 32)
    pictures = PictureCache(samples, canvas)

    image, labels = plain(samples, 2, canvas, pictures)
    same, again = augmented(samples, 2, canvas, pictures, still, TensorRng(0))

    # There and back through hues, which have 8 bits.
    np.testing.assert_allclose(image.astype(int), same, atol=6)
    np.testing.assert_array_equal(labels.boxes, again.boxes)
    np.testing.assert_allclose(
        labels.boxes, (samples.of(2).boxes + 0.5) * 2 + [-0.5, 15.5, -0.5, 15.5], atol=1e-3
    )


@pytest.mark.parametrize(
    "wrong", [{"scale": (0, 1)}, {"scale": (2, 1)}, {"crossing": 0.6}, {"mosaic": 1.1}]
)
def test_impossible_options_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must"):
        replace(DetectionAugmentation(), **wrong)
