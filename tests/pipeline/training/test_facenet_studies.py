"""The studies of the FaceNet paper on a few people: every part runs, nothing is learnt."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from closeup.errors import InputError
from closeup.evaluation.facenet_paper import HERE, PAPER, FacenetStudy
from closeup.open_models import Models
from closeup.pipeline.training.facenet_studies import FacenetOptions, facenet_study
from closeup.pipeline.training.identity_training import IdentityTrainingOptions
from closeup.settings import Settings
from closeup.training.identity.options import Architecture, IdentityNetworkOptions
from closeup.training.options import TrainingOptions
from tests.pipeline.training.lfw_few import PEOPLE, link_people

QUICK = FacenetOptions(
    IdentityTrainingOptions(
        IdentityNetworkOptions(Architecture.INCEPTION, 128, 32, 0.15),
        training=TrainingOptions(epochs=12, batch=6, averaging=0.0),
        held_out=0.4,
    ),
    (1, 2),
)
TESTED = (PEOPLE[0], PEOPLE[1], PEOPLE[8], PEOPLE[9])


@pytest.fixture(scope="module")
def models(shared_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Models:
    return Models(Settings(shared_models, tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="module")
def given(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten people, and two folds of pairs of four of them."""
    folder = tmp_path_factory.mktemp("lfw")
    link_people(shared_data, folder / "images", 10, 7)
    one, two, three, four = TESTED
    lines = [
        "2\t2",
        f"{one}\t1\t2", f"{two}\t1\t2", f"{one}\t1\t{two}\t1", f"{one}\t2\t{two}\t2",
        f"{three}\t1\t2", f"{four}\t1\t2", f"{three}\t1\t{four}\t1", f"{three}\t2\t{four}\t2",
    ]  # fmt: skip
    (folder / "pairs.txt").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture(scope="module")
def out(given: Path, models: Models, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the qualities were studied."""
    folder = tmp_path_factory.mktemp("out")
    run(FacenetStudy.QUALITY, given, folder, models)
    return folder


def run(
    study: FacenetStudy, given: Path, out: Path, models: Models, options: FacenetOptions = QUICK
) -> dict[str, object]:
    return facenet_study(
        study, given, given / "pairs.txt", out, options, detector="yunet-n", models=models
    )


def test_photos_of_each_quality_are_measured(out: Path) -> None:
    result = json.loads((out / "quality.json").read_text())
    assert [row["value"] for row in result["rows"]] == [10, 20, 30, 50, 70, 90]
    assert [row["paper"] for row in result["rows"]] == list(PAPER[FacenetStudy.QUALITY].values())
    assert all(0 <= row["val"] <= 1 and 0 <= row["accuracy"] <= 1 for row in result["rows"])
    assert all(row["val_standard_error"] >= 0 for row in result["rows"])
    assert (out / "quality.png").stat().st_size > 5_000
    network = json.loads((out / "dims-128.json").read_text())
    assert sum(network["people"].values()) == 6  # those that are not measured on


def test_the_network_is_used_again(out: Path, given: Path, models: Models) -> None:
    before = (out / "dims-128.onnx").stat().st_mtime_ns
    result = run(FacenetStudy.SIZE, given, out, models)
    assert (out / "dims-128.onnx").stat().st_mtime_ns == before
    assert isinstance(result["rows"], list)
    assert [row["value"] for row in result["rows"]] == list(HERE[FacenetStudy.SIZE])


def test_each_number_of_dimensions_is_a_network(
    out: Path, given: Path, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(HERE, FacenetStudy.DIMENSIONS, (64, 128))
    run(FacenetStudy.DIMENSIONS, given, out, models)
    document = json.loads((out / "dims-64.json").read_text())
    assert document["options"]["network"]["dims"] == 64


def test_fewer_people_are_a_part_of_all(
    out: Path, given: Path, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(HERE, FacenetStudy.DATA, (0.9, 1.0))
    result = run(FacenetStudy.DATA, given, out, models)
    assert sum(json.loads((out / "data-0.9.json").read_text())["people"].values()) == 5
    assert isinstance(result["rows"], list)
    assert result["rows"][1]["paper"] == PAPER[FacenetStudy.DATA][1.0]


def test_another_experiment_in_the_folder_is_refused(
    out: Path, given: Path, models: Models
) -> None:
    other = replace(QUICK, training=replace(QUICK.training, training=TrainingOptions(seed=5)))
    with pytest.raises(InputError, match="epochs"):
        run(FacenetStudy.QUALITY, given, out, models, other)


def test_one_fold_is_too_few() -> None:
    with pytest.raises(ValueError, match="two folds or more"):
        FacenetOptions(folds=(3, 3))
