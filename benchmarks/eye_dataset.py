"""Time to build an eye data set, by step, and a comparison of file formats for its crops.

The photos are from LFW, evenly spread. ``steps``: processor milliseconds per photo; ``pupils`` is
the default method with the landmarks it requests itself. ``formats``: milliseconds to write and to
read 1,000 crops, one file each or as one array, and their size. ``whole``: a build on all
processors, with checks, sheets and page, and the estimated time for all of LFW. If the machine is
busy, use the processor seconds: half of them is the time on two free processors.

    python -m benchmarks.eye_dataset [--photos N]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.recording import Stopwatch, save, settings, shared_data, show
from closeup.eyes import Eyes
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.media.images import read_image
from closeup.open_models import Models
from closeup.opening import open_detector, open_landmarker, open_pupil_finder
from closeup.pipeline.datasets.eye_dataset import EyeSetOptions, build_eye_set
from closeup.progress import Silent
from closeup.pupils.eye_crops import CropShape, eye_crops
from closeup.pupils.eye_frame import EyeFrame

STEPS = 500
"""Number of photos for the timing of steps."""


def main() -> None:
    """Measure, print and record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=1000, help="of the whole build")
    wanted = parser.parse_args().photos
    every = sorted((shared_data() / "lfw" / "images").glob("*/*.jpg"))
    steps, crops = measure_steps(spread(every, STEPS))
    with tempfile.TemporaryDirectory() as folder:
        formats = measure_formats(crops[:1000], Path(folder))
        whole = measure_whole(spread(every, wanted), len(every), Path(folder))
    show("steps, one thread", [{"step": name, "ms a photo": ms} for name, ms in steps.items()])
    show("1,000 crops", [{"format": name, **figures} for name, figures in formats.items()])
    show("whole build", [whole])
    save("eye_dataset", {"steps_ms": steps, "formats": formats, "whole": whole})


def spread(paths: list[Path], count: int) -> list[Path]:
    """Return ``count`` of the paths, evenly spread."""
    return [paths[i] for i in np.linspace(0, len(paths) - 1, min(count, len(paths))).astype(int)]


def measure_steps(paths: list[Path]) -> tuple[dict[str, float], NDArray[np.uint8]]:
    """Return the milliseconds per photo of each step, and the crops."""
    options = EyeSetOptions()
    detector = open_detector("auto", settings=settings(), progress=Silent(), threads=1)
    landmarker = open_landmarker("dlib-5-points", settings=settings())
    finder = open_pupil_finder("darkest", settings=settings())
    unit = options.size.width / options.width
    shape = CropShape(unit, options.width, options.size.height / unit, least=1.0)
    watches = {name: Stopwatch() for name in ("read", "detect", "five points", "pupils", "crops")}

    def cut(image: RGBImage, faces: Faces, eyes: Eyes) -> list[RGBImage]:
        frames = map(EyeFrame.of, watches["five points"].around(landmarker.find)(image, faces))
        pairs = [
            watches["crops"].around(eye_crops)(image, frame, shape, mirror_left=True)
            for frame, found in zip(frames, eyes.found, strict=True)
            if found.all()
        ]
        return [crop.pixels for pair in pairs for crop in pair]

    crops: list[RGBImage] = []
    for path in paths:
        image = watches["read"].around(read_image)(path)
        faces = watches["detect"].around(detector.detect)(image)
        crops += cut(image, faces, watches["pupils"].around(finder.find)(image, faces))
    steps = {name: round(1000 * watch.seconds / len(paths), 2) for name, watch in watches.items()}
    return steps, np.array(crops)


def measure_formats(crops: NDArray[np.uint8], folder: Path) -> dict[str, dict[str, float]]:
    """Return milliseconds to write and read crops, one file each or as one array."""

    def files(suffix: str) -> tuple[Callable[[], None], Callable[[], None]]:
        paths = [folder / f"{number}{suffix}" for number in range(len(crops))]

        def write() -> None:
            for path, crop in zip(paths, crops, strict=True):
                cv2.imwrite(str(path), crop)

        def read() -> None:
            for path in paths:
                cv2.imread(str(path))

        return write, read

    array = folder / "crops.npy"
    ways = {
        ".png": files(".png"),
        ".jpg": files(".jpg"),
        ".npy": (lambda: np.save(array, crops), lambda: np.load(array)),
    }
    figures = {}
    for suffix, (write, read) in ways.items():
        size = sum(path.stat().st_size for path in folder.glob(f"*{suffix}"))
        took = [milliseconds(write), milliseconds(read)]
        size = sum(path.stat().st_size for path in folder.glob(f"*{suffix}")) - size
        figures[suffix] = {
            "write_ms": took[0],
            "read_ms": took[1],
            "megabytes": round(size / 1e6, 2),
        }
    return figures


def measure_whole(paths: list[Path], all_photos: int, folder: Path) -> dict[str, float]:
    """Time a whole build on the photos, and extrapolate to ``all_photos``."""
    photos = folder / "photos"
    photos.mkdir()
    for path in paths:
        (photos / path.name).symlink_to(path)
    start, processor = time.perf_counter(), time.process_time()
    made = build_eye_set(photos, folder / "eyes", models=Models(settings()))
    seconds, processor = time.perf_counter() - start, time.process_time() - processor
    return {
        "photos": len(paths),
        "crops": made.document["labels"],
        "seconds": round(seconds, 1),
        "processor_seconds": round(processor, 1),
        "ms_a_photo": round(1000 * seconds / len(paths), 2),
        "all_of_lfw_seconds": round(seconds / len(paths) * all_photos),
    }


def milliseconds(work: Callable[[], object]) -> float:
    """Return the duration of ``work`` in milliseconds."""
    start = time.perf_counter()
    work()
    return round(1000 * (time.perf_counter() - start), 1)


if __name__ == "__main__":
    main()
