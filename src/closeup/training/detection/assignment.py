"""Assignment of grid cells to labelled boxes: task-aligned assignment.

Feng et al. 2021, "TOOD: Task-aligned one-stage object detection": a box is assigned the cells
that already predict both its class and its place best; the target score of a cell is its
alignment relative to the cells of the box. Candidates are the cells around a box's centre (centre
sampling, Tian et al. 2019), a fixed number per level. This avoids a table of all cells and boxes,
with tens of millions of entries for a fine pyramid, and padding of the boxes of a batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from closeup.training.detection.decode import CellGrid
from closeup.training.detection.overlap import centres_of, fair_overlap, sides_of

_AROUND = 2
"""Cells on each side of a box's centre that are candidates, on each level."""

_LEAST_SIDE = 1.5
"""Cells of the finest level; smaller boxes are enlarged to this, so that each has a candidate."""

_LEAST_TARGET = 1e-3
"""Lower limit of target scores, so that a poorly matched box still has some weight."""


@dataclass(frozen=True, slots=True)
class AssignmentOptions:
    """Options of the choice of cells.

    Attributes:
        cells: Largest number of cells per box.
        class_power: Exponent of the score in the alignment (alpha).
        box_power: Exponent of the overlap in the alignment (beta).

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
        owner: (m,) int64, index of the picture.
        boxes: (m, 4) xyxy in pixels.
        classes: (m,) int64.

    """

    owner: Tensor
    boxes: Tensor
    classes: Tensor


class Assignment(NamedTuple):
    """Pairs of a cell and the box that it shall predict; each cell occurs at most once.

    Attributes:
        image: (p,) int64, index of the picture.
        cell: (p,) int64, index of the cell in the grid.
        truth: (p,) int64, index of the box.
        score: (p,) target score of the cell, above 0 and at most 1.

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
        scores: (n, C, N) predicted scores of every cell, 0 … 1.
        boxes: (n, N, 4) predicted boxes of every cell, xyxy in pixels.
        grid: The N cells.
        options: Options of the choice.

    """
    cells, allowed = candidates(truth.boxes, grid)
    owner = truth.owner[:, None]
    # Cells that predict NaN are chosen, too: otherwise the loss would not show the fault.
    over = fair_overlap(boxes[owner, cells], truth.boxes[:, None]).nan_to_num(0).clamp(min=0)
    sure = scores[owner, truth.classes[:, None], cells].nan_to_num(0)
    alignment = sure.pow(options.class_power) * over.pow(options.box_power)
    # A box without overlap gets cells, too: an alignment of zero is accepted.
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
    """The cells around each box's centre, on every level.

    Args:
        boxes: (m, 4) xyxy in pixels.
        grid: The cells.

    Returns:
        Indices of cells (m, K), int64, and a mask (m, K), bool, of those inside the picture and
        the box; at least one for each box whose centre is in the picture.

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
    """Indices of the best pair of each cell: the largest overlap, the first of equal ones."""
    order = torch.argsort(over, descending=True, stable=True)
    order = order[torch.argsort(keys[order], stable=True)]
    ordered = keys[order]
    first = torch.ones_like(ordered, dtype=torch.bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return order[first].sort().values


def _target_scores(rows: Tensor, alignment: Tensor, over: Tensor, count: int) -> Tensor:
    """Alignments (p,), scaled so that the largest of each box equals its largest overlap."""
    least = torch.finfo(alignment.dtype).tiny
    best = alignment.new_zeros(count).scatter_reduce(0, rows, alignment, "amax")
    most = over.new_zeros(count).scatter_reduce(0, rows, over, "amax")
    share = torch.where(best[rows] > least, alignment / best[rows].clamp(min=least), 1.0)
    return (share * most[rows]).clamp(min=_LEAST_TARGET)
