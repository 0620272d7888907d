"""What a stated confidence is worth, by the weight of the face.

Faces of two kinds of people are compared with galleries of others and of themselves:

- *look-alikes*: seven men on group photos (``named_faces``), enrolled from eight other photos each;
- *LFW*: people of its second development set, whom no calibration has seen, enrolled from one to
  five photos.

Each face comes as it is, blurred, and shrunk to 30 pixels; heads in profile have no weight. Every
person of a gallery and "nobody" are equally often the truth, as the confidence assumes: each of the
seven men is left out in turn, and of m + 1 LFW faces one is a stranger's.

How to read it: the least weights are chosen by the log loss (the mean of −log of the probability
that was given to the truth, natural logarithm; lower is better) on half of the photos and people.
The second table is measured on the other half: "stated" is the mean confidence of the best member,
"right" the share in which it is the truth. Both are equal where confidence means what it says.
"before" extrapolates the regression to small weights, down to 0.05. The third table shows whether
the false-accept rate that ``verify`` states holds for poor faces, too.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.few_shot import calibration, held_out_people
from benchmarks.recording import save, settings, shared_data, show
from closeup.cohort import unit_length
from closeup.embedding_calibration import LEAST_PROBES, MOST_PROBES
from closeup.evaluation.photo_vectors import nearest_the_middle
from closeup.executors.threads import ordered_map
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Size, iou
from closeup.identity.description import describe
from closeup.identity.gallery import Gallery
from closeup.media.images import read_image
from closeup.opening import open_detector, open_embedder
from closeup.progress import Silent

MOST_PHOTOS = 8
AS_IS = "as it is"
SMALL, BLUR = 30.0, 0.06
"""Height of a shrunk face in pixels, and sigma of the blur in shares of the face's height."""
DRAWS = 400
LEAST = (0.05, 0.2, 0.3, 0.4, 0.5)
SINGLE = (0.05, 0.1, 0.15, 0.2, 0.3)
"""Tried values: weight below which evidence is proportional to it, least weight of a face."""
BEFORE = (0.0, 0.05)
NOW = (LEAST_PROBES, 0.15)
RATE, MOST_COMPARED = 1e-3, 1500
"""Rate of false accepts of ``verify``, and most faces of a kind that are compared."""
BANDS = (0.0, 1e-9, 0.1, 0.25, 0.4, 0.7, 1.01)


class Face(NamedTuple):
    """One face: its photo, its person, the kind of the copy, its weight, and its vector."""

    photo: str
    person: str
    kind: str
    weight: float
    vector: NDArray[np.float32]


class Case(NamedTuple):
    """A gallery, the faces that are compared with it, and who each is: -1 for nobody."""

    gallery: Gallery
    faces: list[Face]
    truth: NDArray[np.int64]


def main() -> None:
    """Measure, print the tables and write the JSON."""
    men, enrolled = look_alikes()
    people = held_out_faces()
    halves = [
        {
            "look-alikes": list(men_cases(men, enrolled, half)),
            "one look-alike": list(single_cases(men, enrolled, half)),
            "LFW, 7 members": list(lfw_cases(people, half, 7, DRAWS // 4)),
            "LFW, 1 member": list(lfw_cases(people, half, 1, 3 * DRAWS)),
        }
        for half in range(2)
    ]
    tried = [
        {
            "proportional below": least,
            "least weight": single,
            **{task: log_loss(cases, least, single) for task, cases in halves[0].items()},
        }
        for least, single in [BEFORE, *((a, b) for a in LEAST for b in SINGLE if b < a)]
    ]
    rows = [row for task, cases in halves[1].items() for row in reliability(task, cases)]
    pairs = false_accepts(people, 1)
    save("confidence", {"now": NOW, "tried": tried, "rows": rows, "verify": pairs})
    show("Log loss on the first half", tried)
    show("Stated and true confidence on the second half, in percent", rows)
    show(f"False accepts of two LFW faces at a rate of {RATE:g}, on the second half", pairs)


class Reader:
    """Finds and describes the faces of photos and of degraded copies."""

    def __init__(self) -> None:
        here = settings()
        self.detector = open_detector("yunet-n", settings=here, progress=Silent(), threads=1)
        self.embedder = open_embedder(settings=here, threads=1)

    def copies(self, image: RGBImage, height: float) -> Iterator[tuple[str, Faces]]:
        """Yield the described faces of the picture and its copies, in its own pixels."""
        yield AS_IS, self._described(image, 1)
        blurred = cv2.GaussianBlur(image, (0, 0), max(1.0, BLUR * height))
        yield "blurred", self._described(np.asarray(blurred, np.uint8), 1)
        scale = SMALL / height
        if scale < 1:
            small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            yield "small", self._described(np.asarray(small, np.uint8), scale)

    def _described(self, image: RGBImage, scale: float) -> Faces:
        found = describe(image, self.detector.detect(image), self.embedder)
        return found.scaled(1 / scale, 1 / scale)

    def central(self, photo: Path) -> list[Face]:
        """Return the central face of a photo of LFW and of its copies."""
        image = read_image(photo)
        first = nearest_the_middle(self.detector.detect(image), Size.of(image))
        if not len(first):
            return []
        height = float(first.boxes[0, 3] - first.boxes[0, 1])
        return [
            face_of(nearest_the_middle(found, Size.of(image)), photo.name, photo.parent.name, kind)
            for kind, found in self.copies(image, height)
            if len(found)
        ]


def face_of(faces: Faces, photo: str, person: str, kind: str) -> Face:
    """Return the first of some described faces."""
    assert faces.embeddings is not None
    assert faces.weights is not None
    return Face(photo, person, kind, float(faces.weights[0]), faces.embeddings[0])


def look_alikes() -> tuple[list[Face], dict[str, NDArray[np.float32]]]:
    """Return the faces of the group photos, and the vectors of each man's own photos."""
    reader, folder = Reader(), shared_data() / "named_faces"
    truth = defaultdict(list)
    with (folder / "truth.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            box = [float(row[key]) for key in ("x1", "y1", "x2", "y2")]
            truth[row["photo"]].append((row["member"], box))

    def read(photo: str) -> list[Face]:
        image, boxes = read_image(folder / "photos" / photo), np.array([b for _, b in truth[photo]])
        height = float(np.median(boxes[:, 3] - boxes[:, 1]))
        return [
            face_of(found[np.array([place])], photo, name, kind)
            for kind, found in reader.copies(image, height)
            if len(found)
            for (name, _), overlap in zip(truth[photo], iou(boxes, found.boxes), strict=True)
            for place in (int(overlap.argmax()),)
            if overlap[place] > 0.3
        ]

    faces = [face for found in ordered_map(read, sorted(truth)) for face in found]
    own = sorted((folder / "members").glob("*/*"))
    vectors = defaultdict(list)
    for found in ordered_map(reader.central, own):
        for face in found[:1]:
            vectors[face.person].append(face.vector)
    return faces, {name: np.array(rows) for name, rows in vectors.items()}


def held_out_faces() -> dict[str, list[Face]]:
    """Return the faces of LFW's people of no calibration set."""
    reader, folder = Reader(), shared_data() / "lfw" / "images"
    photos = [
        photo
        for name in held_out_people()
        for photo in sorted((folder / name).glob("*.jpg"))[:MOST_PHOTOS]
    ]
    people = defaultdict(list)
    for found in ordered_map(reader.central, photos):
        for face in found:
            people[face.person].append(face)
    return people


def of_half(faces: Sequence[Face], half: int) -> list[Face]:
    """Return the faces on every second photo."""
    photos = sorted({face.photo for face in faces})[half::2]
    return [face for face in faces if face.photo in photos]


def men_cases(
    men: Sequence[Face], enrolled: Mapping[str, NDArray[np.float32]], half: int
) -> Iterator[Case]:
    """Yield the galleries of six of the men, who are compared with the faces of all seven."""
    faces = of_half(men, half)
    for left_out in enrolled:
        names = [name for name in enrolled if name != left_out]
        gallery = Gallery.of(calibration(), {name: enrolled[name] for name in names})
        truth = [names.index(f.person) if f.person in names else -1 for f in faces]
        yield Case(gallery, faces, np.array(truth))


def single_cases(
    men: Sequence[Face], enrolled: Mapping[str, NDArray[np.float32]], half: int
) -> Iterator[Case]:
    """Yield the galleries of one man, with as many faces of others as of his."""
    random, faces = np.random.default_rng(half), of_half(men, half)
    for name, vectors in enrolled.items():
        own = [face for face in faces if face.person == name]
        others = [face for face in faces if face.person != name]
        places = random.permutation(len(others))[: len(own)]
        chosen = [*own, *(others[place] for place in places)]
        gallery = Gallery.of(calibration(), {name: vectors})
        yield Case(gallery, chosen, np.repeat([0, -1], [len(own), len(chosen) - len(own)]))


def lfw_cases(
    people: Mapping[str, list[Face]], half: int, members: int, draws: int
) -> Iterator[Case]:
    """Yield random galleries, with faces of the members and of strangers."""
    random, names = np.random.default_rng(half), sorted(people)[half::2]
    several = [name for name in names if len({face.photo for face in people[name]}) > 1]
    for _ in range(draws):
        enrolled: dict[str, NDArray[np.float32]] = {}
        faces: list[Face] = []
        truth: list[int] = []
        chosen = random.choice(several, members, replace=False).tolist()
        for number, name in enumerate(chosen):
            photos = random.permutation(sorted({face.photo for face in people[name]}))
            shown = set(photos[: int(random.integers(1, min(6, len(photos))))].tolist())
            enrolled[name] = np.array(
                [f.vector for f in people[name] if f.photo in shown and f.kind == AS_IS]
            )
            rest = [face for face in people[name] if face.photo not in shown]
            faces += [rest[place] for place in random.permutation(len(rest))[:6]]
            truth += [number] * (len(faces) - len(truth))
        others = [name for name in names if name not in chosen]
        for name in random.choice(others, max(1, len(faces) // members)):
            faces.append(people[name][random.integers(len(people[name]))])
        truth += [-1] * (len(faces) - len(truth))
        if all(len(vectors) for vectors in enrolled.values()):
            yield Case(Gallery.of(calibration(), enrolled), faces, np.array(truth))


def shares(case: Case, least: float, single: float) -> NDArray[np.float64]:
    """Return the probability of each member, and of nobody in the last column.

    Args:
        case: The gallery and the faces.
        least: Weight below which evidence is proportional to the weight; 0 extrapolates.
        single: Least weight of a face.

    """
    odds = calibration().odds
    vectors = np.array([face.vector for face in case.faces])
    weight = np.array([[max(face.weight, single)] for face in case.faces])
    noise = 1 / (np.clip(weight, least, MOST_PROBES) + 0.25)
    apart = case.gallery.distances(vectors).astype(np.float64)
    logs = odds.constant + odds.per_distance * apart + odds.per_photo / case.gallery.photos
    logs += noise * (odds.per_noise + odds.per_noisy_distance * apart)
    logs = np.clip(logs, -12, 12) * (np.minimum(1, weight / least) if least else 1)
    full = np.exp(np.hstack([logs, np.zeros((len(logs), 1))]))
    return np.asarray(full / full.sum(axis=1, keepdims=True))


def stated(case: Case) -> NDArray[np.float64]:
    """Return the same as the program states it, for the members whom it names."""
    shares = np.zeros((len(case.faces), len(case.gallery.names) + 1))
    vectors = np.array([face.vector for face in case.faces])
    found = case.gallery.recognise(vectors, [face.weight for face in case.faces])
    for row, one in zip(shares, found, strict=True):
        for member in one.candidates:
            row[case.gallery.names.index(member.name)] = member.confidence
        row[-1] = max(0.0, 1 - row.sum())
    return shares


def log_loss(cases: Sequence[Case], least: float, single: float) -> float:
    """Return the mean of −log of the probability of the truth."""
    given = [shares(case, least, single)[np.arange(len(case.truth)), case.truth] for case in cases]
    return round(float(-np.log(np.concatenate(given)).mean()), 4)


def reliability(task: str, cases: Sequence[Case]) -> list[dict[str, object]]:
    """Return a row for each band of weights, before and now."""
    weights = np.array([face.weight for case in cases for face in case.faces])
    truth = np.concatenate([case.truth for case in cases])
    found = {}
    for when, every in (
        ("before", [shares(case, *BEFORE) for case in cases]),
        ("now", [stated(case) for case in cases]),
    ):
        given = [share[:, :-1] for share in every]
        best = np.concatenate([share.max(axis=1) for share in given])
        right = np.concatenate([share.argmax(axis=1) for share in given]) == truth
        found[when] = best, right
    rows = []
    for low, high in pairwise(BANDS):
        band = (weights >= low) & (weights < high)
        strangers = band & (truth < 0)
        row: dict[str, object] = {
            "task": task,
            "weight": shown(low, high),
            "faces": int(band.sum()),
            "strangers": int(strangers.sum()),
        }
        for when, (best, right) in found.items():
            row |= {
                f"{when}: stated": percent(best[band]),
                f"{when}: right": percent(right[band]),
                f"{when}: strangers above 90": percent(best[strangers] > 0.9),
            }
        rows.append(row)
    return rows


def false_accepts(people: Mapping[str, list[Face]], half: int) -> list[dict[str, object]]:
    """Return the share of different people whom ``verify`` takes for one, by kinds of faces."""
    every = [face for name in sorted(people)[half::2] for face in people[name]]
    random = np.random.default_rng(0)
    kinds = {
        "clear": [f for f in every if f.kind == AS_IS and f.weight > BANDS[-2]],
        "profile": [f for f in every if f.kind == AS_IS and f.weight == 0],
        **{kind: [f for f in every if f.kind == kind] for kind in ("small", "blurred")},
    }
    limit = calibration().false_accepts.distance_at(RATE)
    rows: list[dict[str, object]] = []
    for one, other in [
        *(("clear", kind) for kind in kinds),
        *((k, k) for k in kinds if k != "clear"),
    ]:
        both = [
            [faces[place] for place in random.permutation(len(faces))[:MOST_COMPARED]]
            for faces in (kinds[one], kinds[other])
        ]
        units = [unit_length(np.array([face.vector for face in faces])) for faces in both]
        near = calibration().relative_distances(*units) < limit
        names = [np.array([face.person for face in faces]) for faces in both]
        photos = [np.array([face.photo for face in faces]) for faces in both]
        strangers = names[0][:, None] != names[1]
        same = ~strangers & (photos[0][:, None] != photos[1])
        rows.append(
            {
                "one face": one,
                "other face": other,
                "pairs of different people": int(strangers.sum()),
                "false accepts": float(f"{near[strangers].mean():.2g}"),
                "same person accepted, percent": percent(near[same]),
            }
        )
    return rows


def shown(low: float, high: float) -> str:
    """Return the band of weights in words."""
    return "0" if high < 1e-6 else f"{low:.2f} to {min(high, 1):.2f}"


def percent(values: NDArray[np.floating] | NDArray[np.bool_]) -> float | None:
    """Return the mean in percent; None of nothing."""
    return round(100 * float(np.mean(values)), 1) if len(values) else None


if __name__ == "__main__":
    main()
