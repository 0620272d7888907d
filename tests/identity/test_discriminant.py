from __future__ import annotations

import numpy as np
import pytest

from closeup.cohort import unit_length
from closeup.identity.discriminant import Discriminant, worthwhile

SIDES = 64


def people(
    seed: int, count: int, photos: int, noise: float, apart: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """People who differ in the first half of the directions and vary in one of the second."""
    rng = np.random.default_rng(seed)
    places = np.zeros((count, SIDES))
    places[:, : SIDES // 2] = apart * rng.normal(size=(count, SIDES // 2))
    owners = np.repeat(np.arange(count), photos)
    vectors = places[owners] + 0.02 * rng.normal(size=(len(owners), SIDES))
    vectors[:, -1] += noise * rng.normal(size=len(owners))
    return vectors.astype(np.float32), owners.astype(np.int64)


def test_what_varies_within_people_counts_less() -> None:
    vectors, owners = people(0, 6, 5, noise=1.0, apart=0.1)
    fitted = Discriminant.of(vectors, owners)
    probes, whose = people(0, 6, 9, noise=1.0, apart=0.1)
    means = np.array([vectors[owners == m].mean(axis=0) for m in range(6)])
    plain = np.linalg.norm(probes[:, None] - means, axis=2).argmin(axis=1)
    named = fitted.distances(probes).argmin(axis=1)
    assert (named == whose).mean() > (plain == whose).mean() + 0.2
    assert worthwhile(vectors, owners) is not None


def test_it_is_left_alone_where_centroids_do_as_well() -> None:
    vectors, owners = people(1, 6, 5, noise=0.0)
    assert worthwhile(vectors, owners) is None


@pytest.mark.parametrize(("count", "photos"), [(2, 5), (6, 2), (1, 9), (5, 1)])
def test_few_people_or_photos_allow_none(count: int, photos: int) -> None:
    assert worthwhile(*people(2, count, photos, noise=1.0)) is None


def test_one_photo_each_says_nothing_of_how_photos_scatter() -> None:
    with pytest.raises(ValueError, match="somebody with two photos"):
        Discriminant.of(*people(3, 4, 1, noise=1.0))


def test_photos_in_any_order_and_number() -> None:
    vectors, owners = people(4, 5, 6, noise=1.0, apart=0.1)
    order = np.random.default_rng(0).permutation(len(owners))[:-5]
    vectors, owners = unit_length(vectors[order]), owners[order]
    first = Discriminant.of(vectors, owners)
    again = np.random.default_rng(1).permutation(len(owners))
    second = Discriminant.of(vectors[again], owners[again])
    np.testing.assert_allclose(
        first.distances(vectors), second.distances(vectors), rtol=1e-3, atol=1e-4
    )
    assert (worthwhile(vectors, owners) is None) == (
        worthwhile(vectors[np.argsort(owners, kind="stable")], np.sort(owners)) is None
    )
