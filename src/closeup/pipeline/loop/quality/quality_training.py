"""``closeup train quality``: train the network that tells good labels from bad ones."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from closeup.errors import InputError
from closeup.files.documents import write_document
from closeup.geometry import Size
from closeup.labelling.shown_pictures import PictureReader
from closeup.pipeline.loop.quality.quality_checks import check_kinds, check_samples
from closeup.pipeline.loop.quality.quality_samples import cut_labels, picture_width
from closeup.pipeline.loop.quality.verdicts import Judgements, judgements, other_labels
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
    from closeup.training.history import History
    from closeup.training.label_quality.network import QualityCnn
    from closeup.training.label_quality.samples import QualitySamples, QualityView

UNJUDGED = 6000
"""Largest number of labels without a verdict that are learnt from."""

_TRIES = 50
"""Splits that are tried until both parts have labels of both kinds."""

_TOLERANCES = {"eye": 0.05, "object": 0.15}
"""Usual tolerances of the kinds of crops."""

_MEASURED = 5
"""Smallest number of labels of each kind for which a method has its own area under the curve."""


@dataclass(frozen=True, slots=True)
class QualityTrainingOptions:
    """Options of the training.

    Attributes:
        held_out: Share of the judged labels that are held out for validation, by person or picture.
        eye_width: Width of the crops of eyes, in eye distances.
        object_width: Width of other crops, in longer sides of the label.
        tolerance: How far off a label may be to be called true, in eye distances or in longer sides
            of the label; None for 0.05 and 0.15. Good labels are moved to make bad ones, and this
            says from where on they are bad.
        training: Epochs, batch, learning rate, device and so on.
        start: File of the initial weights: a checkpoint, or an ``.onnx`` with its ``.training``
            folder beside it; None for random ones.

    Raises:
        ValueError: a number is out of range.

    """

    held_out: float = 0.2
    eye_width: float = 1.0
    object_width: float = 1.6
    tolerance: float | None = None
    training: TrainingOptions = field(
        default_factory=lambda: TrainingOptions(epochs=16, rate=8e-3, averaging=0.98)
    )
    start: Path | None = None

    def __post_init__(self) -> None:
        if not 0.01 <= self.held_out <= 0.5:
            raise ValueError(f"held_out must be from 0.01 to 0.5, not {self.held_out}")
        if min(self.eye_width, self.object_width) <= 0:
            raise ValueError("the widths of crops must be above 0")
        if self.tolerance is not None and not 0 < self.tolerance <= 0.5:
            raise ValueError(f"tolerance must be above 0 and at most 0.5, not {self.tolerance}")


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
    from, and are not among those that are held out; nor are proposals without a verdict, which
    teach where labels usually are. An interrupted training is continued.

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
    """Labels with a verdict, labels by hand, and proposals without a verdict."""

    judged: QualitySamples
    methods: NDArray[np.str_]
    by_hand: QualitySamples
    unjudged: QualitySamples


def _cut(
    store: LabelStore,
    pictures: PictureReader,
    said: Judgements,
    options: QualityTrainingOptions,
    progress: Progress,
) -> _Cuts:
    """Cut out all labels at once, since that numbers their groups."""
    by_hand, proposed = other_labels(store, said)
    rng = np.random.default_rng(options.training.seed)
    some = np.sort(rng.permutation(len(proposed))[:UNJUDGED])
    parts = [said.labels, by_hand, [proposed[row] for row in some]]
    part_of = {label.revision: part for part, own in enumerate(parts) for label in own}
    cut = cut_labels(
        store, pictures, [label for own in parts for label in own], _view(pictures, options),
        progress,
    )  # fmt: skip
    if cut.gone:
        progress.say(f"{cut.gone} labels are left out, since their pictures are gone or damaged")
    if cut.empty:
        progress.say(f"{cut.empty} labels without points and boxes are left out")
    own = np.array([part_of[label.revision] for label in cut.labels], np.int64)
    judged, hand, others = (cut.samples[own == part] for part in range(len(parts)))
    check_kinds(int((~judged.bad).sum()), int(judged.bad.sum()))
    methods = np.array([label.annotation.method or "unnamed" for label in cut.labels])
    return _Cuts(judged, methods[own == 0], hand, others)


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

    judged, view = cuts.judged, cuts.judged.view
    apart = _held_out(judged, options)
    held_out = judged[apart]
    hand, others = (
        own[~np.isin(own.groups, held_out.groups)] for own in (cuts.by_hand, cuts.unjudged)
    )
    training = judged[~apart].joined(hand)
    progress.say(
        f"{(~apart).sum()} judged labels and {len(hand)} by hand to learn from, beside "
        f"{len(others)} proposals; {len(held_out)} judged labels to judge by"
    )
    network = initial_network(
        lambda: QualityCnn(QualityShape(view.size)), options.training.seed, options.start
    )
    if not RunFolder(folder).last.exists():
        check_samples(training, network, folder, options.training.seed)
    history = teach(network, training, held_out, options, folder, progress, others)
    logits = logits_of(network, held_out)
    network.rescale(*calibration(logits, held_out.bad))
    export(network, view.kind, view.width, out)
    counts = {"training": len(training), "by_hand": len(hand), "unjudged": len(others)}
    return {
        **record_of("label quality", network, history, asdict(options)),
        "crop": {"kind": view.kind, "size": list(view.size), "width": view.width},
        "labels": {**counts, "held_out": len(held_out)},
        "methods": _by_method(logits, held_out.bad, cuts.methods[apart]),
    }


def teach(
    network: QualityCnn,
    training: QualitySamples,
    held_out: QualitySamples,
    options: QualityTrainingOptions,
    folder: Path,
    progress: Progress,
    unjudged: QualitySamples | None = None,
) -> History:
    """Train a network on samples, without sanity checks and calibration.

    Args:
        network: The network; afterwards on the CPU, with the best weights.
        training: Labels to learn from, of both kinds.
        held_out: Labels for validation, of both kinds.
        options: Options of the training.
        folder: Folder of the training; an earlier training in it is continued.
        progress: Receives stages and messages.
        unjudged: Labels without a verdict, of other groups than the held-out ones; None without
            any.

    Raises:
        TrainingError, InputError, OutputError: as :func:`train_quality`.

    """
    from closeup.training.fitting import fit
    from closeup.training.label_quality.augmentation import QualityAugmentation
    from closeup.training.label_quality.task import QualityTrainingTask

    usual = _TOLERANCES[training.view.kind]
    task = QualityTrainingTask(
        network, training, held_out, unjudged=unjudged, seed=options.training.seed,
        augmentation=QualityAugmentation(tolerance=options.tolerance or usual),
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
    logits: NDArray[np.float64], bad: NDArray[np.bool_], methods: NDArray[np.str_]
) -> dict[str, dict[str, float]]:
    """Method → number of held-out labels, share of bad ones, and area under the curve."""
    from closeup.training.label_quality.validation import area_under_curve

    rows: dict[str, dict[str, float]] = {}
    for method in np.unique(methods).tolist():
        own = methods == method
        kinds = int(bad[own].sum()), int((~bad[own]).sum())
        rows[method] = {"labels": int(own.sum()), "bad": round(float(bad[own].mean()), 4)}
        if min(kinds) >= _MEASURED:
            rows[method]["auc"] = round(area_under_curve(logits[own], bad[own]), 4)
    return rows
