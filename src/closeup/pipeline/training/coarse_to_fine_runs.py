"""The trainings of the experiment ``coarse-to-fine``, each with its own folder and result."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from closeup.errors import InputError
from closeup.evaluation.label_study import exchanged, offset_of, pupil_figures
from closeup.files.documents import read_document, write_document
from closeup.open_models import Models
from closeup.opening import PUPIL_METHODS
from closeup.pipeline.training.coarse_to_fine_faces import BY_HAND, WIDTH, ReadFaces
from closeup.pipeline.training.pupil_training import PupilTrainingOptions, new_network, teach
from closeup.progress import Progress, Silent
from closeup.training.options import TrainingOptions
from closeup.training.pupils.samples import EyeSamples
from closeup.training.pupils.split import split

COARSE_METHODS = tuple(n for n in PUPIL_METHODS if n not in ("network", "mediapipe"))
"""Methods that can give coarse labels; none of them needed labels by hand."""

OFFSET_LABELS = 20
"""Number of photos labelled by hand that a constant offset is fitted to."""

_FINE_RATE = 6e-4
"""Learning rate of fine-tuning, instead of 4e-3 from scratch. On held-out people 3e-4 and 1e-3
were equally good."""

_FINE_PASSES, _SCRATCH_PASSES = 10, 30
"""Passes over the labels by hand, if these are more steps than the options ask for."""

_CHECKPOINT = Path("training", "checkpoints", "best.ckpt")
_RESULT = "result.json"


@dataclass(frozen=True, slots=True)
class CoarseToFineOptions:
    """Options of the experiment.

    Attributes:
        methods: Coarse methods, of :data:`COARSE_METHODS`.
        labels: Numbers of photos with both pupils set by hand.
        seeds: Number of repetitions, each with other photos, order and initial weights.
        epochs: Passes over the coarse labels.
        steps: Fine-tuning steps of 64 eyes on the labels by hand, after the coarse labels; ten
            passes over them if that is more.
        scratch_steps: The same for labels by hand alone, from scratch; or thirty passes.

    Raises:
        ValueError: a method is unknown, or a number too small.

    """

    methods: tuple[str, ...] = COARSE_METHODS
    labels: tuple[int, ...] = (30, 100, 300, 1000)
    seeds: int = 3
    epochs: int = 8
    steps: int = 200
    scratch_steps: int = 600

    def __post_init__(self) -> None:
        for method in self.methods:
            if method not in COARSE_METHODS:
                raise ValueError(f"methods are {', '.join(COARSE_METHODS)}, not {method!r}")
        if not self.methods or not self.labels:
            raise ValueError("give at least one method and one number of labels")
        for name in ("seeds", "epochs", "steps", "scratch_steps"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be 1 or more, not {getattr(self, name)}")
        if min(self.labels) < 1:
            raise ValueError(f"numbers of labels must be 1 or more, not {min(self.labels)}")


@dataclass(frozen=True, slots=True)
class Run:
    """One training.

    Attributes:
        method: Method of the coarse labels; None if trained from scratch.
        labels: Number of photos labelled by hand; 0 for the coarse labels alone.
        seed: Seed of the choice of photos and of the training.
        choice: Name of what chose the photos; empty if they are drawn at random. A network that
            learns from chosen photos begins with the coarse network of seed 0.

    """

    method: str | None
    labels: int
    seed: int
    choice: str = ""

    @property
    def name(self) -> str:
        """Folder of the run below that of all runs."""
        labels = f"{self.labels or 'coarse'}{self.choice and '-'}{self.choice}"
        return f"seed-{self.seed}/{self.method or 'scratch'}/{labels}"

    def __str__(self) -> str:
        labels = f"{self.labels} by hand{self.choice and ' chosen by '}{self.choice}"
        if self.method is None:
            return f"from scratch, {labels}, seed {self.seed}"
        return f"{self.method}, {labels if self.labels else 'alone'}, seed {self.seed}"


def planned(options: CoarseToFineOptions) -> list[Run]:
    """Return all runs, seed by seed; coarse runs precede the runs that fine-tune them."""
    return [
        Run(method, labels, seed)
        for seed in range(options.seeds)
        for method in (*options.methods, None)
        for labels in (*((0,) if method else ()), *sorted(options.labels))
    ]


class Bench:
    """Data that all runs share: the faces, the held-out people, and the order of the labels.

    Args:
        training: Faces for training.
        test: Faces of other people.
        options: Options of the experiment.
        folder: Receives a folder for each run.
        models: Opens the trained networks.

    Raises:
        InputError: there are fewer photos than requested labels.

    """

    def __init__(
        self,
        training: ReadFaces,
        test: ReadFaces,
        options: CoarseToFineOptions,
        folder: Path,
        models: Models,
    ) -> None:
        self._training, self._test = training, test
        self._options, self._folder, self._models = options, folder, models
        by_hand = training.labelled(BY_HAND)
        wanted = max(*options.labels, OFFSET_LABELS)
        self.held_out = self._people_apart(training.samples(BY_HAND, by_hand))
        self.learning = np.setdiff1d(np.arange(len(training)), self.held_out)
        self.labelled = np.intersect1d(by_hand, self.learning)
        if len(self.labelled) < wanted:
            raise InputError(
                f"only {len(self.labelled)} faces with both pupils are left to learn from, and "
                f"{wanted} are needed; give more photos or fewer --labels"
            )

    def drawn(self, labels: int, seed: int) -> NDArray[np.int64]:
        """Indices (labels,) of the faces to label; with one seed, larger sets contain smaller."""
        return np.random.default_rng(seed).permutation(self.labelled)[:labels]

    def teacher(self, method: str) -> dict[str, Any]:
        """Figures of a coarse method on the test set, and without its offset for each seed."""
        found, truth = self._test.found(method), self._test.truth.centres
        answered = _answered(found)
        moved = []
        for seed in range(self._options.seeds):
            chosen = self.drawn(OFFSET_LABELS, seed)
            own = self._training.found(method)[chosen]
            moved.append({"seed": seed, **self._without_offset(chosen, own, found, answered)})
        return {
            "method": method,
            "answered": int(answered.sum()),
            **pupil_figures(found, truth, answered),
            "moved": moved,
        }

    def steps(self, run: Run) -> int:
        """Number of training steps of a run."""
        a_pass = max(1, len(self._samples(run, self._chosen(run))) // TrainingOptions().batch)
        if not run.labels:
            return a_pass * self._options.epochs
        if run.method is None:
            return max(self._options.scratch_steps, _SCRATCH_PASSES * a_pass)
        return max(self._options.steps, _FINE_PASSES * a_pass)

    def done(self, run: Run) -> dict[str, Any] | None:
        """The stored result of a run; None if it was not done yet.

        Raises:
            InputError: it is damaged.

        """
        path = self._folder / run.name / _RESULT
        if not path.exists():
            return None
        return read_document(path, dict, "delete it to do the run again")

    def do(
        self, run: Run, progress: Progress, chosen: NDArray[np.int64] | None = None
    ) -> dict[str, Any]:
        """Train, test, and write the result.

        Args:
            run: The run; a coarse run must come before those that fine-tune it.
            progress: Receives the progress of the training.
            chosen: Indices of the faces to learn from; None for those that the seed draws.

        Raises:
            TrainingError, InputError, OutputError: as for :func:`teach`.

        """
        from closeup.training.pupils.export import export

        start, folder = time.perf_counter(), self._folder / run.name
        options = self._training_options(run)
        network = new_network(options, WIDTH, Silent())
        samples = self._samples(run, self._chosen(run) if chosen is None else chosen)
        held_out = self._samples(run, self.held_out)
        eyes = len(samples)
        if run.labels:
            # One epoch of all steps, so that no epoch is selected by held-out figures.
            shown = self.steps(run) * options.training.batch
            samples = samples.chosen(np.resize(np.arange(eyes), shown))
        history = teach(network, samples, held_out, options, folder / "training", progress)
        export(network, folder / "model.onnx")
        record = {
            "method": run.method,
            "labels": run.labels,
            "seed": run.seed,
            **({"choice": run.choice} if run.choice else {}),
            **self._tested(run, folder / "model.onnx", progress),
            "parameters": sum(values.numel() for values in network.parameters()),
            "eyes": eyes,
            "steps": self.steps(run),
            "rate": options.training.rate,
            "best_epoch": history.best.number,
            "held_out": {name: round(value, 5) for name, value in history.best.figures.items()},
            "seconds": round(time.perf_counter() - start, 1),
        }
        write_document(folder / _RESULT, record, checksum=True)
        return record

    def checkpoint(self, run: Run) -> Path:
        """The weights of a run that was done."""
        return self._folder / run.name / _CHECKPOINT

    def _training_options(self, run: Run) -> PupilTrainingOptions:
        if not run.labels:
            return PupilTrainingOptions(
                training=TrainingOptions(epochs=self._options.epochs, seed=run.seed)
            )
        if run.method is None:
            return PupilTrainingOptions(training=TrainingOptions(epochs=1, seed=run.seed))
        coarse = self.checkpoint(Run(run.method, 0, 0 if run.choice else run.seed))
        training = TrainingOptions(epochs=1, seed=run.seed, rate=_FINE_RATE)
        return PupilTrainingOptions(training=training, start=coarse)

    def _chosen(self, run: Run) -> NDArray[np.int64]:
        return self.drawn(run.labels, run.seed) if run.labels else self.learning

    def _samples(self, run: Run, faces: NDArray[np.int64]) -> EyeSamples:
        who = BY_HAND if run.labels or run.method is None else run.method
        return self._training.samples(who, faces)

    def _tested(self, run: Run, model: Path, progress: Progress) -> dict[str, Any]:
        """Figures of a trained model, which is run as by ``closeup pupils``."""
        finder = self._models.pupil_finder(str(model))
        found = self._test.find(finder, progress=progress)
        truth = self._test.truth.centres
        if run.method is None:
            return pupil_figures(found, truth, np.ones(len(found), np.bool_))
        teacher = self._test.found(run.method)
        answered = _answered(teacher)
        figures = pupil_figures(found, truth, answered)
        if not run.labels:
            chosen = self.drawn(OFFSET_LABELS, run.seed)
            own = self._training.find(finder, chosen, progress)
            figures["against_teacher"] = exchanged(found, teacher, truth)
            figures["moved"] = self._without_offset(chosen, own, found, answered)
        return figures

    def _without_offset(
        self,
        chosen: NDArray[np.int64],
        own: NDArray[np.float64],
        found: NDArray[np.float64],
        answered: NDArray[np.bool_],
    ) -> dict[str, Any]:
        """Figures on the test set after removing the offset fitted to a few training photos.

        No offset is removed if the finder found pupils in too few of those photos.
        """
        offsets = offset_of(own, self._training.truth.centres[chosen])
        moved = found if offsets is None else self._test.moved(found, offsets)
        return {
            "labels": OFFSET_LABELS,
            "offsets": None if offsets is None else offsets.round(5).tolist(),
            **pupil_figures(moved, self._test.truth.centres, answered),
        }

    def _people_apart(self, samples: EyeSamples) -> NDArray[np.int64]:
        """Indices of all faces of the held-out people."""
        if len(samples) < 2:
            return np.empty(0, np.int64)
        apart = np.unique(samples.groups[split(samples).held_out])
        return np.flatnonzero(np.isin(self._training.people, apart))


def _answered(found: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(n,) whether both pupils of each face were found, from pupils (n, 2, 2)."""
    return np.asarray(np.isfinite(found).all(axis=(1, 2)))
