"""Pictures that differ are kept, whatever their number."""

from __future__ import annotations

import numpy as np

from closeup.collection.manifest import CollectedPicture, JournalEntry
from closeup.pipeline.collection.different_pictures import DifferentPictures


def entry(number: int, features: tuple[float, ...]) -> JournalEntry:
    picture = CollectedPicture(f"{number}.jpg", "", "v.mp4", number, None, 1, 1)
    return JournalEntry(picture, features)


def test_one_picture_of_each_kind_is_kept() -> None:
    """Of a thousand pictures of five kinds, thinned out meanwhile, one of each is chosen."""
    rng = np.random.default_rng(0)
    pictures = DifferentPictures(5)
    thinned = 0
    for number in range(1000):
        kind = 0 if number < 900 else number % 5  # four kinds come late and are rare
        pictures.add(entry(number, tuple(10.0 * np.eye(5)[kind] + rng.normal(0, 0.1, 5))))
        if pictures.is_full:
            kept, dropped = pictures.most_different(pictures.most // 2)
            assert len(kept) == pictures.most // 2 == len(dropped)
            thinned += 1
    kept, dropped = pictures.most_different(5)
    assert thinned >= 3
    assert len(dropped) < pictures.most
    kinds = [int(np.argmax(found.features or ())) for found in kept]
    assert sorted(kinds) == [0, 1, 2, 3, 4]
    assert [found.picture.frame for found in kept] == sorted(
        found.picture.frame or 0 for found in kept
    )


def test_fewer_than_wanted_are_all_kept() -> None:
    pictures = DifferentPictures(3)
    pictures.add(entry(0, (0.0,)))
    kept, dropped = pictures.most_different(3)
    assert [found.picture.file for found in kept] == ["0.jpg"]
    assert dropped == []
