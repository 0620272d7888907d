"""A few rows of the hand-labelled eyes."""

from __future__ import annotations

from pathlib import Path


def write_few_eyes(shared_data: Path, path: Path, count: int, table: str = "validation") -> Path:
    """The heading and the first rows of ``truth_TABLE.csv``, as a table of its own."""
    lines = (shared_data / "eyes" / f"truth_{table}.csv").read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(lines[: count + 1]) + "\n", encoding="utf-8")
    return path
