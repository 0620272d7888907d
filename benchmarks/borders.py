"""What a chip shows beyond the picture's border, and means of jitters, on tight crops.

Every face is cropped to the detector's box, so that its chip extends beyond the picture. There are
three groups of people who look alike: women and men of Labeled Faces in the Wild
(``look_alikes.py``), and the seven men of ``named_faces`` in their group photos. Each face is
compared with the centroids of other photos of these people, cropped likewise (*rank 1*), and with
all other faces (*true accepts*: the share of pairs of one person that are nearer than all but one
in a hundred pairs of two). Other borders are drawn around the crop before it is embedded.

What Closeup does, a repeated border and the mean of the face and its mirror image, was chosen on
the women; the other two groups are the test. The mean of eight jitters, and that of these and their
mirror images, take 3.5 and 7 times as long (*ms a face*: processor time of cutting and embedding)
and are not better by more than chance, so they are not used. ``--tighter`` crops the faces to eight
tenths of the square that dlib's detectors give, from the forehead to the chin.

    python -m benchmarks.borders [--tighter]
"""

from __future__ import annotations

import argparse
import csv
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.look_alikes import MEN_UP_TO_37, WOMEN_UP_TO_40
from benchmarks.recording import save, settings, shared_data, show
from closeup.cohort import unit_length
from closeup.embedding_calibration import EmbeddingCalibration
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Size, areas, boxes_around, centres_of, clipped, covered, sides_of
from closeup.identity.calibration import calibration_of
from closeup.identity.description import mirrored_mean
from closeup.media.images import read_image
from closeup.opening import open_detector, open_embedder
from closeup.progress import Silent
from closeup.protocols import Embedder, FaceDetector

Crop = tuple[RGBImage, Faces]
Crops = dict[str, list[Crop]]
"""Pictures of single faces of each person, and the face in each."""
Vectors = NDArray[np.float32]
Describe = Callable[[Embedder, list[RGBImage]], Vectors]

_TIGHTER = 0.8
_INSIDE = 0.7
"""Least share of a detected box within a hand-drawn one, which also shows the hair."""

_DEGREES, _GROWTH, _SHIFT = 2.0, 0.015, 0.015
"""Half ranges of the rotation, of the scale and of the shift as a share of the chip's side; about
half of those of ``dlib.jitter_image``, whose values are random."""


def main() -> None:
    """Measure, print and save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tighter", action="store_true", help="crop from the forehead to the chin")
    tighter: bool = parser.parse_args().tighter
    here = settings()
    detector = open_detector("yunet-n", settings=here, progress=Silent(), threads=1)
    embedder = open_embedder(settings=here, threads=1)
    cropper = Cropper(detector, tighter=tighter)
    groups = {
        "women": lfw_crops(WOMEN_UP_TO_40, cropper),
        "men": lfw_crops(MEN_UP_TO_37, cropper),
        "named faces": named_crops(cropper),
    }
    rows = []
    for border, describe in WAYS:
        row: dict[str, object] = {"border": border, "vectors": describe.__name__}
        start = time.process_time()
        for group, (probes, members) in groups.items():
            found, known = (vectors_of(c, embedder, border, describe) for c in (probes, members))
            scores = measured(found, known, calibration_of(embedder))
            row |= {f"{group}: {key}": value for key, value in scores.items()}
        faces = sum(sum(map(len, crops.values())) for pair in groups.values() for crops in pair)
        rows.append({**row, "ms a face": round(1000 * (time.process_time() - start) / faces, 1)})
    sizes = {group: sum(map(len, probes.values())) for group, (probes, _) in groups.items()}
    show(f"tight crops: {sizes}", rows)
    save("borders-tighter" if tighter else "borders", {"crops": sizes, "rows": rows})


def jittered(chip: RGBImage) -> list[RGBImage]:
    """Return eight copies of a chip, slightly rotated, scaled and shifted; half are mirrored.

    The changes are the same for every chip, so that results can be repeated. They are a fractional
    factorial design of two levels: their mean is no change, and no two of them are correlated.

    Args:
        chip: (H, W, 3) RGB uint8.

    Returns:
        Chips of the same size; beyond the chip its border is repeated.

    """
    side = min(chip.shape[:2])
    middle = ((chip.shape[1] - 1) / 2, (chip.shape[0] - 1) / 2)
    copies = []
    for turn, growth, across in product((-1, 1), repeat=3):
        matrix = cv2.getRotationMatrix2D(middle, turn * _DEGREES, 1 + growth * _GROWTH)
        matrix[:, 2] += np.array([across, turn * growth * across]) * _SHIFT * side
        copy = cv2.warpAffine(
            chip, matrix, chip.shape[1::-1], flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        mirrored = turn * growth > 0
        pixels = np.ascontiguousarray(copy[:, ::-1] if mirrored else copy)
        copies.append(np.asarray(pixels, np.uint8))
    return copies


def jitter_mean(embedder: Embedder, chips: list[RGBImage]) -> Vectors:
    """Mean of the eight jitters of each chip."""
    each = [embedder.embed(jittered(chip)).mean(axis=0) for chip in chips]
    return np.array(each, np.float32).reshape(-1, embedder.dimensions)


def both_means(embedder: Embedder, chips: list[RGBImage]) -> Vectors:
    """Mean of the eight jitters of each chip and of their mirror images."""
    each = [mirrored_mean(embedder, jittered(chip)).mean(axis=0) for chip in chips]
    return np.array(each, np.float32).reshape(-1, embedder.dimensions)


WAYS: tuple[tuple[str, Describe], ...] = (
    ("black", mirrored_mean),
    ("mirrored", mirrored_mean),
    ("repeated", mirrored_mean),
    ("repeated", jitter_mean),
    ("repeated", both_means),
)


def lfw_crops(people: Sequence[str], cropper: Cropper) -> tuple[Crops, Crops]:
    """Return the probes and the enrolled photos of people of LFW, up to three of each."""
    probes: Crops = {}
    members: Crops = {}
    for name in people:
        photos = sorted((shared_data() / "lfw" / "images" / name).glob("*.jpg"))[:6]
        crops = [cropper.tight(image) for image in map(read_image, photos)]
        members[name], probes[name] = (
            [crop for crop in part if crop is not None] for part in (crops[:3], crops[3:])
        )
    return probes, members


def named_crops(cropper: Cropper) -> tuple[Crops, Crops]:
    """Return the faces of the group photos by the hand-drawn boxes, and the members' photos."""
    folder = shared_data() / "named_faces"
    with (folder / "truth.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    probes: Crops = defaultdict(list)
    for row in table:
        image = read_image(folder / "photos" / row["photo"])
        drawn = np.array([[float(row[edge]) for edge in ("x1", "y1", "x2", "y2")]], np.float32)
        crop = cropper.tight(image, drawn)
        probes[row["member"]] += [] if crop is None else [crop]
    members: Crops = defaultdict(list)
    for path in sorted((folder / "members").glob("*/*.jpg")):
        crop = cropper.tight(read_image(path))
        members[path.parent.name] += [] if crop is None else [crop]
    return probes, members


@dataclass(frozen=True, slots=True)
class Cropper:
    """Crops photos to single faces.

    Attributes:
        detector: Finds the faces.
        tighter: Whether crops end at the forehead and the chin.

    """

    detector: FaceDetector
    tighter: bool

    def tight(self, image: RGBImage, within: NDArray[np.float32] | None = None) -> Crop | None:
        """Return the largest face's box as a picture and the face found in it; None without one.

        Args:
            image: A photo.
            within: (1, 4) box that holds the face; None for any face.

        """
        faces = self.detector.detect(image)
        if within is not None:
            faces = faces[covered(faces.boxes, within)[:, 0] > _INSIDE]
        if not len(faces):
            return None
        face = faces[np.array([areas(faces.boxes).argmax()])]
        box = face.boxes
        if self.tighter:
            square = face.squares()
            box = boxes_around(centres_of(square), _TIGHTER * sides_of(square) / 2)
        x1, y1, x2, y2 = np.rint(clipped(box, Size.of(image))[0] + 0.5).astype(int).tolist()
        crop = np.ascontiguousarray(image[y1:y2, x1:x2])
        found = largest_face(crop, self.detector)
        return None if found is None else (crop, found)


def largest_face(image: RGBImage, detector: FaceDetector) -> Faces | None:
    """Return the largest face of a picture; None without any."""
    faces = detector.detect(image)
    return faces[np.array([areas(faces.boxes).argmax()])] if len(faces) else None


def vectors_of(
    crops: Crops, embedder: Embedder, border: str, describe: Describe
) -> dict[str, Vectors]:
    """Return the unit vectors of faces, whose pictures continue beyond the border as given."""
    found = {}
    for name, own in crops.items():
        chips = []
        for image, face in own:
            picture, moved = (
                (image, face) if border == "repeated" else bordered(image, face, border)
            )
            chips += embedder.chips(picture, moved)
        found[name] = unit_length(describe(embedder, chips))
    return found


def bordered(image: RGBImage, face: Faces, border: str) -> tuple[RGBImage, Faces]:
    """Return the picture with a margin of its own size, and the face in it."""
    more = max(image.shape[:2])
    kind = cv2.BORDER_CONSTANT if border == "black" else cv2.BORDER_REFLECT
    picture = np.asarray(cv2.copyMakeBorder(image, more, more, more, more, kind), np.uint8)
    points = None if face.landmarks is None else face.landmarks + np.float32(more)
    moved = Faces(face.boxes + np.float32(more), face.scores, points, face.squaring)
    return picture, moved


def measured(
    probes: dict[str, Vectors], members: dict[str, Vectors], calibration: EmbeddingCalibration
) -> dict[str, float]:
    """Return rank 1, and true accepts at one false accept in a hundred, in percent."""
    centroids = unit_length(np.array([own.mean(axis=0) for own in members.values()]))
    vectors = np.concatenate(list(probes.values()))
    names = np.repeat(list(probes), [len(own) for own in probes.values()])
    apart = calibration.relative_distances(vectors, centroids)
    best = np.array(list(members))[apart.argmin(axis=1)]
    everyone = np.concatenate([vectors, *members.values()])
    known = np.concatenate([names, np.repeat(list(members), [len(v) for v in members.values()])])
    upper = np.triu_indices(len(everyone), 1)
    pairs = calibration.relative_distances(everyone, everyone)[upper]
    same = (known[:, None] == known)[upper]
    limit = np.quantile(pairs[~same], 0.01)
    return {
        "rank 1": round(100 * float((best == names).mean()), 1),
        "true accepts": round(100 * float((pairs[same] < limit).mean()), 1),
    }


if __name__ == "__main__":
    main()
