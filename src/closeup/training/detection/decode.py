"""Decoding of a network's outputs into boxes, scores and points in pixels.

A pixel's centre has integer coordinates: the centre of the first cell of stride 8 is at 3.5.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from closeup.detection.candidates import best_of_overlapping
from closeup.detections import Detections
from closeup.training.detection.network import Answer

_LARGEST = 6.0
"""Upper limit of the logarithm of a side in cells; far above trained values, it keeps a diverging
network finite."""

_LOOKED_AT = 10
"""Candidates before suppression, as a multiple of ``most``: an untrained network has too many."""


class CellGrid(NamedTuple):
    """The N cells of all levels of a network, the finest level first, row by row.

    Attributes:
        centres: (2, N) x and y of the cells' centres, in pixels.
        stride: (N,) sides of the cells, in pixels.

    """

    centres: Tensor
    stride: Tensor


class Places(NamedTuple):
    """Predicted boxes and points of every cell.

    Attributes:
        centres: (n, 2, N) x, y of the boxes' centres, in pixels.
        sizes: (n, 2, N) width and height, in pixels; positive.
        points: (n, k, 2, N) x, y in pixels; k may be 0.
        visible: (n, k, N) logits of visibility.

    """

    centres: Tensor
    sizes: Tensor
    points: Tensor
    visible: Tensor

    @property
    def boxes(self) -> Tensor:
        """Boxes (n, N, 4), xyxy in pixels."""
        half = self.sizes / 2
        return torch.cat([self.centres - half, self.centres + half], 1).mT


def grid_of(images: Tensor, strides: tuple[int, ...]) -> CellGrid:
    """The cells over pictures (n, 3, H, W) whose sides are multiples of each stride."""
    height, width = images.shape[2:]
    centres, sides = [], []
    for stride in strides:
        rows = (torch.arange(height // stride, device=images.device) + 0.5) * stride - 0.5
        columns = (torch.arange(width // stride, device=images.device) + 0.5) * stride - 0.5
        y, x = torch.meshgrid(rows, columns, indexing="ij")
        centres.append(torch.stack([x, y]).flatten(1))
        sides.append(torch.full_like(centres[-1][0], stride))
    return CellGrid(torch.cat(centres, 1), torch.cat(sides))


def places(answer: Answer, grid: CellGrid) -> Places:
    """Boxes and points in pixels; float32 at any precision of the network."""
    boxes, points = answer.boxes.float(), _each(answer.points.float())
    return Places(
        boxes[:, :2] * grid.stride + grid.centres,
        boxes[:, 2:].clamp(max=_LARGEST).exp() * grid.stride,
        points[:, :, :2] * grid.stride + grid.centres,
        points[:, :, 2],
    )


def _each(points: Tensor) -> Tensor:
    """Reshape (n, 3k, N) to (n, k, 3, N)."""
    pictures, numbers, cells = points.shape
    return points.reshape(pictures, numbers // 3, 3, cells)


@torch.no_grad()
def detections(
    answer: Answer,
    grid: CellGrid,
    *,
    score_threshold: float = 0.001,
    overlap: float = 0.6,
    most: int = 300,
) -> list[Detections]:
    """Detections in each picture, best score first; points are (d, k, 3), k may be 0.

    Args:
        answer: The network's outputs for n pictures.
        grid: The cells of the pictures.
        score_threshold: Boxes with a lower score are dropped.
        overlap: Intersection over union from which on non-maximum suppression keeps only the
            box of the higher score, within a class.
        most: Largest number of detections per picture.

    """
    seen = places(answer, grid)
    scores = answer.classes.float().sigmoid()
    points = torch.cat([seen.points, seen.visible.sigmoid()[:, :, None]], 2).permute(0, 3, 1, 2)
    boxes, sure, spots = (part.cpu().numpy() for part in (seen.boxes, scores, points))
    return [
        _of_one(boxes[one], sure[one], spots[one], score_threshold, overlap, most)
        for one in range(len(boxes))
    ]


def _of_one(
    boxes: NDArray[np.float32],
    scores: NDArray[np.float32],
    points: NDArray[np.float32],
    score_threshold: float,
    overlap: float,
    most: int,
) -> Detections:
    """Detections of one picture from boxes (N, 4), scores (C, N) and points (N, k, 3)."""
    classes, cells = np.nonzero(scores >= score_threshold)
    sure = scores[classes, cells]
    if len(sure) > (first := _LOOKED_AT * most):
        surest = np.argpartition(-sure, first)[:first]
        classes, cells, sure = classes[surest], cells[surest], sure[surest]
    kept = []
    for number in range(len(scores)):
        own = np.flatnonzero(classes == number)
        kept.append(own[best_of_overlapping(boxes[cells[own]], sure[own], overlap)])
    rows = np.concatenate(kept).astype(np.int64)
    rows = rows[np.argsort(-sure[rows], kind="stable")][:most]
    cells = cells[rows]
    return Detections(boxes[cells], sure[rows], classes[rows].astype(np.int64), points[cells])
