"""What the embedding says of faces that the picture's edge cuts off.

One photo of each person of Labeled Faces in the Wild is cut through the face: *side* through the
right eye, *below* through the mouth, *above* through the eyes. Those are counted that are still
found, and told to be cut off.

- *told*: share of the cut faces that are told to be cut off; the row *whole* has the whole photos,
  and *tight* their faces cropped to the detector's box, of which none should be.
- *false accepts*: share of the pairs of two people that are nearer than the limit for one in a
  hundred and one in a thousand; one face cut and one whole, and both cut in the same way.
- *own*: share of the cut faces that are accepted as the person of the whole photo, at one in a
  thousand.

    python -m benchmarks.cut_faces [--people N]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from benchmarks.recording import save, settings, show
from benchmarks.turned_heads import Person, people_of, share
from closeup.cohort import unit_length
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Size, centres_of
from closeup.identity.calibration import calibration_of
from closeup.identity.description import mirrored_mean
from closeup.identity.quality import cut_off
from closeup.open_models import Models
from closeup.protocols import Embedder, FaceDetector

Part = tuple[RGBImage, NDArray[np.float64]]
"""A part of a photo, and (2,) the position of its first pixel."""


def main() -> None:
    """Measure, print and save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=150)
    count: int = parser.parse_args().people
    models = Models(settings())
    detector, embedder = models.detector("yunet-n", threads=1), models.embedder(threads=1)
    people = people_of("peopleDevTest.txt", count, detector, models.landmarker("dlib-5-points"))
    whole = described([(person.image, person.face) for person in people], embedder)
    rows = []
    for name, cut in CUTS.items():
        parts = [
            (number, found(cut(person), person, detector)) for number, person in enumerate(people)
        ]
        seen = [(number, part) for number, part in parts if part is not None]
        told = [bool(cut_off(face, Size.of(image))[0]) for _, (image, face) in seen]
        used = [row for row, flag in zip(seen, told, strict=True) if flag]
        row: dict[str, object] = {"cut": name, "found": len(seen), "told": share(told)}
        rows.append(row | accepted(used, whole, embedder))
    show(f"cut faces of {len(people)} people, in percent", rows)
    save("cut_faces", {"people": len(people), "rows": rows})


def part_of(person: Person, place: float, axis: int, *, before: bool) -> Part:
    """Return the part of a photo before or after a place on an axis."""
    edge = round(place)
    whole = [slice(None), slice(None)]
    whole[1 - axis] = slice(None, edge) if before else slice(edge, None)
    origin = np.zeros(2)
    origin[axis] = 0 if before else edge
    return np.ascontiguousarray(person.image[whole[0], whole[1]]), origin


def beside_the_right_eye(person: Person) -> Part:
    """Return the part of a photo that begins in the right eye."""
    unit = float(np.linalg.norm(person.eyes[1] - person.eyes[0]))
    return part_of(person, person.eyes[0, 0] + 0.2 * unit, 0, before=False)


def above_the_mouth(person: Person) -> Part:
    """Return the part of a photo that ends at the mouth."""
    unit = float(np.linalg.norm(person.eyes[1] - person.eyes[0]))
    return part_of(person, person.eyes[:, 1].mean() + unit, 1, before=True)


def below_the_eyes(person: Person) -> Part:
    """Return the part of a photo that begins at the eyes."""
    unit = float(np.linalg.norm(person.eyes[1] - person.eyes[0]))
    return part_of(person, person.eyes[:, 1].mean() + 0.1 * unit, 1, before=False)


def face_box(person: Person) -> Part:
    """Return the detector's box."""
    x1, y1, x2, y2 = np.rint(person.face.boxes[0] + 0.5).astype(int).tolist()
    return np.ascontiguousarray(person.image[y1:y2, x1:x2]), np.array([x1, y1], float)


CUTS: dict[str, Callable[[Person], Part]] = {
    "whole": lambda person: (person.image, np.zeros(2)),
    "tight": face_box,
    "side": beside_the_right_eye,
    "below": above_the_mouth,
    "above": below_the_eyes,
}


def found(part: Part, person: Person, detector: FaceDetector) -> tuple[RGBImage, Faces] | None:
    """Return the face of the person in a part of the photo; None if it is not found there."""
    image, origin = part
    faces = detector.detect(image)
    apart = centres_of(faces.boxes) + origin - centres_of(person.face.boxes)
    distances = np.linalg.norm(apart, axis=1)
    unit = np.linalg.norm(person.eyes[1] - person.eyes[0])
    if not (distances < unit).any():
        return None
    return image, faces[np.array([distances.argmin()])]


def described(faces: list[tuple[RGBImage, Faces]], embedder: Embedder) -> NDArray[np.float32]:
    """Return the unit vectors of faces."""
    chips = [embedder.chips(image, face)[0] for image, face in faces]
    return unit_length(mirrored_mean(embedder, chips))


def accepted(
    used: list[tuple[int, tuple[RGBImage, Faces]]], whole: NDArray[np.float32], embedder: Embedder
) -> dict[str, object]:
    """Return the shares of accepted pairs of cut faces, in percent."""
    calibration = calibration_of(embedder)
    limits = {rate: calibration.false_accepts.distance_at(rate) for rate in (1e-2, 1e-3)}
    names = [f"{cut} cut, {rate:g}" for rate in limits for cut in (1, 2)]
    if len(used) < 2:
        return dict.fromkeys((*names, "own"))
    numbers = np.array([number for number, _ in used])
    cut = described([face for _, face in used], embedder)
    with_whole = calibration.relative_distances(cut, whole)
    together = calibration.relative_distances(cut, cut)[~np.eye(len(cut), dtype=bool)]
    own = numbers[:, None] == np.arange(len(whole))
    shares = [
        share(pairs < limit) for limit in limits.values() for pairs in (with_whole[~own], together)
    ]
    return {**dict(zip(names, shares, strict=True)), "own": share(with_whole[own] < limits[1e-3])}


if __name__ == "__main__":
    main()
