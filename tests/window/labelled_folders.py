"""Folders of pictures with a store of labels, as a person would label them in a window."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from closeup.annotations import AnnotatedPicture, Annotation
from closeup.frames import RGBImage
from closeup.labelling.label_task import TASKS, LabelTask
from closeup.labelling.project import LabelProject
from closeup.labelling.shown_pictures import FolderPictures
from closeup.media.images import write_image
from closeup.store.database import open_database
from closeup.store.label_import import import_pictures
from closeup.store.label_store import LabelStore
from tests.real_photos import astronaut

Proposals = Callable[[int], Sequence[Annotation]]
"""Number of a picture → its labels."""


def faces(count: int) -> list[RGBImage]:
    """Pictures of one face that moves."""
    face = np.asarray(cv2.resize(astronaut(), (320, 240)), np.uint8)
    return [np.roll(face, 2 * number, axis=1) for number in range(count)]


def fill(folder: Path, pictures: Sequence[RGBImage], proposals: Proposals) -> None:
    """Write pictures and a store with their labels."""
    for number, image in enumerate(pictures):
        write_image(folder / f"{number:02}.png", image)
    with opened(folder, None) as project:
        import_pictures(
            project.store,
            [
                AnnotatedPicture(f"{number:02}.png", annotations=tuple(proposals(number)))
                for number in range(len(pictures))
            ],
        )


@contextmanager
def opened(folder: Path, task: LabelTask | None) -> Iterator[LabelProject]:
    """The project of a folder; the task does not matter to those who only read."""
    database = open_database(folder / "labels.db")
    try:
        yield LabelProject(
            LabelStore(database), task or TASKS["review"], FolderPictures(folder), folder / "masks"
        )
    finally:
        database.close()
