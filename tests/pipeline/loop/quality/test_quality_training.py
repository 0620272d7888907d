"""From verdicts in a store to the file of a network that tells good labels from bad ones."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from closeup.annotations import Annotation, LabelVerdict, Origin
from closeup.errors import InputError
from closeup.labelling.project import LabelProject
from closeup.labelling.quality_network import LabelQualityNetwork
from closeup.media.images import write_image
from closeup.pipeline.labelling.label_projects import open_label_project
from closeup.pipeline.loop.quality import quality_checks
from closeup.pipeline.loop.quality.quality_samples import picture_width
from closeup.pipeline.loop.quality.quality_training import QualityTrainingOptions, train_quality
from closeup.pipeline.training.trained_files import TrainedModel
from closeup.progress import Silent
from closeup.store.label_records import LabelChange
from closeup.training.label_quality.task import QualityTrainingTask
from closeup.training.options import TrainingOptions
from tests.pipeline.loop.quality.judged_eyes import judge, judged_eyes
from tests.pipeline.running import Listener

QUICK = QualityTrainingOptions(0.3, training=TrainingOptions(epochs=1, batch=64, averaging=0.8))


@pytest.fixture(scope="module")
def eyes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabelProject]:
    with judged_eyes(tmp_path_factory.mktemp("set") / "eyes") as project:
        yield project


@pytest.fixture(scope="module")
def trained(eyes: LabelProject, tmp_path_factory: pytest.TempPathFactory) -> TrainedModel:
    return train(eyes, tmp_path_factory.mktemp("training") / "my.onnx")


def train(
    project: LabelProject, out: Path, options: QualityTrainingOptions = QUICK
) -> TrainedModel:
    return train_quality(project.store, project.pictures, out, options, progress=Silent())


def test_the_file_judges_labels_of_the_store(eyes: LabelProject, trained: TrainedModel) -> None:
    network = LabelQualityNetwork(trained.model.read_bytes(), "it", picture_width(eyes.pictures))
    item = next(eyes.store.all_items())
    judged = network.assess_label(eyes.pictures.read(item), item.labels[0].annotation)
    assert judged is not None
    assert 0 <= judged.bad[0] <= 1


def test_the_record_says_how_it_was_made(trained: TrainedModel) -> None:
    document = json.loads(trained.model.with_suffix(".json").read_text())
    assert document == trained.document
    assert document["crop"]["kind"] == "eye"
    verdicts, labels = document["verdicts"], document["labels"]
    assert verdicts["true"] + verdicts["false"] == 80
    assert labels["training"] + labels["held_out"] == 80
    assert document["methods"]["drawn"]["labels"] == labels["held_out"]
    assert document["figures"].keys() == {"error", "auc", "misranked"}


def test_the_same_command_again_gives_the_same_file(
    eyes: LabelProject, trained: TrainedModel
) -> None:
    before = trained.model.read_bytes()
    assert train(eyes, trained.model).document == trained.document
    assert trained.model.read_bytes() == before
    other = replace(QUICK, training=replace(QUICK.training, epochs=2))
    with pytest.raises(InputError, match="epochs"):
        train(eyes, trained.model, other)


@pytest.mark.parametrize(("bad", "message"), [(0.0, "only 0 are false"), (0.95, "true: at least")])
def test_verdicts_of_one_kind_are_refused(tmp_path: Path, bad: float, message: str) -> None:
    with (
        judged_eyes(tmp_path / "eyes", 40, bad) as project,
        pytest.raises(InputError, match=message),
    ):
        train(project, tmp_path / "my.onnx")
    assert not (tmp_path / "my.onnx").exists()


def test_no_verdict_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="closeup review"):
        quality_checks.check_kinds(0, 0)


def test_contradicting_verdicts_are_said_and_left_out(tmp_path: Path) -> None:
    with judged_eyes(tmp_path / "eyes") as project:
        first = next(project.store.all_items()).id
        judge(project, first, None)
        for verdict in (LabelVerdict.TRUE, LabelVerdict.FALSE):
            judge(project, first, verdict, layer=f"says {verdict}")
        said = Listener()
        made = train_quality(
            project.store, project.pictures, tmp_path / "my.onnx", QUICK, progress=said
        )
    assert made.document["verdicts"]["contradicting"] == 1
    assert any("true by some and false by others" in line for line in said.lines)


def test_the_same_labels_called_true_and_false_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("closeup.training.label_quality.sanity_checks._ERROR", -1.0)
    monkeypatch.setattr("closeup.training.label_quality.sanity_checks._STEPS", 2)
    with (
        judged_eyes(tmp_path / "eyes", 60) as project,
        pytest.raises(InputError, match="check of learning failed"),
    ):
        train(project, tmp_path / "my.onnx")
    assert (tmp_path / "my.training" / "sanity_check.png").is_file()


def test_boxes_in_pictures_work_and_gone_pictures_are_counted(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    places = draw_squares(folder, 40)
    with open_label_project(folder, "review") as project:
        for item in list(project.store.all_items()):
            x, y = places[item.path]
            off = 15.0 * (item.id % 2)
            box = Annotation(
                box=(x + off, y, x + off + 24, y + 24), origin=Origin.COARSE, method="boxes"
            )
            change = LabelChange.of_label(f"box {item.id}", item.id, "drawn", box)
            project.store.write([change], "")
            judge(project, item.id, LabelVerdict.FALSE if off else LabelVerdict.TRUE)
        (folder / "7.png").unlink()
        said = Listener()
        made = train_quality(
            project.store, project.pictures, tmp_path / "my.onnx", QUICK, progress=said
        )
        network = LabelQualityNetwork(made.model.read_bytes(), "it")
        item = next(project.store.all_items())
        judged = network.assess_label(project.pictures.read(item), item.labels[0].annotation)
    assert judged is not None
    assert made.document["crop"]["kind"] == "object"
    assert sum(made.document["labels"][part] for part in ("training", "held_out")) == 39
    assert any(line.startswith("1 labels are left out") for line in said.lines)


def draw_squares(folder: Path, count: int) -> dict[str, tuple[float, float]]:
    """Pictures of a square each; name → its upper left corner."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    places = {}
    for number in range(count):
        image = rng.integers(0, 60, (80, 100, 3)).astype(np.uint8)
        x, y = int(rng.integers(10, 60)), int(rng.integers(10, 40))
        image[y : y + 24, x : x + 24] = (220, 190, 160)
        write_image(folder / f"{number}.png", image)
        places[f"{number}.png"] = float(x), float(y)
    return places


def test_weights_of_another_network_are_refused(eyes: LabelProject, tmp_path: Path) -> None:
    checkpoint = tmp_path / "other.ckpt"
    torch.save({"state_dict": {"network.heat.weight": torch.zeros(3)}}, checkpoint)
    with pytest.raises(InputError, match=r"other\.ckpt"):
        train(eyes, tmp_path / "my.onnx", replace(QUICK, start=checkpoint))
    assert not (tmp_path / "my.onnx").exists()


def test_batches_get_smaller_where_memory_is_short(
    eyes: LabelProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loss = QualityTrainingTask.loss

    def needs_much(
        task: QualityTrainingTask, network: nn.Module, batch: Mapping[str, Tensor]
    ) -> Mapping[str, Tensor]:
        if len(batch["crops"]) > 32:
            raise MemoryError
        return loss(task, network, batch)

    monkeypatch.setattr(QualityTrainingTask, "loss", needs_much)
    said = Listener()
    made = train_quality(eyes.store, eyes.pictures, tmp_path / "my.onnx", QUICK, progress=said)
    assert made.model.exists()
    assert "out of memory with batches of 64; beginning anew with batches of 32" in said.lines


@pytest.mark.parametrize(
    "wrong", [{"held_out": 0.6}, {"tolerance": 0.0}, {"eye_width": 0.0}, {"tolerance": 0.7}]
)
def test_options_out_of_range(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must be"):
        QualityTrainingOptions(**wrong)  # type: ignore[arg-type]
