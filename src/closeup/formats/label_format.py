"""A format of label files: its reader, and the meaning of its numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from closeup.errors import PartError
from closeup.labels import FaceLabel
from closeup.progress import Progress, Silent

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
            If ``tells`` is set, its second argument is a
            :class:`~closeup.progress.Progress` for messages about what it leaves out.
        terms: Terms of use of the pictures, in a sentence.
        convention: Meaning of the numbers and changes by the reader, in a sentence.
        tells: Whether the reader takes a second argument.

    """

    name: str
    reader: Callable[..., list[FaceLabel]]
    terms: str = OWN_TERMS
    convention: str = CENTRES
    tells: bool = False

    def __str__(self) -> str:
        return self.name

    def read(self, path: Path, progress: Progress | None = None) -> list[FaceLabel]:
        """Read the labels of a file.

        Args:
            path: The file.
            progress: Receives messages about what is left out; silent if None.

        Raises:
            InputError: the file is missing or damaged.
            PartError: the reader returned objects that are not face labels.

        """
        told = (progress or Silent(),) if self.tells else ()
        labels = list(self.reader(path, *told))
        for label in labels:
            if not isinstance(label, FaceLabel):
                raise PartError(
                    f"the reader of {self.name} returned a {type(label).__name__}; "
                    "it must return a list of FaceLabel"
                )
        return labels
