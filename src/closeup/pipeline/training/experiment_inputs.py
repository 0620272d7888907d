"""What experiments with labelled photos share: their photos, and how they were run."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from closeup.evaluation.pupil_truth import PupilTruth, read_pupil_truth
from closeup.files.workfolder import WorkFolder
from closeup.open_models import Models
from closeup.pipeline.training.coarse_to_fine_faces import LabelledFaceReader, ReadFaces, person
from closeup.progress import Progress, Silent
from closeup.protocols import FaceDetector

_GIB = 2**30
_PACKAGES = ("closeup", "torch", "lightning", "onnxruntime", "numpy")
_KEY = "experiment.json"


@dataclass(frozen=True, slots=True)
class ExperimentInputs:
    """Labelled photos to learn from and to measure on, and a detector for their faces.

    Attributes:
        train: CSV of hand-set pupils to learn from, see
            :func:`closeup.evaluation.pupil_truth.read_pupil_truth`. Photos of people who are also
            in ``test`` are left out.
        test: CSV of hand-set pupils to measure on.
        images: Folder of the photos of both.
        detector: A detector, or a name of :data:`closeup.opening.DETECTORS`.

    """

    train: Path
    test: Path
    images: Path
    detector: str | FaceDetector

    def read(
        self,
        out: Path,
        key: Mapping[str, object],
        methods: Sequence[str],
        models: Models,
        progress: Progress,
    ) -> tuple[ReadFaces, ReadFaces]:
        """Make ``out`` the experiment's folder and read the photos to learn from and to test on.

        Args:
            out: Folder of this experiment, or an empty one.
            key: Options that all runs in a folder share; the others may differ.
            methods: Coarse methods whose labels are wanted.
            models: Opens models.
            progress: Receives stages and messages.

        Raises:
            InputError: a truth cannot be used, a photo is missing or damaged, or ``out`` holds
                another experiment.

        """
        tested = read_pupil_truth(self.test, self.images)
        taught = without_people(read_pupil_truth(self.train, self.images), tested, progress)
        digests = [truth_digest(taught), truth_digest(tested)]
        key = {"truth": digests, **key, "detector": self._detector_name(models)}
        work = WorkFolder(out, _KEY, key, fingerprints={"truth": "another truth"})
        if work.earlier() is None:
            work.write()
        reader = opened_reader(self.detector, methods, models, progress)
        return (
            reader.read(taught, progress, "reading photos to learn from"),
            reader.read(tested, progress, "reading photos to test on"),
        )

    def provenance(
        self, experiment: str, options: Mapping[str, object], models: Models
    ) -> dict[str, Any]:
        """How a result came about: ``command``, ``machine`` and ``versions``.

        Args:
            experiment: Its name on the command line.
            options: All its options, named as in Python.
            models: Opens models.

        """
        said = {
            "truth": self.train.name,
            "test": self.test.name,
            "images": self.images.name,
            **options,
            "detector": self._detector_name(models),
        }
        words = [f"--{name.replace('_', '-')} {_listed(value)}" for name, value in said.items()]
        return {
            "command": " ".join([f"closeup experiment {experiment}", *words]),
            "machine": machine(),
            "versions": versions(),
        }

    def _detector_name(self, models: Models) -> str:
        if isinstance(self.detector, str):
            return self.detector
        return models.detector(self.detector).name


def _listed(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def opened_reader(
    detector: str | FaceDetector, methods: Sequence[str], models: Models, progress: Progress
) -> LabelledFaceReader:
    """Open all that reads labelled faces.

    Args:
        detector: A detector, or its name.
        methods: Coarse methods whose labels are wanted.
        models: Opens models.
        progress: Receives messages about models.

    """
    # Photos are read in parallel, one thread each.
    opened = models.detector(detector, threads=1, progress=progress)
    finders = {method: models.pupil_finder(method) for method in methods}
    return LabelledFaceReader(opened, models.landmarker("dlib-5-points"), finders)


class StepsAlone(Silent):
    """Forwards the steps of one training among many, and drops its stages and messages."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def advance(self, frames: int = 1) -> None:
        """See :class:`closeup.progress.Progress`."""
        self._progress.advance(frames)


def without_people(taught: PupilTruth, tested: PupilTruth, progress: Progress) -> PupilTruth:
    """Leave out the photos of people who are also in the test."""
    known = {person(name) for name in tested.names}
    kept = [n for n, name in enumerate(taught.names) if person(name) not in known]
    if left_out := len(taught) - len(kept):
        progress.say(f"{left_out} photos of people of the test are not learnt from")
    return PupilTruth(
        tuple(taught.names[n] for n in kept),
        tuple(taught.paths[n] for n in kept),
        taught.centres[kept],
        taught.unlabelled,
    )


def truth_digest(truth: PupilTruth) -> str:
    """A fingerprint of the photos and their labels."""
    digest = hashlib.sha256("\0".join(truth.names).encode("utf-8", "surrogateescape"))
    digest.update(truth.centres.tobytes())
    return digest.hexdigest()[:16]


def machine() -> dict[str, Any]:
    """Processors and memory of this machine, for a result."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"processors": os.cpu_count(), "memory_gib": round(memory / _GIB, 1)}


def versions() -> dict[str, str]:
    """Versions of the packages that influence a result."""
    return {name: version(name) for name in _PACKAGES}
