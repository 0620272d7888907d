"""Masks of pictures as proposed labels: pairs by name, and what is wrong with a mask."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from closeup.annotations import AnnotatedPicture, Annotation
from closeup.errors import ImageError, InputError
from closeup.files.folders import list_folder
from closeup.files.passed_over import PassedOver
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.labelling.shown_pictures import PictureReader
from closeup.media.images import IMAGE_SUFFIXES, read_image
from closeup.progress import Progress
from closeup.store.label_records import StoredItem
from closeup.store.label_store import LabelStore

_OTHER_SIZE, _ALONE = "of another size", "without a picture"


def mask_files(folder: Path) -> list[str]:
    """Paths of the masks of a folder, relative to it, in order.

    Raises:
        InputError: there is no such folder, or no mask in it.

    """
    names = list_folder(folder, IMAGE_SUFFIXES).names
    if not names:
        raise InputError(f"{folder}: no mask in it; it needs pictures with the pictures' names")
    return names


def mask_labels(
    store: LabelStore, reader: PictureReader, folder: Path, names: list[str], progress: Progress
) -> Iterator[AnnotatedPicture]:
    """The pictures of a store for which a folder has masks, with the masks as labels.

    A mask belongs to the picture of the same path without its suffix, else to the only one of the
    same name. A mask of another size is left out, as it says nothing of the picture; one that is
    all zero is a label as any other. Both are reported. Masks that are in the store are not read
    again.

    Args:
        store: The store with the pictures.
        reader: Reads the pictures, whose sizes are compared.
        folder: The folder of the masks.
        names: Paths of the masks, as :func:`mask_files` gives them.
        progress: Receives one stage and messages.

    Raises:
        InputError: no mask belongs to a picture.

    """
    by_stem = _by_stem(store)
    passed = PassedOver(progress, noun="mask")
    progress.begin("reading masks", len(names))
    paired = empty = 0
    for name in names:
        progress.advance()
        mask, path = folder / name, PurePosixPath(name)
        item = by_stem.get(str(path.with_suffix(""))) or by_stem.get(f"*/{path.stem}")
        if item is None:
            passed.leave_out(f"{mask} has no picture of its name; it is left out", _ALONE)
            continue
        paired += 1
        if any(label.annotation.mask == name for label in item.labels):
            continue
        values = _fitting(mask, item, reader, passed)
        if values is not None:
            empty += not values.any()
            label = Annotation(mask=name, key="mask", method=folder.resolve().name)
            yield AnnotatedPicture(item.path, item.frame, Size.of(values), (label,))
    passed.say_sum(str(folder))
    if empty:
        progress.say(f"{folder}: new masks that are all zero, so that they mark nothing: {empty}")
    if not paired:
        raise InputError(
            f"{folder}: no mask has the name of a picture, as {names[0]}; name them alike"
        )


def _by_stem(store: LabelStore) -> dict[str, StoredItem | None]:
    """Path without its suffix, and ``*/`` and the name of those whose name is unique → item."""
    found: dict[str, StoredItem | None] = {}
    for item in store.all_items():
        path = PurePosixPath(item.path)
        found[str(path.with_suffix(""))] = item
        name = f"*/{path.stem}"
        found[name] = None if name in found else item
    return found


def _fitting(
    mask: Path, item: StoredItem, reader: PictureReader, passed: PassedOver
) -> RGBImage | None:
    """The pixels of a mask of its picture's size; None if it is left out."""
    try:
        values, size = read_image(mask), Size.of(reader.read(item))
    except ImageError as error:
        passed.leave_out(f"{error}; it is left out", error.kind)
        return None
    if Size.of(values) != size:
        passed.leave_out(
            f"{mask} is {Size.of(values)}, its picture {item.path} is {size}; it is left out",
            _OTHER_SIZE,
        )
        return None
    return values
