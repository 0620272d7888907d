"""The sources of an eye data set: photos, a video, or labelled pictures."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from closeup.errors import InputError
from closeup.files.folders import is_file
from closeup.formats.dataset_folder import DOCUMENT, Contents, read_dataset
from closeup.labels import EYES, FaceLabel
from closeup.media.images import read_image
from closeup.media.pictures import Picture, Pictures, SourceKind, open_pictures


@dataclass(frozen=True, slots=True, eq=False)
class EyeSource:
    """Pictures and their labels by hand.

    Attributes:
        pictures: The pictures, in order.
        labels: Picture name → its labels by hand; None without such labels.

    """

    pictures: Pictures
    labels: Mapping[str, list[FaceLabel]] | None

    def fingerprint(self) -> str:
        """Hash that changes if a picture is added, removed or of another size, or a label moves."""
        digest = hashlib.sha256()
        videos = [self.pictures.path] if self.pictures.video else []
        for path in videos or (picture.path for picture in self.pictures):
            size = path.stat().st_size if path.exists() else -1
            digest.update(f"{path.name}\0{path.parent.name}\0{size}\0".encode("utf-8", "replace"))
        for label in (one for own in (self.labels or {}).values() for one in own):
            digest.update(repr((label.image, sorted(label.points.items()))).encode())
        return digest.hexdigest()[:16]


def open_eye_source(source: Path, every: int, limit: int | None) -> EyeSource:
    """Find the pictures, and the labels where an importer has put some.

    Args:
        source: Image, folder of photos, video, or folder of ``closeup dataset import``.
        every: Use every ``every``-th frame of a video.
        limit: Maximum number of pictures; None for all.

    Raises:
        InputError: there are no pictures or labels to cut eyes from.

    """
    if not (source / DOCUMENT).exists():
        return EyeSource(part_of(open_pictures(source, every), 0, limit), None)
    dataset = read_dataset(source)
    labels: dict[str, list[FaceLabel]] = {}
    for label in dataset.labels:
        labels.setdefault(label.image, []).append(label)
    if dataset.contents is Contents.EYE_CROPS:
        raise InputError(
            f"{source}: its pictures show single eyes, which are crops already; train on them as "
            "they are, or give pictures of faces"
        )
    if not any(name in label.points for label in dataset.labels for name in EYES):
        raise InputError(
            f"{source}: no label has a {' or a '.join(EYES)}; give its folder of pictures, "
            f"{dataset.images_root}, to find pupils in them by a method"
        )
    if not any(is_file(dataset.images_root / name) for name in labels):
        raise InputError(
            f"{source}: none of its pictures is in {dataset.images_root}, the first was looked for "
            f"as {dataset.images_root / next(iter(labels))}; correct images_root in "
            f"{source / DOCUMENT}, or import the labels again"
        )
    pictures = _named(dataset.images_root, labels)
    return EyeSource(part_of(pictures, 0, limit), labels)


def part_of(pictures: Pictures, begin: int, limit: int | None = None) -> Pictures:
    """The pictures from number ``begin`` on, no more than ``limit``."""
    end = None if limit is None else begin + limit
    count = pictures.count
    if count is not None:
        count = max(0, min(count, end or count) - begin)
    return Pictures(
        pictures.kind, pictures.path, count, pictures.video,
        lambda: islice(pictures, begin, end), pictures.others,
    )  # fmt: skip


def _named(root: Path, names: Iterable[str]) -> Pictures:
    found = [
        Picture(root / name, name, None, None, partial(read_image, root / name)) for name in names
    ]
    return Pictures(SourceKind.FOLDER, root, len(found), None, lambda: iter(found))
