"""Whether the faces of a picture are named right, each by itself and all together.

Three tables:

- *group photos*: the 295 hand-named faces of seven men who look alike (``named_faces``), enrolled
  from eight crops of other photos. A face that no detector finds counts as nobody. Eight of these
  faces are a man's second or third in a collage, and cannot be named when all are decided together.
- *composed pictures* of people of LFW's second development set, enrolled from five photos. Seven
  members, one face each of those who are in the picture, shrunk to a height of 30 pixels, and
  strangers. "Look-alikes" are near each other, and half of the difference of their mean vectors is
  taken away, which makes them as alike as the men of the group photos: alone, about as many of
  their faces are nearest to somebody else. ``closeup.identity.recognition`` and ``joint`` were
  fitted in the same way on people of the first development set.
- *confidences*: of all faces whose stated confidence for the best member is in a band, the mean of
  the confidences and the share in which it is right.

How to read it: "right", "wrong" and "nobody" are shares of the members' faces in percent,
"strangers named" of the others; the default of ``--far`` promises 0.5 %.
"""

from __future__ import annotations

import argparse
import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from benchmarks.confidence import AS_IS, MOST_PHOTOS, Face, Reader, percent
from benchmarks.few_shot import calibration, held_out_people
from benchmarks.recording import save, settings, shared_data, show
from closeup.cohort import unit_length
from closeup.executors.threads import ordered_map
from closeup.faces import Faces
from closeup.geometry import iou
from closeup.identity.description import describe
from closeup.identity.gallery import Gallery
from closeup.media.images import read_image
from closeup.open_models import Models

DETECTORS = ("yunet-n", "closeup")
LEAST_OVERLAP = 0.15
"""Least overlap (IoU) of a found box and a drawn one: people draw larger boxes than detectors."""
MEMBERS, PHOTOS, PICTURES, OTHERS = 7, 5, 400, 300
PULL = 0.5
BANDS = (0.0, 0.3, 0.5, 0.7, 0.9, 0.97, 1.01)
DECISIONS = {"alone": True, "together": False}


@dataclass(frozen=True)
class Kind:
    """A kind of composed pictures.

    Attributes:
        name: Its name in the table.
        alike: Whether members look alike.
        present: Probability that a member is in the picture.
        strangers: Number of strangers.
        twice: Whether one member is seen twice.

    """

    name: str
    alike: bool
    present: float
    strangers: int = 0
    twice: bool = False


KINDS = (
    Kind("look-alikes, all members", True, 1),
    Kind("look-alikes, half of the members", True, 0.5),
    Kind("look-alikes and a stranger", True, 0.85, 1),
    Kind("look-alikes, one twice", True, 1, 0, twice=True),
    Kind("anybody, all members", False, 1),
    Kind("anybody and two strangers", False, 0.8, 2),
    Kind("anybody, one twice", False, 1, 0, twice=True),
    Kind("six strangers", False, 0, 6),
    Kind("one stranger", False, 0, 1),
)


@dataclass(frozen=True, eq=False)
class Shown:
    """The described faces of a picture, and who each is: a member's index, or -1."""

    gallery: Gallery
    faces: Faces
    truth: NDArray[np.int64]


def main() -> None:
    """Measure, print the tables and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--embedder", help="an ONNX file: group photos only, and writes nothing")
    other: str | None = parser.parse_args().embedder
    photos = {name: list(group_photos(name, other or "dlib-128")) for name in DETECTORS}
    drawn = sum(1 for _ in truth_rows())
    groups = [
        {"detector": detector, "decided": how, **shares(found, alone=alone, of=drawn)}
        for detector, found in photos.items()
        for how, alone in DECISIONS.items()
    ]
    show("Group photos of seven men, in percent of the drawn faces", groups)
    if other is None:
        measure_composed(photos, groups)


def measure_composed(
    photos: Mapping[str, Sequence[Shown]], groups: Sequence[Mapping[str, object]]
) -> None:
    """Measure composed pictures and confidences, and write all results."""
    people = described_people()
    composed = {kind.name: list(pictures(people, kind)) for kind in KINDS}
    rows = [
        {"pictures": name, "decided": how, **shares(found, alone=alone)}
        for name, found in composed.items()
        for how, alone in DECISIONS.items()
    ]
    every = {**{f"group photos, {name}": found for name, found in photos.items()}, **composed}
    sure = [row for name, found in every.items() for row in reliability(name, found)]
    save("named_faces", {"group photos": groups, "composed": rows, "confidences": sure})
    show("Composed pictures of LFW, in percent", rows)
    show("Stated and true confidence, decided together, in percent", sure)


def truth_rows() -> Iterator[tuple[str, str, list[float]]]:
    """Yield photo, name and box of each drawn face."""
    with (shared_data() / "named_faces" / "truth.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield row["photo"], row["member"], [float(row[k]) for k in ("x1", "y1", "x2", "y2")]


def group_photos(name: str, other: str) -> Iterator[Shown]:
    """Yield the group photos, found and described as ``closeup identify`` does."""
    models, folder = Models(settings()), shared_data() / "named_faces"
    detector = models.turned_detector(models.detector(name, threads=2), photos=True)
    embedder = models.embedder(other, threads=2)
    gallery = Gallery.enrol(folder / "members", detector, embedder)
    drawn = defaultdict(list)
    for photo, member, box in truth_rows():
        drawn[photo].append((gallery.names.index(member), box))
    for photo, people in sorted(drawn.items()):
        image = read_image(folder / "photos" / photo)
        faces = describe(image, detector.detect(image), embedder)
        overlaps = iou(np.array([box for _, box in people], np.float32), faces.boxes)
        truth = np.full(len(faces), -1)
        for one, found in zip(*linear_sum_assignment(-overlaps), strict=True):
            if overlaps[one, found] > LEAST_OVERLAP:
                truth[found] = people[one][0]
        yield Shown(gallery, faces, truth)


def described_people() -> dict[str, list[Face]]:
    """Return the faces of the people of enough photos, and one photo of other people."""
    reader, folder = Reader(), shared_data() / "lfw" / "images"
    own = [sorted((folder / name).glob("*.jpg")) for name in held_out_people()]
    several = [path for photos in own if len(photos) > PHOTOS for path in photos[:MOST_PHOTOS]]
    others = [photos[0] for photos in own if len(photos) <= PHOTOS][:OTHERS]
    people = defaultdict(list)
    for found in ordered_map(reader.central, [*several, *others]):
        for face in found:
            people[face.person].append(face)
    return people


def pictures(people: Mapping[str, Sequence[Face]], kind: Kind) -> Iterator[Shown]:
    """Yield composed pictures of a kind."""
    random = np.random.default_rng(KINDS.index(kind))
    several = [name for name in people if len(photos_of(people[name])) > PHOTOS]
    centres = {name: centre(people[name]) for name in people}
    for _ in range(PICTURES):
        names = chosen(several, centres, random, alike=kind.alike)
        middle = np.mean([centres[name] for name in names], axis=0)
        pulls = {n: PULL * kind.alike * (centres[n] - middle) for n in names}
        enrolled, left = {}, {}
        for name in names:
            mixed = random.permutation(photos_of(people[name])).tolist()
            own = [f.vector for f in people[name] if f.kind == AS_IS and f.photo in mixed[:PHOTOS]]
            enrolled[name] = np.array(unit_length(np.array(own)) - pulls[name], np.float32)
            left[name] = [f for f in people[name] if f.photo in mixed[PHOTOS:]]
        seen = [name for name in names if random.random() < kind.present]
        seen += [str(random.choice(names))] * kind.twice
        others = random.choice([n for n in people if n not in names], kind.strangers, replace=False)
        faces = [small(left[name], random) for name in seen]
        vectors = [unit_length(f.vector) - pulls[f.person] for f in faces]
        faces += [small(people[name], random) for name in others]
        vectors += [unit_length(f.vector) for f in faces[len(vectors) :]]
        truth = [names.index(name) for name in seen] + [-1] * kind.strangers
        if faces and all(len(rows) for rows in enrolled.values()):
            gallery = Gallery.of(calibration(), enrolled)
            yield Shown(gallery, placed(vectors, [f.weight for f in faces]), np.array(truth))


def photos_of(faces: Sequence[Face]) -> list[str]:
    """Return the names of the photos, in order."""
    return sorted({face.photo for face in faces})


def centre(faces: Sequence[Face]) -> NDArray[np.float32]:
    """Return the mean of a person's vectors, at unit length."""
    return unit_length(np.mean([unit_length(face.vector) for face in faces], axis=0))


def chosen(
    several: Sequence[str],
    centres: Mapping[str, NDArray[np.float32]],
    random: np.random.Generator,
    *,
    alike: bool,
) -> list[str]:
    """Return random members; if ``alike``, one and others of the nearest people."""
    if not alike:
        return list(map(str, random.choice(several, MEMBERS, replace=False)))
    first = str(random.choice(several))
    apart = [float(np.linalg.norm(centres[first] - centres[name])) for name in several]
    nearest = [several[place] for place in np.argsort(apart)[1 : 2 * MEMBERS]]
    return [first, *map(str, random.choice(nearest, MEMBERS - 1, replace=False))]


def small(faces: Sequence[Face], random: np.random.Generator) -> Face:
    """Return a random small copy; another copy of a person without a small one."""
    kind = [face for face in faces if face.kind == "small"] or faces
    return kind[int(random.integers(len(kind)))]


def placed(vectors: Sequence[NDArray[np.floating]], weights: Sequence[float]) -> Faces:
    """Return described faces, whose boxes mean nothing."""
    faces = Faces.of(np.tile([0.0, 0, 30, 30], (len(vectors), 1)), np.ones(len(vectors)))
    return faces.with_columns(
        embeddings=np.array(vectors, np.float32), weights=np.array(weights, np.float64)
    )


def shares(found: Sequence[Shown], *, alone: bool, of: int | None = None) -> dict[str, object]:
    """Return the shares of names; ``of`` is the number of the members' faces, found or not."""
    names = [picture.gallery.identify(picture.faces, alone=alone).names for picture in found]
    members = right = strangers = taken = named = 0
    for picture, given in zip(found, names, strict=True):
        for name, person in zip(given, picture.truth.tolist(), strict=True):
            members += person >= 0
            strangers += person < 0
            named += name is not None and person >= 0
            right += person >= 0 and name == picture.gallery.names[person]
            taken += name is not None and person < 0
    whole = max(of or members, 1)
    return {
        "faces": whole if members else 0,
        "right": round(100 * right / whole, 1) if members else None,
        "nobody": round(100 * (whole - named) / whole, 1) if members else None,
        "wrong": round(100 * (named - right) / whole, 1) if members else None,
        "strangers": strangers,
        "strangers named": round(100 * taken / strangers, 2) if strangers else None,
    }


@cache
def together(picture: Shown) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the confidence of each face's best member, and whether it is right."""
    found = picture.gallery.identify(picture.faces).identities or ()
    names = picture.gallery.names
    sure = np.array([one.best.confidence for one in found])
    best = np.array([names.index(one.best.name) for one in found], np.int64)
    return sure, best == picture.truth


def reliability(name: str, found: Sequence[Shown]) -> Iterator[dict[str, object]]:
    """Yield a row for each band of confidences."""
    sure, right = (np.concatenate(rows) for rows in zip(*map(together, found), strict=True))
    for low, high in pairwise(BANDS):
        band = (sure >= low) & (sure < high)
        yield {
            "pictures": name,
            "band": f"{100 * low:.0f} to {min(100 * high, 100):.0f}",
            "faces": int(band.sum()),
            "stated": percent(sure[band]),
            "right": percent(right[band]),
        }


if __name__ == "__main__":
    main()
