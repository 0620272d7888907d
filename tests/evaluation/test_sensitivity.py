from __future__ import annotations

from pathlib import Path

import pytest

from closeup.evaluation.distances import Distance
from closeup.evaluation.lfw_pairs import find_photos, read_pairs
from closeup.evaluation.photo_vectors import PhotoEmbedder
from closeup.evaluation.sensitivity import HEIGHTS, QUALITIES, Original, study_jpeg, study_size
from closeup.progress import Silent
from tests.few_pairs import write_few_pairs


@pytest.fixture(scope="module")
def original(
    lfw: Path, reader: PhotoEmbedder, tmp_path_factory: pytest.TempPathFactory
) -> Original:
    folder = tmp_path_factory.mktemp("pairs")
    pairs = read_pairs(write_few_pairs(lfw, folder / "pairs.txt", folds=2, count=6))
    paths = find_photos(pairs, lfw)
    return Original(paths, pairs, reader.read(paths, Silent()), Distance.UNIT)


def test_small_faces_are_harder(original: Original, reader: PhotoEmbedder) -> None:
    rows = study_size(original, reader, Silent())
    assert [row.value for row in rows] == list(HEIGHTS)
    assert rows[0].score > 0.9
    assert rows[-1].score < rows[0].score
    assert rows[0].missed == 0
    assert rows[-1].missed
    assert all(row.cases == 24 for row in rows)


def test_compression_hurts_only_when_strong(original: Original, reader: PhotoEmbedder) -> None:
    rows = study_jpeg(original, reader, Silent())
    assert [row.value for row in rows] == list(QUALITIES)
    assert all(row.score > 0.9 for row in rows[:3])
    assert all(row.val is not None and 0 <= row.val <= 1 for row in rows)
