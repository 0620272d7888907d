"""A list of pairs in the form of LFW's View 2, small enough for tests."""

from __future__ import annotations

from pathlib import Path

FOLD = 600
KIND = 300


def write_few_pairs(lfw: Path, path: Path, folds: int = 3, count: int = 4) -> Path:
    """The first ``count`` pairs of each kind in the first folds of ``pairs.txt``."""
    lines = (lfw / "pairs.txt").read_text(encoding="utf-8").splitlines()[1:]
    chosen = [
        line
        for fold in range(folds)
        for kind in range(2)
        for line in lines[fold * FOLD + kind * KIND :][:count]
    ]
    path.write_text("\n".join([f"{folds}\t{count}", *chosen]) + "\n", encoding="utf-8")
    return path
