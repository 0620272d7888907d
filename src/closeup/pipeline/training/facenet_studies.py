"""``closeup experiment facenet``: the studies of the FaceNet paper on a small scale."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from closeup.evaluation.distances import Distance, pair_distances
from closeup.evaluation.facenet_paper import HERE, PAPER, FacenetStudy
from closeup.evaluation.lfw_pairs import Pairs, find_photos, read_pairs
from closeup.evaluation.photo_vectors import Change, PhotoEmbedder, PhotoVectors
from closeup.evaluation.plots import draw_facenet_study
from closeup.evaluation.sensitivity import Steps, jpeg_steps, size_steps
from closeup.evaluation.verification import verify_folds
from closeup.files.atomic import claiming, replacing
from closeup.files.documents import write_document
from closeup.files.workfolder import WorkFolder
from closeup.open_models import Models
from closeup.pipeline.training.experiment_inputs import machine, versions
from closeup.pipeline.training.identity_faces import (
    KeptOut,
    PeopleFaceReader,
    PeopleFaces,
    read_people,
)
from closeup.pipeline.training.identity_training import (
    IdentityTrainingOptions,
    teach_identity,
)
from closeup.progress import Progress, Silent
from closeup.protocols import FaceDetector
from closeup.training.requirements import require_training

RESULT, FIGURE = "{study}.json", "{study}.png"
_KEY = "experiment.json"


@dataclass(frozen=True, slots=True)
class FacenetOptions:
    """Options of a study.

    Attributes:
        training: Options of each training; the study varies one of them.
        folds: Folds of the pairs that are measured on; their people are not learnt from.

    Raises:
        ValueError: there are fewer than two folds.

    """

    training: IdentityTrainingOptions = field(default_factory=IdentityTrainingOptions)
    folds: tuple[int, ...] = (1, 2, 3, 4, 5)

    def __post_init__(self) -> None:
        if len(set(self.folds)) < 2:
            raise ValueError("the protocol needs two folds or more to measure on")


def facenet_study(
    study: FacenetStudy,
    faces: Path | str,
    pairs: Path | str,
    out: Path | str,
    options: FacenetOptions | None = None,
    *,
    detector: str | FaceDetector = "auto",
    models: Models | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Train on some people of LFW and run one of the paper's studies on the others.

    Networks are kept in ``out`` and used by the other studies; an interrupted study is continued.

    Args:
        study: What is varied.
        faces: LFW: a folder for each person, or the folder that holds these in ``images``.
        pairs: LFW's ``pairs.txt``.
        out: Receives ``STUDY.json``, ``STUDY.png``, and the networks.
        options: Options of the study; None for the defaults.
        detector: A detector, or a name of :data:`closeup.opening.DETECTORS`.
        models: Opens models given by name; None for a new :class:`Models`.
        progress: Receives stages and messages; silent if None.

    Returns:
        Content of the JSON: ``study``, ``rows`` with ``value``; ``val`` on all pairs of the
        photos of a fold, its ``val_standard_error`` over the folds; ``accuracy`` on the listed
        pairs, its ``standard_error``; the ``paper``'s figure; ``options``, ``machine`` and
        ``versions``.

    Raises:
        TrainingError: the extra ``train`` is not installed, or a training failed.
        InputError: the photos or pairs cannot be used, or ``out`` holds another experiment.
        ModelError: a model cannot be opened.
        OutputError: ``out`` cannot be written.

    """
    options = options or FacenetOptions()
    models, progress = models or Models(), progress or Silent()
    require_training()
    bench = _Bench(Path(faces), Path(pairs), Path(out), options, detector, models, progress)
    with claiming(bench.out):
        bench.claim()
        rows = bench.rows(study)
        result = {
            "study": str(study),
            "rows": [{**row, "paper": PAPER[study].get(row["value"])} for row in rows],
            "options": bench.said(),
            "machine": machine(),
            "versions": versions(),
        }
        write_document(bench.out / RESULT.format(study=study), result)
        with replacing(bench.out / FIGURE.format(study=study)) as temporary:
            draw_facenet_study(temporary, study, rows)
    return result


@dataclass(slots=True)
class _Bench:
    """Trains and measures the networks of a folder."""

    faces: Path
    pairs: Path
    out: Path
    options: FacenetOptions
    detector: str | FaceDetector
    models: Models
    progress: Progress
    _read: PeopleFaces | None = field(default=None, init=False)

    def said(self) -> dict[str, Any]:
        """What all networks of a folder share."""
        training = self.options.training
        return {
            "faces": self.faces.name,
            "folds": list(self.options.folds),
            "loss": str(training.loss),
            "architecture": str(training.network.architecture),
            "side": training.network.chip_side,
            "width": training.network.width,
            "epochs": training.training.epochs,
            "batch": training.training.batch,
            "rate": training.training.rate,
            "seed": training.training.seed,
        }

    def claim(self) -> None:
        """Make this the folder of the experiment, or check that it is."""
        work = WorkFolder(self.out, _KEY, self.said(), fingerprints={})
        if work.earlier() is None:
            work.write()

    def rows(self, study: FacenetStudy) -> list[dict[str, Any]]:
        """One row for each value."""
        usual = self.options.training
        if study is FacenetStudy.DIMENSIONS:
            sizes = [int(dims) for dims in HERE[study]]
            return [
                self._measured(
                    dims, replace(usual, network=replace(usual.network, dims=dims)), f"dims-{dims}"
                )
                for dims in sizes
            ]
        if study is FacenetStudy.DATA:
            return [self._measured(share, usual, self._name(share), share) for share in HERE[study]]
        return self._changed(study)

    def _name(self, share: float) -> str:
        return f"dims-{self.options.training.network.dims}" if share == 1 else f"data-{share:g}"

    def _measured(
        self, value: float, options: IdentityTrainingOptions, name: str, share: float = 1.0
    ) -> dict[str, Any]:
        """Train one network and measure it on the unchanged photos."""
        photos = self._photos(self._network(options, name, share))
        row = photos.row(value, photos.read(self.progress))
        self.progress.say(f"{name}: {row['accuracy']:.1%} right, VAL {row['val']:.1%}")
        return row

    def _changed(self, study: FacenetStudy) -> list[dict[str, Any]]:
        """Measure the usual network on changed photos."""
        photos = self._photos(self._network(self.options.training, self._name(1.0), 1.0))
        values = HERE[study]
        steps: Steps
        if study is FacenetStudy.QUALITY:
            steps = jpeg_steps([int(value) for value in values])
        else:
            heights = photos.read(self.progress).heights
            steps = size_steps(heights, [round(value**0.5) for value in values])
        return [
            photos.row(value, photos.read(self.progress, stage, change))
            for value, (stage, (_, change)) in zip(values, steps.items(), strict=True)
        ]

    def _photos(self, model: Path) -> _MeasuredPhotos:
        reader = PhotoEmbedder(
            self.models.detector(self.detector, threads=1, progress=self.progress),
            self.models.embedder(str(model), threads=1, calibrated=False),
        )
        pairs = read_pairs(self.pairs).of_folds(self.options.folds)
        return _MeasuredPhotos(find_photos(pairs, self.faces), pairs, pairs.every(), reader)

    def _network(self, options: IdentityTrainingOptions, name: str, share: float) -> Path:
        model = self.out / f"{name}.onnx"
        if not model.with_suffix(".json").exists():
            faces = self._some(share, options.training.seed)
            teach_identity(faces, model, options, models=self.models, progress=self.progress)
        return model

    def _some(self, share: float, seed: int) -> PeopleFaces:
        """The faces of a share of the people that may be learnt from."""
        if self._read is None:
            reader = PeopleFaceReader(
                self.models.detector(self.detector, threads=1, progress=self.progress),
                self.models.landmarker("dlib-5-points"),
                self.options.training.network.chip_side,
            )
            kept_out = KeptOut((self.pairs,), self.options.folds)
            self._read = read_people(self.faces, reader, kept_out, self.progress)
        people = np.unique(self._read.chips.people)
        drawn = np.random.default_rng(seed).permutation(people)[: round(share * len(people))]
        return self._read[np.isin(self._read.chips.people, drawn)]


@dataclass(frozen=True, slots=True)
class _MeasuredPhotos:
    """The photos of the folds that are measured on.

    A false accept rate of one in a thousand is one or two of a protocol's pairs, so that a
    validation rate of these is chance: it is measured on all pairs of the photos of a fold.
    """

    paths: list[Path]
    pairs: Pairs
    every: Pairs
    reader: PhotoEmbedder

    def read(
        self, progress: Progress, stage: str = "embedding photos", change: Change | None = None
    ) -> PhotoVectors:
        """Embed the photos as ``change`` makes them."""
        return self.reader.read(self.paths, progress, stage, change)

    def row(self, value: float, vectors: PhotoVectors) -> dict[str, Any]:
        """One row of a study."""
        accurate, strict = (
            verify_folds(
                pair_distances(vectors.joined(), pairs.rows, Distance.UNIT, None),
                pairs.same,
                pairs.folds,
            )
            for pairs in (self.pairs, self.every)
        )
        return {
            "value": value, "val": strict.val, "val_standard_error": strict.val_standard_error,
            "accuracy": accurate.accuracy, "standard_error": accurate.standard_error,
        }  # fmt: skip
