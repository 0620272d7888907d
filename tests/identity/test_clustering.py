from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.typing import NDArray

from closeup.cohort import unit_length
from closeup.identity.clustering import ALONE, cluster_faces, joining_distance
from closeup.identity.description import mirrored_mean
from closeup.opening import open_detector, open_embedder
from closeup.progress import Silent
from closeup.settings import Settings
from tests.calibrations import DLIB
from tests.real_photos import read_photo

CURVE = DLIB.false_accepts

Vectors = NDArray[np.float32]


def people(seed: int, counts: list[int], noise: float = 0.01) -> tuple[Vectors, NDArray[np.int64]]:
    """So many faces of each of some people who are far from each other, and whose they are."""
    rng = np.random.default_rng(seed)
    owners = np.repeat(np.arange(len(counts)), counts)
    centres = unit_length(rng.normal(size=(len(counts), 128)))
    return unit_length(centres[owners] + rng.normal(size=(len(owners), 128)) * noise), owners


def same(numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which faces are together; shape (n, n)."""
    together: NDArray[np.bool_] = (numbers[:, None] == numbers) & (numbers != ALONE)
    return np.asarray(together | np.eye(len(numbers), dtype=bool))


def test_nothing_and_a_single_face() -> None:
    assert cluster_faces(np.empty((0, 128), np.float32), DLIB).shape == (0,)
    assert cluster_faces(people(0, [1])[0], DLIB).tolist() == [ALONE]


def test_groups_are_numbered_by_size_and_then_by_their_first_face() -> None:
    vectors, _ = people(0, [2, 1, 4, 2, 1])
    assert cluster_faces(vectors, DLIB).tolist() == [1, 1, -1, 0, 0, 0, 0, 2, 2, -1]


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.lists(st.integers(1, 9), min_size=1, max_size=12))
def test_people_far_apart_are_told_apart_whatever_the_order(seed: int, counts: list[int]) -> None:
    vectors, owners = people(seed, counts)
    order = np.random.default_rng(seed).permutation(len(owners))
    found = cluster_faces(vectors[order], DLIB)
    np.testing.assert_array_equal(same(found), same(owners[order]))
    sizes = np.bincount(found[found != ALONE])
    assert (np.diff(sizes) <= 0).all()
    assert (sizes >= 2).all()


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.floats(0.02, 0.06))
def test_the_order_of_the_faces_does_not_matter(seed: int, noise: float) -> None:
    vectors, owners = people(seed, [6, 6, 6, 3, 3, 1], noise)
    order = np.random.default_rng(seed).permutation(len(owners))
    before, after = cluster_faces(vectors, DLIB), cluster_faces(vectors[order], DLIB)
    np.testing.assert_array_equal(same(before)[np.ix_(order, order)], same(after))


def test_the_length_of_the_vectors_does_not_matter() -> None:
    vectors, _ = people(3, [5, 4, 1], 0.04)
    longer = vectors * np.linspace(0.5, 3, len(vectors), dtype=np.float32)[:, None]
    found = cluster_faces(vectors, DLIB)
    np.testing.assert_array_equal(cluster_faces(longer, DLIB), found)


def test_copies_of_one_face_are_one_person() -> None:
    vectors = np.repeat(people(0, [1])[0], 700, axis=0)
    assert (cluster_faces(vectors, DLIB) == 0).all()


def test_more_faces_than_a_block() -> None:
    vectors, owners = people(1, [3] * 400)
    np.testing.assert_array_equal(cluster_faces(vectors, DLIB), owners)


def test_two_faces_of_one_picture_are_two_people() -> None:
    vectors, _ = people(0, [4])
    assert cluster_faces(vectors, DLIB, np.array([7, 7, 9, 9])).max() == 1
    found = cluster_faces(vectors, DLIB, np.array([7, 7, 9, 9]))
    assert found[0] != found[1]
    assert found[2] != found[3]
    found = cluster_faces(vectors, DLIB, np.array([5, 5, 5, 5]))
    assert (found == ALONE).all()


@given(st.integers(1, 10**7), st.integers(1, 10**7))
def test_more_groups_allow_fewer_strangers(few: int, many: int) -> None:
    few, many = sorted((few, many))
    assert joining_distance(CURVE, many) <= joining_distance(CURVE, few)


def test_the_limit_has_bounds() -> None:
    assert joining_distance(CURVE, 1) == CURVE.distance_at(1e-4)
    assert joining_distance(CURVE, 10**9) == CURVE.distance_at(1e-6)


def test_no_limit_is_of_a_rate_that_was_not_measured() -> None:
    few = replace(CURVE, rates=CURVE.rates[:6], distances=CURVE.distances[:6])
    assert joining_distance(few, 1) == joining_distance(few, 10**6) == few.distances[-1]
    vectors, owners = people(4, [30, 30], 0.02)
    found = cluster_faces(vectors, replace(DLIB, false_accepts=few))
    np.testing.assert_array_equal(found, owners)


@pytest.fixture(scope="module")
def photos(shared_data: Path, shared_models: Path) -> tuple[Vectors, NDArray[np.int64]]:
    """Faces of people on whom nothing was calibrated: five, four or one of each."""
    names = {
        "Abdullah_Gul": 5, "Paul_Martin": 5, "Emma_Watson": 5, "Renee_Zellweger": 4,
        "AJ_Lamas": 1, "Aaron_Guiel": 1,
    }  # fmt: skip
    lines = (shared_data / "lfw" / "peopleDevTest.txt").read_text().splitlines()
    assert names.keys() <= {line.split("\t")[0] for line in lines}
    models = Settings(shared_models, shared_data)
    detector = open_detector("yunet-n", settings=models, progress=Silent())
    embedder = open_embedder(settings=models)
    chips = []
    for name, count in names.items():
        for number in range(1, count + 1):
            photo = read_photo(shared_data / "lfw" / "images" / name / f"{name}_{number:04d}.jpg")
            faces = detector.detect(photo)
            middle = np.abs((faces.boxes[:, :2] + faces.boxes[:, 2:]) / 2 - 125).sum(axis=1)
            chips += embedder.chips(photo, faces[np.array([middle.argmin()])])
    return mirrored_mean(embedder, chips), np.repeat(np.arange(6), list(names.values()))


def test_real_people(photos: tuple[Vectors, NDArray[np.int64]]) -> None:
    vectors, owners = photos
    found = cluster_faces(vectors, DLIB)
    np.testing.assert_array_equal(same(found), same(owners))
