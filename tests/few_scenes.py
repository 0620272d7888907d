"""A few composed scenes with faces, and with other things that a detector takes for some."""

from __future__ import annotations

import shutil
from pathlib import Path

from closeup.open_models import Models
from closeup.pipeline.datasets.face_scenes import FaceSceneOptions, build_face_scenes

OPTIONS = FaceSceneOptions(scenes=8, size=480, held_out=0.5, turned=0)


def write_few_scenes(shared_data: Path, folder: Path, models: Models) -> Path:
    """Write ``people``, ten folders of photos, and ``scenes`` of them; gives the scenes' YAML file.

    Args:
        shared_data: Folder of real photos.
        folder: Receives both.
        models: Opens the detector that finds the faces of the photos.

    """
    people = folder / "people"
    for person in sorted((shared_data / "lfw" / "images").iterdir())[:10]:
        (people / person.name).mkdir(parents=True)
        shutil.copy(min(person.glob("*.jpg")), people / person.name)
    build_face_scenes(people, folder / "scenes", OPTIONS, models=models)
    return folder / "scenes" / "faces.yaml"
