"""Real photos and the real models."""

from __future__ import annotations

from pathlib import Path

import pytest

from closeup.evaluation.photo_vectors import PhotoEmbedder
from closeup.opening import open_detector, open_embedder
from closeup.progress import Silent
from closeup.settings import Settings


@pytest.fixture(scope="session")
def lfw(shared_data: Path) -> Path:
    return shared_data / "lfw"


@pytest.fixture(scope="session")
def reader(shared_models: Path, tmp_path_factory: pytest.TempPathFactory) -> PhotoEmbedder:
    settings = Settings(shared_models, tmp_path_factory.mktemp("cache"))
    detector = open_detector(settings=settings, progress=Silent(), threads=1)
    return PhotoEmbedder(detector, open_embedder(settings=settings, threads=1))
