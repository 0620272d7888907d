"""Draws the pictures of the pages on pupils, from two public-domain portraits.

- ``pupils.png``: results of ``closeup pupils``, and the steps of the network.
- ``pupil_methods.png``: a right eye, step by step, by every method.
- ``pupil_network_failures.png``: results of the network on hard portraits, with the true
  pupils. ``docs/models/pupils.md`` describes it, so check it after each new network.

They are written to ``docs/images``, or to another folder.

    python -m benchmarks.pupil_pictures [--network FILE] [--out FOLDER]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from benchmarks.hard_portraits import Portrait, eileen, grace, hard_portraits
from benchmarks.recording import ROOT, settings
from closeup.drawing.colours import Colour
from closeup.drawing.crosses import draw_cross
from closeup.drawing.marks import PLAIN, draw_marks
from closeup.drawing.sheets import PictureStrip, below, beside, captioned, draw_strips, framed, grid
from closeup.evaluation.pupil_errors import eye_errors
from closeup.eyes import Eyes
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.landmarks.warping import warped
from closeup.opening import PUPIL_METHODS, open_detector, open_landmarker, open_pupil_finder
from closeup.pipeline.search.pupils import FaceAndPupilFinder
from closeup.progress import Silent
from closeup.pupils.method import showing
from closeup.similarity import Similarity

_PORTRAIT = Size(440, 410)
_FACE, _EYES = 130, 0.36
"""Eye distance in a portrait, in pixels, and position of the eyes from the top, as a share."""
_STRIP, _UNIT, _ABREAST = Size(290, 160), 110, 4
"""Size of a strip of both eyes, its eye distance in pixels, and strips in a row."""
_ALL_STEPS = 1110
"""Width of the picture of all methods' steps, in pixels."""
_SIDES = ("right", "left")
_ARM = 6.0
_TRUE: Colour = (255, 255, 255)
_BEYOND: Colour = (215, 215, 215)
"""Colour outside the edge of a picture."""


def main() -> None:
    """Draw all pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", default="network", help="the .onnx file of another one")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images")
    given = parser.parse_args()
    finder, methods = opened(given.network), [n for n in PUPIL_METHODS if n != "network"]
    write(given.out / "pupils.png", found_and_how(finder))
    write(given.out / "pupil_methods.png", every_way([finder, *map(opened, methods)]))
    write(given.out / "pupil_network_failures.png", hard_ones(finder))


def opened(method: str) -> FaceAndPupilFinder:
    """Open a method as ``closeup pupils --method`` does."""
    here = settings()
    detector = open_detector("yunet-n", settings=here, progress=Silent(), threads=1)
    landmarker = open_landmarker("dlib-5-points", settings=here)
    return FaceAndPupilFinder(detector, open_pupil_finder(method, settings=here), landmarker)


def found_and_how(finder: FaceAndPupilFinder) -> RGBImage:
    """Draw two portraits side by side, and the steps for both eyes of the first."""
    portraits = [
        warped(own.image, level(own, _PORTRAIT, _FACE, _EYES), _PORTRAIT)
        for own in (eileen(), grace())
    ]
    drawn = [draw_marks(image, finder.marks(finder.find(image))) for image in portraits]
    steps = showing(finder.finder).show(eileen().image, largest(finder, eileen().image))
    eyes = [
        narrowed(draw_strips([PictureStrip(f"{side} eye", own.pictures)]), _PORTRAIT.width)
        for side, own in zip(_SIDES, steps, strict=True)
    ]
    return below([beside(drawn, 10), beside(eyes, 10)], gap=0)


def every_way(finders: list[FaceAndPupilFinder]) -> RGBImage:
    """Draw the steps of each method for one right eye."""
    image = eileen().image
    faces = largest(finders[0], image)
    methods = [own.finder for own in finders]
    strips = [
        PictureStrip(own.name, showing(own).show(image, faces)[0].pictures) for own in methods
    ]
    return narrowed(draw_strips(strips), _ALL_STEPS)


def largest(finder: FaceAndPupilFinder, image: RGBImage) -> Faces:
    """Return the largest face of a picture."""
    return finder.find(image)[np.array([0])]


def hard_ones(finder: FaceAndPupilFinder) -> RGBImage:
    """Draw both eyes of each hard portrait, with the results."""
    tiles = [hard_one(finder, title, portrait) for title, portrait in hard_portraits()]
    return framed(grid(tiles, _ABREAST))


def hard_one(finder: FaceAndPupilFinder, title: str, portrait: Portrait) -> RGBImage:
    """Draw level eyes; white crosses are the true pupils, green ones the found ones."""
    eyes = finder.find(portrait.image).eyes or Eyes.none()
    upright = level(portrait, _STRIP, _UNIT)
    strip = np.ascontiguousarray(warped(portrait.image, upright, _STRIP, _BEYOND))
    for place in upright.apply(portrait.pupils):
        draw_cross(strip, place, _ARM / 2, _TRUE)
    for place in upright.apply(eyes.centres[:1][eyes.found[:1]]):
        draw_cross(strip, place, _ARM, PLAIN)
    lines = (title, *(said(eyes, portrait, eye) for eye in (0, 1)))
    return captioned(strip, *lines)


def said(eyes: Eyes, portrait: Portrait, eye: int) -> str:
    """Describe one eye of the largest face: the error of its point, or the reason for none."""
    side = _SIDES[eye]
    if not len(eyes.reasons):
        return f"{side}: no face found"
    if reason := eyes.reasons[0][eye].partition(":")[0]:
        return f"{side}: {reason}{_open(eyes, eye)}"
    error = eye_errors(eyes.centres[:1], portrait.pupils[None])[0, eye]
    return f"{side}: off {error:.2f}, confidence {eyes.confidence[0, eye]:.2f}{_open(eyes, eye)}"


def _open(eyes: Eyes, eye: int) -> str:
    known = float(eyes.openness[0, eye])
    return f", open {known:.2f}" if np.isfinite(known) else ""


def level(portrait: Portrait, size: Size, unit: int, height: float = 0.55) -> Similarity:
    """Return a similarity that puts the eyes ``unit`` pixels apart at a share of the height."""
    middle = np.array([(size.width - 1) / 2, size.height * height])
    half = np.array([unit / 2, 0.0])
    return Similarity.between(portrait.pupils, np.array([middle - half, middle + half]))


def narrowed(picture: RGBImage, width: int) -> RGBImage:
    """Return the picture at a given width: reduced, or with white beside it."""
    height, own = picture.shape[:2]
    if own <= width:
        return np.pad(picture, ((0, 0), (0, width - own), (0, 0)), constant_values=255)
    size = (width, round(height * width / own))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def write(path: Path, picture: RGBImage) -> None:
    """Write a PNG file of 256 colours, which is half as large."""
    full = Image.fromarray(picture)
    # Of Pillow's ways to choose colours only this one keeps those of a few crosses.
    few = full.quantize(method=Image.Quantize.FASTOCTREE)
    full.quantize(palette=few).save(path, optimize=True)
    print(path)


if __name__ == "__main__":
    main()
