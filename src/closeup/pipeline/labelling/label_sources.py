"""What is to be labelled: a picture, a folder, a video, or a data set made before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from closeup.annotations import AnnotatedPicture, Annotation, KeyPoint
from closeup.datasets.eyes.eye_store import (
    DOCUMENT as EYES_DOCUMENT,
    LABELS as EYES_LABELS,
    EyeStore,
)
from closeup.errors import InputError
from closeup.files.folders import Listing, is_file, is_folder, list_folder
from closeup.files.passed_over import passed_over
from closeup.formats.dataset_folder import (
    DOCUMENT as DATASET_DOCUMENT,
    LABELS as DATASET_LABELS,
    Dataset,
    read_dataset,
)
from closeup.labelling.shown_pictures import FolderPictures, PictureReader
from closeup.labels import FaceLabel
from closeup.media.images import IMAGE_SUFFIXES

STORE = "labels.db"
"""Name of a folder's store; that of a file is ``NAME.labels.db``."""

_OF_STORES = (".db", ".db-wal", ".db-shm")


class LabelledKind(StrEnum):
    """What is labelled; the value is what a message calls it."""

    PICTURE = "a picture"
    FOLDER = "a folder of pictures"
    VIDEO = "a video"
    EYES = "a data set of eyes"
    DATASET = "an imported data set"


@dataclass(frozen=True, slots=True, eq=False)
class LabelSource:
    """Pictures that are to be labelled.

    Attributes:
        kind: What the path is.
        path: The path as it was given.
        store: Usual place of the store of labels.
        reader: Reads the pictures.
        each: Gives the pictures in the order of labelling, with the labels that the source has.
        stamp: Another text after the labels of the source have changed; empty for a source without
            labels.
        passed_over: What of a folder is not taken, in words; empty if nothing is.

    """

    kind: LabelledKind
    path: Path
    store: Path
    reader: PictureReader
    each: Callable[[], Iterator[AnnotatedPicture]]
    stamp: str = ""
    passed_over: str = ""


def open_label_source(path: Path | str, every: int = 1) -> LabelSource:
    """Find the pictures that are to be labelled.

    Args:
        path: An image, a folder (searched through sub-folders), a video, the folder of
            ``closeup dataset eyes`` or that of ``closeup dataset import``.
        every: Every ``every``-th frame of a video is taken.

    Raises:
        InputError: there is no such path, or no picture in it.
        VideoError: a file is neither a picture nor a video.

    """
    path = Path(path)
    if is_file(path / EYES_DOCUMENT):
        return _eyes(path)
    if is_file(path / DATASET_DOCUMENT):
        return _dataset(path)
    if is_folder(path):
        return _folder(path)
    if path.suffix.lower() in _OF_STORES:
        raise InputError(f"{path} is a store of labels; name the pictures, and it with --store")
    return _file(path, every)


def _file(path: Path, every: int) -> LabelSource:
    # Decoders of videos would take a fifth of the start of a folder to import.
    from closeup.media.pictures import SourceKind, open_pictures
    from closeup.pipeline.labelling.picture_readers import VideoFrames

    if open_pictures(path).kind is SourceKind.VIDEO:
        frames = VideoFrames(path)
        return LabelSource(
            LabelledKind.VIDEO, path, _beside(path), frames, lambda: frames.pictures(every)
        )
    only = AnnotatedPicture(path.name)
    reader = FolderPictures(path.parent)
    return LabelSource(LabelledKind.PICTURE, path, _beside(path), reader, lambda: iter([only]))


def _beside(file: Path) -> Path:
    return file.with_name(f"{file.name}.{STORE}")


def _folder(folder: Path) -> LabelSource:
    listing = list_folder(folder, IMAGE_SUFFIXES)
    named = [name for name in listing.names if _is_text(name)]
    left_out = _left_out(listing, len(listing.names) - len(named))
    if not named:
        raise InputError(
            f"{folder}: no picture in it or below it{f', {left_out}' if left_out else ''}; "
            "it needs files such as .jpg or .png"
        )
    return LabelSource(
        LabelledKind.FOLDER, folder, folder / STORE, FolderPictures(folder),
        lambda: map(AnnotatedPicture, named), passed_over=left_out,
    )  # fmt: skip


def _is_text(name: str) -> bool:
    """Whether a database can hold a name; False for one that is not UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _left_out(listing: Listing, nameless: int) -> str:
    others = {name: count for name, count in listing.others.items() if name not in _OF_STORES}
    hidden = f"{listing.hidden} hidden" if listing.hidden else ""
    unnamed = f"{nameless} whose names are not UTF-8" if nameless else ""
    return ", ".join(filter(None, (passed_over(others), hidden, unnamed)))


def _eyes(folder: Path) -> LabelSource:
    from closeup.pipeline.labelling.picture_readers import EyeCropPictures

    crops = EyeCropPictures(EyeStore.opened(folder))
    return LabelSource(
        LabelledKind.EYES, folder, folder / STORE, crops, crops.pictures,
        _stamp(folder / EYES_LABELS),
    )  # fmt: skip


def _dataset(folder: Path) -> LabelSource:
    dataset = read_dataset(folder)
    return LabelSource(
        LabelledKind.DATASET, folder, folder / STORE, FolderPictures(dataset.images_root),
        lambda: _labelled(dataset), _stamp(folder / DATASET_LABELS),
    )  # fmt: skip


def _stamp(file: Path) -> str:
    """Size and time of a file of labels."""
    stat = file.stat()
    return f"{stat.st_size} {stat.st_mtime_ns}"


def _labelled(dataset: Dataset) -> Iterator[AnnotatedPicture]:
    """The pictures of a data set with their labels, which lie together in its order."""
    by_image: dict[str, list[FaceLabel]] = {}
    for label in dataset.labels:
        by_image.setdefault(label.image, []).append(label)
    for image, labels in by_image.items():
        annotations = tuple(
            Annotation(
                box=label.box,
                points={name: KeyPoint(x, y) for name, (x, y) in label.points.items()},
                key=f"{dataset.kind}-{number}",
                method=dataset.kind,
            )
            for number, label in enumerate(labels)
        )
        yield AnnotatedPicture(image, annotations=annotations)
