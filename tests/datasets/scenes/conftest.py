"""The detector that knows faces, for all scenes."""

from __future__ import annotations

from pathlib import Path

import pytest

from closeup.detection.yunet import YuNetDetector
from closeup.models.files import locate
from closeup.settings import Settings


@pytest.fixture(scope="session")
def teacher(shared_models: Path) -> YuNetDetector:
    """YuNet-n, which also tells what is doubtful."""
    model = locate("yunet-n", Settings(shared_models, shared_models)).read_bytes()
    return YuNetDetector(model, score_threshold=0.3, threads=1)
