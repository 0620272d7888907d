"""``closeup train faces`` and ``members``: train detectors on labelled pictures."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from closeup.errors import InputError
from closeup.files.documents import write_document
from closeup.pipeline.training.detector_pictures import draw_samples, draw_validation
from closeup.pipeline.training.trained_files import (
    TrainedModel,
    document_of,
    initial_network,
    record_of,
    training_of,
)
from closeup.progress import Progress
from closeup.training.detection.options import COARSEST, FACES, SHAPES, DetectionTask
from closeup.training.options import TrainingOptions

if TYPE_CHECKING:
    from closeup.training.detection.loading import DetectionData
    from closeup.training.detection.network import DetectionNetwork
    from closeup.training.detection.samples import DetectionSet
    from closeup.training.detection.task import DetectionTrainingTask
    from closeup.training.history import History

_SHARE_OF_MEMORY = 0.25
"""Share of the machine's memory for decoded pictures."""

_CALM = 0.1
"""Share of the epochs, at the end, that use pictures without mosaics, as prediction does."""

_MOST_WEIGHT = 3.0
"""Maximum weight of a rare class relative to the most frequent one."""


@dataclass(frozen=True, slots=True)
class DetectorTrainingOptions:
    """Options of a detector training.

    Attributes:
        shape: Size of the network, one of :data:`SHAPES`.
        size: Longer side of pictures in validation and use, in pixels.
        crop: Side of the square training crops, in pixels of pictures of this size; None for
            whole pictures.
        mosaic: Share of the training samples that are mosaics of four pictures.
        scale: Minimum and maximum random scale of training pictures, relative to use.
        training: Epochs, batch, learning rate, device and so on.
        start: File of the initial weights, from a training of the same network: a checkpoint,
            or an ``.onnx`` with its ``.training`` folder beside it; None for random ones.

    Raises:
        ValueError: there is no such shape, or a size is no multiple of 32.

    """

    shape: str = "members"
    size: int = 640
    crop: int | None = None
    mosaic: float = 1.0
    scale: tuple[float, float] = (0.5, 1.5)
    training: TrainingOptions = field(
        default_factory=lambda: TrainingOptions(
            epochs=60, batch=16, rate=2e-3, averaging=0.995, clip=10.0
        )
    )
    start: Path | None = None

    def __post_init__(self) -> None:
        if self.shape not in SHAPES:
            raise ValueError(f"the shape must be one of {', '.join(SHAPES)}, not {self.shape!r}")
        for name, side in (("size", self.size), ("crop", self.crop)):
            if side is not None and (side % COARSEST or not COARSEST <= side <= 2048):
                raise ValueError(f"{name} must be a multiple of {COARSEST} up to 2048, not {side}")
        if not 0 <= self.mosaic <= 1:
            raise ValueError(f"mosaic must be from 0 to 1, not {self.mosaic}")


FACE_TRAINING = DetectorTrainingOptions(
    shape="faces",
    crop=320,
    mosaic=0.2,
    scale=(0.6, 1.4),
    training=TrainingOptions(epochs=12, batch=16, rate=3e-3, averaging=0.999, clip=10.0),
)
"""Options for thousands of scenes with faces of all sizes."""

MEMBER_TRAINING = DetectorTrainingOptions()
"""Options for a few hundred pictures of a stage; takes minutes on two processors."""


def train_faces(
    data: Path | str, out: Path | str, options: DetectorTrainingOptions, *, progress: Progress
) -> TrainedModel:
    """Train a detector of faces with five points; see :func:`train_members`.

    Raises:
        InputError: the set has other classes or points, or as for :func:`train_members`.

    """
    data, out = Path(data), Path(out)
    return _train(data, out, options, progress, FACES)


def train_members(
    data: Path | str, out: Path | str, options: DetectorTrainingOptions, *, progress: Progress
) -> TrainedModel:
    """Train a detector of the classes of a set, and write it as one ONNX file.

    An interrupted run is continued; a complete one writes its file again.

    Args:
        data: The YAML file of a set in Ultralytics' layout.
        out: The file, ending with ``.onnx``. A ``.json`` beside it records how it was made and
            how accurate it is; the folder with the same name and ``.training`` has the rest.
        options: Options of the training.
        progress: Receives stages and messages.

    Raises:
        TrainingError: the extra ``train`` is not installed; a single picture does not fit into
            memory; the loss is not finite.
        InputError: the set cannot be used; the folder holds another training; the initial
            weights are missing or do not fit.
        OutputError: a result cannot be written.

    """
    data, out = Path(data), Path(out)
    return _train(data, out, options, progress, None)


def _train(
    data: Path,
    out: Path,
    options: DetectorTrainingOptions,
    progress: Progress,
    wanted: DetectionTask | None,
) -> TrainedModel:
    with training_of(out) as folder:
        return _trained(data, out, folder, options, progress, wanted)


def _trained(
    data: Path,
    out: Path,
    folder: Path,
    options: DetectorTrainingOptions,
    progress: Progress,
    wanted: DetectionTask | None,
) -> TrainedModel:
    from closeup.training.detection.export import export
    from closeup.training.detection.loading import read_detection_data
    from closeup.training.fitting import fit
    from closeup.training.reporting import reporting

    sets = read_detection_data(data, progress)
    network = _network(_detection_task(data, sets, wanted), options)
    task = _training_task(network, sets, options)
    draw_samples(folder, task, sets.train)
    history = fit(task, options.training, folder, progress)
    network.cpu().eval()
    export(network, out, side=options.size)
    with reporting(network, progress):
        answers = task.validation.answers(network)
    draw_validation(folder, task.validation, answers)
    document = {
        **_described(network, history, options),
        "classes": {
            name: {"map50": round(own.ap50, 5), "map50_95": round(own.ap50_95, 5)}
            for name, own in answers.precision.classes.items()
        },
        "data": data.name,
        "pictures": {"training": len(sets.train), "held_out": len(sets.val)},
        "boxes": {"training": len(sets.train.owner), "held_out": len(sets.val.owner)},
    }
    write_document(document_of(out), document)
    return TrainedModel(out, folder, document)


def _detection_task(data: Path, sets: DetectionData, wanted: DetectionTask | None) -> DetectionTask:
    """Return the classes and points of the set, which must be ``wanted`` if that is given."""
    task = DetectionTask(sets.train.names, sets.train.points)
    if wanted and task != wanted:
        raise InputError(
            f"{data} shows {task}, not {wanted}; train others with: closeup train members"
        )
    return task


def _network(task: DetectionTask, options: DetectorTrainingOptions) -> DetectionNetwork:
    """Return the network with its initial weights."""
    from closeup.training.detection.network import DetectionNetwork

    make = partial(DetectionNetwork, task, SHAPES[options.shape])
    return initial_network(make, options.training.seed, options.start)


def _training_task(
    network: DetectionNetwork, sets: DetectionData, options: DetectorTrainingOptions
) -> DetectionTrainingTask:
    from closeup.geometry import Size
    from closeup.training.detection.augmentation import DetectionAugmentation
    from closeup.training.detection.batching import canvas_of
    from closeup.training.detection.losses import DetectionLossOptions
    from closeup.training.detection.task import DetectionTrainingTask

    canvas = canvas_of(sets.val, options.size)
    crop = Size(options.crop, options.crop) if options.crop else canvas_of(sets.train, options.size)
    larger = options.size / max(crop)
    low, high = options.scale
    augmentation = DetectionAugmentation(
        mosaic=options.mosaic,
        scale=(low * larger, high * larger),
        calm_from=round(options.training.epochs * (1 - _CALM)),
    )
    return DetectionTrainingTask(
        network,
        sets.train,
        sets.val,
        canvas,
        crop,
        seed=options.training.seed,
        augmentation=augmentation,
        losses=DetectionLossOptions(class_weights=class_weights(sets.train)),
        memory=_memory(),
    )


def class_weights(samples: DetectionSet) -> tuple[float, ...] | None:
    """Loss weight of the boxes of each class; None for one class, or without boxes.

    The inverse square root of the number of boxes, capped, with mean 1 over all boxes: with the
    plain inverse, a handful of boxes of one class would dominate.
    """
    classes = len(samples.names)
    counts = np.bincount(samples.labels.classes, minlength=classes).astype(float)
    if classes == 1 or not counts.any():
        return None
    weights = (counts.max() / np.maximum(counts, 1)) ** 0.5
    weights = np.minimum(weights, _MOST_WEIGHT)
    weights /= (weights * counts).sum() / counts.sum()
    return tuple(weights.round(4).tolist())


def _memory() -> int:
    """Bytes for decoded pictures."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return round(_SHARE_OF_MEMORY * pages)


def _described(
    network: DetectionNetwork, history: History, options: DetectorTrainingOptions
) -> dict[str, Any]:
    plain = {**asdict(options), "scale": list(options.scale)}
    return {
        **record_of("detection", network, history, plain),
        "names": list(network.task.names),
        "points": network.task.points,
    }
