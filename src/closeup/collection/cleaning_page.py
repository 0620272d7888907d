"""The page that shows what was taken out of a folder, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from closeup.collection.removals import FOLDER, Removal, RemovalReason
from closeup.errors import ImageError
from closeup.media.images import encode_jpeg, read_reduced
from closeup.pages import jpeg_uri, render

_EXAMPLES, _SIDE = 12, 128
"""Pictures shown of each reason, and their shorter side in pixels at least."""


@dataclass(frozen=True, slots=True)
class _Example:
    """A picture that is shown.

    Attributes:
        removal: Why it was taken out.
        picture: The picture as a data URI; empty if it cannot be read.
        kept: The one that stays instead, likewise; empty if it is no copy.

    """

    removal: Removal
    picture: str
    kept: str


def cleaning_page(folder: Path, removals: Sequence[Removal], kept: int) -> str:
    """HTML with the number of pictures of each reason, and examples.

    Args:
        folder: The folder.
        removals: What was taken out.
        kept: Number of pictures that are left.

    """
    by_reason: dict[RemovalReason, list[Removal]] = defaultdict(list)
    for removal in removals:
        by_reason[removal.reason].append(removal)
    reasons = [
        (reason, len(own), list(_examples(folder, own))) for reason, own in by_reason.items()
    ]
    return render(
        "closeup.collection", "cleaning.html.j2",
        {"folder": folder.name, "kept": kept, "removed": len(removals), "reasons": reasons},
    )  # fmt: skip


def _examples(folder: Path, removals: Sequence[Removal]) -> Iterator[_Example]:
    for removal in removals[:: max(1, len(removals) // _EXAMPLES)][:_EXAMPLES]:
        kept = _uri(folder, removal.kept) if removal.kept else ""
        yield _Example(removal, _uri(folder, removal.file), kept)


def _uri(folder: Path, file: str) -> str:
    """A small copy as a data URI; empty for a file that cannot be read."""
    for path in (folder / file, folder / FOLDER / file):
        with suppress(ImageError):
            return jpeg_uri(encode_jpeg(read_reduced(path, _SIDE).image))
    return ""
