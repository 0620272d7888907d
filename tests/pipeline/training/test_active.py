"""The whole experiment on few real photos, with hardly any training."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from closeup.errors import InputError
from closeup.pipeline.training.active import ActiveOptions, active_experiment
from closeup.pipeline.training.active_runs import STRATEGIES
from closeup.progress import Silent
from closeup.settings import Settings
from tests.few_eyes import write_few_eyes
from tests.kept_models import kept
from tests.pipeline.running import Listener

TINY = ActiveOptions(
    ("spread", "core-set"), (6, 9, 14),
    screening=1, seeds=2, epochs=1, network=1, network_labels=(9,), steps=2,
)  # fmt: skip
TAUGHT, TESTED = 40, 8


@dataclass
class Experiment:
    """Its files, and what it gave the first time."""

    train: Path
    test: Path
    images: Path
    out: Path
    settings: Settings
    result: dict[str, Any]

    def again(self, options: ActiveOptions, progress: Silent) -> dict[str, Any]:
        return active_experiment(
            self.train, self.test, self.images, self.out, options,
            detector="yunet-n", models=kept(self.settings), progress=progress,
        )  # fmt: skip


@pytest.fixture(scope="module")
def experiment(
    shared_data: Path, shared_models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Experiment:
    folder = tmp_path_factory.mktemp("active")
    train = write_few_eyes(shared_data, folder / "train.csv", TAUGHT, "train")
    test = write_few_eyes(shared_data, folder / "test.csv", TESTED)
    images, settings = shared_data / "lfw" / "images", Settings(shared_models, folder / "cache")
    made = Experiment(train, test, images, folder / "out", settings, {})
    made.result = made.again(TINY, Listener())
    return made


def test_every_stage_has_its_figures(experiment: Experiment) -> None:
    result = experiment.result
    assert set(result["screening"]) == {"spread", "core-set"}
    assert set(result["best"]) == set(result["compared"]) == {"spread", "core-set"}
    rows = [(row["strategy"], row["labels"], row["seeds"]) for row in result["curves"]]
    assert rows[:3] == [("random", 6, 2), ("random", 9, 2), ("random", 14, 2)]
    assert len(rows) == 9
    assert result["photos"]["test"] == TESTED
    assert all(0 <= share <= 1 for share in result["reference"].values())
    (row,) = result["network"]["rows"]
    assert (row["labels"], row["seeds"]) == (9, 1)
    assert [run["choice"] for run in result["network"]["runs"]] == ["random", result["best"][0]]
    assert json.loads((experiment.out / "active.json").read_text()) == result
    assert (experiment.out / "active.png").stat().st_size > 10_000


def test_the_test_is_that_of_the_trained_network(experiment: Experiment) -> None:
    """Crops of training, and those that a network file cuts itself, differ by a pixel's part."""
    reference = experiment.result["reference"]
    assert abs(reference["head_without_labels"] - reference["coarse_network"]) <= 1 / TESTED


def test_what_is_done_is_not_done_again(experiment: Experiment) -> None:
    files = {path: path.stat().st_mtime_ns for path in experiment.out.rglob("*.npz")}
    again = experiment.again(TINY, Listener())
    assert again == experiment.result
    assert {path: path.stat().st_mtime_ns for path in experiment.out.rglob("*.npz")} == files
    assert len(files) == 3 * (1 + 2)


def test_other_labels_need_another_folder(experiment: Experiment) -> None:
    with pytest.raises(InputError, match="was begun with labels 6×9×14 instead of 6×9"):
        experiment.again(replace(TINY, labels=(6, 9)), Silent())


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"strategies": ("guess",)}, "strategies are mixed, .*, not 'guess'"),
        ({"strategies": ("random",)}, "not 'random'"),
        ({"strategies": ()}, "at least one strategy"),
        ({"method": "network"}, "the method is one of contour"),
        ({"labels": (20,)}, "two or more ascending"),
        ({"labels": (30, 20)}, "two or more ascending"),
        ({"labels": (1, 20), "network_labels": ()}, "first number of labels 2 or more"),
        ({"seeds": 1}, "seeds must be 2 or more"),
        ({"screening": 0}, "screening must be 1 or more"),
        ({"network_labels": (33,)}, "the labels of the network must be among"),
    ],
)
def test_options_that_make_no_sense(options: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        ActiveOptions(**options)


def test_strategies_that_need_verdicts_or_videos_are_left_out() -> None:
    assert not {"quality", "temporal"} & set(STRATEGIES)
    assert {"random", "mixed", "spread", "half-spread"} <= set(STRATEGIES)
