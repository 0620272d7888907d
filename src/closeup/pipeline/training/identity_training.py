"""``closeup train identity``: train a face embedding."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from closeup.errors import InputError, TrainingError
from closeup.evaluation.calibrating import check_enough
from closeup.evaluation.held_out_pairs import HeldOutPairs
from closeup.evaluation.lfw_pairs import people_folder
from closeup.files.documents import write_document
from closeup.identity.calibration import calibration_place
from closeup.identity.enrolment import find_photos
from closeup.open_models import Models
from closeup.opening import open_dlib_network, open_embedder
from closeup.pipeline.evaluation.identity_calibration import calibrate_people
from closeup.pipeline.training.identity_faces import (
    KeptOut,
    PeopleFaceReader,
    PeopleFaces,
    read_people,
)
from closeup.pipeline.training.trained_files import (
    TrainedModel,
    check_model_file,
    document_of,
    initial_network,
    record_of,
    training_of,
)
from closeup.progress import Progress, Silent
from closeup.protocols import Embedder, FaceDetector
from closeup.training.identity.options import (
    Architecture,
    DistillationOptions,
    IdentityNetworkOptions,
    MarginOptions,
    TripletOptions,
)
from closeup.training.options import TrainingOptions
from closeup.training.pupils.split import groups_apart
from closeup.training.requirements import require_training

if TYPE_CHECKING:
    from torch import Tensor, nn

    from closeup.training.identity.dlib_network import DlibShapedNetwork
    from closeup.training.identity.task import IdentityTask

_BLENDING = "dlib-128"
"""The only teacher that runs in torch, beside its student."""
_USUAL_FACES = 256
"""Faces that give the ranges of 8-bit numbers."""


class IdentityLoss(StrEnum):
    """What an embedding learns from."""

    TRIPLETS = "triplets"
    """FaceNet's triplets."""
    MARGIN = "margin"
    """The names of the people, with ArcFace's angular margin."""
    DISTILLATION = "distillation"
    """The vectors of another embedding; names are not needed."""


@dataclass(frozen=True, slots=True)
class IdentityTrainingOptions:
    """Options of the training of an embedding.

    Attributes:
        network: Kind and size of the network.
        loss: What it learns from.
        triplets: Options of :attr:`IdentityLoss.TRIPLETS`.
        margin: Options of :attr:`IdentityLoss.MARGIN`.
        distillation: Options of :attr:`IdentityLoss.DISTILLATION`.
        training: Epochs, batch, learning rate, device and so on.
        held_out: Share of the faces that are held out for validation and calibration, by person.
        keep_out: People who are measured on later; None: nobody.
        eight_bit: Whether the file has 8-bit numbers: a quarter of the size, less than half the
            time.
        initial: Share of the initial weights in the final ones, 0 to below 1. A network that
            began with good weights keeps more of what it knew (M. Wortsman et al., "Robust
            fine-tuning of zero-shot models", CVPR 2022).
        start: File of the initial weights, from a training of the same network: a checkpoint, or an
            ``.onnx`` with its ``.training`` folder beside it; None for random ones.

    Raises:
        ValueError: ``held_out`` or ``initial`` is out of range, or blended faces are for another
            network than dlib's, which reads the same faces.

    """

    network: IdentityNetworkOptions = field(default_factory=IdentityNetworkOptions)
    loss: IdentityLoss = IdentityLoss.TRIPLETS
    triplets: TripletOptions = field(default_factory=TripletOptions)
    margin: MarginOptions = field(default_factory=MarginOptions)
    distillation: DistillationOptions = field(default_factory=DistillationOptions)
    training: TrainingOptions = field(
        default_factory=lambda: TrainingOptions(epochs=40, batch=96, rate=2e-3, weight_decay=0.05)
    )
    held_out: float = 0.1
    keep_out: KeptOut | None = None
    eight_bit: bool = False
    initial: float = 0.0
    start: Path | None = None

    def __post_init__(self) -> None:
        if not 0.01 <= self.held_out <= 0.5:
            raise ValueError(f"held_out must be from 0.01 to 0.5, not {self.held_out}")
        if not 0 <= self.initial < 1:
            raise ValueError(f"initial must be from 0 to below 1, not {self.initial}")
        if self.network.architecture is not Architecture.DLIB and self.distillation.blended:
            raise ValueError("blended faces need dlib's network")


def train_identity(
    faces: Path | str,
    out: Path | str,
    options: IdentityTrainingOptions | None = None,
    *,
    teacher: str | Embedder = "dlib-128",
    detector: str | FaceDetector = "auto",
    models: Models | None = None,
    progress: Progress | None = None,
) -> TrainedModel:
    """Train a network that gives a vector for a face, and write it as one ONNX file.

    The face nearest the middle of a photo counts. An interrupted training is continued after its
    last epoch; the photos are read again. If enough people are held out, the embedding is
    calibrated on them (:mod:`closeup.evaluation.calibrating`), in a file beside it.

    Args:
        faces: Folder with ``NAME/*.jpg``, or with such a folder ``images`` in it.
        out: The file, ending with ``.onnx``. A ``.json`` beside it records how it was made and
            how accurate it is; the folder with the same name and ``.training`` has the rest.
        options: Options of the training; None for the defaults.
        teacher: Embedding whose vectors are learnt, by a distillation: an embedder, a name of
            :data:`closeup.opening.EMBEDDERS`, or the path of an ONNX file.
        detector: A detector, or a name of :data:`closeup.opening.DETECTORS`.
        models: Opens models given by name; None for a new :class:`Models`.
        progress: Receives stages and messages; silent if None.

    Raises:
        TrainingError: the extra ``train`` is not installed, the loss is not finite, all vectors
            became alike, or a batch of one does not fit into memory.
        InputError: the photos cannot be used, there are too few people or photos of each, the
            initial weights do not fit, or the folder holds another training.
        ModelError: a model cannot be opened.
        OutputError: a result cannot be written.

    """
    out, options = Path(out), options or IdentityTrainingOptions()
    models, progress = models or Models(), progress or Silent()
    require_training()
    distilled = options.loss is IdentityLoss.DISTILLATION
    reader = PeopleFaceReader(
        models.detector(detector, threads=1, progress=progress),
        models.landmarker("dlib-5-points"),
        options.network.chip_side,
        models.embedder(teacher, threads=1) if distilled else None,
    )
    if reader.teacher:
        _check_teacher(reader.teacher, options)
    check_model_file(out)
    read = read_people(Path(faces), reader, options.keep_out, progress)
    trained = teach_identity(read, out, options, models=models, progress=progress)
    people = _held_out_photos(Path(faces), read, options)
    trained.document["calibration"] = _calibrated(people, out, reader.detector, models, progress)
    write_document(document_of(out), trained.document)
    return trained


def _held_out_photos(
    folder: Path, faces: PeopleFaces, options: IdentityTrainingOptions
) -> list[list[Path]]:
    """Photos of each person who was held out."""
    apart = _apart(faces, options)
    names = {faces.names[number] for number in np.unique(faces.chips.people[apart])}
    photos = find_photos(people_folder(folder))
    return [own for name, own in photos.items() if name in names]


def _calibrated(
    people: list[list[Path]], out: Path, detector: FaceDetector, models: Models, progress: Progress
) -> dict[str, Any] | None:
    """Calibrate the embedding on people who were held out; None if that is not possible."""
    embedder = open_embedder(str(out), settings=models.settings, threads=1, calibrated=False)
    place = calibration_place(str(out), models.settings)
    try:
        check_enough(sum(len(photos) > 1 for photos in people), "have two photos or more")
        _, figures = calibrate_people(people, embedder, detector, place, progress)
    except InputError as error:
        progress.say(f"no calibration is made of the {len(people)} held-out people: {error}")
        return None
    return {**figures, "file": place.name}


def _check_teacher(teacher: Embedder, options: IdentityTrainingOptions) -> None:
    """Refuse a teacher that cannot teach what the options ask for."""
    if teacher.dimensions != options.network.dims:
        raise InputError(
            f"{teacher.name} gives {teacher.dimensions} numbers for a face, the network "
            f"{options.network.dims}; give --dims {teacher.dimensions}"
        )
    if options.distillation.blended and teacher.name != _BLENDING:
        raise InputError(
            f"blended faces need the teacher {_BLENDING}, not {teacher.name}; train without them"
        )


def teach_identity(
    faces: PeopleFaces,
    out: Path,
    options: IdentityTrainingOptions,
    *,
    models: Models,
    progress: Progress,
) -> TrainedModel:
    """Train on faces that were read already; see :func:`train_identity`."""
    with training_of(out) as folder:
        document = _trained(faces, out, folder, options, models, progress)
        document["data"] = faces.origin
        write_document(document_of(out), document)
    return TrainedModel(out, folder, document)


def _trained(
    faces: PeopleFaces,
    out: Path,
    folder: Path,
    options: IdentityTrainingOptions,
    models: Models,
    progress: Progress,
) -> dict[str, Any]:
    from closeup.training.fitting import fit
    from closeup.training.identity.export import export
    from closeup.training.identity.task import is_collapsed

    seed, apart = options.training.seed, _apart(faces, options)
    network = initial_network(lambda: _made(options.network, models), seed, options.start)
    first = copy.deepcopy(network.state_dict())
    task = _task(network, faces[~apart], faces[apart], options, models)
    progress.say(f"{(~apart).sum()} faces to learn from, {apart.sum()} to judge by")
    history = fit(task, options.training, folder, progress)
    if is_collapsed(history.best.figures["spread"]):
        raise TrainingError(
            "all faces still have nearly the same vector; train for more epochs, with smaller "
            "batches, or with a smaller rate, in another folder"
        )
    figures = dict(history.best.figures)
    if options.initial:
        _average(network, first, options.initial)
        figures = task.judge(network)
    usual = faces.chips.pixels[~apart]
    usual = usual[np.random.default_rng(seed).permutation(len(usual))[:_USUAL_FACES]]
    side = options.network.chip_side
    change = export(network, side, out, usual if options.eight_bit else None)
    return {
        **record_of("identity", network, history, asdict(options)),
        "figures": {name: round(value, 5) for name, value in figures.items()},
        "changed_by_export": change,
        "faces": {"training": int((~apart).sum()), "held_out": int(apart.sum())},
        "people": {
            name: len(np.unique(faces.chips.people[rows]))
            for name, rows in (("training", ~apart), ("held_out", apart))
        },
    }


def _average(network: nn.Module, first: Mapping[str, Tensor], share: float) -> None:
    """Average a network with its initial weights."""
    network.load_state_dict(
        {
            name: values + share * (first[name].to(values.device) - values)
            if values.is_floating_point()
            else values
            for name, values in network.state_dict().items()
        }
    )


def _apart(faces: PeopleFaces, options: IdentityTrainingOptions) -> NDArray[np.bool_]:
    """Which faces are held out, by person.

    Raises:
        InputError: there are too few people.

    """
    apart = groups_apart(faces.chips.people, options.held_out, options.training.seed)
    if apart is None:
        raise InputError(
            f"the faces are of {len(np.unique(faces.chips.people))} people, too few to hold some "
            "out; give photos of more people"
        )
    return apart


def _made(options: IdentityNetworkOptions, models: Models) -> nn.Module:
    """A network with its first weights: random ones, or dlib's."""
    if options.architecture is Architecture.DLIB:
        return _dlib(models, options.width)
    from closeup.training.identity.networks import IdentityNetwork

    return IdentityNetwork(options)


def _dlib(models: Models, width: float = 1.0) -> DlibShapedNetwork:
    from closeup.training.identity.dlib_network import trainable_dlib

    return trainable_dlib(open_dlib_network(_BLENDING, settings=models.settings), width)


def _task(
    network: nn.Module,
    training: PeopleFaces,
    held_out: PeopleFaces,
    options: IdentityTrainingOptions,
    models: Models,
) -> IdentityTask:
    from closeup.training.identity.distillation_task import DistillationTask
    from closeup.training.identity.margin_task import MarginTask
    from closeup.training.identity.task import IdentitySamples
    from closeup.training.identity.triplet_task import TripletTask

    seed = options.training.seed
    judge = HeldOutPairs(held_out.chips.people, seed).figures
    samples = IdentitySamples(training.chips, held_out.chips, judge, seed)
    match options.loss:
        case IdentityLoss.TRIPLETS:
            return TripletTask(network, samples, options.triplets)
        case IdentityLoss.MARGIN:
            return MarginTask(network, options.network.dims, samples, options.margin)
        case IdentityLoss.DISTILLATION:
            teacher = _dlib(models) if options.distillation.blended else None
            return DistillationTask(network, samples, options.distillation, teacher)
