from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from closeup.evaluation.distances import Distance
from closeup.evaluation.lfw_pairs import find_photos, read_pairs
from closeup.evaluation.photo_vectors import PhotoEmbedder
from closeup.evaluation.sensitivity import (
    HEIGHTS,
    QUALITIES,
    Original,
    jpeg_steps,
    recompressed,
    relit,
    shrunk,
    size_steps,
    study_steps,
)
from closeup.progress import Silent
from tests.few_pairs import write_few_pairs
from tests.real_photos import astronaut


def test_lower_qualities_lose_more() -> None:
    image = astronaut()[:201, :203]
    errors = []
    for quality in (100, 90, 50, 10):
        worse = recompressed(image, quality)
        assert worse.shape == image.shape
        assert worse.dtype == np.uint8
        errors.append(float(np.abs(worse.astype(float) - image).mean()))
    assert errors == sorted(errors)
    assert 0 < errors[0] < 3  # red and blue are where they were
    assert errors[-1] > 4


def test_a_quality_that_is_none() -> None:
    with pytest.raises(ValueError, match="1 to 100"):
        recompressed(astronaut(), 0)


def test_shrinking_keeps_shape_and_brightness() -> None:
    image = astronaut()
    small = shrunk(image, 0.25)
    assert small.shape == (128, 128, 3)
    np.testing.assert_allclose(small.mean(axis=(0, 1)), image.mean(axis=(0, 1)), atol=0.5)


def test_the_same_light_gives_the_same_photo() -> None:
    values = np.arange(256, dtype=np.uint8).repeat(3).reshape(16, 16, 3)
    np.testing.assert_array_equal(relit(values, 1.0), values)


def test_light_is_linear() -> None:
    """Half of the light of sRGB's 255 is 188, a fifth 124, a fortieth 44; of 128 half is 92."""
    white = np.full((1, 1, 3), 255, np.uint8)
    assert [int(relit(white, light)[0, 0, 0]) for light in (1 / 2, 1 / 5, 1 / 40)] == [188, 124, 44]
    assert int(relit(np.full((1, 1, 3), 128, np.uint8), 0.5)[0, 0, 0]) == 92
    assert int(relit(white, 8.0)[0, 0, 0]) == 255


def test_noise_is_that_of_a_small_sensor() -> None:
    grey = np.full((200, 200, 3), 188, np.uint8)
    noisy = relit(grey, 0.1, np.random.default_rng(0)).astype(float)
    assert noisy.mean() == pytest.approx(float(relit(grey, 0.1).mean()), abs=0.5)
    # 201 electrons, with a deviation of 15: 7.7 % of the light, 2.2 grey levels at 63.
    assert noisy.std() == pytest.approx(2.3, abs=0.3)
    again = relit(grey, 0.1, np.random.default_rng(0))
    np.testing.assert_array_equal(again, noisy)


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_nothing_is_enlarged(scale: float) -> None:
    image = astronaut()
    assert shrunk(image, scale) is image


def test_a_pixel_remains() -> None:
    assert shrunk(astronaut(), 1e-4).shape == (1, 1, 3)


@pytest.fixture(scope="module")
def original(
    lfw: Path, reader: PhotoEmbedder, tmp_path_factory: pytest.TempPathFactory
) -> Original:
    folder = tmp_path_factory.mktemp("pairs")
    pairs = read_pairs(write_few_pairs(lfw, folder / "pairs.txt", folds=2, count=6))
    paths = find_photos(pairs, lfw)
    return Original(paths, pairs, reader.read(paths, Silent()), Distance.UNIT)


def test_small_faces_are_harder(original: Original, reader: PhotoEmbedder) -> None:
    rows = study_steps(original, size_steps(original.vectors.heights), reader, Silent())
    assert [row.value for row in rows] == list(HEIGHTS)
    assert rows[0].score > 0.9
    assert rows[-1].score < rows[0].score
    assert rows[0].missed == 0
    assert rows[-1].missed
    assert all(row.cases == 24 for row in rows)


def test_compression_hurts_only_when_strong(original: Original, reader: PhotoEmbedder) -> None:
    rows = study_steps(original, jpeg_steps(), reader, Silent())
    assert [row.value for row in rows] == list(QUALITIES)
    assert all(row.score > 0.9 for row in rows[:3])
    assert all(row.val is not None and 0 <= row.val <= 1 for row in rows)
