"""How many injected faults ``closeup labels check`` ranks first, on hand-labelled photos.

The 824 photos of the validation part get their hand-set eyes as labels by hand, and the pupils of a
model, which did not see these photos, as proposals. Then faults are put among the labels, each into
other photos, chosen by a seed: right and left exchanged; both eyes moved by 0.15 to 0.5 eye
distances in one direction; one eye in the picture's corner; one eye out of the picture; the labels
of another photo; and photos copied with other compression and a label that is moved by 0.2 to 0.5.
``found`` is the share of a kind in the queue, ``first`` the share among the first N entries for N
faults. ``good`` are labels without a fault that are in the queue; the doubtful labels of the set
are among them.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.recording import save, settings, shared_data, show
from closeup.annotations import AnnotatedPicture, Annotation, KeyPoint, Origin
from closeup.formats.csv_labels import read_labels
from closeup.labels import EYES, FaceLabel
from closeup.media.images import encode_jpeg, read_image
from closeup.open_models import Models
from closeup.pipeline.labelling.checking import check_labels
from closeup.pipeline.labelling.open_labels import OpenLabels, open_labels
from closeup.pipeline.labelling.proposers import PupilProposer
from closeup.pipeline.labelling.proposing import propose_labels
from closeup.pipeline.search.pupils import FaceAndPupilFinder
from closeup.progress import Silent
from closeup.store.label_import import import_pictures

Points = dict[str, KeyPoint]
Fault = Callable[[Points, np.random.Generator], Points]


def exchanged(points: Points, _: np.random.Generator) -> Points:
    """Right and left."""
    right, left = EYES
    return {right: points[left], left: points[right]}


def moved(least: float) -> Fault:
    """Both eyes, by at least so many eye distances."""

    def move(points: Points, rng: np.random.Generator) -> Points:
        right, left = (points[name] for name in EYES)
        unit = np.hypot(left.x - right.x, left.y - right.y)
        angle, length = rng.uniform(0, 2 * np.pi), unit * rng.uniform(least, 0.5)
        x, y = length * np.cos(angle), length * np.sin(angle)
        return {name: KeyPoint(p.x + x, p.y + y) for name, p in points.items()}

    return move


def cornered(points: Points, _: np.random.Generator) -> Points:
    """One eye in the corner, as a label that was never set."""
    return {**points, EYES[0]: KeyPoint(0, 0)}


def outside(points: Points, rng: np.random.Generator) -> Points:
    """One eye beyond the right border of the photos, which are 250 pixels wide."""
    return {**points, EYES[1]: KeyPoint(float(rng.uniform(252, 400)), points[EYES[1]].y)}


FAULTS: dict[str, Fault] = {
    "exchanged": exchanged, "moved": moved(0.15), "corner": cornered, "outside": outside,
}  # fmt: skip


def main() -> None:
    """Put faults among good labels and count those that are found."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.label_checks", description=__doc__)
    parser.add_argument("--photos", type=int, default=824)
    parser.add_argument("--each", type=int, default=20, help="faults of each kind")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    data = shared_data()
    truth = list(islice(read_labels(data / "eyes" / "truth_validation.csv"), options.photos))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        given, faults = faulty(truth, data / "lfw" / "images", folder, options.each, options.seed)
        with open_labels(folder, Silent(), make=True) as labels:
            import_pictures(labels.store, given, "Ann")
            propose(labels)
            record = measured(labels, faults, len(truth))
    save("label_checks", {"each": options.each, "seed": options.seed, **record})
    show("Injected faults", [{"kind": kind, **own} for kind, own in record["kinds"].items()])
    print(f"good labels in the queue: {record['good']} of {record['all good']}")


def faulty(
    truth: list[FaceLabel], photos: Path, folder: Path, each: int, seed: int
) -> tuple[list[AnnotatedPicture], dict[str, str]]:
    """Labels of copied photos with faults, and the kind of fault of each photo that has one."""
    rng = np.random.default_rng(seed)
    names = [f"{number:04}.jpg" for number in range(len(truth))]
    points = [{name: KeyPoint(*label.points[name]) for name in EYES} for label in truth]
    for name, label in zip(names, truth, strict=True):
        (folder / name).write_bytes((photos / label.image).read_bytes())
    chosen = iter(rng.permutation(len(truth)).tolist())
    faults: dict[str, str] = {}
    said = dict(zip(names, points, strict=True))
    for kind, fault in FAULTS.items():
        for number in islice(chosen, each):
            said[names[number]], faults[names[number]] = fault(points[number], rng), kind
    for number in islice(chosen, each):
        other = next(chosen)
        said[names[number]], faults[names[number]] = points[other], "of another photo"
    for number in islice(chosen, each):
        twin = f"twin-{names[number]}"
        image = read_image(folder / names[number])
        (folder / twin).write_bytes(encode_jpeg(image, 60))
        said[twin], faults[twin] = moved(0.2)(points[number], rng), "twin"
    return [AnnotatedPicture(name, annotations=(hand(own),)) for name, own in said.items()], faults


def hand(points: Points) -> Annotation:
    """A label by hand."""
    return Annotation(points=points, key="hand", origin=Origin.PERSON, method="Ann")


def propose(labels: OpenLabels) -> None:
    """Let the network that ships with Closeup propose pupils."""
    models = Models(settings())
    finder = FaceAndPupilFinder(
        models.detector("yunet-n", threads=1),
        models.pupil_finder("network"),
        models.landmarker("dlib-5-points"),
    )
    assert labels.source is not None
    propose_labels(labels.store, labels.source.reader, PupilProposer(finder, "1"))


def measured(labels: OpenLabels, faults: dict[str, str], photos: int) -> dict[str, Any]:
    """What of the faults is in the queue, and what else."""
    found = check_labels(labels)
    paths = {one.id: one.path for one in labels.store.all_items()}
    ranked = list(dict.fromkeys(paths[one.unit.item] for one in found))
    # A twin's original is rightly in the queue, beside it.
    originals = {name.removeprefix("twin-") for name, kind in faults.items() if kind == "twin"}
    rest = [path for path in ranked if path not in originals]
    first = set(rest[: len(faults)])
    kinds = {
        kind: {
            "faults": count,
            "found": round(sum(faults.get(path) == kind for path in rest) / count, 3),
            "first": round(sum(faults.get(path) == kind for path in first) / count, 3),
        }
        for kind, count in Counter(faults.values()).items()
    }
    good = [path for path in rest if path not in faults]
    return {"kinds": kinds, "good": len(good), "all good": photos - len(faults)}


if __name__ == "__main__":
    main()
