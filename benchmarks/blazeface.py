"""BlazeFace beside the other detectors, on real group photos; and the networks beside their origin.

``named``: faces found of the 295 with hand-drawn boxes in 42 group photos (a box is right if its
intersection over union with one is at least 0.3), and ``extra`` boxes, some of which are people
without a label. ``crowds``: boxes in four photos in which 138 people were counted by eye.
``concert``: boxes in the upper third of one of the nine labelled bodies, and ``elsewhere``.
``time``: seconds for all named photos over those of ``yunet-n``, in turns, on one thread.

``tiles`` is the same network on overlapping tiles of 256 pixels, as it was made for; ``whole`` runs
it on the whole picture at once, in a single look: that of ``blazeface`` without its smaller looks.

The second table compares the converted networks with the runtime of TensorFlow Lite on the same
portrait, if the package ``ai-edge-litert`` is installed, and else says so: the largest difference
of an output, relative to the largest value, and the time of both.

The score threshold and the least height were chosen on videos and photos of LFW, the longest side
with a look at the concert.
"""

from __future__ import annotations

import csv
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage import data

from benchmarks.recording import save, settings, shared_data, show
from closeup.detection.blazeface import BlazeFaceDetector
from closeup.detection.candidates import best_first, best_of_overlapping
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Boxes, Size, centres_of, iou
from closeup.media.images import read_image
from closeup.models.files import locate
from closeup.models.sessions import Network
from closeup.models.tflite_onnx import tflite_onnx
from closeup.opening import open_detector
from closeup.protocols import FaceDetector

SAME = 0.3
TILE, SEEN, STEP = 256, 192, 128
"""Side of a tile in the picture and for the network, and distance of neighbours, in pixels."""
NETWORKS = {
    "blazeface": (192, ("places", "scores")),
    "mediapipe-468": (192, ("points", "presence")),
    "mediapipe-iris": (64, ("lids", "iris")),
}
"""Side of the input and names for the outputs."""
ROUNDS = 31


class Tiles(FaceDetector):
    """BlazeFace on overlapping tiles, each scaled to the size that the network was made for."""

    name = "blazeface, tiles"

    def __init__(self, look: FaceDetector) -> None:
        self._look = look

    def detect(self, image: RGBImage) -> Faces:
        """Join the faces of all tiles; of boxes that overlap the best one stays."""
        size, parts = Size.of(image), []
        for left in starts(size.width):
            for top in starts(size.height):
                tile = image[top : top + TILE, left : left + TILE]
                seen = Size.of(tile).fitted(SEEN)
                small = cv2.resize(tile, seen, interpolation=cv2.INTER_AREA)
                faces = self._look.detect(np.asarray(small, np.uint8))
                faces = faces.scaled(tile.shape[1] / seen.width, tile.shape[0] / seen.height)
                moved = faces.boxes + np.array([left, top, left, top], np.float32)
                parts.append(faces.with_columns(boxes=moved))
        both = Faces.joined(parts)
        both = both[best_of_overlapping(both.boxes, both.scores, SAME)]
        return best_first(both.boxes, both.scores, size)


def starts(side: int) -> list[int]:
    """Return the first pixels of the tiles along one side."""
    last = max(0, side - TILE)
    return [*range(0, last, STEP), last]


def main() -> None:
    """Measure, print tables and write the JSON."""
    cv2.setNumThreads(1)
    here = settings()
    look = BlazeFaceDetector(locate("blazeface", here).read_bytes(), threads=1)
    detectors: dict[str, FaceDetector] = {
        name: open_detector(name, settings=here, threads=1)
        for name in ("yunet-n", "closeup", "mmod", "blazeface")
    }
    detectors |= {"blazeface, whole": look, "blazeface, tiles": Tiles(look)}
    rows = compared(detectors)
    networks = [beside_origin(name, *rest) for name, rest in NETWORKS.items()]
    save("blazeface", {"detectors": rows, "networks": networks})
    show("Detectors on group photos", rows)
    show("Networks beside TensorFlow Lite's runtime", networks)


def compared(detectors: dict[str, FaceDetector]) -> list[dict[str, Any]]:
    """Return a row a detector."""
    rows: dict[str, dict[str, Any]] = {name: defaultdict(int) for name in detectors}
    seconds = dict.fromkeys(detectors, 0.0)
    for image, truth in named_photos():
        for name, detector in detectors.items():
            start = time.perf_counter()
            boxes = detector.detect(image).boxes
            seconds[name] += time.perf_counter() - start
            same = iou(boxes, truth) >= SAME
            rows[name]["named"] += int(same.any(axis=0).sum())
            rows[name]["extra"] += int((~same.any(axis=1)).sum())
    for path in sorted((shared_data() / "crowds").glob("*.jpg")):
        for name, detector in detectors.items():
            rows[name]["crowds"] += len(detector.detect(read_image(path)))
    concert, bodies = stage()
    for name, detector in detectors.items():
        there = on_heads(detector.detect(concert).boxes, bodies)
        rows[name] |= {"concert": int(there.sum()), "elsewhere": int((~there).sum())}
        rows[name]["time"] = round(seconds[name] / seconds["yunet-n"], 1)
    return [{"detector": name, **row} for name, row in rows.items()]


def named_photos() -> Iterator[tuple[RGBImage, Boxes]]:
    """Yield each group photo with the boxes of its faces."""
    folder = shared_data() / "named_faces"
    boxes = defaultdict(list)
    with (folder / "truth.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            boxes[row["photo"]].append([float(row[side]) for side in ("x1", "y1", "x2", "y2")])
    for photo, truth in boxes.items():
        yield read_image(folder / "photos" / photo), np.array(truth, np.float32)


def stage() -> tuple[RGBImage, Boxes]:
    """Return the concert frame and its labelled bodies."""
    folder = shared_data() / "stage" / "musicbank_frame"
    (picture,), (labels,) = folder.glob("*.jpg"), folder.glob("*.txt")
    image = read_image(picture)
    size = np.tile(Size.of(image), 2)
    rows = [line.split()[-4:] for line in labels.read_text("euc-kr").splitlines() if line.strip()]
    x, y, width, height = np.array(rows, np.float64).T
    shares = np.stack([x - width / 2, y - height / 2, x + width / 2, y + height / 2], axis=1)
    return image, (shares * size - 0.5).astype(np.float32)


def on_heads(boxes: Boxes, bodies: Boxes) -> NDArray[np.bool_]:
    """Return which boxes have their middle in the upper third of a body."""
    heads = bodies.copy()
    heads[:, 3] = bodies[:, 1] + (bodies[:, 3] - bodies[:, 1]) / 3
    middles = centres_of(boxes)[:, None]
    inside = np.all((middles >= heads[None, :, :2]) & (middles <= heads[None, :, 2:]), axis=2)
    return np.asarray(np.any(inside, axis=1))


def beside_origin(name: str, side: int, outputs: tuple[str, str]) -> dict[str, object]:
    """Return a row of the second table."""
    path = locate(name, settings())
    network = Network(tflite_onnx(path.read_bytes(), name, outputs), name, 1)
    portrait = cv2.resize(data.astronaut()[40:200, 140:300], (side, side))
    pixels = np.asarray(portrait[None], np.float32) / np.float32(255)
    planes = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
    row: dict[str, object] = {
        "network": name,
        "input": f"{side}x{side}",
        "onnxruntime_ms": milliseconds(lambda: network.run(planes=planes)),
    }
    if find_spec("ai_edge_litert") is None:
        return {**row, "litert_ms": None, "difference": "install ai-edge-litert"}
    theirs, run = reference(path, pixels)
    ours = network.run(planes=planes)
    pairs = [(ours[key], value) for key, value in zip(outputs, theirs, strict=True)]
    worst = max(float(np.abs(a - b).max() / np.abs(b).max()) for a, b in pairs)
    return {**row, "litert_ms": milliseconds(run), "difference": f"{worst:.1e}"}


def reference(
    path: Path, pixels: NDArray[np.float32]
) -> tuple[list[NDArray[np.float32]], Callable[[], object]]:
    """Return the outputs of TensorFlow Lite's runtime, and a function that runs it again."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path), num_threads=1)
    interpreter.allocate_tensors()
    (given,) = interpreter.get_input_details()
    interpreter.set_tensor(given["index"], pixels)
    interpreter.invoke()
    outputs = [
        interpreter.get_tensor(output["index"]) for output in interpreter.get_output_details()
    ]
    return outputs, interpreter.invoke


def milliseconds(work: Callable[[], object]) -> float:
    """Return the median time of a call."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return round(statistics.median(times), 2)


if __name__ == "__main__":
    main()
