"""Accuracy of each classic pupil finder, and the gain of each step beyond its textbook form.

MediaPipe's iris network stands beside them, with the eyes cut out by dlib's points and by its own.
The network of Closeup is compared with them in ``pupil_network``.

The photos are from LFW, with hand-set eye centres. All tuning and fitting, of the constants in the
code and the offset of the last columns, uses one part of the people (``eyes/truth_train.csv``); all
results are measured on the others (``eyes/truth_validation.csv``).

- ``e ≤ 0.05`` and so on: share of photos in which the error of the **worse** eye is at most that
  share of the eye distance; a missed face or eye is a failure.
- ``calibrated``: the same at 0.05 after one constant offset per eye.
- ``none``: share of eyes without a point.
- ``ms``: processor milliseconds per face, with the landmarks, without face detection.

``corners`` uses no pixel of the eye: it shows the accuracy of the landmarks alone.

    python -m benchmarks.pupils [--every N] [--only NAME]
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.recording import RESULTS, save, settings, shared_data, show
from closeup.evaluation.pupil_errors import LIMITS, eye_errors, share_interval, share_within
from closeup.evaluation.pupil_reading import PhotoReading, PupilReader
from closeup.evaluation.pupil_truth import PupilTruth, read_pupil_truth
from closeup.landmarks.upright_landmarker import LOOKS, UprightLandmarker
from closeup.models.files import locate
from closeup.opening import open_detector, open_landmarker
from closeup.progress import Silent
from closeup.protocols import PupilFinder
from closeup.pupils.calibration import fit_offsets
from closeup.pupils.contour import ContourPupilFinder
from closeup.pupils.crop_finder import CropPupilFinder
from closeup.pupils.darkest import DarkestPoint
from closeup.pupils.eye_crops import EyeCrop
from closeup.pupils.eye_frame import EyeFrame
from closeup.pupils.integral_projection import Projection
from closeup.pupils.iris import IrisNetwork, iris_finder
from closeup.pupils.mean_shift import MeanShift
from closeup.pupils.method import EyeMethod, Located, Steps

_TUNED_ON_EVERY = 3
"""Step between the photos that offsets are fitted on."""


@dataclass(frozen=True, slots=True)
class CornersOnly:
    """The middle between the eye corners, shifted to a pupil's usual height above their line."""

    above: float

    name = "corners"

    def locate(self, crop: EyeCrop, steps: Steps | None = None) -> Located:
        """See :class:`closeup.pupils.method.EyeMethod`."""
        height, width = crop.pixels.shape[:2]
        middle = np.array([(width - 1) / 2, (height - 1) / 2 - self.above * crop.unit])
        if steps:
            steps.show("result", crop.pixels, (float(middle[0]), float(middle[1])))
        return Located(middle, confidence=1.0)


EYE_METHODS: dict[str, EyeMethod] = {
    "corners": CornersOnly(0),
    "corners, raised": CornersOnly(0.034),
    "darkest, textbook": DarkestPoint.textbook(),
    "darkest, textbook + surround": DarkestPoint(trust=0, reflections=False),
    "darkest, textbook + prior": DarkestPoint(surround=0, reflections=False),
    "darkest, + surround + prior": DarkestPoint(reflections=False),
    "darkest": DarkestPoint(),
    "projection, textbook": Projection.textbook(),
    "projection, without prior": Projection(prior=0),
    "projection, without surround": Projection(surround=0),
    "projection, without bands": Projection(band=0),
    "projection, with reflections": Projection(reflections=False),
    "projection": Projection(),
    "mean-shift, textbook": MeanShift.textbook(),
    "mean-shift, without prior": MeanShift(prior=0),
    "mean-shift, without surround": MeanShift(surround=0),
    "mean-shift, with reflections": MeanShift(reflections=False),
    "mean-shift": MeanShift(),
}


def main() -> None:
    """Measure, print and save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--every", type=int, default=1, help="use every Nth photo only")
    parser.add_argument("--only", help="begin of methods to measure again, among the old results")
    arguments = parser.parse_args()
    every: int = arguments.every
    here = settings()
    detector = open_detector("yunet-n", settings=here, progress=Silent(), threads=1)
    chosen = {n: f for n, f in finders().items() if n == "corners" or chooses(arguments.only, n)}
    reader = PupilReader(detector, chosen)
    train, validation = (
        part(name, step)
        for name, step in (("train", _TUNED_ON_EVERY * every), ("validation", every))
    )
    fitted, measured = (reader.read(truth, Silent()) for truth in (train, validation))
    rows = [
        row(name, offsets(name, fitted, train), measured, validation)
        for name in reader.finders
        if chooses(arguments.only, name)
    ]
    if arguments.only:
        again = {own["method"]: own for own in rows}
        old = json.loads((RESULTS / "pupils.json").read_text())["methods"]
        rows = [again.get(own["method"], own) for own in old]
    show(f"pupils of {len(validation)} faces, in percent", rows)
    save("pupils", {"faces": len(validation), "calibrated on": len(train), "methods": rows})


def chooses(only: str | None, name: str) -> bool:
    """Return whether a method is to be measured."""
    return only is None or name.startswith(only)


def part(name: str, every: int) -> PupilTruth:
    """Return every ``every``-th photo of one table."""
    truth = read_pupil_truth(
        shared_data() / "eyes" / f"truth_{name}.csv", shared_data() / "lfw" / "images"
    )
    return PupilTruth(truth.names[::every], truth.paths[::every], truth.centres[::every])


def finders() -> Mapping[str, PupilFinder]:
    """Return every version of every method, by name."""
    five, many = (open_landmarker(f"dlib-{k}-points", settings=settings()) for k in (5, 68))
    iris = IrisNetwork(locate("mediapipe-iris", settings()).read_bytes())
    mesh = open_landmarker("mediapipe-468", settings=settings())
    one_look = UprightLandmarker(five, many, LOOKS[:1])
    upright = UprightLandmarker(five, many)
    return {
        "contour, textbook": ContourPupilFinder(many, area=False),
        "contour, textbook + area": ContourPupilFinder(many),
        "contour, + upright": ContourPupilFinder(one_look, area=False),
        "contour, + upright + area": ContourPupilFinder(one_look),
        "contour, + three looks": ContourPupilFinder(upright, area=False),
        "contour": ContourPupilFinder(upright),
        **{name: CropPupilFinder(method, five) for name, method in EYE_METHODS.items()},
        "mediapipe, own corners": iris_finder(iris, mesh),
        "mediapipe": iris_finder(iris, five),
    }


def centres(name: str, readings: Sequence[PhotoReading]) -> NDArray[np.float64]:
    """Return the pupils of one method; (n, 2, 2)."""
    return np.array([reading.found[name].centres for reading in readings])


def offsets(name: str, readings: Sequence[PhotoReading], truth: PupilTruth) -> NDArray[np.float64]:
    """Return the constant error of one method; (2, 2) in eye distances."""
    return fit_offsets(centres(name, readings), truth.centres)


def row(
    name: str, offset: NDArray[np.float64], readings: Sequence[PhotoReading], truth: PupilTruth
) -> dict[str, object]:
    """Return one row of the table."""
    found = centres(name, readings)
    worse = eye_errors(found, truth.centres).max(axis=1)
    # Only corners known to both, whose frame is that of calibrated finders.
    frames = [EyeFrame(*pair) for pair in centres("corners", readings)]
    moved = found + np.array([frame.moved(offset) for frame in frames])
    low, high = share_interval(worse, LIMITS[0])
    return {
        "method": name,
        **{f"e ≤ {limit:.2f}": percent(share_within(worse, limit)) for limit in LIMITS},
        "interval": f"{percent(low)}–{percent(high)}",
        "calibrated": percent(
            share_within(eye_errors(moved, truth.centres).max(axis=1), LIMITS[0])
        ),
        "none": percent(float(np.isnan(found).any(axis=2).mean())),
        "ms": round(1e3 * float(np.mean([r.found[name].seconds for r in readings])), 1),
    }


def percent(share: float) -> float:
    """Return the share in percent, to one decimal."""
    return round(100 * share, 1)


if __name__ == "__main__":
    main()
