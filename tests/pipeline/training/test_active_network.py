"""The whole network on chosen photos: paired figures."""

from __future__ import annotations

from typing import Any

import pytest

from closeup.pipeline.training.active_network import paired
from closeup.pipeline.training.coarse_to_fine_runs import Run


def run(choice: str, share: float, labels: int = 100) -> dict[str, Any]:
    return {"choice": choice, "labels": labels, "e_0.05": share, "held_out": {"mean_error": 0.02}}


def test_seeds_are_compared_with_themselves() -> None:
    results = [
        run("random", 0.90), run("spread", 0.92), run("random", 0.91), run("spread", 0.91),
        run("random", 0.5, 200), run("spread", 0.4, 200),
    ]  # fmt: skip
    row = paired(results, 100, "spread")
    assert row["gain"] == pytest.approx(0.01)
    assert (row["labels"], row["seeds"], row["better"]) == (100, 2, 1)
    low, high = row["gain_interval"]
    assert 0 <= low < high <= 0.0201
    assert row["random"]["e_0.05"] == pytest.approx(0.905)
    lone = paired(results, 200, "spread")
    assert lone["gain"] == pytest.approx(-0.1)
    assert lone["gain_interval"] is None


def test_runs_on_chosen_photos_have_a_folder_of_their_own() -> None:
    chosen, drawn = Run("darkest", 100, 3, "spread"), Run("darkest", 100, 3)
    assert (chosen.name, drawn.name) == ("seed-3/darkest/100-spread", "seed-3/darkest/100")
    assert str(chosen) == "darkest, 100 by hand chosen by spread, seed 3"
