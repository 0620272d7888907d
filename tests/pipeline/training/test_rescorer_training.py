"""From scenes and photos to the file that corrects a detector's scores."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import logit

from closeup.detection.rescoring import FaceRescorer, Fusion
from closeup.errors import InputError, ModelMissingError
from closeup.faces import Faces
from closeup.pipeline.training.rescorer_training import (
    RescorerTrainingOptions,
    fitted_fusion,
    fusion_figures,
    train_rescorer,
)
from closeup.pipeline.training.trained_files import TrainedModel
from closeup.progress import Silent
from closeup.settings import Settings
from closeup.training.options import TrainingOptions
from closeup.training.rescoring.samples import Candidates
from tests.few_scenes import write_few_scenes
from tests.kept_models import kept
from tests.real_photos import astronaut
from tests.training.detection.squares import write_squares
from tests.training.rescoring.candidates import drawn_candidates

QUICK = RescorerTrainingOptions(0.5, TrainingOptions(epochs=2, batch=8, averaging=0.8))


@pytest.fixture(scope="module")
def sources(
    shared_data: Path, shared_models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder with ``people``, and ``scenes`` composed of their photos."""
    folder = tmp_path_factory.mktemp("sources")
    write_few_scenes(shared_data, folder, kept(Settings(shared_models, Path("no such folder"))))
    return folder


@pytest.fixture(scope="module")
def trained(
    sources: Path, shared_models: Path, tmp_path_factory: pytest.TempPathFactory
) -> TrainedModel:
    return train(sources, tmp_path_factory.mktemp("training") / "my.onnx", shared_models)


def train(
    sources: Path, out: Path, models: Path, options: RescorerTrainingOptions = QUICK
) -> TrainedModel:
    return train_rescorer(
        sources / "scenes" / "faces.yaml", [sources / "people"], out, options,
        settings=Settings(models, Path("no such folder")), progress=Silent(),
    )  # fmt: skip


def test_the_file_scores_candidates(trained: TrainedModel) -> None:
    rescorer = FaceRescorer(trained.model.read_bytes(), "it", threads=1)
    faces = Faces.of([[190, 60, 270, 170], [20, 300, 60, 350]], [0.6, 0.6])
    scores = rescorer.scores(astronaut(), faces)
    assert ((scores >= 0) & (scores <= 1)).all()


def test_the_record_says_how_it_was_made(trained: TrainedModel) -> None:
    document = json.loads(trained.model.with_suffix(".json").read_text())
    assert document == trained.document
    assert document["sources"] == ["faces.yaml", "people"]
    assert document["epochs"] == 2
    for part in document["candidates"].values():
        assert min(part["faces"], part["others"]) > 0
    assert document["fusion"].keys() == {"bias", "detector", "rescorer"}
    assert trained.folder.is_dir()


def test_the_same_command_again_gives_the_same_file(
    trained: TrainedModel, sources: Path, shared_models: Path
) -> None:
    before = trained.model.read_bytes()
    again = train(sources, trained.model, shared_models)
    assert again.document == trained.document
    assert again.model.read_bytes() == before


def test_other_options_in_its_folder_are_refused(
    trained: TrainedModel, sources: Path, shared_models: Path
) -> None:
    other = replace(QUICK, training=replace(QUICK.training, epochs=3))
    with pytest.raises(InputError, match="epochs"):
        train(sources, trained.model, shared_models, other)


def test_scenes_without_a_face_for_the_detector(tmp_path: Path, shared_models: Path) -> None:
    data = write_squares(tmp_path / "set")
    with pytest.raises(InputError, match=r"no face among the training candidates"):
        train_rescorer(
            data, [], tmp_path / "my.onnx", QUICK,
            settings=Settings(shared_models, tmp_path), progress=Silent(),
        )  # fmt: skip


def test_the_teacher_must_be_at_hand(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="yunet-n"):
        train_rescorer(
            tmp_path / "faces.yaml", [], tmp_path / "my.onnx",
            settings=Settings(None, tmp_path), progress=Silent(),
        )  # fmt: skip


@pytest.mark.parametrize("share", [0, 0.6, float("nan")])
def test_a_share_out_of_range(share: float) -> None:
    with pytest.raises(ValueError, match="held_out must be"):
        RescorerTrainingOptions(held_out=share)


def many(count: int = 400) -> tuple[Candidates, np.ndarray[tuple[int], np.dtype[np.float32]]]:
    """Candidates whose detector and second network are each right mostly."""
    rng = np.random.default_rng(0)
    made = drawn_candidates(count)
    side = np.where(made.faces, 1.0, -1.0)
    odds = side * 0.8 + rng.normal(0, 1, count)
    scores = (1 / (1 + np.exp(-odds))).astype(np.float32)
    return replace(made, scores=scores), (2 * side + rng.normal(0, 1.5, count)).astype(np.float32)


def test_nearly_as_many_faces_pass_as_before_and_fewer_others() -> None:
    held_out, logits = many()
    fusion = fitted_fusion(held_out, logits)
    figures = fusion_figures(held_out, logits, fusion)
    assert figures["faces_after"] == pytest.approx(0.9975 * figures["faces_before"], abs=0.006)
    assert figures["others_after"] < 0.7 * figures["others_before"]
    assert fusion.detector > 0
    assert fusion.rescorer > 0


def test_a_network_that_knows_nothing_changes_nothing() -> None:
    held_out, _ = many()
    fusion = fitted_fusion(held_out, np.zeros(len(held_out), np.float32))
    figures = fusion_figures(held_out, np.zeros(len(held_out), np.float32), fusion)
    assert figures["others_after"] == pytest.approx(figures["others_before"], abs=4)
    assert isinstance(fusion, Fusion)
    assert fusion.bias == pytest.approx(logit(0.5), abs=0.2)
