from __future__ import annotations

import math
import re
from dataclasses import fields
from typing import Any

import pytest

from closeup.training.options import TrainingOptions
from tests.conftest import REPOSITORY


def test_the_defaults_are_valid() -> None:
    assert TrainingOptions() == TrainingOptions(epochs=30)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 0), ("batch", 0), ("patience", 0), ("rate", 0.0), ("rate", -1.0),
        ("rate", math.nan), ("rate", math.inf), ("clip", 0.0), ("weight_decay", -0.1),
        ("weight_decay", math.nan), ("averaging", 1.0), ("averaging", -0.1),
        ("averaging", math.nan), ("seed", -1), ("schedule", "cosine"), ("device", "tpu"),
    ],
)  # fmt: skip
def test_values_outside_their_range_are_refused(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"^{name} must be "):
        TrainingOptions(**{name: value})


def test_the_page_tells_every_option_with_its_default() -> None:
    page = (REPOSITORY / "docs" / "training.md").read_text(encoding="utf-8")
    table = page.partition("\n## Options\n")[2].partition("\n## ")[0]
    told = re.findall(r"^\| `(\w+)` \| (\S+) \|", table, re.MULTILINE)
    wanted = [
        (f.name, "none" if f.default is None else str(f.default)) for f in fields(TrainingOptions)
    ]
    assert told == wanted
