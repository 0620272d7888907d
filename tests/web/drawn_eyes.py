"""Projects of drawn eyes, with labels that are a little off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from closeup.annotations import AnnotatedPicture, Annotation, KeyPoint, Origin
from closeup.geometry import Size
from closeup.labelling.label_task import LabelTask, open_task, task_of
from closeup.labelling.project import LabelProject
from closeup.labelling.shown_pictures import FolderPictures
from closeup.store.database import open_database
from closeup.store.label_import import import_pictures
from closeup.store.label_store import LabelStore

SIZE = Size(160, 120)
OPENED = (SIZE.width // 2, SIZE.height // 2)
"""Where the pupil of every eye is."""
IRIS = (20, 120, 180)


def draw_eye(path: Path, background: int) -> None:
    """An eye in the middle of a grey picture; the background tells pictures apart."""
    image = np.full((SIZE.height, SIZE.width, 3), background, np.uint8)
    cv2.ellipse(image, OPENED, (50, 32), 0, 0, 360, (235, 235, 235), -1)
    cv2.circle(image, OPENED, 18, IRIS[::-1], -1)
    cv2.circle(image, OPENED, 8, (10, 10, 10), -1)
    cv2.imwrite(str(path), image)


def proposal(number: int = 0) -> Annotation:
    """A pupil's point, two pixels beside it, as a method proposes it."""
    point = KeyPoint(OPENED[0] + 2.0, OPENED[1] + 0.5)
    return Annotation(
        points={"pupil": point}, key="eye", origin=Origin.COARSE, method="darkness", version="3",
        score=0.5 + number / 1000,
    )  # fmt: skip


def task(**content: Any) -> LabelTask:
    return task_of(content)


@contextmanager
def project_of(
    folder: Path,
    task: str | LabelTask = "review",
    count: int = 12,
    labels: Sequence[Annotation] | None = None,
    **options: Any,
) -> Iterator[LabelProject]:
    """A project of drawn eyes ``eye00.png`` …, each with a proposed pupil or the given labels."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = []
    for number in range(count):
        name = f"eye{number:02}.png"
        draw_eye(folder / name, 60 + number % 150)
        own = (proposal(number),) if labels is None else tuple(labels)
        pictures.append(AnnotatedPicture(name, size=SIZE, annotations=own))
    with opened_project(folder, pictures, task, **options) as project:
        yield project


@contextmanager
def opened_project(
    folder: Path, pictures: Sequence[AnnotatedPicture], task: str | LabelTask, **options: Any
) -> Iterator[LabelProject]:
    database = open_database(folder / "labels.sqlite")
    try:
        store = LabelStore(database)
        import_pictures(store, pictures)
        project = LabelProject(store, open_task(task), FolderPictures(folder), folder / "masks")
        yield replace(project, **options)
    finally:
        database.close()


def verdicts(project: LabelProject) -> list[str | None]:
    """The verdict on each picture's label, in order; of the picture where it has no label."""
    return [
        (item.labels[0].annotation.verdict if item.labels else None) or item.verdict
        for item in project.store.all_items()
    ]
