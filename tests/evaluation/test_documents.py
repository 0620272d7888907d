from __future__ import annotations

from closeup.evaluation.documents import csv_text


def test_cells_with_commas_are_quoted() -> None:
    assert csv_text([("a", "b"), (1, "x, y"), ()]) == 'a,b\n1,"x, y"\n\n'
