"""The whole experiment on few real photos, with hardly any training."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from closeup.errors import InputError
from closeup.evaluation.label_study import NETWORK, NETWORK_MOVED, TEACHER, TEACHER_MOVED
from closeup.pipeline.evaluation.pupil_evaluation import evaluate_pupils
from closeup.pipeline.training.coarse_to_fine import coarse_to_fine
from closeup.pipeline.training.coarse_to_fine_runs import CoarseToFineOptions
from closeup.progress import Silent
from closeup.settings import Settings
from tests.few_eyes import write_few_eyes
from tests.kept_models import kept
from tests.own_parts import OwnDetector
from tests.pipeline.running import Listener

TINY = CoarseToFineOptions(("darkest",), (4,), seeds=1, epochs=1, steps=2, scratch_steps=2)
TAUGHT, TESTED = 30, 8


@dataclass
class Experiment:
    """Its files, and what it gave the first time."""

    train: Path
    test: Path
    images: Path
    out: Path
    settings: Settings
    result: dict[str, Any]
    heard: Listener

    def again(self, options: CoarseToFineOptions, progress: Silent) -> dict[str, Any]:
        models = kept(self.settings)
        return coarse_to_fine(
            self.train, self.test, self.images, self.out, options,
            detector=OwnDetector(models.detector("yunet-n", threads=1)), models=models,
            progress=progress,
        )  # fmt: skip


@pytest.fixture(scope="module")
def experiment(
    shared_data: Path, shared_models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Experiment:
    folder = tmp_path_factory.mktemp("experiment")
    test = write_few_eyes(shared_data, folder / "test.csv", TESTED)
    train = write_few_eyes(shared_data, folder / "train.csv", TAUGHT, "train")
    same = test.read_text(encoding="utf-8").splitlines()[1]  # a person of the test
    with train.open("a", encoding="utf-8") as file:
        file.write(f"{same}\n")
    made = Experiment(
        train, test, shared_data / "lfw" / "images", folder / "out",
        Settings(shared_models, folder / "cache"), {}, Listener(),
    )  # fmt: skip
    made.result = made.again(TINY, made.heard)
    return made


def test_every_stage_has_its_figures(experiment: Experiment) -> None:
    summary = experiment.result["summary"]
    assert [(row["method"], row["stage"], row["labels"]) for row in summary] == [
        ("darkest", TEACHER, 0),
        ("darkest", TEACHER_MOVED, 20),
        ("darkest", NETWORK, 0),
        ("darkest", NETWORK_MOVED, 20),
        ("darkest", NETWORK, 4),
        (None, NETWORK, 4),
    ]
    assert all(0 <= row["e_0.05"] <= row["e_0.10"] <= row["e_0.25"] <= 1 for row in summary)
    assert summary[0]["e_0.10"] > 0.6
    coarse, fine, scratch = experiment.result["runs"]
    assert coarse["eyes"] > fine["eyes"] == scratch["eyes"] == 8
    assert (coarse["rate"], fine["rate"], scratch["rate"]) == (4e-3, 6e-4, 4e-3)
    gained, lost = (coarse["against_teacher"][name] for name in ("gained", "lost"))
    assert gained - lost == round(TESTED * (coarse["e_0.05"] - summary[0]["e_0.05"]))
    assert {run["parameters"] for run in experiment.result["runs"]} == {coarse["parameters"]}
    assert {"processors", "memory_gib"} == set(experiment.result["machine"])
    written = json.loads((experiment.out / "coarse-to-fine.json").read_text())
    assert written == experiment.result
    assert (experiment.out / "coarse-to-fine.png").stat().st_size > 10_000


def test_nobody_of_the_test_is_learnt_from(experiment: Experiment) -> None:
    assert "1 photos of people of the test are not learnt from" in experiment.heard.lines
    photos = experiment.result["photos"]
    assert photos["learning"] + photos["held_out"] == TAUGHT
    assert photos["held_out"] > 0
    assert photos["test"] == TESTED


def test_teachers_and_networks_are_measured_as_by_the_evaluation(experiment: Experiment) -> None:
    model = experiment.out / "runs" / "seed-0" / "scratch" / "4" / "model.onnx"

    told = evaluate_pupils(
        experiment.test, experiment.images, ("darkest", str(model)),
        detector="yunet-n", models=kept(experiment.settings), progress=Silent(),
    )["methods"]  # fmt: skip

    (own,) = (method for name, method in told.items() if name != "darkest")
    for figures, expected in (
        (experiment.result["teachers"][0], told["darkest"]),
        (experiment.result["runs"][2], own),
    ):
        assert figures["e_0.05"] == expected["e_0.05"]
        assert figures["e_0.25"] == expected["e_0.25"]
        assert figures["not_found"] == expected["not_found"]


def test_what_is_done_is_not_done_again(experiment: Experiment) -> None:
    heard = Listener()
    result = experiment.again(TINY, heard)
    assert result == experiment.result
    assert not [line for line in heard.lines if " of 3: " in line]


def test_a_lost_result_is_made_again_and_is_the_same(experiment: Experiment) -> None:
    lost = experiment.out / "runs" / "seed-0" / "darkest" / "4" / "result.json"
    lost.unlink()
    heard = Listener()

    result = experiment.again(TINY, heard)

    assert [line.partition(": ")[0] for line in heard.lines if " of 3: " in line] == ["2 of 3"]
    before, after = experiment.result["runs"][1], result["runs"][1]
    assert {**after, "seconds": 0} == {**before, "seconds": 0}


def test_a_damaged_result_is_named(experiment: Experiment) -> None:
    path = experiment.out / "runs" / "seed-0" / "scratch" / "4" / "result.json"
    whole = path.read_text()
    path.write_text(whole[:20])
    with pytest.raises(InputError, match=r"scratch.4.result\.json is damaged.*; delete it"):
        experiment.again(TINY, Silent())
    path.write_text(whole)


def test_another_experiment_is_refused(experiment: Experiment) -> None:
    with pytest.raises(InputError, match=r"was begun with steps .* instead of .*; choose another"):
        experiment.again(replace(TINY, steps=3), Silent())


def test_more_labels_than_photos_are_refused(experiment: Experiment, tmp_path: Path) -> None:
    other = replace(experiment, out=tmp_path / "out")
    with pytest.raises(InputError, match=r"only \d+ faces .* 1000 are needed; .*fewer --labels"):
        other.again(replace(TINY, labels=(4, 1000)), Silent())
