from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from closeup.evaluation.lfw_pairs import find_photos, read_pairs
from closeup.evaluation.worst_pairs import contact_sheet, worst_pairs
from tests.few_pairs import write_few_pairs


def test_far_same_pairs_and_near_different_ones() -> None:
    distances = np.array([0.1, 0.9, 0.5, 0.2, 0.7, 0.4])
    same = np.array([True, True, True, False, False, False])
    far, near = worst_pairs(distances, same, 2)
    assert far.tolist() == [1, 2]
    assert near.tolist() == [3, 5]


def test_the_sheet_shows_the_photos_in_order(lfw: Path, tmp_path: Path) -> None:
    pairs = read_pairs(write_few_pairs(lfw, tmp_path / "pairs.txt"))
    paths = find_photos(pairs, lfw)
    distances = np.linspace(0.1, 0.9, len(pairs))
    sheet = contact_sheet(paths, pairs, distances)
    assert sheet.shape[2] == 3
    farthest = int(np.flatnonzero(pairs.same)[-1])
    with Image.open(paths[pairs.rows[farthest, 0]]) as photo:
        expected = np.asarray(photo.convert("RGB").resize((15, 15), Image.Resampling.BOX))
    corner = Image.fromarray(sheet).crop((24, 62, 174, 212)).resize((15, 15), Image.Resampling.BOX)
    assert np.abs(np.asarray(corner).astype(float) - expected).mean() < 3


def test_photos_of_any_shape(tmp_path: Path) -> None:
    path = tmp_path / "pairs.txt"
    path.write_text("2\nA 1 2\nB 1 2\nA 1 B 1\nA 2 B 2\n")
    for name, size in (("A", (300, 100)), ("B", (3, 900))):
        (tmp_path / name).mkdir()
        for number in (1, 2):
            Image.new("RGB", size, (200, 0, 0)).save(tmp_path / name / f"{name}_000{number}.jpg")
    pairs = read_pairs(path)
    sheet = contact_sheet(find_photos(pairs, tmp_path), pairs, np.array([0.5, 0.6, 0.7, 0.8]))
    assert (sheet[..., 1] < 50).any()
