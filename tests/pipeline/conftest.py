"""One finished run on the small stage, to look at and to go on from."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from closeup import Fancams, make_fancams
from closeup.settings import Settings
from tests.kept_models import kept


@pytest.fixture(scope="session")
def finished(
    small_stage: Path, shared_models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Fancams:
    """What the first run makes with all defaults; not to be changed."""
    folder = tmp_path_factory.mktemp("finished")
    settings = Settings(shared_models, folder / "cache")
    return make_fancams(
        small_stage, small_stage.parent / "members", folder / "out", models=kept(settings)
    )


@pytest.fixture
def absent_members(shared_data: Path, tmp_path: Path) -> Path:
    """A folder of one member, who is not in the small stage."""
    folder = tmp_path / "members" / "Absent"
    folder.mkdir(parents=True)
    for photo in sorted((shared_data / "lfw" / "images" / "Ariel_Sharon").iterdir())[:3]:
        shutil.copy(photo, folder)
    return folder.parent


@pytest.fixture
def out(finished: Fancams, tmp_path: Path) -> Path:
    """A copy of the finished run's folder, for a second run."""
    return Path(shutil.copytree(finished.page.parent, tmp_path / "out"))
