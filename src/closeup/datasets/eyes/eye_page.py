"""The summary of an eye data set as one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.datasets.eyes.eye_sheet import draw_sheet
from closeup.datasets.eyes.eye_store import EyeStore
from closeup.datasets.eyes.eye_table import EyeRow, places
from closeup.frames import RGBImage
from closeup.media.images import encode_jpeg
from closeup.pages import jpeg_uri, render

SAMPLES = 96
"""Number of crops drawn at random."""
EXTREMES = 12
"""Number of crops shown for each kind of extreme."""
MOST_AVERAGED = 2000
"""Largest number of crops averaged into the mean crop."""

_ABREAST = 12
_TILE = 128
"""Approximate width of a crop in a sheet, in pixels."""
_PICTURE = 512
"""Approximate width of the density and of the mean crop, in pixels."""


def eye_page(store: EyeStore, rows: Sequence[EyeRow], figures: Mapping[str, Any]) -> str:
    """Return the summary page as HTML.

    Args:
        store: Provides the crops.
        rows: Rows of all crops, at least one.
        figures: ``pictures``, ``faces``, ``labels`` and ``left_out``, counts by reason.

    Raises:
        InputError: a file of crops is damaged.

    """
    labels = places(rows)
    chosen = np.random.default_rng(0).permutation(len(rows))
    averaged = store.crops([rows[i] for i in np.sort(chosen[:MOST_AVERAGED])])
    values = {
        "figures": figures,
        "size": store.size,
        "scatter": [_scatter(values) for values in labels.T],
        "mean": _shown(_enlarged(averaged.mean(axis=0).astype(np.uint8))),
        "density": _shown(_enlarged(label_density(labels, *store.size))),
        "sides": {side: sum(row.side == side for row in rows) for side in ("right", "left")},
        "samples": _sheet(store, rows, np.sort(chosen[:SAMPLES])),
        "extremes": {
            title: _sheet(store, rows, np.array(order[:EXTREMES]))
            for title, order in _extremes(rows, labels).items()
        },
    }
    return render("closeup.datasets.eyes", "eyes.html.j2", values)


def label_density(labels: NDArray[np.floating], width: int, height: int) -> RGBImage:
    """Draw the number of labels in each pixel of a crop; brighter is more, on a logarithmic scale.

    Args:
        labels: (n, 2) x and y, 0..1.
        width: Width of the crops, in pixels.
        height: Height of the crops, in pixels.

    Returns:
        (height, width, 3) RGB uint8.

    """
    edges = [np.linspace(0, 1, height + 1), np.linspace(0, 1, width + 1)]
    counts, _, _ = np.histogram2d(labels[:, 1], labels[:, 0], edges)
    bright = np.log1p(counts) / max(np.log1p(counts).max(), 1e-9)
    coloured = cv2.applyColorMap((255 * bright).astype(np.uint8), cv2.COLORMAP_VIRIDIS)
    return np.ascontiguousarray(coloured[..., ::-1], np.uint8)


def _extremes(rows: Sequence[EyeRow], labels: NDArray[np.float64]) -> dict[str, NDArray[np.intp]]:
    x, y = labels.T
    confidence = np.array([row.confidence for row in rows])
    openness = np.array([row.openness for row in rows])
    orders = {
        "Farthest left": np.argsort(x, kind="stable"),
        "Farthest right": np.argsort(-x, kind="stable"),
        "Highest": np.argsort(y, kind="stable"),
        "Lowest": np.argsort(-y, kind="stable"),
        "Least confident": np.argsort(confidence, kind="stable"),
    }
    known = np.isfinite(openness)
    if known.any():
        orders["Least open"] = np.argsort(openness, kind="stable")[: known.sum()]
    return orders


def _scatter(values: NDArray[np.float64]) -> dict[str, float]:
    low, middle, high = np.quantile(values, (0.05, 0.5, 0.95)).tolist()
    return {"low": low, "middle": middle, "high": high}


def _sheet(store: EyeStore, rows: Sequence[EyeRow], chosen: NDArray[np.integer]) -> str:
    shown = [rows[i] for i in chosen]
    scale = _enlargement(store.size.width, _TILE)
    picture = draw_sheet(store.crops(shown), places(shown), _ABREAST, scale)
    return _shown(picture)


def _enlarged(picture: RGBImage) -> RGBImage:
    scale = _enlargement(picture.shape[1], _PICTURE)
    return np.asarray(
        cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_NEAREST), np.uint8
    )


def _enlargement(width: int, wanted: int) -> int:
    """Return the factor by which a picture ``width`` pixels wide is enlarged."""
    return max(1, round(wanted / width))


def _shown(picture: RGBImage) -> str:
    return jpeg_uri(encode_jpeg(picture))
