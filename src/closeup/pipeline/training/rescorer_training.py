"""``closeup train rescorer``: train the network that scores a detector's candidates again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logit

from closeup.detection.closeup_faces import CANDIDATES_FROM, SCORE_THRESHOLD, candidate_detector
from closeup.detection.rescoring import Fusion, detector_logits
from closeup.detection.yunet import yunet_detector
from closeup.errors import InputError
from closeup.files.documents import write_document
from closeup.models.files import locate
from closeup.pipeline.training.trained_files import (
    TrainedModel,
    document_of,
    initial_network,
    record_of,
    training_of,
)
from closeup.progress import Progress
from closeup.settings import Settings
from closeup.training.options import TrainingOptions

if TYPE_CHECKING:
    from closeup.pipeline.training.rescorer_samples import CandidateSets
    from closeup.training.rescoring.samples import Candidates

_LEARNT_FROM = 0.05
"""Score from which candidates are learnt from: below those that are scored again in use, because
the worst mistakes of other pictures look like the smaller ones of these."""

_GIVEN_UP = 0.0025
"""Share of the held-out faces that passed the detector and may be lost. Nearly all of those are in
composed scenes, which hold a quarter of the faces: one face in a hundred there."""

_DOUBTFUL = 0.1
"""Score of the teacher from which a place may be a face."""


@dataclass(frozen=True, slots=True)
class RescorerTrainingOptions:
    """Options of the training.

    Attributes:
        held_out: Share of the people of photos who are held out for validation.
        training: Epochs, batch, learning rate, device and so on.
        start: File of the initial weights: a checkpoint, or an ``.onnx`` with its ``.training``
            folder beside it; None for random ones.

    Raises:
        ValueError: the share is out of range.

    """

    held_out: float = 0.1
    training: TrainingOptions = field(
        default_factory=lambda: TrainingOptions(epochs=8, batch=128, rate=3e-3, averaging=0.998)
    )
    start: Path | None = None

    def __post_init__(self) -> None:
        if not 0.01 <= self.held_out <= 0.5:
            raise ValueError(f"held_out must be from 0.01 to 0.5, not {self.held_out}")


def train_rescorer(
    scenes: Path | str,
    pictures: Sequence[Path | str],
    out: Path | str,
    options: RescorerTrainingOptions | None = None,
    *,
    settings: Settings | None = None,
    progress: Progress,
) -> TrainedModel:
    """Train the second network of the detector ``closeup``, and write it as one ONNX file.

    The detector's candidates in all pictures are sorted into faces and others: in scenes by their
    labels, in photos and videos by YuNet-n. Candidates about which that is unsure are left out.
    An interrupted training is continued after its last epoch; the pictures are searched again.

    Args:
        scenes: The YAML file of ``closeup dataset scenes``.
        pictures: Folders with a folder of photos for each person, and videos.
        out: The file, ending with ``.onnx``. A ``.json`` beside it records how it was made and
            how accurate it is; the folder with the same name and ``.training`` has the rest.
        options: Options of the training; None for the defaults.
        settings: Folders of model files; by default from the environment variables.
        progress: Receives stages and messages.

    Raises:
        TrainingError: the extra ``train`` is not installed, or the loss is not finite.
        InputError: a source cannot be used, has no faces or nothing but faces, or the folder
            holds another training.
        ModelMissingError: YuNet-n is not on this machine.
        OutputError: a result cannot be written.

    """
    out, options = Path(out), options or RescorerTrainingOptions()
    with training_of(out) as folder:
        sources = [Path(source) for source in pictures]
        sets = _collected(Path(scenes), sources, options, settings, progress)
        document = _trained(sets, out, folder, options, progress)
        document["sources"] = [source.name for source in (Path(scenes), *sources)]
        write_document(document_of(out), document)
    return TrainedModel(out, folder, document)


def _collected(
    scenes: Path,
    pictures: list[Path],
    options: RescorerTrainingOptions,
    settings: Settings | None,
    progress: Progress,
) -> CandidateSets:
    from closeup.pipeline.training.rescorer_samples import CandidateCollector, CandidateSets
    from closeup.training.rescoring.samples import Candidates

    settings = settings or Settings.from_environment()
    detector = candidate_detector(
        locate("closeup-faces", settings).read_bytes(), score_threshold=_LEARNT_FROM, threads=1
    )
    teacher = yunet_detector(
        locate("yunet-n", settings).read_bytes(), "yunet-n", score_threshold=_DOUBTFUL, threads=1
    )
    collector = CandidateCollector(detector, teacher, progress)
    parts = [collector.scenes(scenes)]
    parts += [collector.pictures(source, options.held_out) for source in pictures]
    joined = CandidateSets(
        Candidates.joined([part.train for part in parts]),
        Candidates.joined([part.held_out for part in parts]),
    )
    for name, own in (("training", joined.train), ("held-out", joined.held_out)):
        asked = own.faces[own.scores >= CANDIDATES_FROM]
        if asked.all() or not asked.any():
            what = "only faces" if asked.any() else "no face"
            raise InputError(f"{scenes}: {what} among the {name} candidates; give more pictures")
    return joined


def _trained(
    sets: CandidateSets,
    out: Path,
    folder: Path,
    options: RescorerTrainingOptions,
    progress: Progress,
) -> dict[str, Any]:
    """Train on candidates and write the file; returns the record of the training."""
    from closeup.training.fitting import fit
    from closeup.training.rescoring.export import export
    from closeup.training.rescoring.network import RescoringNetwork
    from closeup.training.rescoring.task import RescorerTrainingTask

    seed = options.training.seed
    network = initial_network(RescoringNetwork, seed, options.start)
    task = RescorerTrainingTask(network, sets.train, sets.held_out, seed=seed)
    history = fit(task, options.training, folder, progress)
    logits = task.logits(network)
    fusion = fitted_fusion(sets.held_out, logits)
    export(network, fusion, out)
    record = record_of("face rescoring", network, history, asdict(options))
    return {
        **record,
        "validation": record["figures"],
        "figures": fusion_figures(sets.held_out, logits, fusion),
        "fusion": {name: round(value, 4) for name, value in asdict(fusion).items()},
        "candidates": {
            name: {"faces": int(own.faces.sum()), "others": int((~own.faces).sum())}
            for name, own in (("training", sets.train), ("held_out", sets.held_out))
        },
    }


def fitted_fusion(held_out: Candidates, logits: NDArray[np.float32]) -> Fusion:
    """Fit how the scores of both networks become one.

    The factors are those of a logistic regression in which faces and others weigh the same. The
    bias is chosen so that, of the held-out faces, nearly as many reach the detector's usual score
    threshold as by the detector alone.

    Args:
        held_out: Candidates that were not learnt from.
        logits: (n,) log odds of the second network for them.

    """
    asked = held_out.scores >= CANDIDATES_FROM
    faces = held_out.faces[asked]
    known = np.stack([np.ones(len(faces)), detector_logits(held_out.scores[asked]), logits[asked]])
    weights = np.where(faces, 1 / max(1, faces.sum()), 1 / max(1, (~faces).sum()))

    def loss(factors: NDArray[np.float64]) -> float:
        odds = factors @ known
        return float((weights * np.logaddexp(0, np.where(faces, -odds, odds))).sum())

    start = np.array([0.0, 0.5, 0.5])
    found = minimize(loss, start, method="L-BFGS-B", bounds=[(None, None), (0, None), (0, None)])
    _, detector, rescorer = found.x.tolist()
    odds = detector * known[1, faces] + rescorer * known[2, faces]
    passed = int(np.count_nonzero(held_out.scores[held_out.faces] >= SCORE_THRESHOLD))
    limit = float(np.sort(odds)[::-1][round(passed * (1 - _GIVEN_UP)) - 1])
    return Fusion(float(logit(SCORE_THRESHOLD)) - limit, detector, rescorer)


def fusion_figures(
    held_out: Candidates, logits: NDArray[np.float32], fusion: Fusion
) -> dict[str, float]:
    """Return the shares of held-out faces, and numbers of others, that pass before and after."""
    before = held_out.scores >= SCORE_THRESHOLD
    asked = held_out.scores >= CANDIDATES_FROM
    after = asked & (fusion.scores(held_out.scores, logits) >= SCORE_THRESHOLD)
    return {
        "faces_before": round(float(before[held_out.faces].mean()), 4),
        "faces_after": round(float(after[held_out.faces].mean()), 4),
        "others_before": int(before[~held_out.faces].sum()),
        "others_after": int(after[~held_out.faces].sum()),
    }
