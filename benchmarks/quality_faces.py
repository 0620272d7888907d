"""Eyes of LFW with truth, coarse labels and drawn verdicts, for the benchmark ``label_quality``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.recording import settings, shared_data
from closeup.evaluation.pupil_truth import read_pupil_truth
from closeup.geometry import Size
from closeup.models.sessions import Network
from closeup.open_models import Models
from closeup.pipeline.training.coarse_to_fine_faces import (
    BY_HAND,
    SIZE,
    WIDTH,
    LabelledFaceReader,
)
from closeup.pipeline.training.coarse_to_fine_runs import COARSE_METHODS
from closeup.progress import Silent
from closeup.pupils.network_file import INPUT, described
from closeup.training.label_quality.samples import QualitySamples, QualityView

Numbers = NDArray[np.float64]

_EXTENT = np.array([WIDTH, WIDTH * SIZE.height / SIZE.width])
"""Width and height of a crop, in eye distances."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelledEyes:
    """Eyes with labels of several methods.

    Attributes:
        crops: (n, H, W) uint8 grey, 2 eye distances wide.
        people: (n,) number of each eye's person.
        truth: (n, 2) x and y by hand, in shares of the crops' sides.
        labels: Method → (n, 2), or NaN.

    """

    crops: NDArray[np.uint8]
    people: NDArray[np.int64]
    truth: Numbers
    labels: Mapping[str, Numbers]

    def errors(self, method: str) -> Numbers:
        """(n,) distances of a method's labels from the truth, in eye distances."""
        return np.asarray(np.hypot(*((self.labels[method] - self.truth) * _EXTENT).T))

    def of(self, rows: NDArray[np.bool_]) -> LabelledEyes:
        """The eyes that a mask selects."""
        labels = {method: own[rows] for method, own in self.labels.items()}
        return LabelledEyes(self.crops[rows], self.people[rows], self.truth[rows], labels)


@dataclass(frozen=True, slots=True, eq=False)
class JudgedEyes:
    """n labels, each with a verdict that was drawn from the truth.

    Attributes:
        samples: The labels; ``bad`` is the verdict.
        methods: (n,) names of their methods.
        errors: (n,) distances from the truth, in eye distances.

    """

    samples: QualitySamples
    methods: NDArray[np.str_]
    errors: Numbers

    def __getitem__(self, rows: NDArray[np.bool_] | NDArray[np.integer]) -> JudgedEyes:
        return JudgedEyes(self.samples[rows], self.methods[rows], self.errors[rows])


def read_eyes(part: str, cache: Path | None) -> LabelledEyes:
    """All eyes of a part with truth, coarse labels and a crop.

    Args:
        part: ``train`` or ``validation``.
        cache: Folder of ``PART.npz``, which is written if it is missing; None reads the photos.

    """
    file = cache / f"{part}.npz" if cache else None
    if file is None or not file.exists():
        columns = _read(part)
        if file is not None:
            np.savez(file, **columns)  # type: ignore[arg-type]
    else:
        columns = dict(np.load(file))
    seen = np.flatnonzero(columns["seen"])
    truth = columns[f"label_{BY_HAND}"][seen].reshape(-1, 2)
    labels = {method: columns[f"label_{method}"][seen].reshape(-1, 2) for method in COARSE_METHODS}
    crops = columns["crops"][seen].reshape(-1, SIZE.height, SIZE.width)
    eyes = LabelledEyes(crops, np.repeat(columns["people"][seen], 2), truth, labels)
    return eyes.of(np.isfinite(truth).all(axis=1))


def _read(part: str) -> dict[str, NDArray[Any]]:
    models, data = Models(settings()), shared_data()
    reader = LabelledFaceReader(
        models.detector("yunet-n", threads=1, progress=Silent()),
        models.landmarker("dlib-5-points"),
        {method: models.pupil_finder(method) for method in COARSE_METHODS},
    )
    truth = read_pupil_truth(data / "eyes" / f"truth_{part}.csv", data / "lfw" / "images")
    read = reader.read(truth, Silent(), part)
    nowhere = np.full((2, 2), np.nan)
    blank = np.zeros((2, SIZE.height, SIZE.width), np.uint8)
    labels = {
        f"label_{method}": np.array([face.labels.get(method, nowhere) for face in read.faces])
        for method in (*COARSE_METHODS, BY_HAND)
    }
    return {
        "seen": np.array([face.face is not None for face in read.faces]),
        "crops": np.array([face.crops if len(face.crops) else blank for face in read.faces]),
        "people": read.people,
        **labels,
    }


def network_labels(eyes: LabelledEyes, model: Path) -> Numbers:
    """(n, 2) labels of a pupil network, in shares of the crops' sides."""
    network = Network(model.read_bytes(), str(model), threads=1)
    said = described(network, str(model))
    share = np.array(said.size) / (said.size.width / said.width) / _EXTENT
    inputs = _cut(eyes.crops, said.size, said.size.width / said.width)
    points = [
        network.run(**{INPUT: inputs[i : i + 64]})["points"][:, said.points // 2]
        for i in range(0, len(inputs), 64)
    ]
    return np.asarray((np.concatenate(points).astype(np.float64) - 0.5) * share + 0.5)


def judged(
    eyes: LabelledEyes,
    methods: Sequence[str],
    view: QualityView,
    tolerance: float,
    chosen: int | None = None,
    rng: np.random.Generator | None = None,
) -> JudgedEyes:
    """Labels with verdicts: false if they are off by more than the tolerance.

    Args:
        eyes: The eyes.
        methods: Whose labels are judged.
        view: What the network sees of them.
        tolerance: In eye distances.
        chosen: Number of labels that are drawn; None for all.
        rng: Draws them.

    """
    pairs = [
        (row, method)
        for method in methods
        for row in np.flatnonzero(np.isfinite(eyes.errors(method))).tolist()
    ]
    if chosen is not None and rng is not None:
        pairs = [pairs[place] for place in rng.permutation(len(pairs))[:chosen].tolist()]
    rows = np.array([row for row, _ in pairs])
    names = np.array([method for _, method in pairs])
    places = np.array([eyes.labels[method][row] for row, method in pairs])
    errors = np.array(
        [np.hypot(*((p - t) * _EXTENT)) for p, t in zip(places, eyes.truth[rows], strict=True)]
    )
    count = len(pairs)
    samples = QualitySamples(
        pixels=np.repeat(_cut(eyes.crops[rows], view.stored, view.unit)[..., None], 3, axis=3),
        points=((places - 0.5) * _EXTENT * view.unit).astype(np.float32)[:, None],
        boxes=np.full((count, 4), np.nan, np.float32),
        bad=errors > tolerance,
        weight=np.ones(count, np.float32),
        groups=eyes.people[rows],
        view=view,
    )
    return JudgedEyes(samples, names, errors)


def _cut(crops: NDArray[np.uint8], size: Size, unit: float) -> NDArray[np.uint8]:
    """The middles of crops at ``unit`` pixels for an eye distance."""
    scale = unit / (SIZE.width / WIDTH)
    shift = (np.array(size) - 1) / 2 - scale * (np.array(SIZE) - 1) / 2
    matrix = np.column_stack([scale * np.eye(2), shift])
    return np.array(
        [cv2.warpAffine(crop, matrix, size, borderMode=cv2.BORDER_REPLICATE) for crop in crops]
    )
