"""The analysis of a video on disk, in whole chunks, so that an interrupted run can be resumed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from closeup.errors import InputError
from closeup.files.arrays import read_arrays, write_arrays
from closeup.files.workfolder import WorkFolder
from closeup.tracking.observations import TrackerState

_MANIFEST = "manifest.json"
_BEGUN: dict[str, Any] = {"finished": False, "ended_early": None, "rotation": None, "cuts": {}}


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """The observations of some hundred frames; the last of them is a key frame.

    Attributes:
        pts: (n,) int64 presentation time stamps, in units of the video's time base.
        thumbnails: (n, h, w, 3) RGB uint8, for the detection of shots.
        borders: (n, 4) of dtype :data:`closeup.media.bars.BORDER`, in analysis pixels.
        observations: of dtype OBSERVATION, boxes in analysis pixels.
        clothes: of dtype CLOTHES.
        embeddings: (m, d) float32.
        embedded: (m,) of dtype EMBEDDED.
        portraits: uint8 bytes of the JPEG pictures of all embedded faces, one after the other.
        portrait_ends: (m,) int64, where each portrait ends in ``portraits``.
        heads: the tracker's heads after the chunk, of dtype HEAD.
        next_id: the number of the tracker's next new head.

    """

    pts: NDArray[np.int64]
    thumbnails: NDArray[np.uint8]
    borders: NDArray[np.void]
    observations: NDArray[np.void]
    clothes: NDArray[np.void]
    embeddings: NDArray[np.float32]
    embedded: NDArray[np.void]
    portraits: NDArray[np.uint8]
    portrait_ends: NDArray[np.int64]
    heads: NDArray[np.void]
    next_id: NDArray[np.int64]

    @property
    def state(self) -> TrackerState:
        """The tracker's state after the chunk."""
        return TrackerState(self.heads, int(self.next_id))


class AnalysisStore:
    """One folder with numbered chunks and a manifest that holds their key.

    The analysis of another key stays until the first chunk of this one replaces it.

    Args:
        folder: The folder; it is made with the first chunk.
        key: Everything that the analysis depends on (video, range, detector …), as JSON values.
        chunk_frames: Number of frames after which a chunk is saved.

    """

    def __init__(self, folder: Path, key: dict[str, Any], chunk_frames: int = 250) -> None:
        self.chunk_frames = chunk_frames
        self._folder = folder
        self._work = WorkFolder(folder, _MANIFEST, key)
        earlier = _earlier(self._work)
        self._notes = {name: earlier[name] if earlier else value for name, value in _BEGUN.items()}
        self._count = sum(1 for _ in self._paths()) if earlier else 0

    def __len__(self) -> int:
        return self._count

    @property
    def finished(self) -> bool:
        """Whether the analysis reached the end of the video."""
        return bool(self._notes["finished"])

    @property
    def ended_early(self) -> str | None:
        """Where and why decoding stopped before the video's end; None if it did not."""
        ended: str | None = self._notes["ended_early"]
        return ended

    @property
    def rotation(self) -> int | None:
        """See :attr:`closeup.fancam.analysis.Analysis.better_rotation`."""
        rotation: int | None = self._notes["rotation"]
        return rotation

    def append(self, chunk: Chunk) -> None:
        """Save the next chunk."""
        if not self._count:
            self._clear()
        arrays = {field.name: getattr(chunk, field.name) for field in fields(chunk)}
        write_arrays(self._path(self._count), **arrays)
        self._count += 1
        if self._count == 1:
            self._work.write(self._notes)

    def finish(self, ended_early: str | None, rotation: int | None = None) -> None:
        """Mark the analysis as complete."""
        self._note(finished=True, ended_early=ended_early, rotation=rotation)

    def cuts(self, detector: str) -> list[int] | None:
        """Cuts that a shot detector of this name found in the analysis; None if it has not run."""
        found: list[int] | None = self._notes["cuts"].get(detector)
        return found

    def keep_cuts(self, detector: str, cuts: Sequence[int]) -> None:
        """Save the cuts of a shot detector, so that the next solution need not find them again."""
        self._note(cuts={**self._notes["cuts"], detector: list(cuts)})

    def _note(self, **notes: Any) -> None:
        self._notes = {**self._notes, **notes}
        self._work.write(self._notes)

    def chunks(self) -> Iterator[Chunk]:
        """All chunks in order, one in memory at a time."""
        return (self._load(number) for number in range(self._count))

    def columns(self, *names: str) -> Iterator[tuple[NDArray[Any], ...]]:
        """Some attributes of each :class:`Chunk` in order; the others are not read."""
        return (self._read(number, names) for number in range(self._count))

    def last(self) -> Chunk | None:
        """The newest chunk, None before the first."""
        return self._load(self._count - 1) if self._count else None

    def _load(self, number: int) -> Chunk:
        return Chunk(*self._read(number, [field.name for field in fields(Chunk)]))

    def _read(self, number: int, names: Sequence[str]) -> tuple[NDArray[Any], ...]:
        path = self._path(number)
        try:
            arrays = read_arrays(path, names)
            return tuple(arrays[name] for name in names)
        except (OSError, ValueError) as error:
            raise InputError(
                f"{path}: the saved analysis is damaged; delete {self._folder} and run again"
            ) from error

    def _path(self, number: int) -> Path:
        return self._folder / f"chunk-{number:05d}.npz"

    def _paths(self) -> Iterator[Path]:
        return self._folder.glob("chunk-*.npz")

    def _clear(self) -> None:
        """Delete an older analysis, its manifest first: chunks without a manifest are ignored."""
        for path in (self._folder / _MANIFEST, *self._paths()):
            path.unlink(missing_ok=True)


def _earlier(work: WorkFolder) -> dict[str, Any] | None:
    """The manifest of the same analysis; None if another analysis or none has been saved."""
    try:
        manifest = work.earlier()
    except InputError:
        return None
    return manifest if manifest and manifest.keys() >= _BEGUN.keys() else None
