"""Verification of people whose heads are not upright, at every roll.

One photo of each person of Labeled Faces in the Wild is turned clockwise, with black corners, and
searched as ``closeup verify`` searches photos. The limit is that of one false accept in a
thousand pairs of upright photos.

- *found*: share of the photos in which the head is found; *lying*: share in which its roll cannot
  be told, which gives no identity; *roll off*: share with a roll that is wrong by more than 20°.
- *same*: share of the people whose turned photo is accepted as the person of the upright one.
- *false accepts*: share of the pairs of two people that are accepted, both turned by the angle;
  *to others*: one turned by the angle, the other by each of the other angles.
- *swapped*: faces whose right eye, by dlib's points, is nearer to the left eye of the upright
  photo than to its right one.
- *ms*: processor time of searching and describing one photo.
- *as is*: the same without this search, by the detector and dlib's points alone.

Nothing was chosen on these people, who are the test part of View 1: the limits of
:mod:`closeup.landmarks.rolls` come from its training part (``--chosen-on``).

    python -m benchmarks.turned_heads [--people N] [--detector NAME] [--step DEGREES]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.recording import save, settings, shared_data, show
from closeup.cohort import unit_length
from closeup.evaluation.photo_vectors import nearest_the_middle
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Size, centres_of, heights_of
from closeup.identity.calibration import calibration_of
from closeup.identity.description import mirrored_mean
from closeup.identity.verification import RATE
from closeup.landmarks.five_points import five_points
from closeup.media.images import read_image
from closeup.open_models import Models
from closeup.protocols import Embedder, FaceDetector, Landmarker
from closeup.similarity import Similarity

_NEAR = 0.5
"""Largest distance of a found head from its place, in heights of the upright face."""
_ROLL_OFF = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """The upright photo, its face, and the eyes (2, 2), the subject's right one first."""

    image: RGBImage
    face: Faces
    eyes: NDArray[np.float64]

    @property
    def roll(self) -> float:
        """The head's roll in the photo, by its eyes, in degrees."""
        across, down = self.eyes[1] - self.eyes[0]
        return float(np.degrees(np.arctan2(down, across)))


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One turned photo: the vector of its head, NaN without an identity, and what was wrong."""

    vector: NDArray[np.float32]
    found: bool = False
    lying: bool = False
    roll_off: bool = False
    swapped: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """What photos are searched with."""

    detector: FaceDetector
    embedder: Embedder
    landmarker: Landmarker

    def seen(self, person: Person, degrees: float) -> Seen:
        """Return what is found of a person in the photo turned clockwise."""
        nothing = np.full(self.embedder.dimensions, np.nan, np.float32)
        image, turn = turned(person.image, degrees)
        faces = self.detector.detect(image)
        apart = centres_of(faces.boxes) - turn.apply(centres_of(person.face.boxes))
        distances = np.linalg.norm(apart, axis=1)
        near = distances < _NEAR * heights_of(person.face.boxes)
        if not near.any():
            return Seen(nothing)
        face = faces[np.array([distances.argmin()])]
        if face.lying[0]:
            return Seen(nothing, found=True, lying=True)
        vector = mirrored_mean(self.embedder, self.embedder.chips(image, face))[0]
        eyes = five_points(self.landmarker.find(image, face))[0, :2]
        right, left = np.linalg.norm(turn.apply(person.eyes) - eyes[0], axis=1)
        roll = 0.0 if face.rolls is None else float(face.rolls[0])
        off = (roll - person.roll - degrees + 180) % 360 - 180
        return Seen(vector, True, False, abs(off) > _ROLL_OFF, bool(left < right))


def main() -> None:
    """Measure, print and save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=120)
    parser.add_argument("--detector", default="yunet-n")
    parser.add_argument("--step", type=int, default=30, help="degrees between two angles")
    parser.add_argument("--chosen-on", action="store_true", help="use View 1's training part")
    options = parser.parse_args()
    models = Models(settings())
    detector = models.detector(options.detector, threads=1)
    embedder, landmarker = models.embedder(threads=1), models.landmarker("dlib-5-points")
    part = "Train" if options.chosen_on else "Test"
    people = people_of(f"peopleDev{part}.txt", options.people, detector, landmarker)
    ways = {
        "as is": detector,
        "turned": models.turned_detector(detector, photos=True),
    }
    rows = []
    for way, finder in ways.items():
        parts = Parts(finder, embedder, landmarker)
        rows += measured(way, people, parts, range(0, 181, options.step))
    show(f"{len(people)} people, {options.detector}", rows)
    save(f"turned_heads-{options.detector}", {"people": len(people), "rows": rows})


def people_of(
    table: str, count: int, detector: FaceDetector, landmarker: Landmarker
) -> list[Person]:
    """Return the first photo of people drawn at random in which a face is found."""
    folder = shared_data() / "lfw"
    names = [line.split("\t")[0] for line in (folder / table).read_text().splitlines()[1:]]
    found = []
    for name in np.random.default_rng(0).permutation(names)[:count]:
        image = read_image(folder / "images" / name / f"{name}_0001.jpg")
        face = nearest_the_middle(detector.detect(image), Size.of(image))
        if len(face):
            eyes = five_points(landmarker.find(image, face))[0, :2]
            found.append(Person(image, face, eyes.astype(np.float64)))
    return found


def turned(image: RGBImage, degrees: float) -> tuple[RGBImage, Similarity]:
    """Return the whole picture turned clockwise, and the map of its pixels."""
    size = Size.of(image)
    middle = (np.array(size) - 1) / 2
    across, down = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    linear = np.array([[across, -down], [down, across]])
    larger = Size(*np.ceil(np.abs(linear) @ np.array(size) - 1e-9).astype(int).tolist())
    matrix = np.column_stack([linear, (np.array(larger) - 1) / 2 - linear @ middle])
    return np.asarray(cv2.warpAffine(image, matrix, larger), np.uint8), Similarity(matrix)


def measured(
    way: str, people: list[Person], parts: Parts, angles: range
) -> list[dict[str, object]]:
    """Return one row an angle."""
    seen: dict[int, list[Seen]] = {}
    seconds = {}
    for angle in angles:
        start = time.process_time()
        seen[angle] = [parts.seen(person, angle) for person in people]
        seconds[angle] = (time.process_time() - start) / len(people)
    vectors = {
        angle: unit_length(np.array([s.vector for s in all_of])) for angle, all_of in seen.items()
    }
    return [
        {
            "way": way,
            "angle": angle,
            **{
                name: share([getattr(s, name) for s in seen[angle]])
                for name in ("found", "lying", "roll_off")
            },
            **accepted(vectors, angle, parts.embedder),
            "swapped": sum(s.swapped for s in seen[angle]),
            "ms": round(1000 * seconds[angle]),
        }
        for angle in angles
    ]


def accepted(
    vectors: Mapping[int, NDArray[np.float32]], angle: int, embedder: Embedder
) -> dict[str, float]:
    """Return the shares of accepted pairs, in percent; a NaN vector is never accepted."""
    calibration = calibration_of(embedder)
    limit = calibration.false_accepts.distance_at(RATE)

    def near(other: int) -> NDArray[np.bool_]:
        return calibration.relative_distances(vectors[angle], vectors[other]) < limit

    two = ~np.eye(len(vectors[angle]), dtype=bool)
    others = [near(other)[two] for other in vectors if other != angle]
    return {
        "same": share(np.diag(near(0))),
        "false accepts": share(near(angle)[two]),
        "to others": share(np.concatenate(others)) if others else 0.0,
    }


def share(flags: NDArray[np.bool_] | list[bool]) -> float:
    """Return the share of true values in percent."""
    return round(100 * float(np.mean(flags)), 2)


if __name__ == "__main__":
    main()
