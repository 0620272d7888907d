"""Comparison of all face detectors: recall and precision by face size, and speed.

Recall and precision are measured on stages with known truth: frames of the demo scene and of one of
people from Labeled Faces in the Wild, as they are and tiled two by two to six by six, so
that all pictures have 1280x720 pixels and faces of 16 to 250. Profiles and occluded faces
count neither way. A box is right if its intersection over union with a face, hairline to chin,
is at least 0.3, because the extent of boxes differs between detectors. Recall is for faces of a
class of heights, precision for the boxes of these heights. ``lfw`` is the share of photos of
Labeled Faces in the Wild whose middle lies in a box, by height of the face.

Time is for one picture on one thread, the median over rounds in which all detectors take turns.
How to read it: a stage is filmed from afar, so the columns below 60 pixels matter most. LFW was
collected with a cascade similar to ``haar``, and the scenes use photos in which ``hog`` finds a
face, which favours these two.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.recording import known_scenes, save, settings, shared_data, show
from closeup.frames import RGBImage
from closeup.geometry import Boxes, Size, heights_of, iou
from closeup.media.images import read_image
from closeup.opening import DETECTORS, open_detector
from closeup.progress import Silent
from closeup.protocols import FaceDetector
from closeup.synthesis.scene import HD
from closeup.testing import render
from closeup.testing.scoring import SAME

EDGES = (16, 24, 36, 60, 100, 250)
"""Edges of the classes of face heights, in pixels."""
GRIDS = (1, 2, 3, 4, 6)
"""Numbers of frames per row and column of one picture."""
LFW_HEIGHT = 127
"""Median height of a face in a photo of 250x250 pixels, hairline to chin."""
LFW_SCALES = (2.0, 1.0, 0.5, 0.25, 0.15)
TIMED = (Size(640, 360), Size(1920, 1080))


class View(NamedTuple):
    """A picture and its faces.

    Attributes:
        pixels: RGB uint8 of shape (H, W, 3).
        faces: (n, 4) xyxy in pixels, of all heads.
        visible: (n,) bool, whether the face is visible.

    """

    pixels: RGBImage
    faces: Boxes
    visible: NDArray[np.bool_]


class Tally:
    """Counts of one detector in each class of face heights."""

    def __init__(self) -> None:
        self.faces = np.zeros(len(EDGES) - 1, int)
        self.found = np.zeros_like(self.faces)
        self.boxes = np.zeros_like(self.faces)
        self.right = np.zeros_like(self.faces)

    def add(self, boxes: Boxes, view: View) -> None:
        """Compare the boxes of one picture with its faces."""
        same = iou(boxes, view.faces) >= SAME
        seen, hit = view.faces[view.visible], same[:, view.visible].any(axis=0)
        self.faces += classes(seen)
        self.found += classes(seen[hit])
        right, hidden = (same[:, which].any(axis=1) for which in (view.visible, ~view.visible))
        self.boxes += classes(boxes[right | ~hidden])
        self.right += classes(boxes[right])

    def row(self) -> dict[str, object]:
        """Return the recall of each class, and the precision of all boxes."""
        names = [f"{a}-{b}_px" for a, b in pairwise(EDGES)]
        recall = dict(zip(names, (self.found / self.faces).round(3).tolist(), strict=True))
        precision = self.right.sum() / max(1, self.boxes.sum())
        return {**recall, "precision": round(float(precision), 3)}

    def record(self) -> dict[str, list[int]]:
        """Return all counts, class by class."""
        return {name: values.tolist() for name, values in vars(self).items()}


def main() -> None:
    """Measure, print tables and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--step", type=int, default=25, help="use every Nth frame of a scene")
    parser.add_argument("--photos", type=int, default=48, help="of Labeled Faces in the Wild")
    parser.add_argument("--rounds", type=int, default=3, help="turns of the timing")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    detectors = {
        name: open_detector(name, settings=settings(), progress=Silent(), threads=1)
        for name in DETECTORS
        if name != "auto"
    }
    views = list(scene_views(arguments.step))
    tallies = compare(detectors, views)
    photos = lfw_shares(detectors, arguments.photos)
    times = timed(detectors, views[0].pixels, arguments.rounds)
    rows: list[dict[str, Any]] = [
        {"detector": name, **tallies[name].row(), **photos[name], **times[name]}
        for name in detectors
    ]
    counts = {name: tally.record() for name, tally in tallies.items()}
    save("detectors", {"edges": EDGES, "counts": counts, "rows": rows})
    show("Detectors: recall by height of the face, precision, share of LFW photos, ms", rows)


def classes(boxes: Boxes) -> NDArray[np.int64]:
    """Count the boxes in each class of heights; boxes outside all classes are left out."""
    return np.asarray(np.histogram(heights_of(boxes), EDGES)[0], np.int64)


def scene_views(step: int) -> Iterator[View]:
    """Yield frames of the scenes, single and tiled."""
    frames = [
        View(
            pixels,
            np.array([(r.box.x1, r.box.y1, r.box.x2, r.box.y2) for r in rows], np.float32),
            np.array([row.face_visible for row in rows], np.bool_),
        )
        for scene in known_scenes(1).values()
        for index, (pixels, rows) in enumerate(render(scene))
        if index % step == 0 and rows
    ]
    for count in GRIDS:
        for start in range(0, len(frames) - count**2 + 1, count**2):
            yield joined(frames[start : start + count**2], count)


def joined(frames: list[View], count: int) -> View:
    """Tile ``count`` x ``count`` frames into one picture of a frame's size."""
    picture = np.zeros((HD.height, HD.width, 3), np.uint8)
    faces = []
    for place, frame in enumerate(frames):
        size = Size(HD.width // count, HD.height // count)
        left, top = place % count * size.width, place // count * size.height
        picture[top : top + size.height, left : left + size.width] = cv2.resize(
            frame.pixels, size, interpolation=cv2.INTER_AREA
        )
        scale = np.tile(np.array(size) / np.array(HD), 2)
        faces.append((frame.faces + 0.5) * scale - 0.5 + [left, top, left, top])
    boxes = np.concatenate(faces).astype(np.float32)
    return View(picture, boxes, np.concatenate([frame.visible for frame in frames]))


def compare(detectors: Mapping[str, FaceDetector], views: list[View]) -> dict[str, Tally]:
    """Count the results of each detector on all pictures."""
    tallies = {name: Tally() for name in detectors}
    for view in views:
        for name, detector in detectors.items():
            found = detector.detect(view.pixels)
            tallies[name].add(found.boxes, view)
    return tallies


def lfw_shares(detectors: Mapping[str, FaceDetector], count: int) -> dict[str, dict[str, float]]:
    """Return the share of photos with a detection in the middle, by the face's height."""
    paths = sorted((shared_data() / "lfw" / "images").glob("*/*_0001.jpg"))
    photos = [read_image(path) for path in paths[:: len(paths) // count][:count]]
    result: dict[str, dict[str, float]] = {name: {} for name in detectors}
    for scale in LFW_SCALES:
        pictures = [scaled(photo, scale) for photo in photos]
        for name, detector in detectors.items():
            hits = [holds_middle(detector, picture) for picture in pictures]
            column = f"lfw_{round(LFW_HEIGHT * scale)}_px"
            result[name][column] = round(float(np.mean(hits)), 3)
    return result


def scaled(photo: RGBImage, scale: float) -> RGBImage:
    """Scale the photo."""
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(photo, None, fx=scale, fy=scale, interpolation=method), np.uint8)


def holds_middle(detector: FaceDetector, picture: RGBImage) -> bool:
    """Return whether the middle of the picture lies in a box."""
    boxes, middle = detector.detect(picture).boxes, np.array(picture.shape[1::-1]) / 2
    return bool(((boxes[:, :2] < middle) & (boxes[:, 2:] > middle)).all(axis=1).any())


def timed(
    detectors: Mapping[str, FaceDetector], picture: RGBImage, rounds: int
) -> dict[str, dict[str, float]]:
    """Return the milliseconds per picture of each size."""
    result: dict[str, dict[str, float]] = {name: {} for name in detectors}
    for size in TIMED:
        image = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
        times: dict[str, list[float]] = {name: [] for name in detectors}
        for _ in range(rounds + 1):  # the first one is a warm-up
            for name, detector in detectors.items():
                start = time.perf_counter()
                detector.detect(image)
                times[name].append((time.perf_counter() - start) * 1000)
        for name, values in times.items():
            result[name][f"{size}_ms"] = round(statistics.median(values[1:]), 1)
    return result


if __name__ == "__main__":
    main()
