"""Which triplets are chosen, by their definition and beside another library."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, strategies as st
from pytorch_metric_learning.distances import LpDistance
from pytorch_metric_learning.miners import TripletMarginMiner
from torch.nn import functional

from closeup.training.identity.mining import hardest, semi_hard, squared_distances

MARGIN = 0.2


def drawn(seed: int, count: int, people: int, spread: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Vectors around a centre for each person, and the people."""
    random = torch.Generator().manual_seed(seed)
    names = torch.randint(0, people, (count,), generator=random)
    centres = torch.randn(people, 6, generator=random)
    apart = spread * torch.randn(count, 6, generator=random)
    return functional.normalize(centres[names] + apart), names


cases = given(
    seed=st.integers(0, 10**6), count=st.integers(2, 40), people=st.integers(1, 8),
    spread=st.floats(0.05, 3),
)  # fmt: skip


@cases
def test_each_pair_gets_one_of_its_semi_hard_negatives(
    seed: int, count: int, people: int, spread: float
) -> None:
    vectors, names = drawn(seed, count, people, spread)
    distances = squared_distances(vectors)
    lots = torch.rand(count, count, generator=torch.Generator().manual_seed(seed))
    triplets, shares = semi_hard(distances, names, MARGIN, lots)
    allowed: dict[tuple[int, int], list[int]] = {}
    kinds = torch.zeros(3)
    for a in range(count):
        for p in range(count):
            if a == p or names[a] != names[p]:
                continue
            for n in range(count):
                if names[n] == names[a]:
                    continue
                gap = float(distances[a, n] - distances[a, p])
                kinds[0 if gap <= 0 else 1 if gap < MARGIN else 2] += 1
                if 0 < gap < MARGIN:
                    allowed.setdefault((a, p), []).append(n)
    rows = zip(triplets.anchors, triplets.positives, triplets.negatives, strict=True)
    found = {(int(a), int(p)): int(n) for a, p, n in rows}
    assert found.keys() == allowed.keys()
    for (a, p), n in found.items():
        assert n == max(allowed[a, p], key=lambda other: float(lots[a, other]))
    if kinds.sum():
        said = torch.stack([shares.hard, shares.semi_hard, shares.easy])
        torch.testing.assert_close(said, kinds / kinds.sum(), atol=1e-5, rtol=0)


@cases
def test_they_are_among_those_of_another_library(
    seed: int, count: int, people: int, spread: float
) -> None:
    vectors, names = drawn(seed, count, people, spread)
    miner = TripletMarginMiner(MARGIN, type_of_triplets="semihard", distance=LpDistance(power=2))
    theirs = {tuple(row) for row in torch.stack(miner(vectors, names), 1).tolist()}
    lots = torch.rand(count, count, generator=torch.Generator().manual_seed(seed))
    # In its own distances: those of float32 differ in the last digit.
    distances = LpDistance(power=2)(vectors)
    triplets, _ = semi_hard(distances, names, MARGIN, lots)
    ours = {
        (int(a), int(p), int(n))
        for a, p, n in zip(triplets.anchors, triplets.positives, triplets.negatives, strict=True)
    }
    assert ours <= theirs
    assert {row[:2] for row in ours} == {row[:2] for row in theirs}


def test_other_numbers_choose_other_negatives() -> None:
    vectors, names = drawn(0, 60, 6, 1.0)
    distances = squared_distances(vectors)
    lots = [torch.rand(60, 60, generator=torch.Generator().manual_seed(n)) for n in (0, 0, 1)]
    chosen = [semi_hard(distances, names, MARGIN, own)[0].negatives.tolist() for own in lots]
    assert chosen[0] == chosen[1] != chosen[2]


def test_distances_are_squared() -> None:
    vectors, _ = drawn(1, 30, 4, 1.0)
    torch.testing.assert_close(
        squared_distances(vectors), torch.cdist(vectors, vectors).square(), atol=1e-5, rtol=1e-5
    )


@cases
def test_off_line_triplets_are_the_hardest_within_bounds(
    seed: int, count: int, people: int, spread: float
) -> None:
    vectors, names = drawn(seed, count, people, spread)
    anchors = torch.arange(count)
    triplets = hardest(vectors, names, MARGIN, 0.0, anchors)
    distances = squared_distances(vectors)
    for a, p, n in zip(triplets.anchors, triplets.positives, triplets.negatives, strict=True):
        own = (names == names[a]) & (torch.arange(count) != a)
        assert own[p]
        assert names[n] != names[a]
        assert distances[a, p] >= distances[a][own].max() - 1e-5
        assert distances[a, n] <= distances[a][names != names[a]].min() + 1e-5
        assert distances[a, n] < distances[a, p] + MARGIN + 1e-5


def test_the_very_nearest_may_be_passed_over() -> None:
    """A wrong name in the data is nearer than all right ones."""
    vectors, names = drawn(2, 200, 10, 0.8)
    vectors[0], names[0] = vectors[1], (names[1] + 1) % 10
    anchor = torch.tensor([1])
    assert int(hardest(vectors, names, 2.0, 0.0, anchor).negatives[0]) == 0
    assert int(hardest(vectors, names, 2.0, 0.02, anchor).negatives[0]) != 0


@pytest.mark.parametrize("people", [[0, 1, 2], [0, 0, 0], [0]])
def test_without_pairs_or_others_there_are_no_triplets(people: list[int]) -> None:
    names = torch.tensor(people)
    vectors = functional.normalize(torch.eye(len(people), 4))
    lots = torch.zeros(len(people), len(people))
    assert not len(semi_hard(squared_distances(vectors), names, MARGIN, lots)[0])
    assert not len(hardest(vectors, names, MARGIN, 0.0, torch.arange(len(people))))
