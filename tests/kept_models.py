"""Models that all tests of a process share: each of them is opened once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from closeup.open_models import Models
from closeup.settings import Settings


def kept(settings: Settings) -> Models:
    """The models of a folder; for settings whose cache holds none."""
    return _kept(settings.models, settings.commercial)


@cache
def _kept(folder: Path | None, commercial: bool) -> Models:
    return Models(Settings(folder, Path("no such folder"), commercial))
