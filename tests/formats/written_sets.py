"""Annotation sets as files or folders, with the pictures that the format's reader needs."""

from __future__ import annotations

from pathlib import Path

from closeup.annotations import AnnotationSet
from closeup.formats.annotation_format import AnnotationFormat

FOLDERS: dict[str, str] = {}
"""Name of a format of folders → its main file."""


def written(form: AnnotationFormat, given: AnnotationSet, folder: Path) -> Path:
    """Write a set into an empty folder; returns the path to read."""
    path = folder / "set"
    form.write(path, given)
    return path


def place_of(form: AnnotationFormat, path: Path) -> Path:
    """The file that is read first."""
    return path / FOLDERS[form.name] if form.name in FOLDERS else path
