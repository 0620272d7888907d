"""A data set in a folder: ``labels.csv``, and its description in ``dataset.json``."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from closeup.files.atomic import write_text
from closeup.files.documents import as_json, read_document
from closeup.formats.csv_labels import paired_names, point_names, read_labels, write_labels
from closeup.labels import FaceLabel

LABELS = "labels.csv"
DOCUMENT = "dataset.json"
VERSION = 1


class Contents(StrEnum):
    """The use of a data set."""

    EYE_CROPS = "eye crops"
    LANDMARKS = "faces with landmarks"
    FACES = "faces only"


@dataclass(frozen=True, slots=True)
class Dataset:
    """Labelled pictures.

    Attributes:
        labels: One label per face or eye; ``image`` is a path relative to ``images_root``.
        images_root: The folder of the pictures.
        kind: Format that the labels were read from, such as ``bioid``.
        contents: Use of the labels.
        source: Original location of the labels.
        terms: Terms of use of the pictures, in a sentence.
        convention: Meaning of the labels' numbers, in a sentence.

    """

    labels: tuple[FaceLabel, ...]
    images_root: Path
    kind: str
    contents: Contents
    source: str
    terms: str
    convention: str

    def record(self) -> dict[str, object]:
        """Return all but the labels, as in ``dataset.json``."""
        return {
            "version": VERSION,
            "kind": self.kind,
            "class": str(self.contents),
            "count": len(self.labels),
            "images": len({label.image for label in self.labels}),
            "images_root": str(self.images_root),
            "source": self.source,
            "terms": self.terms,
            "points": self.convention,
            "point_names": point_names(self.labels),
        }


def write_dataset(folder: Path, dataset: Dataset) -> None:
    """Write both files; pictures in the folder itself are still found after it is moved.

    Raises:
        OutputError: the folder cannot be written.

    """
    record = dataset.record()
    if dataset.images_root.is_relative_to(folder):
        record["images_root"] = dataset.images_root.relative_to(folder).as_posix()
    write_labels(folder / LABELS, dataset.labels)
    write_text(folder / DOCUMENT, json.dumps(record, indent=2, ensure_ascii=False) + "\n")


def read_dataset(folder: Path | str) -> Dataset:
    """Read a folder of :func:`write_dataset`.

    Raises:
        InputError: a file is missing, damaged, or of another version.

    """
    folder = Path(folder)
    dataset, names = read_document(folder / DOCUMENT, _parsed, "import the data set anew")
    if names is None:  # written before the names were recorded, so all pairs are points
        names = paired_names(folder / LABELS)
    labels = tuple(read_labels(folder / LABELS, names=names))
    return replace(dataset, labels=labels, images_root=folder / dataset.images_root)


def _parsed(record: dict[str, Any]) -> tuple[Dataset, Collection[str] | None]:
    """The set without its labels, and the names of their points; None if not recorded."""
    if record["version"] != VERSION:
        raise ValueError(f"version {as_json(record['version'])}, not {VERSION}")
    texts = [str(record[key]) for key in ("images_root", "kind", "source", "terms", "points")]
    root, kind, source, terms, convention = texts
    dataset = Dataset((), Path(root), kind, Contents(record["class"]), source, terms, convention)
    names = record.get("point_names")
    if names is not None and not isinstance(names, list):
        raise TypeError(f"point_names is {as_json(names)}, no list")
    return dataset, None if names is None else [str(name) for name in names]
