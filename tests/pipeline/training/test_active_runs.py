"""Labels are chosen, heads refitted, errors measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from closeup.acquisition.acquisition import Selection
from closeup.acquisition.candidates import LabelCandidates
from closeup.errors import InputError
from closeup.pipeline.training.active_heads import FeatureMap
from closeup.pipeline.training.active_pool import StudyPhotos
from closeup.pipeline.training.active_runs import (
    RANDOM,
    STRATEGIES,
    CurveStudy,
    HalfSpread,
    run,
)
from closeup.progress import Silent

LABELS = (10, 20, 40)


def photos(count: int, seed: int) -> StudyPhotos:
    """Eyes whose offsets depend on their features, two photos a person."""
    rng = np.random.default_rng(seed)
    features = rng.normal(0, 1, (2 * count, 6)).astype(np.float32)
    probe = np.random.default_rng(99).normal(0, 1, (300, 6)).astype(np.float32)
    inputs = FeatureMap.of(probe)(features).reshape(count, 2, -1)
    offsets = 0.03 * np.tanh(features[:, :2]).reshape(count, 2, 2).astype(np.float64)
    return StudyPhotos(
        faces=np.arange(count) + 1000, people=np.arange(count) // 2, inputs=inputs,
        offsets=offsets, units=np.ones(count), seen=np.ones((count, 2), np.bool_),
        features=features.reshape(count, -1).astype(np.float64),
        entropy=rng.random(count), disagreement=np.where(rng.random(count) < 0.1, np.nan, 0.1),
    )  # fmt: skip


@pytest.fixture(scope="module")
def pool() -> StudyPhotos:
    return photos(120, 0)


@pytest.fixture(scope="module")
def test_photos() -> StudyPhotos:
    return photos(50, 1)


def study(pool: StudyPhotos, test: StudyPhotos | None, folder: Path, missed: int = 0) -> CurveStudy:
    return CurveStudy(pool, test, missed, LABELS, folder)


@pytest.mark.parametrize("name", STRATEGIES)
def test_every_strategy_learns(name: str, pool: StudyPhotos, test_photos: StudyPhotos) -> None:
    errors, chosen = run(pool, test_photos, LABELS, STRATEGIES[name], 3)
    assert errors.shape == (3, 50)
    assert len(set(chosen.tolist())) == 40
    assert errors[-1].mean() < errors[0].mean()
    drawn = run(pool, test_photos, LABELS, STRATEGIES[RANDOM], 3)
    assert np.array_equal(drawn[1][:10], chosen[:10])  # paired: the first labels are the same
    assert np.array_equal(drawn[0][0], errors[0])


def test_a_strategy_sees_what_is_known_of_photos_without_a_label(
    pool: StudyPhotos, test_photos: StudyPhotos
) -> None:
    seen: list[LabelCandidates] = []

    def look(candidates: LabelCandidates, budget: int, rng: np.random.Generator) -> Selection:
        seen.append(candidates)
        return Selection(rng.permutation(len(candidates))[:budget], ("",) * budget)

    _, chosen = run(pool, test_photos, LABELS, look, 0)
    first, second = seen
    assert (len(first), len(second)) == (110, 100)
    assert not set(second.pictures) & set(pool.faces[chosen[:20]])
    assert first.need("predictions").shape[1:] == (110, 4)
    assert len(first.need("labelled")) == 10
    assert (second.need("expected") > 0).all()


def test_errors_are_expected_where_labels_were_missed() -> None:
    hard = photos(300, 5)
    of_eyes = hard.inputs.reshape(600, -1)
    difficult = of_eyes[:, 0] > np.median(of_eyes[:, 0])
    hard.offsets.reshape(600, 2)[difficult] += np.random.default_rng(0).normal(
        0, 0.05, (difficult.sum(), 2)
    )
    seen: list[LabelCandidates] = []

    def look(candidates: LabelCandidates, budget: int, rng: np.random.Generator) -> Selection:
        seen.append(candidates)
        return Selection(np.arange(budget), ("",) * budget)

    run(hard, hard, (200, 210), look, 0)
    both = difficult.reshape(300, 2)[seen[0].pictures - 1000]
    expected = seen[0].need("expected")
    assert expected[both.all(axis=1)].mean() > 1.3 * expected[~both.any(axis=1)].mean()


def test_a_seed_gives_the_same_curve_from_its_file(
    pool: StudyPhotos, test_photos: StudyPhotos, tmp_path: Path
) -> None:
    own = study(pool, test_photos, tmp_path, missed=2)
    before = own.curves("spread", 2, Silent())
    assert before.errors.shape == (2, 3, 52)
    assert np.isinf(before.errors[:, :, -2:]).all()
    kept = (tmp_path / "spread" / "0.npz").stat().st_mtime_ns
    (tmp_path / "spread" / "1.npz").unlink()
    after = own.curves("spread", 2, Silent())
    assert np.array_equal(before.errors, after.errors)
    assert (tmp_path / "spread" / "0.npz").stat().st_mtime_ns == kept
    assert set(own.chosen("spread", 0)) <= set(pool.faces)
    (tmp_path / "spread" / "1.npz").write_bytes(b"no arrays")
    with pytest.raises(InputError, match=r"1\.npz: .*; delete it to do the run again"):
        own.curves("spread", 2, Silent())


def test_screening_tests_on_people_who_are_not_learnt_from(
    pool: StudyPhotos, tmp_path: Path
) -> None:
    own = study(pool, None, tmp_path)
    curves = own.curves("random", 2, Silent())
    assert curves.errors.shape == (2, 3, 24)
    assert not np.array_equal(curves.errors[0, 0], curves.errors[1, 0])


def test_half_is_random_and_all_of_it_while_labels_are_few(pool: StudyPhotos) -> None:
    rng = np.random.default_rng(0)
    predictions = np.zeros((2, 20, 4))
    predictions[0, :5] = 1.0
    candidates = LabelCandidates(
        np.arange(20),
        predictions=predictions,
        labelled=np.zeros((30, 2)),
        features=np.zeros((20, 2)),
    )
    picked = HalfSpread()(candidates, 8, rng)
    assert len(set(picked.rows.tolist())) == 8
    assert set(picked.rows[:4]) <= set(range(5))
    drawn = HalfSpread(few=100)(candidates, 8, np.random.default_rng(1))
    assert np.array_equal(drawn.rows, np.random.default_rng(1).permutation(20)[:8])
