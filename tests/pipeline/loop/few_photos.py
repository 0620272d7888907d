"""A small loop for pupils on photos with hand-set eyes."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from closeup.pipeline.loop.loop import LoopPause
from closeup.pipeline.loop.loop_options import OracleOptions
from closeup.pipeline.loop.loop_projects import run_loop
from closeup.pipeline.loop.pupils import learning, measuring
from closeup.pipeline.loop.pupils.pupil_loop import PupilLoop
from closeup.progress import Progress, Silent
from closeup.settings import Settings
from tests.few_eyes import write_few_eyes
from tests.kept_models import kept

SMALL: dict[str, int] = {
    "rounds": 2, "verdicts": 8, "points": 9, "networks": 1, "epochs": 2, "steps": 6,
}  # fmt: skip


def copy_few_photos(shared_data: Path, folder: Path, count: int = 20) -> Path:
    """The first photos of the training table, in the folders of their people; returns the table."""
    folder.mkdir(exist_ok=True)
    table = write_few_eyes(shared_data, folder / "truth.csv", count, "train")
    with table.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            target = folder / "photos" / row["image"]
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(shared_data / "lfw" / "images" / row["image"], target)
    return table


@contextmanager
def short_trainings() -> Iterator[None]:
    """A training may begin with few answers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learning, "LEAST_ANSWERS", 8)
        patch.setattr(measuring, "LEAST_MEASURED", 4)
        patch.setattr(PupilLoop, "least_measured", 1)
        yield


def small_loop(
    folder: Path,
    given: Path,
    settings: Settings,
    *,
    oracle: Path | None = None,
    budget: dict[str, int] | None = None,
    progress: Progress | None = None,
    go_on: bool = False,
    **setup: Any,
) -> LoopPause:
    """Run a loop in ``folder`` on ``photos`` of the folder ``given``."""
    with short_trainings():
        return run_loop(
            folder, {"pictures": given / "photos", "detector": "yunet-n", **setup},
            SMALL | (budget or {}), oracle=OracleOptions(oracle) if oracle else None, go_on=go_on,
            models=kept(settings), progress=progress or Silent(),
        )  # fmt: skip
