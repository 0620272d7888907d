"""Which faces privacy effects leave uncovered, and how far covered faces are recognised.

Uncovered faces
    A face counts as covered if 90 % of the middle of its box (60 % of each side: eyes, nose and
    mouth), as far as it is in the picture, are inside the concealed ellipses. Drawn scenes have the
    truth of every frame; rows are their faces that look at the camera, and ``turned`` the other
    visible heads. Clips have labels in every tenth frame. Three of these 211 labels hold neither
    eyes, nose nor mouth of their person; ``labels/privacy.csv`` has these faces, drawn by hand.
    ``effect`` is ``closeup effect blur-faces`` for all faces; ``fancam`` is what ``closeup
    fancam --blur-others`` covers where nobody is the member; ``found alone`` covers only what the
    detector finds in the frame itself. ``covered`` is the mean share of the picture.

Recognition
    One photo of each person of Labeled Faces in the Wild (View 1, test list) is compared with
    another photo of each. ``named`` is the share of the covered faces whose nearest photo is the
    right person's; ``named, parrot`` the same if an attacker covers the other photos in the same
    way (McPherson, Shokri, Shmatikov 2016, "Defeating image obfuscation with deep learning");
    ``accepted`` is the share that is verified at a distance of 0.6, dlib's limit.

Speed
    Processor time of ``blur-faces`` for a drawn scene, divided by that of decoding it to RGB and
    encoding it again without an effect.

    python -m benchmarks.privacy [--people N] [--scenes N]
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.real_clips import LABELS, real_clips
from benchmarks.recording import known_scenes, save, settings, shared_data, show
from closeup.drawing.concealing import HIGHER, WIDER
from closeup.effects.catalogue import open_effect
from closeup.effects.covered_faces import CoverDetector, find_covers
from closeup.errors import InputError
from closeup.faces import Faces
from closeup.fancam.options import FancamOptions
from closeup.fancam.rendering.other_faces import other_faces
from closeup.frames import RGBImage
from closeup.geometry import Box, Boxes, Size, areas, centres_of, sides_of
from closeup.media.images import read_image
from closeup.media.video_reader import open_video
from closeup.open_models import Models
from closeup.pipeline.effects.apply import apply_effect
from closeup.pipeline.fancams.fancams import make_fancams
from closeup.pipeline.search.drawn_video import drawn_video
from closeup.progress import Silent
from closeup.protocols import Embedder, FaceDetector
from closeup.synthesis.truth import read_truth
from closeup.synthesis.writing import write_members, write_scene

DETECTORS = ("yunet-n", "closeup")
CLIPS = ("avengers_film", "herapheri_film", "jimin_stage")
UNCOVERED = "uncovered"
EFFECTS = ("blur-faces", "pixelate", "black-bar")

_MIDDLE, _COVERED = 0.6, 0.9
_GRID = 12
_PICTURE_GRID = 40
_LIMIT = 0.6


class Face(NamedTuple):
    """A face that must be covered: its frame, its name, its box, and whether it looks ahead."""

    frame: int
    name: str
    box: Box
    frontal: bool


class Footage(NamedTuple):
    """A video with its members' photos and its faces."""

    name: str
    video: Path
    members: Path
    faces: Sequence[Face]


def main() -> None:
    """Measure, print tables and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--scenes", type=int, default=2)
    wanted = parser.parse_args()
    models = Models(settings())
    with tempfile.TemporaryDirectory() as folder:
        footage = [*clips(), *scenes(Path(folder), wanted.scenes)]
        rows = []
        for one in footage:
            for detector in DETECTORS:
                rows += uncovered(one, detector, models)
                print(rows[-3:], flush=True)
        speed = cost(footage[len(CLIPS)].video, models)
    show("Faces left uncovered", rows)
    known = recognition(wanted.people, models)
    show("Recognition of covered faces", known)
    save("privacy", {"uncovered": rows, "recognition": known, "speed": speed})


def clips() -> Iterator[Footage]:
    """Return the labelled clips of real footage."""
    with (LABELS / "privacy.csv").open(newline="") as file:
        drawn = {
            (row["clip"], int(row["frame"]), row["member"]): Box(
                *(float(row[edge]) for edge in ("x1", "y1", "x2", "y2"))
            )
            for row in csv.DictReader(file)
        }
    for clip in real_clips():
        if clip.name in CLIPS and clip.labels is not None:
            faces = [
                Face(frame, name, drawn.get((clip.name, frame, name), box), frontal=True)
                for frame, heads in clip.labels.heads.items()
                for name, box in heads.items()
            ]
            yield Footage(clip.name, clip.video, clip.members, faces)


def scenes(folder: Path, lfw: int) -> Iterator[Footage]:
    """Draw scenes into a folder."""
    for number, (name, scene) in enumerate(known_scenes(lfw).items()):
        video = write_scene(scene, folder / f"{number}.mp4")
        members = write_members(scene, folder / f"members{number}")
        rows = [row for row in read_truth(video).rows() if row.visible]
        faces = [Face(row.frame, row.name, row.box, row.face_visible) for row in rows]
        yield Footage(name, video, members, faces)


def uncovered(footage: Footage, detector: str, models: Models) -> list[dict[str, object]]:
    """Count the uncovered faces of a video by each way of covering."""
    opened, certain = models.cover_detector(detector, threads=1)
    recorder = _Recorder(opened)
    with open_video(footage.video) as video:
        size = video.size
        held = find_covers(video.frames(), CoverDetector(recorder, certain))
    with tempfile.TemporaryDirectory() as folder:
        made = make_fancams(
            footage.video, footage.members, folder, FancamOptions(video=False),
            detector=detector, models=models, skip_members=True,
        ).solution  # fmt: skip
    others = other_faces(made.tracklets, (), made.seconds, made.cuts, size)
    ways = {
        "effect": held,
        "fancam": [others.at(frame) for frame in range(len(held))],
        "found alone": [faces.boxes[faces.scores >= certain] for faces in recorder.found],
    }
    return [_row(footage, detector, way, covers, size) for way, covers in ways.items()]


class _Recorder(FaceDetector):
    """A detector that keeps what it finds."""

    def __init__(self, detector: FaceDetector) -> None:
        self.name, self.reliable_height = detector.name, detector.reliable_height
        self._detector = detector
        self.found: list[Faces] = []

    def detect(self, image: RGBImage) -> Faces:
        """See :meth:`closeup.protocols.FaceDetector.detect`."""
        self.found.append(self._detector.detect(image))
        return self.found[-1]


def _row(
    footage: Footage, detector: str, way: str, covers: Sequence[Boxes], size: Size
) -> dict[str, object]:
    frontal, turned = ([f for f in footage.faces if f.frontal is side] for side in (True, False))
    missed = [face for face in frontal if not is_covered(face.box, covers[face.frame], size)]
    away = [face for face in turned if not is_covered(face.box, covers[face.frame], size)]
    picture = _grid(Box(0, 0, *size), _PICTURE_GRID, 1.0)
    return {
        "footage": footage.name,
        "detector": detector,
        "covering": way,
        "faces": len(frontal),
        "uncovered": len(missed),
        "turned": len(turned),
        "turned_uncovered": len(away),
        "covered_percent": round(100 * float(np.mean([_inside(picture, c) for c in covers])), 1),
        "first_uncovered": ", ".join(f"{face.frame} {face.name}" for face in missed[:5]),
    }


def is_covered(box: Box, covers: Boxes, size: Size) -> bool:
    """Return whether the middle of a face, as far as it is in the picture, is covered."""
    points = _grid(box, _GRID, _MIDDLE)
    points = points[((points >= 0) & (points <= np.array(size) - 1)).all(axis=1)]
    return not len(points) or _inside(points, covers) >= _COVERED


def _grid(box: Box, count: int, share: float) -> NDArray[np.float64]:
    """Places (n, 2) on a grid in the middle of a box."""
    steps = (np.linspace(0, 1, count) - 0.5) * share
    x, y = box.centre
    across, down = np.meshgrid(x + steps * box.width, y + steps * box.height)
    return np.stack([across.ravel(), down.ravel()], axis=1)


def _inside(points: NDArray[np.float64], covers: Boxes) -> float:
    """Share of places (n, 2) inside concealed ellipses."""
    half = sides_of(covers) * (WIDER, HIGHER) / 2
    away = (points[:, None] - centres_of(covers)) / half
    return float(((away**2).sum(axis=2) <= 1).any(axis=1).mean())


def recognition(people: int, models: Models) -> list[dict[str, object]]:
    """Compare covered faces of LFW with other photos of the same and of other people."""
    detector, embedder = models.detector("yunet-n"), models.embedder()
    pairs = [[_largest(path, detector) for path in paths] for paths in _people(people)]
    vectors = {
        name: [_vectors([pair[side] for pair in pairs], name, embedder) for side in (0, 1)]
        for name in (UNCOVERED, *EFFECTS)
    }
    clear = vectors[UNCOVERED][1]
    rows: list[dict[str, object]] = []
    for name, (probes, parrots) in vectors.items():
        distances, alike = (np.linalg.norm(probes[:, None] - v, axis=2) for v in (clear, parrots))
        own = np.arange(len(probes))
        rows.append(
            {
                "effect": name,
                "people": len(probes),
                "named_percent": _percent(distances.argmin(axis=1) == own),
                "named_parrot_percent": _percent(alike.argmin(axis=1) == own),
                "accepted_percent": _percent(distances.diagonal() <= _LIMIT),
            }
        )
    return rows


def _vectors(
    photos: Sequence[tuple[RGBImage, Faces]], name: str, embedder: Embedder
) -> NDArray[np.float32]:
    """Embeddings (n, d) of photos with one face each, after an effect."""
    effect = None if name == UNCOVERED else open_effect(name)
    chips: list[RGBImage] = []
    for image, face in photos:
        chips += embedder.chips(image if effect is None else effect(image, face), face)
    return embedder.embed(chips)


def _people(count: int) -> list[list[Path]]:
    """Two photos of each of some people of the test list.

    Raises:
        InputError: the list is missing.

    """
    root = shared_data() / "lfw"
    if not (root / "peopleDevTest.txt").is_file():
        raise InputError(f"no {root}; set CLOSEUP_TEST_DATA to the folder of real data")
    lines = [line.split("\t") for line in (root / "peopleDevTest.txt").read_text().splitlines()]
    names = [line[0] for line in lines if len(line) == 2 and int(line[1]) >= 2]
    return [
        [root / "images" / name / f"{name}_{number:04}.jpg" for number in (1, 2)]
        for name in names[:count]
    ]


def _largest(path: Path, detector: FaceDetector) -> tuple[RGBImage, Faces]:
    """A photo and its largest face."""
    image = read_image(path)
    faces = detector.detect(image)
    return image, faces[np.argsort(-areas(faces.boxes))[:1]]


def _percent(hits: NDArray[np.bool_]) -> float:
    return round(100 * float(hits.mean()), 1)


def cost(video: Path, models: Models) -> dict[str, float]:
    """Measure processor time beside decoding and encoding alone, in turns."""
    seconds: dict[str, list[float]] = {"bare": [], "blur-faces": []}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out.mp4"
        for _ in range(2):
            for name, spent in seconds.items():
                begin = time.process_time()
                if name == "bare":
                    bare(video, out)
                else:
                    apply_effect(video, name, out, detector="yunet-n", models=models)
                spent.append(time.process_time() - begin)
    least = {name: min(spent) for name, spent in seconds.items()}
    ratio = least["blur-faces"] / least["bare"]
    return {"bare_seconds": round(least["bare"], 1), "ratio": round(ratio, 2)}


def bare(video: Path, out: Path) -> None:
    """Decode a video to RGB and encode it again."""
    with open_video(video) as source, drawn_video(out, source, Silent()) as target:
        for frame in source.frames():
            target.write(frame.timecode.seconds, target.prepared(frame.rgb()))


if __name__ == "__main__":
    main()
