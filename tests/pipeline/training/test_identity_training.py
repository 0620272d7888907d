"""From photos of people to the file that gives vectors."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from closeup.errors import InputError, TrainingError
from closeup.evaluation.photo_vectors import nearest_the_middle
from closeup.geometry import Size
from closeup.identity.description import describe
from closeup.identity.gallery import Gallery
from closeup.media.images import read_image
from closeup.open_models import Models
from closeup.opening import open_dlib_network, open_embedder
from closeup.pipeline.training.identity_faces import KeptOut
from closeup.pipeline.training.identity_training import (
    IdentityLoss,
    IdentityTrainingOptions,
    train_identity,
)
from closeup.pipeline.training.trained_files import TrainedModel
from closeup.progress import Silent
from closeup.settings import Settings
from closeup.training.identity.dlib_network import trainable_dlib
from closeup.training.identity.export import export
from closeup.training.identity.options import (
    Architecture,
    DistillationOptions,
    IdentityNetworkOptions,
    Mining,
    TripletOptions,
)
from closeup.training.onnx_export import example_pictures
from closeup.training.options import TrainingOptions
from tests.listening import Listener
from tests.pipeline.training.lfw_few import PEOPLE, link_people

SMALL = IdentityNetworkOptions(Architecture.INCEPTION, 16, 48, 0.25)
QUICK = IdentityTrainingOptions(
    SMALL, training=TrainingOptions(epochs=14, batch=6, averaging=0.0), held_out=0.3
)


@pytest.fixture(scope="module")
def models(shared_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Models:
    return Models(Settings(shared_models, tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="module")
def people(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return link_people(shared_data, tmp_path_factory.mktemp("people"), 9, 5)


def trained(
    people: Path, out: Path, options: IdentityTrainingOptions, models: Models,
    progress: Silent | None = None,
) -> TrainedModel:  # fmt: skip
    return train_identity(
        people, out, options, detector="yunet-n", models=models, progress=progress
    )


@pytest.fixture(scope="module")
def first(people: Path, models: Models, tmp_path_factory: pytest.TempPathFactory) -> TrainedModel:
    return trained(people, tmp_path_factory.mktemp("out") / "mine.onnx", QUICK, models)


def test_everything_lies_beside_the_file(first: TrainedModel, people: Path) -> None:
    assert {path.name for path in first.model.parent.iterdir()} == {
        "mine.onnx", "mine.json", "mine.training",
    }  # fmt: skip
    document = json.loads(first.model.with_suffix(".json").read_text())
    assert document == first.document
    assert document["task"] == "identity"
    assert sum(document["faces"].values()) == 45
    assert sum(document["people"].values()) == 9
    assert document["people"]["held_out"] >= 1
    assert document["data"] == {"name": people.name, "detector": "yunet-n", "teacher": None}
    assert document["options"]["network"]["architecture"] == "inception"
    assert 0 <= document["figures"]["error"] <= 1
    history = (first.folder / "history.csv").read_text().splitlines()[0]
    assert {"train_hard", "train_semi_hard", "train_easy"} <= set(history.split(","))


def test_the_file_is_an_embedding(first: TrainedModel, models: Models, people: Path) -> None:
    embedder = open_embedder(str(first.model), settings=models.settings, calibrated=False)
    image = read_image(next(iter(sorted((people / PEOPLE[0]).iterdir()))))
    face = models.detector("yunet-n").detect(image)
    vectors = embedder.embed(embedder.chips(image, face))
    assert vectors.shape == (len(face), 16)
    np.testing.assert_allclose(np.linalg.norm(vectors), 1, atol=1e-5)


@pytest.mark.parametrize(
    "options",
    [
        replace(QUICK, triplets=TripletOptions(mining=Mining.OFFLINE)),
        replace(QUICK, loss=IdentityLoss.MARGIN),
        replace(QUICK, loss=IdentityLoss.DISTILLATION, network=replace(SMALL, dims=128)),
    ],
    ids=["off-line", "margin", "distillation"],
)
def test_each_loss_trains(
    options: IdentityTrainingOptions, people: Path, models: Models, tmp_path: Path
) -> None:
    made = trained(people, tmp_path / "mine.onnx", options, models)
    assert made.document["epochs"] == 14
    teacher = "dlib-128" if options.loss is IdentityLoss.DISTILLATION else None
    assert made.document["data"]["teacher"] == teacher


def test_a_student_has_as_many_dimensions_as_its_teacher(
    people: Path, models: Models, tmp_path: Path
) -> None:
    wrong = replace(QUICK, loss=IdentityLoss.DISTILLATION)
    with pytest.raises(InputError, match=r"dlib-128 gives 128 .*--dims 128"):
        trained(people, tmp_path / "mine.onnx", wrong, models)


BESIDE = replace(
    QUICK,
    network=IdentityNetworkOptions(Architecture.DLIB),
    loss=IdentityLoss.DISTILLATION,
    distillation=DistillationOptions(poor=0.2, blended=0.8, hints=1.0),
    training=replace(QUICK.training, epochs=2, rate=3e-4),
    eight_bit=True,
)


def test_dlibs_network_learns_beside_its_teacher_and_is_written_in_8_bits(
    people: Path, models: Models, tmp_path: Path
) -> None:
    made = trained(people, tmp_path / "mine.onnx", BESIDE, models)
    assert 0 < made.document["changed_by_export"] < 0.02
    assert made.model.stat().st_size < 6_000_000
    assert open_embedder(str(made.model), calibrated=False).dimensions == 128


@pytest.fixture(scope="module")
def many(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two photos of each of 124 people."""
    folder = tmp_path_factory.mktemp("many")
    people = sorted((shared_data / "lfw" / "images").iterdir())
    able = [own for own in people if (own / f"{own.name}_0002.jpg").exists()]
    for own in able[:124]:
        (folder / own.name).mkdir()
        for number in (1, 2):
            name = f"{own.name}_{number:04d}.jpg"
            (folder / own.name / name).symlink_to(own / name)
    return folder


def test_an_embedding_brings_the_calibration_of_the_people_who_were_held_out(
    many: Path, models: Models, tmp_path: Path
) -> None:
    training = replace(BESIDE.training, epochs=1, batch=16)
    options = replace(
        BESIDE, distillation=DistillationOptions(0.0), training=training, held_out=0.5,
        eight_bit=False,
    )  # fmt: skip
    made = trained(many, tmp_path / "mine.onnx", options, models)
    found = made.document["calibration"]
    assert found["people"] == made.document["people"]["held_out"] >= 60
    assert found["file"] == "mine.calibration.json"
    assert found["area_under_curve"] > 0.98
    embedder = models.embedder(str(made.model))
    photos = [sorted(own.iterdir()) for own in sorted(many.iterdir())[:3]]
    detector = models.detector("yunet-n")
    gallery = Gallery.enrol({own[0].parent.name: own[:1] for own in photos}, detector, embedder)
    for name, own in zip(gallery.names, photos, strict=True):
        image = read_image(own[1])
        faces = nearest_the_middle(detector.detect(image), Size.of(image))
        identified = gallery.identify(describe(image, faces, embedder))
        assert identified.identities is not None
        assert identified.identities[0].best.name == name


def test_too_few_held_out_people_give_no_calibration(first: TrainedModel, people: Path) -> None:
    assert first.document["calibration"] is None
    assert not first.model.with_suffix(".calibration.json").exists()


def test_initial_weights_may_keep_a_share(people: Path, models: Models, tmp_path: Path) -> None:
    options = replace(BESIDE, eight_bit=False, training=replace(BESIDE.training, epochs=1))
    vectors = []
    chips = list(example_pictures(6, 150).numpy())
    for share in (0.0, 0.999):
        made = trained(people, tmp_path / f"{share}.onnx", replace(options, initial=share), models)
        assert made.document["options"]["initial"] == share
        vectors.append(open_embedder(str(made.model), calibrated=False).embed(chips))
    plain = open_embedder("dlib-128", calibrated=False).embed(chips)
    plain = plain / np.linalg.norm(plain, axis=1, keepdims=True)
    far, near = (float(np.abs(own - plain).max()) for own in vectors)
    assert near < 0.01
    assert far > 3 * near


@pytest.mark.parametrize("initial", [-0.1, 1.0])
def test_shares_of_initial_weights_out_of_range(initial: float) -> None:
    with pytest.raises(ValueError, match="initial must be"):
        IdentityTrainingOptions(initial=initial)


def test_blends_are_for_dlib(people: Path, models: Models, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="blended faces need dlib's network"):
        replace(BESIDE, network=replace(SMALL, dims=128))
    export(trainable_dlib(open_dlib_network("dlib-128"), 0.2), 150, tmp_path / "a.onnx")
    other, known = open_embedder(str(tmp_path / "a.onnx"), calibrated=False), open_embedder()
    assert known.calibration is not None
    other.calibration = replace(known.calibration, embedder=other.name)
    with pytest.raises(InputError, match=r"need the teacher dlib-128, not a\.onnx"):
        train_identity(
            people, tmp_path / "b.onnx", BESIDE, teacher=other,
            detector="yunet-n", models=models,
        )  # fmt: skip


def test_a_training_that_was_too_short_is_said(
    people: Path, models: Models, tmp_path: Path
) -> None:
    short = replace(QUICK, training=replace(QUICK.training, epochs=1))
    with pytest.raises(TrainingError, match="train for more epochs"):
        trained(people, tmp_path / "mine.onnx", short, models)
    assert not (tmp_path / "mine.onnx").exists()


def test_a_finished_training_is_not_repeated(
    first: TrainedModel, people: Path, models: Models
) -> None:
    again = trained(people, first.model, QUICK, models)
    assert again.document == first.document


PAIRS = """2\t1
Abdullah_Gul\t1\t2
Abdullah_Gul\t1\tAdrien_Brody\t2
Ana_Guevara\t1\t2
Ana_Guevara\t2\tAndre_Agassi\t1
"""


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.txt"
    path.write_text(PAIRS)
    return path


@pytest.mark.parametrize(
    ("folds", "left_out"),
    [((1,), {"Abdullah_Gul", "Adrien_Brody"}), ((2,), {"Ana_Guevara", "Andre_Agassi"}), ((), None)],
)
def test_people_who_are_measured_on_are_not_learnt_from(
    folds: tuple[int, ...], left_out: set[str] | None, pairs: Path
) -> None:
    everybody = {"Abdullah_Gul", "Adrien_Brody", "Ana_Guevara", "Andre_Agassi"}
    assert KeptOut((pairs,), folds).names() == (left_out or everybody)


def test_a_fold_that_is_not_there_is_named(pairs: Path) -> None:
    with pytest.raises(InputError, match=r"no fold 3; their folds are 1 to 2"):
        KeptOut((pairs,), (3,)).names()


def test_kept_out_people_are_said(
    shared_data: Path, pairs: Path, models: Models, tmp_path: Path
) -> None:
    heard, many = Listener(), link_people(shared_data, tmp_path / "many", 10, 8)
    options = replace(QUICK, keep_out=KeptOut((pairs,)), held_out=0.4)
    made = trained(many, tmp_path / "mine.onnx", options, models, heard)
    assert sum(made.document["people"].values()) == 6
    assert any(line.startswith("4 people of") for line in heard.lines)


def test_too_few_people_are_refused(
    shared_data: Path, pairs: Path, models: Models, tmp_path: Path
) -> None:
    two = link_people(shared_data, tmp_path / "two", 2, 4)
    with pytest.raises(InputError, match="all people are in"):
        trained(two, tmp_path / "mine.onnx", replace(QUICK, keep_out=KeptOut((pairs,))), models)
    with pytest.raises(InputError, match=r"give more photos|hold out more|too few"):
        trained(two, tmp_path / "mine.onnx", QUICK, models)
    singles = link_people(shared_data, tmp_path / "singles", 8, 1)
    with pytest.raises(InputError, match="give more photos of each"):
        trained(singles, tmp_path / "mine.onnx", QUICK, models)


@pytest.mark.parametrize("held_out", [0.0, 0.6])
def test_shares_out_of_range(held_out: float) -> None:
    with pytest.raises(ValueError, match="held_out"):
        IdentityTrainingOptions(held_out=held_out)
