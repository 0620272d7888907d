"""Search for faces that fill a photo, at every size of the photo.

- ``once``: photos of Labeled Faces in the Wild, one of each person, cropped to a square around a
  face with hand-set eyes and mouth, so that the face (hairline to chin) takes 45 to 95 % of the
  side, and scaled to 320 pixels and to 320 to 6000 pixels; share and size are random. Of those in
  which a detector finds the face exactly once, with both pupils, at 320 pixels: the share in per
  cent of which that is true at the other size too. No other box may lie in the face by more than
  half. The parameters of the detectors were chosen on people of the table for training; by
  default only people of the other table are measured.
- ``sharp``: the same for real portraits in which a face is at least 200 pixels high: those of two
  Python packages, of the shared clips, and of ``--portraits``, several times each. They are few,
  but sharper.
- ``same``: two photos of each of 40 people, cropped to 90 % and scaled; the share of the people
  whose largest faces are one person's by the usual threshold of ``closeup verify``.
- ``cost``: processor time of one thread for a picture, and peak memory of a process that searches
  it, each as a ratio to the network's single look.

Classical detectors take seconds for the largest photos, so they see every eighth case.

    python -m benchmarks.close_faces [--people N] [--half choose] [--detectors NAME…]
"""

from __future__ import annotations

import argparse
import multiprocessing
import re
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.face_network import box_of
from benchmarks.hard_portraits import eileen, grace
from benchmarks.recording import save, settings, shared_data, show
from closeup.detection.closeup_faces import NAME
from closeup.detection.yolo import YoloDetector
from closeup.detection.yunet import YuNetDetector
from closeup.faces import Faces
from closeup.formats.csv_labels import read_labels
from closeup.frames import RGBImage
from closeup.geometry import Size, areas, covered, heights_of, iou
from closeup.identity.calibration import calibration_of
from closeup.identity.description import mirrored_mean
from closeup.identity.verification import verify
from closeup.labels import FIVE_POINTS
from closeup.media.images import read_image
from closeup.models.files import locate
from closeup.opening import DETECTORS, open_detector, open_embedder, open_pupil_finder
from closeup.progress import Silent
from closeup.protocols import Embedder, FaceDetector, PupilFinder

SMALL, LARGE = 320, 6000
"""Sides of photos in pixels."""
RANGES = (320, 640, 1280, 2560, 6001)
"""Edges of the ranges of sides for which results are shown."""
SHARES = 0.45, 0.95
"""Range of the share of the side that a face takes."""
SAME_SIDES, SAME_SHARE, SAME_PEOPLE = (320, 1600), 0.9, 40
TURNS = 4
"""Cases of each sharp portrait."""
TABLES = {"choose": "truth_train.csv", "report": "truth_validation.csv"}
CLASSICAL = ("mmod", "hog", "haar", "ssd")
OWN_FILE = "closeup_faces.onnx"
"""The package's network, opened as a file of ``closeup train faces``."""
EACH = 8
"""One in so many cases is shown to the classical detectors."""
SHARP_HEIGHT = 200
"""Least height of a face in a portrait, in pixels."""
OVERLAP = {"mmod": 0.3, "hog": 0.3, "haar": 0.3}
"""Least intersection over union with the true box; squares have another extent."""
TIMED = (Size(640, 360), Size(1280, 720), Size(6000, 6000))
ROUNDS = 9


class Portrait(NamedTuple):
    """A picture and the box of one face, (4,) xyxy in its pixels, hairline to chin."""

    image: RGBImage
    box: NDArray[np.float64]


def main() -> None:
    """Measure, print tables and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=240)
    parser.add_argument("--half", choices=TABLES, default="report")
    parser.add_argument("--detectors", nargs="*", help="names, or paths of YOLO files")
    parser.add_argument("--portraits", type=Path, help="a folder of further sharp portraits")
    wanted = parser.parse_args()
    cv2.setNumThreads(1)
    names = wanted.detectors or [*(name for name in DETECTORS if name != "auto"), OWN_FILE]
    every = {name: opened(name) for name in names}
    portraits = list(lfw_portraits(TABLES[wanted.half], wanted.people))
    once = found_once(every, portraits)
    show("Found once with both pupils, % of those so at 320 pixels, by side", once)
    sharp = found_once(every, list(sharp_portraits(wanted.portraits)) * TURNS)
    show("The same for sharp portraits", sharp)
    same = recognised(every, same_people(TABLES[wanted.half]))
    show(f"Same person in two photos, %, the face {SAME_SHARE:.0%} of the side", same)
    costs = [row for name in names if name in LOOKS for row in cost(name, every[name])]
    if costs:
        show("Ratio to a single look", costs)
    if not wanted.detectors and wanted.half == "report":
        save("close_faces", {"once": once, "sharp": sharp, "same": same, "cost": costs})


def opened(name: str) -> FaceDetector:
    """Open a detector with one thread."""
    own = str(locate("closeup-faces", settings()))
    return open_detector(
        own if name == OWN_FILE else name, settings=settings(), progress=Silent(), threads=1
    )


def lfw_portraits(table: str, count: int) -> Iterator[Portrait]:
    """Yield photos with hand-set points, evenly spread over a table."""
    folder = shared_data()
    labels = list(read_labels(folder / "eyes" / table))
    for label in labels[:: max(1, len(labels) // count)][:count]:
        points = np.array([label.points[name] for name in FIVE_POINTS])
        image = read_image(folder / "lfw" / "images" / label.image)
        yield Portrait(image, box_of(points)[0])


def sharp_portraits(folder: Path | None) -> Iterator[Portrait]:
    """Yield portraits in which ``yunet-n`` sees one face of some height in a reduced picture."""
    paths = sorted(shared_data().glob("clips/*/members/*/*"))
    paths += sorted(shared_data().glob("stage/members/*/*"))
    paths += sorted(folder.glob("*")) if folder else []
    look = LOOKS["yunet-n"](320)
    images = [eileen().image, grace().image, *map(read_image, paths)]
    for image in images:
        faces = look.detect(image)
        if len(faces) == 1 and heights_of(faces.boxes)[0] >= SHARP_HEIGHT:
            yield Portrait(image, faces.boxes[0].astype(np.float64))


def enlarged(portrait: Portrait, share: float, side: int) -> Portrait:
    """Cut a square in which the face takes a share of the side, and scale it; borders repeat."""
    height = portrait.box[3] - portrait.box[1]
    own = round(height / share)
    left, top = np.rint((portrait.box[:2] + portrait.box[2:] - own) / 2).astype(int).tolist()
    size = Size.of(portrait.image)
    pad = max(0, -left, -top, left + own - size.width, top + own - size.height)
    padded = cv2.copyMakeBorder(portrait.image, pad, pad, pad, pad, cv2.BORDER_REPLICATE)
    square = padded[top + pad : top + pad + own, left + pad : left + pad + own]
    method = cv2.INTER_AREA if side < own else cv2.INTER_CUBIC
    image = np.asarray(cv2.resize(square, (side, side), interpolation=method), np.uint8)
    box = (portrait.box - np.tile([left, top], 2) + 0.5) * (side / own) - 0.5
    return Portrait(image, box)


def found_once(
    every: dict[str, FaceDetector], portraits: Sequence[Portrait]
) -> list[dict[str, Any]]:
    """Return a row per detector: of the faces found at the smallest size, the share at others."""
    pupils = open_pupil_finder(settings=settings())
    rng = np.random.default_rng(0)
    results: dict[str, list[tuple[int, bool, bool]]] = defaultdict(list)
    for number, portrait in enumerate(portraits):
        side = round(SMALL * (LARGE / SMALL) ** rng.random())
        share = rng.uniform(*SHARES)
        pair = [enlarged(portrait, share, own) for own in (SMALL, side)]
        for name, detector in every.items():
            if name not in CLASSICAL or number % EACH == 0:
                overlap = OVERLAP.get(name, 0.5)
                small, other = (is_found(detector, pupils, shown, overlap) for shown in pair)
                results[name].append((side, small, other))
    return [{"detector": name, **shares(np.array(rows))} for name, rows in results.items()]


def shares(cases: NDArray[np.int64]) -> dict[str, Any]:
    """Return the share found at 320 pixels and, of these, of those found at other sizes.

    Args:
        cases: (n, 3), the other side, and whether the face is found at 320 pixels and at that side.

    """
    sides, small, other = cases[:, 0], cases[:, 1] > 0, cases[:, 2] > 0
    ranges = {
        f"{low}-{high}": percent(other[small & (low <= sides) & (sides < high)])
        for low, high in pairwise(RANGES)
    }
    return {
        "cases": len(cases),
        "at_320": percent(small),
        "lost": int((small & ~other).sum()),
        "all": percent(other[small]),
        **ranges,
    }


def percent(values: NDArray[np.bool_]) -> float:
    """Return the share of true values in per cent."""
    return round(100 * float(values.mean()), 1) if len(values) else 0.0


def is_found(detector: FaceDetector, pupils: PupilFinder, shown: Portrait, overlap: float) -> bool:
    """Return whether there is exactly one box in the face, a right one, and both its pupils."""
    faces = detector.detect(shown.image)
    truth = shown.box[None]
    faces = faces[covered(faces.boxes, truth)[:, 0] > 0.5]
    if len(faces) != 1 or iou(faces.boxes, truth)[0, 0] <= overlap:
        return False
    return bool(pupils.find(shown.image, faces).found.all())


def same_people(table: str) -> list[tuple[Portrait, Portrait]]:
    """Return two photos of each of some people of a table, with the box of ``yunet-n``."""
    look = LOOKS["yunet-n"](320)
    pairs = []
    labels = list(read_labels(shared_data() / "eyes" / table))
    for label in np.random.default_rng(0).permutation([label.image for label in labels]).tolist():
        photos = sorted((shared_data() / "lfw" / "images" / label).parent.glob("*.jpg"))[:2]
        own = [middle_face(read_image(path), look) for path in photos]
        if len(own) == 2 and own[0] and own[1]:
            pairs.append((own[0], own[1]))
        if len(pairs) == SAME_PEOPLE:
            break
    return pairs


def middle_face(image: RGBImage, look: FaceDetector) -> Portrait | None:
    """Return the photo with its only face; None if it has not exactly one."""
    boxes = look.detect(image).boxes
    return Portrait(image, boxes[0].astype(np.float64)) if len(boxes) == 1 else None


def recognised(
    every: dict[str, FaceDetector], people: Sequence[tuple[Portrait, Portrait]]
) -> list[dict[str, Any]]:
    """Return a row per detector: the share of people who are recognised, by the photos' size."""
    embedder = open_embedder(settings=settings(), threads=1)
    calibration = calibration_of(embedder)
    same: dict[tuple[str, int], list[bool]] = defaultdict(list)
    for number, pair in enumerate(people):
        for side in SAME_SIDES:
            shown = [enlarged(portrait, SAME_SHARE, side).image for portrait in pair]
            for name, detector in every.items():
                if name not in CLASSICAL or number % EACH == 0:
                    first, second = (vector(image, detector, embedder) for image in shown)
                    same[name, side].append(
                        first is not None
                        and second is not None
                        and verify(first, second, calibration).same
                    )
    return [
        {
            "detector": name,
            "people": len(same[name, SMALL]),
            **{f"{side}": percent(np.array(same[name, side])) for side in SAME_SIDES},
        }
        for name in every
    ]


def vector(
    image: RGBImage, detector: FaceDetector, embedder: Embedder
) -> NDArray[np.float32] | None:
    """Return the vector of the largest face, as in ``closeup verify``; None without a face."""
    faces: Faces = detector.detect(image)
    if not len(faces):
        return None
    largest = faces[np.array([areas(faces.boxes).argmax()])]
    vectors = mirrored_mean(embedder, embedder.chips(image, largest))
    return np.asarray(vectors[0])


def one_look_of_yunet(longest_side: int = 1280, name: str = "yunet-n") -> FaceDetector:
    """Open YuNet without the pyramid."""
    model = locate(name, settings()).read_bytes()
    return YuNetDetector(model, name, longest_side=longest_side, threads=1)


def one_look_of_ours(longest_side: int = 1280) -> FaceDetector:
    """Open the package's detector without the pyramid."""
    model = locate("closeup-faces", settings()).read_bytes()
    return YoloDetector(
        model, NAME, name=NAME, own_size=longest_side, score_threshold=0.5, threads=1
    )


LOOKS = {"yunet-n": one_look_of_yunet, "closeup": one_look_of_ours}
"""Detectors that have a pyramid, without it; called with the longest side of their look."""


def cost(name: str, detector: FaceDetector) -> Iterator[dict[str, Any]]:
    """Yield the ratio of time and of peak memory to a single look, by the picture's size."""
    bare = LOOKS[name]()
    for size in TIMED:
        image = close_picture(size)
        times: dict[str, list[float]] = {"bare": [], "pyramid": []}
        for _ in range(ROUNDS + 1):  # the first one is a warm-up
            times["bare"].append(milliseconds(bare, image))
            times["pyramid"].append(milliseconds(detector, image))
        one, all_looks = (statistics.median(values[1:]) for values in times.values())
        peaks = [peak_memory(name, size, pyramid) for pyramid in (False, True)]
        yield {
            "detector": name,
            "picture": str(size),
            "one_look_ms": round(one, 1),
            "ms": round(all_looks, 1),
            "time": round(all_looks / one, 3),
            "one_look_mib": round(peaks[0]),
            "mib": round(peaks[1]),
            "memory": round(peaks[1] / peaks[0], 3),
        }


def close_picture(size: Size) -> RGBImage:
    """Return a portrait enlarged to a size; its face takes most of it."""
    return np.asarray(cv2.resize(eileen().image[:320, 110:430], size), np.uint8)


def milliseconds(detector: FaceDetector, image: RGBImage) -> float:
    """Return processor time of this thread for one search; other processes do not count."""
    start = time.thread_time()
    detector.detect(image)
    return (time.thread_time() - start) * 1000


def peak_memory(name: str, size: Size, pyramid: bool) -> float:
    """Return the peak memory of a fresh process that searches a picture, in MiB."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_peak_memory, (name, size, pyramid))


def _peak_memory(name: str, size: Size, pyramid: bool) -> float:
    cv2.setNumThreads(1)
    detector = opened(name) if pyramid else LOOKS[name]()
    detector.detect(close_picture(size))
    (peak,) = re.findall(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())
    return int(peak) / 1024


if __name__ == "__main__":
    main()
