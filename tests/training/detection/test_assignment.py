from __future__ import annotations

import pytest
import torch
from hypothesis import given, strategies as st
from torch import Tensor

from closeup.training.detection.assignment import (
    Assignment,
    AssignmentOptions,
    TargetBatch,
    assign,
    candidates,
)
from closeup.training.detection.decode import CellGrid, grid_of

STRIDES = (8, 16, 32)
SIDES = st.integers(1, 6).map(lambda count: count * 32)


def grid(height: int = 160, width: int = 192, strides: tuple[int, ...] = STRIDES) -> CellGrid:
    return grid_of(torch.zeros(1, 3, height, width), strides)


def guesses(cells: CellGrid, side: float = 2.0, pictures: int = 1) -> Tensor:
    """Boxes around each cell's middle, some cells wide."""
    half = cells.stride * side / 2
    boxes = torch.cat([cells.centres - half, cells.centres + half]).T
    return boxes.expand(pictures, -1, -1)


def assigned(
    boxes: list[list[float]],
    owner: list[int] | None = None,
    pictures: int = 1,
    found: Tensor | None = None,
    **options: float,
) -> Assignment:
    cells = grid()
    truth = TargetBatch(
        torch.tensor(owner or [0] * len(boxes), dtype=torch.int64),
        torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4),
        torch.zeros(len(boxes), dtype=torch.int64),
    )
    scores = torch.full((pictures, 1, len(cells.stride)), 0.1)
    found = guesses(cells, pictures=pictures) if found is None else found
    return assign(truth, scores, found, cells, AssignmentOptions(**options))  # type: ignore[arg-type]


def test_a_face_of_ten_pixels_gets_the_cells_in_it() -> None:
    # From 30 to 40: of the middles at 27.5, 35.5, 43.5 … 35.5 is in it, its neighbours are not.
    pairs = assigned([[30, 30, 40, 40]])

    centres = grid().centres[:, pairs.cell].T
    assert [35.5, 35.5] in centres.tolist()
    assert (centres - 35).abs().max() <= 6


@pytest.mark.parametrize("place", [(0, 0), (64, 64), (63.5, 95.9), (188, 156)])
def test_the_tiniest_face_gets_a_cell_wherever_it_is(place: tuple[float, float]) -> None:
    x, y = place
    assert len(assigned([[x, y, x + 3, y + 3]]).cell)


def test_a_large_face_is_told_by_the_level_that_fits() -> None:
    pairs = assigned([[40, 40, 104, 104]])

    best = pairs.score.argmax()
    assert grid().stride[pairs.cell[best]] == 32
    assert len(pairs.cell) == 10


def test_two_faces_that_overlap_share_no_cell() -> None:
    pairs = assigned([[40, 40, 72, 72], [50, 44, 82, 76]])

    assert len(set(pairs.cell.tolist())) == len(pairs.cell)
    assert set(pairs.truth.tolist()) == {0, 1}
    x = grid().centres[0, pairs.cell]
    assert x[pairs.truth == 0].mean() < x[pairs.truth == 1].mean()


def test_of_two_boxes_in_one_place_one_wins_and_every_cell_is_used_once() -> None:
    pairs = assigned([[40, 40, 72, 72]] * 2)

    assert pairs.truth.tolist() == [0] * 10
    assert len(set(pairs.cell.tolist())) == 10


def test_the_same_cell_of_two_pictures_is_two_cells() -> None:
    pairs = assigned([[40, 40, 72, 72]] * 2, owner=[0, 1], pictures=2)

    first, second = (pairs.cell[pairs.image == image].tolist() for image in (0, 1))
    assert first == second
    assert pairs.truth.tolist() == pairs.image.tolist()


def test_pictures_without_boxes_get_nothing() -> None:
    assert len(assigned([], pictures=3).cell) == 0
    assert assigned([[40, 40, 72, 72]], owner=[2], pictures=3).image.eq(2).all()


def test_the_best_cell_shall_be_as_sure_as_its_box_is_right() -> None:
    cells = grid()
    found = guesses(cells).clone()
    exact = int(((cells.centres.T - 60).square().sum(1) + cells.stride).argmin())
    found[0, exact] = torch.tensor([40.0, 40, 80, 80])

    pairs = assigned([[40, 40, 80, 80]], found=found)

    assert pairs.score[pairs.cell == exact].item() == pytest.approx(1, abs=1e-3)
    assert pairs.score.sort().values[-2] < 0.9
    assert (pairs.score > 0).all()


def test_a_network_that_knows_nothing_gets_cells_with_little_weight() -> None:
    far = guesses(grid()) + 1e4

    pairs = assigned([[40, 40, 80, 80]], found=far)

    assert len(pairs.cell) == 10
    assert torch.isfinite(pairs.score).all()
    assert (pairs.score < 0.01).all()


@given(
    SIDES, SIDES, st.floats(0, 1), st.floats(0, 1), st.floats(0.5, 400), st.floats(0.5, 400),
    st.sampled_from([(4, 8, 16, 32), STRIDES]),
)  # fmt: skip
def test_every_box_in_the_picture_has_candidates_in_it(
    height: int, width: int, x: float, y: float, w: float, h: float, strides: tuple[int, ...]
) -> None:
    cells = grid(height, width, strides)
    middle = torch.tensor([x * (width - 0.01) - 0.5, y * (height - 0.01) - 0.5])
    half = torch.tensor([w, h]) / 2
    box = torch.cat([middle - half, middle + half])[None]

    numbers, allowed = candidates(box, cells)

    chosen = numbers[allowed]
    assert len(chosen)
    assert len(set(chosen.tolist())) == len(chosen)
    away = (cells.centres[:, chosen] - middle[:, None]).abs()
    assert (away <= half.clamp(min=0.75 * strides[0])[:, None] + 1e-3).all()


def test_a_narrow_picture_has_its_levels_told_apart() -> None:
    # Four columns of stride 8, two of 16, one of 32: candidates of each level lie near.
    cells = grid(64, 32)
    numbers, allowed = candidates(torch.tensor([[8.0, 36, 24, 60]]), cells)

    assert set(cells.stride[numbers[allowed]].tolist()) == {8, 16, 32}


def test_options_are_checked() -> None:
    with pytest.raises(ValueError, match="must be positive"):
        AssignmentOptions(cells=0)
    with pytest.raises(ValueError, match="must be positive"):
        AssignmentOptions(box_power=0)
