"""What experiments with labelled photos share: their photos, and how they were run."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from closeup.evaluation.pupil_truth import PupilTruth
from closeup.open_models import Models
from closeup.pipeline.training.coarse_to_fine_faces import LabelledFaceReader, person
from closeup.progress import Progress, Silent
from closeup.protocols import FaceDetector

_GIB = 2**30
_PACKAGES = ("closeup", "torch", "lightning", "onnxruntime", "numpy")


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
