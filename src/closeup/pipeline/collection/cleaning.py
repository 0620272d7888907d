"""``closeup collect clean``: copies and unfit pictures are taken out of a folder, for a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from closeup.collection.cleaning_page import cleaning_page
from closeup.collection.duplicates import (
    Pairs,
    copies_of_kept,
    correlated,
    near_hashes,
    near_vectors,
    packed,
)
from closeup.collection.picture_measures import BITS, PictureMeasures, require_hashes
from closeup.collection.removals import (
    FOLDER,
    Removal,
    RemovalReason,
    read_removals,
    remove,
)
from closeup.errors import ImageError, InputError
from closeup.executors.threads import ordered_map
from closeup.files.atomic import claiming, write_text
from closeup.files.documents import write_document
from closeup.files.folders import list_folder
from closeup.media.images import IMAGE_SUFFIXES
from closeup.open_models import Models
from closeup.pipeline.collection.picture_faces import PictureFaceReader, PictureFaces
from closeup.progress import Progress, Silent
from closeup.protocols import Embedder, FaceDetector

DOCUMENT, PAGE = "cleaning.json", "cleaning.html"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CleanOptions:
    """What is taken out.

    Attributes:
        near: Largest number of 64 bits in which the hashes of two pictures differ that are compared
            with each other and may be nearly the same; None to take out equal files only.
        side: Least length of a picture's shorter side, in pixels.
        jpeg_quality: Least quality of a JPEG file.
        faces: Whether pictures without a face are taken out, and those whose largest face is small,
            blurred, dark, bright, cut off or lying; see :mod:`closeup.identity.defects`.
        one_person: Whether pictures of several people are taken out.
        same_face: Largest distance of unit vectors of two faces of one shot, such as a picture and
            a part of it; None not to compare faces. Two photos of a person are 0.2 or more apart.

    Raises:
        ValueError: a limit is out of range.

    """

    near: int | None = 6
    side: int = 0
    jpeg_quality: int = 0
    faces: bool = False
    one_person: bool = False
    same_face: float | None = 0.12

    def __post_init__(self) -> None:
        if self.near is not None and not 0 <= self.near < BITS // 2:
            raise ValueError(f"near must be 0 to {BITS // 2 - 1} bits, not {self.near}")
        if self.side < 0 or not 0 <= self.jpeg_quality <= 100:
            raise ValueError("side must be 0 or more pixels, and jpeg_quality 0 to 100")
        if self.same_face is not None and not 0 < self.same_face < 1:
            raise ValueError(f"same_face must be between 0 and 1, not {self.same_face}")

    @property
    def looks_at_faces(self) -> bool:
        """Whether faces are looked for."""
        return self.faces or self.one_person


@dataclass(frozen=True, slots=True, eq=False)
class Cleaned:
    """A folder that was cleaned.

    Attributes:
        removals: What was taken out by this run.
        page: ``cleaning.html``, with counts and examples of all that was ever taken out.
        document: Content of ``cleaning.json``: ``kept``, ``removed`` by reason, ``options``.

    """

    removals: Sequence[Removal]
    page: Path
    document: dict[str, Any]


def clean_pictures(
    folder: Path | str,
    options: CleanOptions | None = None,
    *,
    detector: str | FaceDetector = "auto",
    embedder: str | Embedder = "auto",
    models: Models | None = None,
    progress: Progress | None = None,
) -> Cleaned:
    """Take copies and unfit pictures out of a folder and its sub-folders.

    They are moved to ``removed`` in it, with the same paths, and listed in ``removed.csv`` with
    their reasons; :func:`closeup.collection.removals.restore` puts them back. Of copies, the
    picture with the most pixels stays; of equally large ones the least compressed, then the first.
    Whether a large copy was enlarged is not noticed.

    Args:
        folder: The folder.
        options: What is taken out; None for the defaults.
        detector: A face detector, or a name of :data:`closeup.opening.DETECTORS`.
        embedder: An embedder, a name of :data:`closeup.opening.EMBEDDERS`, or the path of an
            ONNX file.
        models: Opens models given by name; None for a new :class:`Models`.
        progress: Receives stages and messages; silent if None.

    Raises:
        InputError: there is no picture, or the extra ``collect`` is not installed.
        ModelError: a model cannot be opened.
        OutputError: a picture cannot be moved, or a result cannot be written.

    """
    options, folder = options or CleanOptions(), Path(folder)
    models, progress = models or Models(), progress or Silent()
    require_hashes()
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; name one with pictures")
    reader = None
    if options.looks_at_faces:
        reader = PictureFaceReader(
            models.detector(detector, threads=1, progress=progress),  # pictures run in parallel
            models.embedder(embedder, threads=1, calibrated=False),
        )
    with claiming(folder):
        return _Cleaning(folder, options, reader, progress).run()


@dataclass(slots=True)
class _Cleaning:
    """One run of :func:`clean_pictures`."""

    folder: Path
    options: CleanOptions
    reader: PictureFaceReader | None
    progress: Progress

    def run(self) -> Cleaned:
        files = self._files()
        if not files:
            raise InputError(f"{self.folder}: there is no picture in it; name another folder")
        removals = list(self._removals(files))
        remove(self.folder, removals)
        every, kept = read_removals(self.folder), len(files) - len(removals)
        write_text(self.folder / PAGE, cleaning_page(self.folder, every, kept))
        counts = Counter(removal.reason.name.lower() for removal in every)
        document = {"kept": kept, "removed": dict(counts), "options": asdict(self.options)}
        write_document(self.folder / DOCUMENT, document)
        return Cleaned(removals, self.folder / PAGE, document)

    def _files(self) -> list[str]:
        """Paths of all pictures below the folder, without those that were taken out."""
        found = list_folder(self.folder, IMAGE_SUFFIXES).files
        names = (path.relative_to(self.folder) for path in found)
        return [name.as_posix() for name in names if name.parts[0] != FOLDER]

    def _removals(self, files: Sequence[str]) -> Iterator[Removal]:
        """What is taken out, each picture once."""
        measured: dict[str, PictureMeasures] = {}
        for name, found in self._each("measuring pictures", files, PictureMeasures.of):
            if isinstance(found, ImageError):
                yield Removal(name, RemovalReason.UNREADABLE, found.kind)
            elif removal := self._unfit(name, found):
                yield removal
            else:
                measured[name] = found
        chosen = _Copies(measured, self.options)
        yield from chosen.equal_files()
        # Faces come first: else a sharp picture may go for a copy that is then found blurred.
        faces: dict[str, PictureFaces] = {}
        if self.reader is not None:
            yield from self._of_faces(chosen, self.reader, faces)
        yield from chosen.near_hashes()
        if self.reader is not None:
            yield from chosen.same_faces(faces)

    def _of_faces(
        self, chosen: _Copies, reader: PictureFaceReader, faces: dict[str, PictureFaces]
    ) -> Iterator[Removal]:
        """Pictures taken out for their faces; ``faces`` receives those of the others."""
        for name, found in self._each("looking at faces", chosen.left, reader.read):
            if isinstance(found, ImageError):
                yield Removal(name, RemovalReason.UNREADABLE, found.kind)
            elif removal := self._poor(name, found):
                yield removal
            else:
                faces[name] = found
        chosen.left = list(faces)

    def _each(
        self, stage: str, files: Sequence[str], work: Callable[[Path], T]
    ) -> Iterator[tuple[str, T | ImageError]]:
        def tried(name: str) -> T | ImageError:
            try:
                return work(self.folder / name)
            except ImageError as error:
                return error

        self.progress.begin(stage, len(files))
        for name, found in zip(files, ordered_map(tried, files), strict=True):
            self.progress.advance()
            yield name, found

    def _unfit(self, name: str, found: PictureMeasures) -> Removal | None:
        if min(found.size) < self.options.side:
            return Removal(name, RemovalReason.SMALL, f"{found.size}")
        if found.jpeg_quality is not None and found.jpeg_quality < self.options.jpeg_quality:
            return Removal(name, RemovalReason.COMPRESSED, f"quality {found.jpeg_quality}")
        return None

    def _poor(self, name: str, found: PictureFaces) -> Removal | None:
        if not found.count and self.options.faces:
            return Removal(name, RemovalReason.NO_FACE)
        if found.count > 1 and self.options.one_person:
            return Removal(name, RemovalReason.SEVERAL, f"{found.count} faces")
        if found.flaws and self.options.faces:
            return Removal(name, RemovalReason.POOR_FACE, ", ".join(found.flaws))
        return None


class _Copies:
    """Chooses which of several copies stays.

    Attributes:
        left: The pictures that were not taken out so far, in order.

    """

    def __init__(self, measured: dict[str, PictureMeasures], options: CleanOptions) -> None:
        self.left = list(measured)
        self._measured, self._options = measured, options

    def equal_files(self) -> Iterator[Removal]:
        """All files of one content but one."""
        first: dict[str, str] = {}
        copies = {}
        for name in self.left:
            kept = first.setdefault(self._measured[name].sha256, name)
            if kept != name:
                copies[name] = kept
        yield from self._taken(copies, RemovalReason.COPY)

    def near_hashes(self) -> Iterator[Removal]:
        """All pictures that are nearly the same but the best."""
        if self._options.near is None or not self.left:
            return
        hashes = packed(np.array([self._measured[name].bits for name in self.left]))
        small = np.array([self._measured[name].small for name in self.left])
        copies = self._worse(correlated(near_hashes(hashes, self._options.near), small))
        yield from self._taken(copies, RemovalReason.NEAR_COPY)

    def same_faces(self, faces: dict[str, PictureFaces]) -> Iterator[Removal]:
        """All pictures of one shot of a face but the best."""
        if self._options.same_face is None or not self.left:
            return
        vectors = np.array([faces[name].vector for name in self.left])
        copies = self._worse(near_vectors(vectors, self._options.same_face))
        yield from self._taken(copies, RemovalReason.SAME_FACE)

    def _worse(self, pairs: Pairs) -> dict[str, str]:
        """Each picture that a better one is kept instead of, with that one."""
        order = sorted(range(len(self.left)), key=lambda row: self._worth(self.left[row]))
        copies = copies_of_kept(order, pairs)
        return {self.left[row]: self.left[copies[row]] for row in sorted(copies)}

    def _worth(self, name: str) -> tuple[int, int]:
        """What sorts better pictures first."""
        found = self._measured[name]
        return -found.pixels, -(101 if found.jpeg_quality is None else found.jpeg_quality)

    def _taken(self, copies: dict[str, str], reason: RemovalReason) -> Iterator[Removal]:
        self.left = [name for name in self.left if name not in copies]
        return (Removal(name, reason, "", kept) for name, kept in copies.items())
