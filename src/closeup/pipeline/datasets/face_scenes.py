"""``closeup dataset scenes``: compose labelled scenes of faces from photos of people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from closeup.datasets.scenes.bystanders import DOUBTFUL
from closeup.datasets.scenes.composing import compose
from closeup.datasets.scenes.head_pool import HeadPool
from closeup.datasets.scenes.people import PeoplePhotos, find_people, split_people
from closeup.detection.yunet import YuNetDetector
from closeup.errors import PartError
from closeup.executors.threads import ordered_map
from closeup.files.atomic import claiming
from closeup.files.documents import write_table
from closeup.files.folders import refuse_inside
from closeup.files.workfolder import WorkFolder
from closeup.formats.yolo_dataset import YoloDataset, write_yolo_dataset
from closeup.formats.yolo_labels import label_file, read_yolo_labels, write_yolo_labels
from closeup.geometry import Size, heights_of
from closeup.media.images import write_image
from closeup.models.files import locate
from closeup.open_models import Models
from closeup.pipeline.datasets.scene_heads import HeadPools
from closeup.pipeline.datasets.scene_sheet import scene_sheet
from closeup.pipeline.search.faces import gives_points
from closeup.progress import Progress, Silent
from closeup.protocols import FaceDetector

DATA, DOCUMENT, PEOPLE, SHEET = "faces.yaml", "scenes.json", "people.csv", "scenes.png"
NAMES = ("face",)
POINTS = 5
FLIP = (1, 0, 2, 4, 3)
"""Index that each of the five points has after mirroring."""

TEACHER = "yunet-n"
"""The detector of faces in the photos, and of bystanders in the scenes."""

_BANDS = (10, 16, 24, 40, 80, 160)
"""Limits of the bands of face heights, in pixels, in which faces are counted."""

_VERSION = 3


@dataclass(frozen=True, slots=True)
class FaceSceneOptions:
    """Options of a data set of scenes.

    Attributes:
        scenes: Number of scenes, training and validation together.
        size: Longer side of a scene in pixels.
        held_out: Share of the people, and of the scenes, for validation.
        keep_out: A table of labels; the people whose photos it names are in no scene.
        turned: Share of profile heads: half of them photographed, half of them synthetic.
        seed: The same seed gives the same files.

    Raises:
        ValueError: a number is out of range.

    """

    scenes: int = 4000
    size: int = 640
    held_out: float = 0.1
    keep_out: Path | None = None
    turned: float = 0.3
    seed: int = 0

    def __post_init__(self) -> None:
        if self.scenes < 2:
            raise ValueError(f"scenes must be 2 or more, not {self.scenes}")
        if not 160 <= self.size <= 2048:
            raise ValueError(f"size must be from 160 to 2048 pixels, not {self.size}")
        if not 0.01 <= self.held_out <= 0.5:
            raise ValueError(f"held_out must be from 0.01 to 0.5, not {self.held_out}")
        if not 0 <= self.turned <= 1:
            raise ValueError(f"turned must be from 0 to 1, not {self.turned}")
        if self.seed < 0:
            raise ValueError(f"seed must be 0 or more, not {self.seed}")


@dataclass(frozen=True, slots=True, eq=False)
class FaceScenes:
    """A data set of scenes.

    Attributes:
        data: The YAML file that trainers read.
        sheet: Contact sheet of some scenes with their labels.
        document: Content of ``scenes.json``.

    """

    data: Path
    sheet: Path
    document: dict[str, Any]


def build_face_scenes(
    photos: Path | str,
    out: Path | str,
    options: FaceSceneOptions | None = None,
    *,
    detector: FaceDetector | None = None,
    models: Models | None = None,
    progress: Progress | None = None,
) -> FaceScenes:
    """Compose scenes of faces in Ultralytics' layout; an interrupted run is continued.

    Args:
        photos: Folder with a folder of photos for each person.
        out: Folder for the data set; made when it does not exist.
        options: Options of the data set; None for the defaults.
        detector: Finds the faces of the photos, doubtful ones with a low score as well, and gives
            five points; None for YuNet-n with a low score threshold.
        models: Opens YuNet-n; None for a new :class:`Models`.
        progress: Receives stages and messages; silent if None.

    Raises:
        InputError: no photos, too few people, no face in the photos of a part, or an earlier
            run in ``out`` had other options, photos, or another detector.
        PartError: ``detector`` does not implement its protocol, or gives no points.
        OutputError: a result cannot be written, or would be among the photos.
        ModelError: YuNet's file is missing or damaged.

    """
    options, progress = options or FaceSceneOptions(), progress or Silent()
    out, models = Path(out), models or Models()
    refuse_inside(out, Path(photos))
    people = find_people(Path(photos), options.keep_out, progress)
    own = None if detector is None else _giving_points(models.detector(detector))
    work = _work(people, options, out, TEACHER if own is None else own.name)
    document = work.earlier()
    if document and "faces" in document:
        progress.say(f"{out} is complete; nothing is left to do")
    else:
        teacher = _teacher(models) if own is None else own
        with claiming(out):
            work.write()
            parts = _parts(people, options)
            _compose(parts, teacher, options, out, progress)
            document = _finish(parts, work)
    return FaceScenes(out / DATA, out / SHEET, document)


def _giving_points(detector: FaceDetector) -> FaceDetector:
    if not gives_points(detector):
        raise PartError(f"{detector.name} gives no points, which the labels need; take another")
    return detector


def _teacher(models: Models) -> FaceDetector:
    model = locate(TEACHER, models.settings).read_bytes()
    return YuNetDetector(model, TEACHER, score_threshold=DOUBTFUL, threads=1)


@dataclass(frozen=True, slots=True, eq=False)
class _SceneSplit:
    """One part of the data set, ``train`` or ``val``."""

    name: str
    number: int
    people: PeoplePhotos
    scenes: int

    def image(self, out: Path, scene: int) -> Path:
        return out / "images" / self.name / f"{scene:06d}.jpg"


def _parts(people: PeoplePhotos, options: FaceSceneOptions) -> tuple[_SceneSplit, _SceneSplit]:
    learning, judging = split_people(people, options.held_out, options.seed)
    judged = min(max(1, round(options.held_out * options.scenes)), options.scenes - 1)
    return (
        _SceneSplit("train", 0, learning, options.scenes - judged),
        _SceneSplit("val", 1, judging, judged),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    """One scene to compose."""

    image: Path
    pool: HeadPool
    seed: tuple[int, ...]


def _compose(
    parts: tuple[_SceneSplit, ...],
    teacher: FaceDetector,
    options: FaceSceneOptions,
    out: Path,
    progress: Progress,
) -> None:
    def work(task: _Task) -> None:
        scene = compose(task.pool, options.size, teacher, np.random.default_rng(task.seed))
        write_yolo_labels(label_file(task.image), scene.labels, Size.of(scene.image))
        # The picture is written last: it marks a scene as complete.
        write_image(task.image, scene.image, scene.quality)

    for part in parts:
        missing = [n for n in range(part.scenes) if not part.image(out, n).exists()]
        if not missing:
            continue
        seed = (options.seed, part.number)
        casting = HeadPools(part.people, teacher, seed, progress, turned=options.turned)
        progress.begin(f"composing scenes to {_PURPOSE[part.name]}", len(missing))
        for _ in ordered_map(work, _tasks(part, missing, casting, options, out)):
            progress.advance()
        casting.say_passed_over()


_PURPOSE = {"train": "learn from", "val": "judge by"}


def _tasks(
    part: _SceneSplit, missing: list[int], casting: HeadPools, options: FaceSceneOptions, out: Path
) -> Iterator[_Task]:
    for number in missing:
        seed = (options.seed, part.number, number)
        yield _Task(part.image(out, number), casting.pool_of(number), seed)


def _work(people: PeoplePhotos, options: FaceSceneOptions, out: Path, teacher: str) -> WorkFolder:
    key = {
        "closeup": version("closeup"),
        "photos": people.fingerprint(),
        "scenes": options.scenes,
        "size": options.size,
        "held_out": options.held_out,
        "turned": options.turned,
        "seed": options.seed,
        "teacher": teacher,
    }
    return WorkFolder(
        out,
        DOCUMENT,
        key,
        fingerprints={"photos": "other photos"},
        version=_VERSION,
        foreign=(DATA, "images"),
    )


def _finish(parts: tuple[_SceneSplit, ...], work: WorkFolder) -> dict[str, Any]:
    """Count the labels, and write the files that mark the data set as complete."""
    out = work.path
    figures: dict[str, dict[str, Any]] = {}
    for part in parts:
        heights = [_heights(part.image(out, scene)) for scene in range(part.scenes)]
        joined = np.concatenate(heights)
        counts = np.histogram(joined, (0, *_BANDS, np.inf))[0].tolist()
        figures[part.name] = {
            "people": len(part.people.photos),
            "scenes": part.scenes,
            "without_faces": sum(not len(own) for own in heights),
            "faces": len(joined),
            "heights": dict(zip(_band_names(), counts, strict=True)),
        }
    people = [(person, part.name) for part in parts for person in part.people.photos]
    write_table(out / PEOPLE, [("person", "part"), *people])
    shown = [parts[0].image(out, scene) for scene in range(min(parts[0].scenes, 28))]
    shown += [parts[1].image(out, scene) for scene in range(min(parts[1].scenes, 8))]
    write_image(out / SHEET, scene_sheet(shown, NAMES, POINTS))
    write_yolo_dataset(
        out / DATA,
        YoloDataset(
            NAMES,
            train=(out / "images" / "train",),
            val=(out / "images" / "val",),
            points=POINTS,
            flip=FLIP,
        ),
    )
    return work.write({"faces": sum(own["faces"] for own in figures.values()), **figures})


def _heights(image: Path) -> NDArray[np.float32]:
    """(n,) heights of the faces of a scene, in pixels."""
    with Image.open(image) as opened:
        size = Size(*opened.size)
    labels, _ = read_yolo_labels(label_file(image), size, NAMES, POINTS)
    return heights_of(labels.boxes)


def _band_names() -> list[str]:
    edges = [f"{low}-{high}" for low, high in pairwise(_BANDS)]
    return [f"below {_BANDS[0]}", *edges, f"{_BANDS[-1]} and more"]
