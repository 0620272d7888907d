"""Quality of the package's pupil network, compared with the classic methods.

The photos are those of ``eyes/truth_validation.csv``: 824 of LFW with hand-set eye centres, of
people held out from training.

- ``e ≤ 0.05`` and so on: as measured by ``closeup evaluate pupils`` (see
  :mod:`closeup.evaluation.pupil_errors`): the share of photos in which the error of the **worse**
  eye is at most that share of the eye distance, with its 95 % interval. A missed face and a refused
  eye are failures. ``misses`` by cause, and ``reasons`` of refused eyes, are in the JSON only.
- ``confidence``: it should equal the share of pupils within 0.05. Eyes with a pupil are sorted by
  it into five classes; in each, its mean and that share should agree, within the interval.
- ``openness``: there are no hand-set labels. ``like contour`` is Spearman's correlation with the
  lid distance from dlib's 68 points, ``closed told`` the area under the ROC curve for separating
  nearly closed eyes (a quarter of a well open one's lid distance) from those at least half open,
  both on the eyes known to ``contour``. The network was trained on ``contour``, so this measures
  the training, not correctness. ``both eyes alike`` is the correlation of the two eyes of a face.
- ``jitter``: as measured by ``closeup evaluate pupils --video``, on a man in front of his webcam.
- ``speed``: processor milliseconds per eye, for one eye, a face, and eight faces of one
  picture: each row adds a step to the row above. The median of many rounds. The last row
  is all the work of ``closeup pupils`` after face detection.

    python -m benchmarks.pupil_network [--every N] [--network FILE]
"""

from __future__ import annotations

import argparse
import hashlib
import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
from numpy.typing import NDArray
from scipy.stats import mannwhitneyu, spearmanr

from benchmarks.pupils import part, percent
from benchmarks.recording import save, settings, shared_data, show
from closeup.drawing.sheets import grid
from closeup.evaluation.pupil_errors import LIMITS, share_interval, share_within
from closeup.evaluation.pupil_misses import explain_misses
from closeup.evaluation.pupil_reading import PhotoReading, PupilReader, errors_of
from closeup.evaluation.pupil_report import method_record
from closeup.evaluation.pupil_truth import PupilTruth
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.models.files import locate
from closeup.models.sessions import Network
from closeup.open_models import Models
from closeup.opening import PUPIL_METHODS, open_detector, open_landmarker, open_pupil_finder
from closeup.pipeline.evaluation.pupil_jitter import evaluate_jitter
from closeup.progress import Silent
from closeup.protocols import FaceDetector
from closeup.pupils.eye_crops import EyeCrop, eye_crops
from closeup.pupils.eye_frame import EyeFrame
from closeup.pupils.network import EyeNetwork, NetworkPupilFinder
from closeup.pupils.network_file import INPUT

_DETECTOR = "yunet-n"
_CONFIDENCE = (0, 0.7, 0.9, 0.95, 0.99, 1)
_CLOSED, _OPEN = 0.25, 0.5
"""Limits of the openness by ``contour``, from 0 (lids that touch) to 1 (a well open eye)."""
_ABREAST = 4
"""Number of photos in a row of a combined picture."""
_FACES_AND_EYES = ((1, 1), (1, 2), (8, 16))
"""Numbers of faces and eyes that are timed."""
_WARM_UP, _TURNS = 10, 200

Row = dict[str, object]
Numbers = NDArray[np.float64]


def main() -> None:
    """Measure, print and save; results of another network than the package's are not saved."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--every", type=int, default=1, help="use every Nth photo only")
    parser.add_argument("--network", default="network", help="the .onnx file of another one")
    given = parser.parse_args()
    result = measured(given.network, part("validation", given.every))
    if given.network == "network":
        save("pupil_network", result)


def measured(network: str, truth: PupilTruth) -> dict[str, object]:
    """Return all results of a network, also printed."""
    here, methods = settings(), (network, *(name for name in PUPIL_METHODS if name != "network"))
    detector = open_detector(_DETECTOR, settings=here, progress=Silent(), threads=1)
    finders = {name: open_pupil_finder(name, settings=here) for name in methods}
    readings = PupilReader(detector, finders).read(truth, Silent())
    records = {
        name: method_record(name, readings, truth, explain_misses(name, readings, truth))
        for name in methods
    }
    show(f"pupils of {len(truth)} faces, in percent", [share_row(*own) for own in records.items()])
    confidence = confidence_rows(network, readings, truth)
    show("confidence", confidence)
    openness = openness_rows(methods, readings)
    show("openness", openness)
    steady = jitter_rows(methods)
    show("jitter", steady)
    model = (locate("closeup-pupils", here) if network == "network" else Path(network)).read_bytes()
    speed = speed_rows(model, detector, truth)
    show("milliseconds of one processor an eye", speed)
    return {
        "faces": len(truth),
        "sha256": hashlib.sha256(model).hexdigest(),
        "parameters": parameters(model),
        "methods": records,
        "confidence": confidence,
        "openness": openness,
        "jitter": steady,
        "speed": speed,
    }


def share_row(name: str, record: Mapping[str, Any]) -> Row:
    """Return one row of the table of all methods."""
    row: Row = {"method": name}
    for limit in LIMITS:
        row[f"e ≤ {limit:.2f}"] = percent(record[f"e_{limit:.2f}"])
        row[f"interval {limit:.2f}"] = interval(*record[f"interval_{limit:.2f}"])
    return {**row, "no pupil, eyes": record["not_found"], "ms a face": record["ms_a_face"]}


def interval(low: float, high: float) -> str:
    """Format the interval of a share, in percent."""
    return f"{percent(low)}–{percent(high)}"


def told(name: str, what: str, readings: Sequence[PhotoReading]) -> Numbers:
    """Return ``confidence`` or ``openness`` of each eye by one method; (n, 2)."""
    return np.array([getattr(reading.found[name], what) for reading in readings], np.float64)


def confidence_rows(name: str, readings: Sequence[PhotoReading], truth: PupilTruth) -> list[Row]:
    """Return confidence and share of right pupils, by class."""
    errors, sure = errors_of(name, readings, truth).ravel(), told(name, "confidence", readings)
    found = np.isfinite(errors)
    return [
        _confidence_row(low, high, sure.ravel()[found], errors[found])
        for low, high in pairwise(_CONFIDENCE)
    ]


def _confidence_row(low: float, high: float, sure: Numbers, errors: Numbers) -> Row:
    """Return the row of eyes from ``low`` up to below ``high``; the last class includes 1."""
    own = (sure >= low) & ((sure < high) | (high == 1))
    row: Row = {"confidence": f"{low}–{high}", "eyes": int(own.sum())}
    if not own.any():
        return {**row, "mean": None, "right, %": None, "interval": None}
    return {
        **row,
        "mean": round(float(sure[own].mean()), 3),
        "right, %": percent(share_within(errors[own], LIMITS[0])),
        "interval": interval(*share_interval(errors[own], LIMITS[0])),
    }


def openness_rows(methods: Sequence[str], readings: Sequence[PhotoReading]) -> list[Row]:
    """Compare each method's openness with the lids, and with that of the other eye."""
    return [
        _openness_row(name, told(name, "openness", readings), told("contour", "openness", readings))
        for name in methods
    ]


def _openness_row(name: str, own: Numbers, lids: Numbers) -> Row:
    known = np.isfinite(own)
    row: Row = {"method": name, "told, %": percent(known.mean())}
    row["both eyes alike"] = _alike(own[known.all(axis=1)].T)
    if name == "contour":
        return {**row, "like contour": None, "closed told": None, "closed": None, "open": None}
    both = known & np.isfinite(lids)
    closed, wide = (own[both & which] for which in (lids <= _CLOSED, lids >= _OPEN))
    return {
        **row,
        "like contour": _alike(np.array([own[both], lids[both]])),
        "closed told": _in_order(closed, wide),
        "closed": len(closed),
        "open": len(wide),
    }


def _in_order(less: Numbers, more: Numbers) -> float | None:
    """Return the share of pairs with ``more`` above ``less`` (ROC area); None without pairs."""
    if not len(less) or not len(more):
        return None
    pairs = mannwhitneyu(more, less).statistic / (len(less) * len(more))
    return round(float(pairs), 3)


def _alike(pair: Numbers) -> float | None:
    """Return Spearman's correlation of (2, n); None if one row is constant."""
    if not np.ptp(pair, axis=1).all():
        return None
    return round(float(spearmanr(pair[0], pair[1]).statistic), 2)


def jitter_rows(methods: Sequence[str]) -> list[Row]:
    """Return the jitter of each method's pupils."""
    video = shared_data() / "video" / "webcam_face.avi"
    result = evaluate_jitter(
        video, tuple(methods), detector=_DETECTOR, models=Models(settings()), progress=Silent()
    )
    return [
        {
            "method": name,
            "pixels": round(record["jitter_pixels"], 3),
            "of the eye distance, %": round(100 * record["jitter_eye_distances"], 2),
            "both eyes, %": percent(record["eyes_found"]),
        }
        for name, record in result["methods"].items()
    ]


def speed_rows(model: bytes, detector: FaceDetector, truth: PupilTruth) -> list[Row]:
    """Return the cost of each further step, for one eye, a face and eight faces."""
    rows: dict[str, Row] = {}
    for photos, eyes in _FACES_AND_EYES:
        image = crowd(truth, photos)
        faces = detector.detect(image)
        for name, work in works(model, image, faces[np.arange(photos)], eyes).items():
            own = rows.setdefault(name, {"step": name})
            own[f"{eyes} eye{'s' * (eyes > 1)}"] = round(milliseconds(work) / eyes, 3)
    return [{"step": name, "1 eye": None, **row} for name, row in rows.items()]


def works(
    model: bytes, image: RGBImage, faces: Faces, eyes: int
) -> dict[str, Callable[[], object]]:
    """Return the timed functions for ``eyes`` eyes of a picture; eyes are cut out in pairs."""
    landmarker = open_landmarker("dlib-5-points", settings=settings())
    alone, network = Network(model, "network", threads=1), EyeNetwork(model, "network")
    frames = [EyeFrame.of(points) for points in landmarker.find(image, faces)]

    def cut() -> list[EyeCrop]:
        pairs = (eye_crops(image, frame, network.shape, mirror_left=True) for frame in frames)
        return [crop for pair in pairs for crop in pair]

    crops = cut()[:eyes]
    grey = np.array([cv2.cvtColor(crop.pixels, cv2.COLOR_RGB2GRAY) for crop in crops])
    steps: dict[str, Callable[[], object]] = {
        "the network alone": partial(alone.run, **{INPUT: grey}),
        "with grey crops": partial(network.read, crops),
    }
    if eyes == 2 * len(faces):
        steps["with cutting out"] = lambda: network.read(cut())
        finder = NetworkPupilFinder(network, landmarker)
        steps["with the corners of the eyes"] = partial(finder.find, image, faces)
    return steps


def crowd(truth: PupilTruth, photos: int) -> RGBImage:
    """Join the first photos into one picture, four in a row; all must have one size."""
    images = [truth.image(index) for index in range(photos)]
    return grid(images, _ABREAST, gap=0)


def milliseconds(work: Callable[[], object]) -> float:
    """Return the median processor time of this thread over many calls, after a warm-up."""
    turns = []
    for _ in range(_WARM_UP + _TURNS):
        start = time.thread_time()
        work()
        turns.append(time.thread_time() - start)
    return 1e3 * statistics.median(turns[_WARM_UP:])


def parameters(model: bytes) -> int:
    """Return the number of parameters in a file's weights."""
    graph = onnx.load_model_from_string(model).graph
    return sum(
        math.prod(weights.dims)
        for weights in graph.initializer
        if weights.data_type == onnx.TensorProto.FLOAT
    )


if __name__ == "__main__":
    main()
