"""Real portraits and model files that packages bring, and a few of those in shared data."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from matplotlib import cbook
from skimage import data

from closeup.frames import RGBImage
from closeup.models.files import locate
from closeup.settings import Settings

PACKAGES_ONLY = Settings(models=None, cache=Path("no such folder"))


def read_photo(path: Path) -> RGBImage:
    pixels = cv2.imread(str(path))
    assert pixels is not None, path
    return np.ascontiguousarray(pixels[..., ::-1], np.uint8)


def astronaut() -> RGBImage:
    return np.asarray(data.astronaut(), np.uint8)


def hopper() -> RGBImage:
    return read_photo(Path(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)))


def stage(shared_data: Path) -> RGBImage:
    (path,) = (shared_data / "stage" / "musicbank_frame").glob("*.jpg")
    return read_photo(path)


def lfw(shared_data: Path, count: int) -> list[RGBImage]:
    folder = shared_data / "lfw" / "images"
    names = ["Aaron_Eckhart", "Adrien_Brody", "Al_Gore", "Ana_Palacio", "Angelina_Jolie"]
    return [read_photo(folder / name / f"{name}_0001.jpg") for name in names[:count]]


def dlib_file(name: str) -> Path:
    return locate(name, PACKAGES_ONLY)
