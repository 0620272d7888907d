"""``closeup train quality``: train the network that tells good labels from bad ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from closeup.errors import InputError
from closeup.files.documents import write_document
from closeup.geometry import Size
from closeup.labelling.shown_pictures import PictureReader
from closeup.pipeline.loop.quality_checks import check_kinds, check_samples
from closeup.pipeline.loop.quality_samples import CutLabels, cut_labels, picture_width
from closeup.pipeline.loop.verdicts import JudgedLabel, Judgements, judgements, labels_by_hand
from closeup.pipeline.training.trained_files import (
    TrainedModel,
    document_of,
    initial_network,
    record_of,
    training_of,
)
from closeup.progress import Progress
from closeup.store.label_store import LabelStore
from closeup.training.options import TrainingOptions

if TYPE_CHECKING:
    from closeup.training.label_quality.network import QualityCnn
    from closeup.training.label_quality.samples import QualitySamples, QualityView

_TRIES = 50
"""Splits that are tried until both parts have labels of both kinds."""

_MEASURED = 5
"""Smallest number of labels of each kind for which a method has its own area under the curve."""


@dataclass(frozen=True, slots=True)
class QualityTrainingOptions:
    """Options of the training.

    Attributes:
        held_out: Share of the judged labels that are held out for validation, by person or picture.
        eye_width: Width of the crops of eyes, in eye distances.
        object_width: Width of other crops, in longer sides of the label.
        moved: How far good labels are moved to make bad ones, at least and at most, in eye
            distances or in longer sides of the label.
        training: Epochs, batch, learning rate, device and so on.
        start: File of the initial weights: a checkpoint, or an ``.onnx`` with its ``.training``
            folder beside it; None for random ones.

    Raises:
        ValueError: a number is out of range.

    """

    held_out: float = 0.2
    eye_width: float = 1.0
    object_width: float = 1.6
    moved: tuple[float, float] = (0.08, 0.35)
    training: TrainingOptions = field(
        default_factory=lambda: TrainingOptions(epochs=20, rate=4e-3, averaging=0.99)
    )
    start: Path | None = None

    def __post_init__(self) -> None:
        if not 0.01 <= self.held_out <= 0.5:
            raise ValueError(f"held_out must be from 0.01 to 0.5, not {self.held_out}")
        if min(self.eye_width, self.object_width) <= 0:
            raise ValueError("the widths of crops must be above 0")
        if not 0 < self.moved[0] <= self.moved[1]:
            raise ValueError(f"labels must be moved by 0 < least <= most, not {self.moved}")


def train_quality(
    store: LabelStore,
    pictures: PictureReader,
    out: Path | str,
    options: QualityTrainingOptions | None = None,
    *,
    progress: Progress,
) -> TrainedModel:
    """Train a network on the verdicts of a store, and write it as one ONNX file.

    A verdict belongs to the label that it judged, also after that was corrected. Labels of which
    people say different things are left out. Labels that people set by hand are good ones to learn
    from, and are not among those that are held out. An interrupted training is continued.

    Args:
        store: The store of labels.
        pictures: Reads its pictures: crops of an eye data set, or others.
        out: The file, ending with ``.onnx``. A ``.json`` beside it records how it was made and
            how accurate it is; the folder with the same name and ``.training`` has the rest.
        options: Options of the training; None for the defaults.
        progress: Receives stages and messages.

    Raises:
        TrainingError: the extra ``train`` is not installed; a batch of one does not fit into
            memory; the loss is not finite.
        InputError: there are too few verdicts or only of one kind, crops or labels cannot be learnt
            from, or the folder holds another training.
        OutputError: a result cannot be written.

    """
    out, options = Path(out), options or QualityTrainingOptions()
    with training_of(out) as folder:
        said = judgements(store)
        _report(said, progress)
        cut = _cut(store, pictures, said, options, progress)
        document = _trained(cut, out, folder, options, progress)
        document["verdicts"] = {
            "true": sum(not label.bad for label in said.labels),
            "false": sum(label.bad for label in said.labels),
            "unsure": said.unsure,
            "contradicting": said.contradicting,
        }
        write_document(document_of(out), document)
    return TrainedModel(out, folder, document)


def _report(said: Judgements, progress: Progress) -> None:
    if said.contradicting:
        count = said.contradicting
        progress.say(
            f"{count} label{'s are' if count > 1 else ' is'} called true by some and false by "
            "others, and left out; closeup labels agreement makes a queue of them"
        )
    if said.unsure:
        progress.say(f"{said.unsure} labels that nobody could tell are left out")
    bad = sum(label.bad for label in said.labels)
    check_kinds(len(said.labels) - bad, bad)


@dataclass(frozen=True, slots=True, eq=False)
class _Cuts:
    """Labels with a verdict, and labels by hand."""

    judged: CutLabels
    by_hand: QualitySamples


def _cut(
    store: LabelStore,
    pictures: PictureReader,
    said: Judgements,
    options: QualityTrainingOptions,
    progress: Progress,
) -> _Cuts:
    """Cut out all labels; those by hand behind the judged ones, since groups are numbered."""
    judged = {label.revision for label in said.labels}
    by_hand = [
        JudgedLabel(item, label.revision, label.annotation, bad=False, people=1)
        for item, label in labels_by_hand(store)
        if label.revision not in judged
    ]
    cut = cut_labels(store, pictures, [*said.labels, *by_hand], _view(pictures, options), progress)
    if cut.gone:
        progress.say(f"{cut.gone} labels are left out, since their pictures are gone or damaged")
    if cut.empty:
        progress.say(f"{cut.empty} labels without points and boxes are left out")
    own = np.array([label.revision in judged for label in cut.labels], np.bool_)
    bad = cut.samples.bad[own]
    check_kinds(int((~bad).sum()), int(bad.sum()))
    kept = [label for label, mine in zip(cut.labels, own, strict=True) if mine]
    return _Cuts(CutLabels(cut.samples[own], kept, cut.gone, cut.empty), cut.samples[~own])


def _view(pictures: PictureReader, options: QualityTrainingOptions) -> QualityView:
    from closeup.training.label_quality.network import USUAL_SIZE
    from closeup.training.label_quality.samples import QualityView

    if picture_width(pictures) is not None:
        return QualityView("eye", USUAL_SIZE, options.eye_width)
    return QualityView("object", Size(max(USUAL_SIZE), max(USUAL_SIZE)), options.object_width)


def _trained(
    cuts: _Cuts, out: Path, folder: Path, options: QualityTrainingOptions, progress: Progress
) -> dict[str, Any]:
    from closeup.training.label_quality.export import export
    from closeup.training.label_quality.network import QualityCnn, QualityShape
    from closeup.training.label_quality.task import logits_of
    from closeup.training.label_quality.validation import calibration
    from closeup.training.run_folder import RunFolder

    judged, view = cuts.judged.samples, cuts.judged.samples.view
    apart = _held_out(judged, options)
    held_out = judged[apart]
    hand = cuts.by_hand[~np.isin(cuts.by_hand.groups, held_out.groups)]
    training = judged[~apart].joined(hand)
    progress.say(
        f"{(~apart).sum()} judged labels and {len(hand)} by hand to learn from, "
        f"{len(held_out)} to judge by"
    )
    network = initial_network(
        lambda: QualityCnn(QualityShape(view.size)), options.training.seed, options.start
    )
    if not RunFolder(folder).last.exists():
        check_samples(training, network, folder, options.training.seed)
    history = teach(network, training, held_out, options, folder, progress)
    logits = logits_of(network, held_out)
    slope, offset = calibration(logits, held_out.bad)
    network.rescale(slope, offset)
    export(network, view.kind, view.width, out)
    kept = [label for label, own in zip(cuts.judged.labels, apart, strict=True) if own]
    return {
        **record_of(
            "label quality", network, history, {**asdict(options), "moved": list(options.moved)}
        ),
        "crop": {"kind": view.kind, "size": list(view.size), "width": view.width},
        "labels": {"training": len(training), "by_hand": len(hand), "held_out": len(held_out)},
        "methods": _by_method(logits, held_out.bad, kept),
    }


def teach(
    network: QualityCnn,
    training: QualitySamples,
    held_out: QualitySamples,
    options: QualityTrainingOptions,
    folder: Path,
    progress: Progress,
) -> Any:
    """Train a network on samples, without sanity checks and calibration.

    Args:
        network: The network; afterwards on the CPU, with the best weights.
        training: Labels to learn from, of both kinds.
        held_out: Labels for validation, of both kinds.
        options: Options of the training.
        folder: Folder of the training; an earlier training in it is continued.
        progress: Receives stages and messages.

    Returns:
        The epochs, a :class:`closeup.training.history.History`.

    Raises:
        TrainingError, InputError, OutputError: as :func:`train_quality`.

    """
    from closeup.training.fitting import fit
    from closeup.training.label_quality.augmentation import QualityAugmentation
    from closeup.training.label_quality.task import QualityTrainingTask

    task = QualityTrainingTask(
        network, training, held_out, seed=options.training.seed,
        augmentation=QualityAugmentation(moved=options.moved),
    )  # fmt: skip
    history = fit(task, options.training, folder, progress)
    network.cpu().eval()
    return history


def _held_out(samples: QualitySamples, options: QualityTrainingOptions) -> NDArray[np.bool_]:
    """Mask (n,) of whole groups that are held out; both parts have labels of both kinds.

    Raises:
        InputError: no split has.

    """
    from closeup.training.pupils.split import groups_apart

    for attempt in range(_TRIES):
        seed = options.training.seed + attempt
        apart = groups_apart(samples.groups, options.held_out, seed)
        if apart is None:
            break
        bad = samples.bad
        if all(0 < bad[part].sum() < part.sum() for part in (apart, ~apart)):
            return apart
    raise InputError(
        "the judged labels are of too few pictures or people to hold some out; judge labels of "
        "more pictures with closeup review"
    )


def _by_method(
    logits: NDArray[np.float64], bad: NDArray[np.bool_], labels: Sequence[JudgedLabel]
) -> dict[str, dict[str, float]]:
    """Method → number of held-out labels, share of bad ones, and area under the curve."""
    from closeup.training.label_quality.validation import area_under_curve

    methods = np.array([label.annotation.method or "unnamed" for label in labels])
    rows: dict[str, dict[str, float]] = {}
    for method in np.unique(methods).tolist():
        own = methods == method
        kinds = int(bad[own].sum()), int((~bad[own]).sum())
        rows[method] = {"labels": int(own.sum()), "bad": round(float(bad[own].mean()), 4)}
        if min(kinds) >= _MEASURED:
            rows[method]["auc"] = round(area_under_curve(logits[own], bad[own]), 4)
    return rows
