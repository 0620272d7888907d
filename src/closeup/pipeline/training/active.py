"""``closeup experiment active``: learning curves of active learning against random labels."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from closeup.evaluation.active_study import LearningCurves, compared, curve_rows
from closeup.evaluation.plots import draw_active_curves
from closeup.files.atomic import claiming, replacing
from closeup.files.documents import write_document
from closeup.open_models import Models
from closeup.pipeline.training.active_network import NetworkRuns
from closeup.pipeline.training.active_pool import FrozenView, StudyPhotos
from closeup.pipeline.training.active_runs import RANDOM, STRATEGIES, CurveStudy, head_of
from closeup.pipeline.training.coarse_to_fine_faces import WIDTH, ReadFaces
from closeup.pipeline.training.coarse_to_fine_runs import (
    COARSE_METHODS,
    Bench,
    CoarseToFineOptions,
    Run,
)
from closeup.pipeline.training.experiment_inputs import ExperimentInputs, StepsAlone
from closeup.pipeline.training.pupil_training import PupilTrainingOptions, new_network
from closeup.progress import Progress, Silent
from closeup.protocols import FaceDetector
from closeup.training.requirements import require_training

RESULT, FIGURE = "active.json", "active.png"

LEVELS = (0.90, 0.93, 0.95)
"""Shares of photos for which the needed labels are counted."""

_FINALISTS = 2


@dataclass(frozen=True, slots=True)
class ActiveOptions:
    """Options of the experiment.

    Attributes:
        strategies: Strategies to compare with random labels, of :data:`STRATEGIES`.
        labels: Numbers of labelled photos at which the error is measured, ascending; the first
            ones are drawn at random.
        screening: Seeds of all strategies, tested on people of the training part.
        seeds: Seeds of the two best strategies and of random labels on the test.
        method: Coarse method whose labels teach the network that gives the features.
        epochs: Passes over the coarse labels.
        network: Seeds with which the whole network is fine-tuned on the photos that the best
            strategy chose, and on random ones; 0 for none.
        network_labels: Numbers of labels of these, out of ``labels``.
        steps: Least number of steps of fine-tuning.

    Raises:
        ValueError: a name is unknown, or a number out of range.

    """

    strategies: tuple[str, ...] = tuple(name for name in STRATEGIES if name != RANDOM)
    labels: tuple[int, ...] = (20, 50, 100, 200, 400, 700, 1000)
    screening: int = 10
    seeds: int = 50
    method: str = "darkest"
    epochs: int = 8
    network: int = 0
    network_labels: tuple[int, ...] = (200, 400)
    steps: int = 200

    def __post_init__(self) -> None:
        for name in self.strategies:
            if name not in STRATEGIES or name == RANDOM:
                known = ", ".join(own for own in STRATEGIES if own != RANDOM)
                raise ValueError(f"strategies are {known}, not {name!r}")
        if not self.strategies:
            raise ValueError("give at least one strategy")
        if self.method not in COARSE_METHODS:
            raise ValueError(f"the method is one of {', '.join(COARSE_METHODS)}, not {self.method}")
        if len(self.labels) < 2 or list(self.labels) != sorted(set(self.labels)):
            raise ValueError(f"give two or more ascending numbers of labels, not {self.labels}")
        for name, least in (("screening", 1), ("seeds", 2), ("epochs", 1), ("steps", 1)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be {least} or more, not {getattr(self, name)}")
        if self.network < 0 or self.labels[0] < 2:
            raise ValueError("network must be 0 or more, and the first number of labels 2 or more")
        if not set(self.network_labels) <= set(self.labels):
            raise ValueError(f"the labels of the network must be among {self.labels}")


def active_experiment(
    train: Path | str,
    test: Path | str,
    images: Path | str,
    out: Path | str,
    options: ActiveOptions,
    *,
    detector: str | FaceDetector = "auto",
    models: Models | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Compare strategies that choose photos to label with random ones, at equal numbers of labels.

    The truth stands in for an annotator. A network is trained on coarse labels alone; on its
    frozen features a head is refitted whenever labels are added. All strategies are screened on
    training people; the two best are compared with random labels on the test. An interrupted
    experiment is continued; more seeds and strategies may be added in the same folder.

    Args:
        train: CSV of hand-set pupils to choose from, see
            :func:`closeup.evaluation.pupil_truth.read_pupil_truth`. Photos of people who are also
            in ``test`` are left out.
        test: CSV of hand-set pupils to measure on.
        images: Folder of the photos of both.
        out: Receives ``active.json``, ``active.png``, and the folders ``runs``, ``screening`` and
            ``curves``.
        options: Options of the experiment.
        detector: A detector, or a name of :data:`closeup.opening.DETECTORS`.
        models: Opens models given by name; None for a new :class:`Models`.
        progress: Receives stages and messages; silent if None.

    Returns:
        Content of the JSON.

    Raises:
        TrainingError: the extra ``train`` is not installed, or a training failed.
        InputError: a truth cannot be used, a photo is missing or damaged, there are too few, or
            ``out`` holds another experiment.
        ModelError: a model is missing or damaged.
        OutputError: ``out`` cannot be written.

    """
    inputs, out = ExperimentInputs(Path(train), Path(test), Path(images), detector), Path(out)
    require_training()
    models, progress = models or Models(), progress or Silent()
    with claiming(out):
        learning, testing = inputs.read(out, _key(options), (options.method,), models, progress)
        result = _Experiment(learning, testing, out, options, models, progress).result()
        result |= inputs.provenance("active", asdict(options), models)
        write_document(out / RESULT, result)
        with replacing(out / FIGURE) as temporary:
            draw_active_curves(temporary, result["curves"], LEVELS)
    return result


class _Experiment:
    """The stages of the experiment on photos that were read."""

    def __init__(
        self,
        learning: ReadFaces,
        testing: ReadFaces,
        out: Path,
        options: ActiveOptions,
        models: Models,
        progress: Progress,
    ) -> None:
        self._testing, self._out = testing, out
        self._options, self._progress = options, progress
        most = 4 * max(options.labels) // 3
        coarse = CoarseToFineOptions((options.method,), (most,), 1, options.epochs, options.steps)
        self._bench = Bench(learning, testing, coarse, out / "runs", models)
        self._learning = learning

    def result(self) -> dict[str, Any]:
        """Figures of all stages."""
        options = self._options
        coarse = self._coarse()
        pool, test = self._photos()
        missed = len(self._testing) - len(test)
        best, screened = self._screened(pool)
        study = CurveStudy(pool, test, missed, options.labels, self._out / "curves")
        curves = self._curves(study, (RANDOM, *best), options.seeds, "comparing on the test")
        # A level that random labels reach in any case: theirs at the last but one number.
        levels = (*LEVELS, float(curves[RANDOM].within[:, -2].mean()))
        networks = NetworkRuns(self._bench, study, options.method)
        return {
            "photos": {"pool": len(pool), "test": len(self._testing), "test_without_face": missed},
            "reference": _reference(pool, test, missed, coarse),
            "screening": screened,
            "best": list(best),
            "compared": {name: compared(curves[name], curves[RANDOM], levels) for name in best},
            "curves": [row for name, own in curves.items() for row in curve_rows(name, own)],
            "network": networks.result(
                best[0], options.network, options.network_labels, self._progress
            ),
        }

    def _coarse(self) -> dict[str, Any]:
        """Figures of the network that learns the coarse labels; it is trained if need be."""
        run = Run(self._options.method, 0, 0)
        self._progress.begin("training on coarse labels", self._bench.steps(run))
        return self._bench.done(run) or self._bench.do(run, StepsAlone(self._progress))

    def _photos(self) -> tuple[StudyPhotos, StudyPhotos]:
        from closeup.training.pupils.compact import CompactNetwork

        self._progress.begin("reading features", 2)
        weights = self._bench.checkpoint(Run(self._options.method, 0, 0))
        network = new_network(PupilTrainingOptions(start=weights), WIDTH, Silent())
        rows = self._bench.labelled
        if not isinstance(network, CompactNetwork):
            raise TypeError("the features are those of a compact network")
        view = FrozenView(network, self._learning, rows, self._options.method)
        pool = view.photos(self._learning, rows)
        self._progress.advance()
        found = [len(face.crops) > 0 for face in self._testing.faces]
        test = view.photos(self._testing, np.flatnonzero(found))
        self._progress.advance()
        return pool, test

    def _screened(self, pool: StudyPhotos) -> tuple[tuple[str, ...], dict[str, Any]]:
        """The best strategies on people of the pool, the best first, and figures of all."""
        options = self._options
        study = CurveStudy(pool, None, 0, options.labels, self._out / "screening")
        names = (RANDOM, *options.strategies)
        curves = self._curves(study, names, options.screening, "screening all strategies")
        figures = {name: compared(curves[name], curves[RANDOM], ()) for name in options.strategies}
        order = sorted(figures, key=lambda name: -figures[name]["within"]["gap"])
        return tuple(order[:_FINALISTS]), {name: figures[name] for name in order}

    def _curves(
        self, study: CurveStudy, names: tuple[str, ...], seeds: int, stage: str
    ) -> dict[str, LearningCurves]:
        self._progress.begin(stage, len(names) * seeds)
        return {name: study.curves(name, seeds, self._progress) for name in names}


def _reference(
    pool: StudyPhotos, test: StudyPhotos, missed: int, coarse: dict[str, Any]
) -> dict[str, Any]:
    """What is reached without labels by hand, and with those of all photos of the pool."""
    nothing = np.zeros_like(test.offsets)
    return {
        "coarse_network": coarse["e_0.05"],
        "head_without_labels": _within(test.errors(nothing), missed),
        "head_with_all_labels": _within(test.errors(test.inputs @ head_of(pool)), missed),
    }


def _within(errors: NDArray[np.float32], missed: int) -> float:
    return float((errors <= 0.05).sum() / (len(errors) + missed))


def _key(options: ActiveOptions) -> dict[str, object]:
    """What all runs in one folder share: not strategies and seeds, whose runs have own files."""
    return {
        "labels": list(options.labels),
        "method": options.method,
        "epochs": options.epochs,
        "steps": options.steps,
    }
