"""Accuracy of the gaze of ``closeup pupils``, and the fit of its constants.

There are no photos with a known true gaze here, so the following is measured instead:

- ``rest``: the rest position of pupils, fitted to hand-set pupils of LFW
  (``eyes/truth_train.csv``); :data:`closeup.pupils.gaze.REST` has these numbers. ``spread``, as
  everywhere here the median distance from the median × 1.48, is that of the true pupils of the
  other people, with and without the effect of head rotation.
- ``frontal``: the gaze of frontal faces of those other people. Most of them look roughly
  ahead: the spread is an upper limit for the noise of a single photo, compared with that of the
  true pupils. ``error`` is relative to the gaze of the true pupils.
- ``moved``: in photos of the same faces both irises are moved by known shares. ``response`` is the
  change of the gaze for a share of one, ``in order`` the share of neighbouring steps of a
  quarter that it orders correctly. The response missing with ``true pupils`` is lost by the
  corners, which dlib moves along with the irises.
- ``video``: jitter of a man in front of his webcam (see
  :mod:`closeup.pipeline.evaluation.pupil_jitter`) from frame to frame and smoothed, the delay of
  the real track by smoothing, and the frame in which nine tenths of a sudden change of gaze of 0.5
  are reached.

    python -m benchmarks.gaze [--every N] [--landmarks NAME]

With other points than dlib's five, only ``rest`` is measured, and nothing is saved.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from benchmarks.pupils import part
from benchmarks.recording import save, settings, shared_data, show
from closeup.evaluation.pupil_reading import face_of
from closeup.evaluation.pupil_truth import PupilTruth
from closeup.executors.threads import ordered_map
from closeup.eyes import Eyes
from closeup.faces import PointScheme
from closeup.frames import RGBImage
from closeup.open_models import Models
from closeup.opening import open_detector, open_landmarker, open_pupil_finder
from closeup.pipeline.evaluation.pupil_jitter import jitter_residuals, jitter_spread
from closeup.pipeline.search.pupils import find_pupils
from closeup.progress import Silent
from closeup.protocols import FaceDetector, Landmarker, PupilFinder
from closeup.pupils.eye_frame import EyeFrame
from closeup.pupils.gaze import NOSE, REACH, Rest, gaze, nose_aside, pupil_offsets
from closeup.pupils.smoothed_gaze import SmoothedGaze
from closeup.synthesis.varied_portraits import with_moved_irises

METHODS = ("network", "contour", "darkest")
_TRUE = "true pupils"
_FRONTAL = 0.05
"""Largest offset of the nose base to the side in a frontal face, in eye distances."""
_STEPS = np.array([-0.5, -0.25, 0, 0.25, 0.5])
_EVERY_MOVED = 3
_GLANCE, _TRIALS, _GLANCE_FRAMES = 0.5, 200, 40

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reader:
    """Estimates a gaze from a photo of a labelled face."""

    detector: FaceDetector
    landmarker: Landmarker
    finders: Mapping[str, PupilFinder]

    def points(self, image: RGBImage, pupils: Numbers) -> NDArray[np.float32] | None:
        """Return the points (k, 2) of the face with these pupils; None if it is not found."""
        face = face_of(self.detector.detect(image), pupils)
        return None if face is None else self.landmarker.find(image, face)[0]

    def looks(self, image: RGBImage, pupils: Numbers) -> Numbers:
        """Return the true pupils' gaze, then each method's; (1 + methods, 2), NaN if missing."""
        face = face_of(self.detector.detect(image), pupils)
        if face is None:
            return np.full((1 + len(self.finders), 2), np.nan)
        points, sure = self.landmarker.find(image, face), np.ones((1, 2), np.float32)
        true = Eyes(pupils[None].astype(np.float32), sure, sure, (("", ""),))
        found = [finder.find(image, face) for finder in self.finders.values()]
        return np.array([gaze(points, eyes)[0] for eyes in (true, *found)])


def main() -> None:
    """Measure, print and save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--every", type=int, default=1, help="use every Nth photo only")
    parser.add_argument("--landmarks", default="dlib-5-points")
    asked = parser.parse_args()
    every: int = asked.every
    here = settings()
    reader = Reader(
        open_detector("yunet-n", settings=here, progress=Silent(), threads=1),
        open_landmarker(asked.landmarks, settings=here),
        {name: open_pupil_finder(name, settings=here) for name in METHODS},
    )
    train, validation = (part(name, every) for name in ("train", "validation"))
    rests = rest_rows(Placed.of(train, reader), Placed.of(validation, reader))
    show("rest of true pupils, in eye distances", rests)
    if reader.landmarker.scheme != PointScheme.DLIB_5:
        return
    frontal = only_frontal(validation, reader)
    still = frontal_rows(frontal, reader)
    show(f"gaze of {len(frontal)} faces that face the camera", still)
    moved = moved_rows(frontal, reader)
    show("irises moved by known shares", moved)
    video = [video_row(name) for name in METHODS]
    show("a still face before a webcam", video)
    faces = {"fitted on": len(train), "measured on": len(validation), "frontal": len(frontal)}
    save("gaze", {"faces": faces, "rest": rests, "frontal": still, "moved": moved, "video": video})


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """True pupils of n faces, relative to their eye corners.

    Attributes:
        offsets: (n, 2, 2) from the middles of the corners, in eye distances.
        noses: (n,) offset of each nose to the side, in eye distances.

    """

    offsets: Numbers
    noses: Numbers

    @classmethod
    def of(cls, truth: PupilTruth, reader: Reader) -> Placed:
        """Build it from all faces that are found."""

        def place(index: int) -> tuple[Numbers, float] | None:
            points = reader.points(truth.image(index), truth.centres[index])
            if points is None:
                return None
            frame = EyeFrame.of(points)
            nose = points[NOSE[len(points)]]
            return pupil_offsets(frame, truth.centres[index]), nose_aside(frame, nose)

        found = [place for place in ordered_map(place, range(len(truth))) if place]
        return cls(np.array([offset for offset, _ in found]), np.array([nose for _, nose in found]))

    def beyond(self, rest: Rest) -> Numbers:
        """Return the pupils' offsets from their rest position; (n, 2, 2)."""
        return np.asarray(self.offsets - np.array([rest.offsets(nose) for nose in self.noses]))


def fitted_rest(placed: Placed, *, turning: bool) -> Rest:
    """Fit the rest position robustly (Huber's loss from 0.02 eye distances)."""

    def rest(values: Numbers) -> Rest:
        outward, down, *turn = values.tolist()
        return Rest(outward, down, turn[0] if turning else 0.0)

    def left(values: Numbers) -> Numbers:
        return placed.beyond(rest(values)).ravel()

    begin = np.zeros(3 if turning else 2)
    return rest(least_squares(left, begin, loss="huber", f_scale=0.02).x)


def rest_rows(train: Placed, validation: Placed) -> list[dict[str, object]]:
    """Return the constants with and without head rotation, and their residuals."""
    rows = []
    for turning in (False, True):
        rest = fitted_rest(train, turning=turning)
        left = validation.beyond(rest).mean(axis=1)
        aside = np.abs(validation.noses) > 4 * _FRONTAL
        towards = left[aside, 0] * np.sign(validation.noses[aside])
        rows.append({
            "head turn": "corrected" if turning else "as it is",
            **{name: round(getattr(rest, name), 4) for name in ("outward", "down", "turn")},
            "spread x": round(deviation(left[:, 0]), 4),
            "spread y": round(deviation(left[:, 1]), 4),
            "turned faces": int(aside.sum()),
            "their median towards the nose": round(float(np.median(towards)), 4),
        })  # fmt: skip
    return rows


def only_frontal(truth: PupilTruth, reader: Reader) -> PupilTruth:
    """Return the faces that are found and frontal."""
    chosen = []
    for index, pupils in enumerate(truth.centres):
        points = reader.points(truth.image(index), pupils)
        if points is not None and abs(nose_aside(EyeFrame.of(points), points[4])) <= _FRONTAL:
            chosen.append(index)
    names, paths = ([kept[i] for i in chosen] for kept in (truth.names, truth.paths))
    return PupilTruth(tuple(names), tuple(paths), truth.centres[chosen])  # type: ignore[arg-type]


def frontal_rows(truth: PupilTruth, reader: Reader) -> list[dict[str, object]]:
    """Return median and spread of the gaze of each method and of the true pupils."""
    looks = all_looks(truth, range(len(truth)), np.zeros(2), reader)
    true, rows = looks[:, 0], []
    for name, own in zip((_TRUE, *METHODS), looks.swapaxes(0, 1), strict=True):
        row: dict[str, object] = {"method": name}
        for axis, values in zip("xy", own.T, strict=True):
            row[f"median {axis}"] = round(float(np.nanmedian(values)), 3)
            row[f"spread {axis}"] = round(deviation(values), 3)
        for axis, values in zip("xy", (own - true).T, strict=True):
            row[f"error {axis}"] = round(deviation(values), 3)
        row["none, %"] = percent(np.isnan(own).any(axis=1))
        row["cut at ±1, %"] = percent(np.abs(own).max(axis=1) == 1)
        rows.append(row)
    return rows


def all_looks(
    truth: PupilTruth, chosen: Sequence[int], share: NDArray[np.floating], reader: Reader
) -> Numbers:
    """Return (n, 1 + methods, 2) as :meth:`Reader.looks`, with the irises moved by ``share``."""

    def look(index: int) -> Numbers:
        image, pupils = truth.image(index), truth.centres[index]
        if share.any():
            image = with_moved_irises(image, pupils, share * REACH)
            pupils = pupils + EyeFrame(*pupils).moved(np.tile(share * REACH, (2, 1)))
        return reader.looks(image, pupils)

    return np.array(list(ordered_map(look, chosen)))


def moved_rows(truth: PupilTruth, reader: Reader) -> list[dict[str, object]]:
    """Return each method's response to moved irises, horizontally and vertically."""
    chosen = range(0, len(truth), _EVERY_MOVED)
    rows: list[dict[str, object]] = [{"method": name} for name in (_TRUE, *METHODS)]
    for axis, name in enumerate("xy"):
        looks = np.array(
            [all_looks(truth, chosen, step * np.eye(2)[axis], reader) for step in _STEPS]
        )
        for row, own in zip(rows, looks[..., axis].transpose(2, 1, 0), strict=True):
            known = own[np.isfinite(own).all(axis=1)]
            slopes = known @ _STEPS / (_STEPS @ _STEPS)
            row[f"response {name}"] = round(float(np.median(slopes)), 2)
            row[f"its spread {name}"] = round(deviation(slopes), 2)
            row[f"in order {name}, %"] = percent(np.diff(known, axis=1) > 0)
            row[f"none {name}, %"] = percent(np.isnan(own).any(axis=1))
    return rows


def video_row(method: str) -> dict[str, object]:
    """Return jitter and delay of one method on a real video."""
    path = shared_data() / "video" / "webcam_face.avi"
    search = find_pupils(path, method, detector="yunet-n", models=Models(settings()))
    plain, times, boxes = [], [], []
    for picture in search.pictures:
        found = search.finder.find(picture.read())
        if found.eyes is not None and found.eyes.gaze is not None and len(found):
            plain.append(found.eyes.gaze[0])
            boxes.append(found.boxes[:1])
            times.append(float(picture.seconds or 0))
    before = np.array(plain)
    steady = SmoothedGaze()
    rows = zip(boxes, before, times, strict=True)
    after = np.array([steady.step(box, look[None], seconds)[0] for box, look, seconds in rows])
    row: dict[str, object] = {"method": method, "frames": len(before)}
    for axis, name in enumerate("xy"):
        own = before[:, axis], after[:, axis]
        row[f"jitter {name}"], row[f"smoothed {name}"] = (
            round(jitter_spread(jitter_residuals(track)), 4) for track in own
        )
        row[f"delay {name}, frames"] = delay(*own)
        step = float(np.median(np.diff(times)))
        row[f"glance {name}, frames"] = glance(jitter_spread(jitter_residuals(own[0])), step)
    row["none, %"] = percent(np.isnan(before).any(axis=1))
    return row


def delay(before: Numbers, after: Numbers) -> int:
    """Return the shift in frames at which the smoothed track is most similar to the raw one."""

    def likeness(frames: int) -> float:
        early, late = before[: len(before) - frames], after[frames:]
        both = np.isfinite(early) & np.isfinite(late)
        return float(np.corrcoef(early[both], late[both])[0, 1])

    return int(np.argmax([likeness(frames) for frames in range(10)]))


def glance(noise: float, step: float) -> int:
    """Return the frame, from 1, in which 90 % of a sudden change of gaze are reached on average.

    Args:
        noise: Standard deviation of the gaze in each frame.
        step: Seconds per frame.

    """
    random, box = np.random.default_rng(0), np.array([[0, 0, 9, 9]], np.float32)
    total = np.zeros(2 * _GLANCE_FRAMES)
    for _ in range(_TRIALS):
        steady = SmoothedGaze()
        looks = random.normal(0, noise, (len(total), 2))
        looks[_GLANCE_FRAMES:] += _GLANCE
        total += [steady.step(box, look[None], i * step)[0, 0] for i, look in enumerate(looks)]
    return int(np.argmax(total[_GLANCE_FRAMES:] / _TRIALS >= 0.9 * _GLANCE)) + 1


def deviation(values: NDArray[np.floating]) -> float:
    """Return the robust standard deviation about the median."""
    return jitter_spread(values - np.nanmedian(values))


def percent(which: NDArray[np.bool_]) -> float:
    """Return the share of True values in percent, to one decimal."""
    return round(100 * float(which.mean()), 1)


if __name__ == "__main__":
    main()
