"""An eye data set of drawn eyes."""

from __future__ import annotations

from pathlib import Path

from closeup.datasets.eyes.eye_store import EyeStore
from closeup.datasets.eyes.eye_table import EyeRow
from tests.datasets.eyes.drawn_eyes import SIZE, draw_eyes, scattered, sides


def drawn_set(folder: Path, count: int, seed: int = 0, shrink: float = 1.0) -> Path:
    """Two eyes a photo, two photos a person; as ``closeup dataset eyes`` writes them.

    Args:
        folder: For it.
        count: Of the eyes.
        seed: Another one draws others.
        shrink: Factor on the labels; any but 1 breaks them.

    """
    labels, left = scattered(count, seed), sides(count)
    rows = [
        EyeRow(
            f"person{number // 4}/{number // 2}.jpg", face=0,
            side="left" if left[number] else "right",
            x=x, y=y, source_x=x, source_y=y, a=1.0, b=0.0, tx=0.0, ty=0.0,
            openness=1.0, confidence=1.0, method="by hand",
        )
        for number, (x, y) in enumerate((labels * shrink).tolist())
    ]  # fmt: skip
    store = EyeStore.begun(folder, {"size": list(SIZE), "width": 1.2, "method": "by hand"})
    store.write_part(0, rows, list(draw_eyes(labels, seed=seed)))
    store.finish(store.rows(), {"labels": count})
    return folder
