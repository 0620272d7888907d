"""Which cells are to tell which box: task-aligned assignment.

Feng et al. 2021, "TOOD: Task-aligned one-stage object detection": those that are already good
at both class and place learn it, and their target score is how good they are at it among their
box's. Candidates are the cells around a box's middle (centre sampling, Tian et al. 2019), a
fixed number each level. So no table of all cells and all boxes is needed, which for a fine
pyramid would have tens of millions of entries, and the boxes of a batch need no padding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from closeup.training.detection.decode import CellGrid
from closeup.training.detection.overlap import centres_of, fair_overlap, sides_of

_AROUND = 2
"""Cells to each side of a box's middle that are candidates, on each level."""

_LEAST_SIDE = 1.5
"""Cells of the finest level; no box is taken for smaller, so that each has a candidate."""

_LEAST_TARGET = 1e-3
"""Of a cell that was chosen though it fits badly: its box still has a little weight."""


@dataclass(frozen=True, slots=True)
class AssignmentOptions:
    """How cells are chosen.

    Attributes:
        cells: At most so many a box.
        class_power: Of the score in the alignment (alpha).
        box_power: Of the overlap in the alignment (beta).

    Raises:
        ValueError: a number is not positive.

    """

    cells: int = 10
    class_power: float = 0.5
    box_power: float = 4.0

    def __post_init__(self) -> None:
        if self.cells < 1 or min(self.class_power, self.box_power) <= 0:
            raise ValueError("cells and powers of an assignment must be positive")


class TargetBatch(NamedTuple):
    """The m labelled boxes of a batch of n pictures.

    Attributes:
        owner: (m,) which picture, int64.
        boxes: (m, 4) xyxy in pixels.
        classes: (m,) int64.

    """

    owner: Tensor
    boxes: Tensor
    classes: Tensor


class Assignment(NamedTuple):
    """Pairs of a cell and the box that it is to tell; no cell is there twice.

    Attributes:
        image: (p,) which picture, int64.
        cell: (p,) which cell of the grid, int64.
        truth: (p,) which box, int64.
        score: (p,) what the cell's score is to be, above 0 and at most 1.

    """

    image: Tensor
    cell: Tensor
    truth: Tensor
    score: Tensor


@torch.no_grad()
def assign(
    truth: TargetBatch, scores: Tensor, boxes: Tensor, grid: CellGrid, options: AssignmentOptions
) -> Assignment:
    """Choose the cells of each box.

    Args:
        truth: The m boxes.
        scores: (n, C, N) in 0 … 1, of every cell.
        boxes: (n, N, 4) xyxy in pixels, of every cell.
        grid: The N cells.
        options: How.

    """
    cells, allowed = candidates(truth.boxes, grid)
    owner = truth.owner[:, None]
    # Cells that say NaN are chosen, too: only then the loss tells that something is wrong.
    over = fair_overlap(boxes[owner, cells], truth.boxes[:, None]).nan_to_num(0).clamp(min=0)
    sure = scores[owner, truth.classes[:, None], cells].nan_to_num(0)
    alignment = sure.pow(options.class_power) * over.pow(options.box_power)
    # A box that nothing fits yet still gets cells: zero is an alignment, too.
    ranked = torch.where(allowed, alignment, -1.0)
    best, place = ranked.topk(min(options.cells, ranked.shape[1]), dim=1)
    rows, columns = (best >= 0).nonzero(as_tuple=True)
    chosen = place[rows, columns]
    pairs = _one_box_a_cell(
        truth.owner[rows] * grid.stride.numel() + cells[rows, chosen], over[rows, chosen]
    )
    rows, chosen = rows[pairs], chosen[pairs]
    score = _target_scores(rows, alignment[rows, chosen], over[rows, chosen], len(truth.boxes))
    return Assignment(truth.owner[rows], cells[rows, chosen], rows, score)


def candidates(boxes: Tensor, grid: CellGrid) -> tuple[Tensor, Tensor]:
    """The cells around the middle of each box, of every level.

    Args:
        boxes: (m, 4) xyxy in pixels.
        grid: The cells.

    Returns:
        Numbers of cells (m, K), int64, and which of them count (m, K), bool: they are inside of
        the picture and of the box; at least one each box whose middle is in the picture.

    """
    cells, allowed = [], []
    middles = centres_of(boxes)
    halves = (sides_of(boxes) / 2).clamp(min=_LEAST_SIDE / 2 * grid.stride[0])
    steps = torch.arange(-_AROUND, _AROUND + 1, device=boxes.device)
    down, across = (part.flatten() for part in torch.meshgrid(steps, steps, indexing="ij"))
    for start, stride, columns, rows in _levels(grid):
        nearest = ((middles + 0.5) / stride).floor().long()
        column, row = nearest[:, :1] + across, nearest[:, 1:] + down
        inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        for axis, position in enumerate((column, row)):
            away = ((position + 0.5) * stride - 0.5 - middles[:, axis, None]).abs()
            inside &= away <= halves[:, axis, None]
        number = row.clamp(0, rows - 1) * columns + column.clamp(0, columns - 1)
        cells.append(start + number)
        allowed.append(inside)
    return torch.cat(cells, 1), torch.cat(allowed, 1)


def _levels(grid: CellGrid) -> list[tuple[int, float, int, int]]:
    """First cell, stride, columns and rows of each level."""
    strides, counts = torch.unique_consecutive(grid.stride, return_counts=True)
    levels, start = [], 0
    for stride, count in zip(strides.tolist(), counts.tolist(), strict=True):
        last = grid.centres[0, start + count - 1]
        columns = round((float(last) + 0.5) / stride + 0.5)
        levels.append((start, stride, columns, count // columns))
        start += count
    return levels


def _one_box_a_cell(keys: Tensor, over: Tensor) -> Tensor:
    """Of the pairs (p,) of each cell the one that overlaps most; the first of equals."""
    order = torch.argsort(over, descending=True, stable=True)
    order = order[torch.argsort(keys[order], stable=True)]
    ordered = keys[order]
    first = torch.ones_like(ordered, dtype=torch.bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return order[first].sort().values


def _target_scores(rows: Tensor, alignment: Tensor, over: Tensor, count: int) -> Tensor:
    """Alignments, scaled so that the best of each box gets its box's best overlap."""
    least = torch.finfo(alignment.dtype).tiny
    best = alignment.new_zeros(count).scatter_reduce(0, rows, alignment, "amax")
    most = over.new_zeros(count).scatter_reduce(0, rows, over, "amax")
    share = torch.where(best[rows] > least, alignment / best[rows].clamp(min=least), 1.0)
    return (share * most[rows]).clamp(min=_LEAST_TARGET)
