"""A format of label files: its reader, and the meaning of its numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from closeup.errors import PartError
from closeup.labels import FaceLabel

CENTRES = "a pixel's centre has integer coordinates from 0; right is the subject's right"
OWN_TERMS = "a format, not a set: its source's terms apply"


@dataclass(frozen=True, slots=True)
class LabelFormat:
    """One format; ``import_dataset`` takes it in the place of a known set's name.

    Attributes:
        name: Name of the format; ``dataset.json`` records it as ``kind``.
        reader: Reads the file at a path: one :class:`~closeup.labels.FaceLabel` per face, in the
            file's order. Images are named relative to the file's folder. It raises
            :class:`~closeup.errors.InputError` with file and line where the file is damaged.
        terms: Terms of use of the pictures, in a sentence.
        convention: Meaning of the numbers and changes by the reader, in a sentence.

    """

    name: str
    reader: Callable[[Path], list[FaceLabel]]
    terms: str = OWN_TERMS
    convention: str = CENTRES

    def __str__(self) -> str:
        return self.name

    def read(self, path: Path) -> list[FaceLabel]:
        """Read the labels of a file.

        Raises:
            InputError: the file is missing or damaged.
            PartError: the reader returned objects that are not face labels.

        """
        labels = list(self.reader(path))
        for label in labels:
            if not isinstance(label, FaceLabel):
                raise PartError(
                    f"the reader of {self.name} returned a {type(label).__name__}; "
                    "it must return a list of FaceLabel"
                )
        return labels
