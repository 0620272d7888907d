"""Opens labelling projects: pictures, their store, and what people are to do."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from closeup.errors import InputError
from closeup.files.folders import is_file, is_folder
from closeup.labelling.label_task import LabelTask, open_task, with_names
from closeup.labelling.project import LabelProject
from closeup.labelling.shown_pictures import PictureReader
from closeup.pipeline.labelling.label_sources import (
    STORE,
    LabelledKind,
    LabelSource,
    open_label_source,
)
from closeup.pipeline.labelling.mask_pairs import mask_files, mask_labels
from closeup.progress import Progress, Silent
from closeup.store.database import is_url, open_database
from closeup.store.label_import import Imported, import_pictures
from closeup.store.label_queue import queue_names
from closeup.store.label_store import LabelStore

if TYPE_CHECKING:  # a store is opened without onnxruntime
    from closeup.labelling.quality_network import LabelQualityNetwork

_TASKS = {
    LabelledKind.PICTURE: "face",
    LabelledKind.FOLDER: "face",
    LabelledKind.VIDEO: "members",
    LabelledKind.EYES: "eye",
    LabelledKind.DATASET: "review",
}
"""The task if none is chosen."""
_NAMED = 3
"""Files that a message names."""
_AT_ONCE = 5000
"""Pictures between two reports of progress."""
CLASSES = "classes"
"""Setting of a store: the names of classes in it, in order."""
SOURCE = "source"
"""Setting of a store: the absolute path of the pictures with which it was opened last."""
MASKS = "masks"
"""Setting of a store: the absolute path of the folder of masks."""
_STAMP = "source stamp"
_MASK_STAMP = "mask stamp"


@dataclass(frozen=True, slots=True)
class ProjectOptions:
    """How a labelling project is opened.

    Attributes:
        store: File or URL of the store of labels; None for the usual place beside the pictures.
        every: Every ``every``-th frame of a video is labelled.
        queue: Name of the queue to go through; None for everything.
        overlap: Number of people to whom each picture is given.
        names: Names of classes or members that are to be labelled, beside those of the task.
        quality: File of a network that judges labels; None without one.

    Raises:
        ValueError: a number is less than 1.

    """

    store: Path | str | None = None
    every: int = 1
    queue: str | None = None
    overlap: int = 1
    names: tuple[str, ...] = field(default=())
    quality: Path | None = None

    def __post_init__(self) -> None:
        if self.every < 1 or self.overlap < 1:
            raise ValueError(
                f"every and overlap must be 1 or more, not {self.every}, {self.overlap}"
            )


@contextmanager
def open_label_project(
    path: Path | str,
    task: str | Path | LabelTask | None = None,
    options: ProjectOptions | None = None,
    *,
    masks: Path | None = None,
    progress: Progress | None = None,
) -> Iterator[LabelProject]:
    """Open pictures for labelling, with their store; both are made or completed as needed.

    Pictures that are new since the last time are added behind the others. Those that are gone
    stay in the store with their labels.

    Args:
        path: An image, a folder, a video, or a data set; see
            :func:`closeup.pipeline.labelling.label_sources.open_label_source`.
        task: A task, a name of :data:`closeup.labelling.label_task.TASKS`, or a YAML file; None
            for what suits the pictures.
        options: How it is opened; None for the usual way.
        masks: Folder with masks for the pictures, of the same names; each becomes a proposed label.
        progress: Receives stages and messages; silent if None.

    Yields:
        The project; its database is closed at the end of the block.

    Raises:
        InputError: there is no picture, the task or queue is unknown, or the store is damaged, of
            a newer version, or of something else.
        ModelError: the network cannot be read, or judges labels of other pictures.
        OutputError: the store cannot be written.

    """
    options, progress = options or ProjectOptions(), progress or Silent()
    source = open_label_source(path, options.every)
    opened = open_task(_TASKS[source.kind] if task is None else task)
    quality = None if options.quality is None else open_quality(options.quality, source.reader)
    database = open_database(options.store or source.store)
    try:
        store = LabelStore(database)
        fill_store(store, source, progress)
        if masks is not None:
            add_masks(store, source.reader, masks, progress)
        add_classes(store, options.names)
        masks = masks or remembered(store, MASKS)
        _need_queue(store, options.queue)
        project = with_classes(
            LabelProject(
                store, opened, source.reader, masks, options.queue, options.overlap, quality=quality
            )
        )
        project.put_task_in_force()
        yield project
    finally:
        database.close()


def open_quality(file: Path, reader: PictureReader) -> LabelQualityNetwork:
    """A network that judges labels of the pictures of a reader.

    Raises:
        ModelError: the file is missing, damaged or not such a network, or it judges labels of other
            pictures.

    """
    from closeup.labelling.quality_network import LabelQualityNetwork
    from closeup.models.files import read_model
    from closeup.pipeline.labelling.picture_readers import EyeCropPictures

    width = reader.width if isinstance(reader, EyeCropPictures) else None
    return LabelQualityNetwork(read_model(str(file)), str(file), width)


def with_classes(project: LabelProject) -> LabelProject:
    """The project with all names of classes that its store knows by now."""
    names = tuple(project.store.setting(CLASSES, ()))
    return replace(project, task=with_names(project.task, names))


def fill_store(store: LabelStore, source: LabelSource, progress: Progress) -> None:
    """Add the pictures that are not in the store yet, and say which are gone."""
    if source.passed_over:
        progress.say(f"{source.path}: passed over: {source.passed_over}")
    remember(store, SOURCE, source.path)
    known = store.numbers()
    pictures = list(source.each())
    changed = source.stamp != store.setting(_STAMP, "")
    new = [one for one in pictures if changed or (one.path, one.frame) not in known]
    if new:
        progress.begin("adding pictures", len(new))
        added = Imported()
        rest = iter(new)
        while some := list(islice(rest, _AT_ONCE)):
            added.add(import_pictures(store, some))
            progress.advance(len(some))
        report(added, progress)
    if changed:
        add_classes(store, (label.name for one in new for label in one.annotations))
        store.set_setting(_STAMP, source.stamp)
    if source.kind is LabelledKind.FOLDER:
        present = {(one.path, one.frame) for one in pictures}
        _say_missing(known.keys() - present, source.path, progress)


def add_masks(store: LabelStore, reader: PictureReader, folder: Path, progress: Progress) -> None:
    """Add the masks of a folder as labels, unless nothing changed since the last time."""
    names = mask_files(folder)
    listing = "\0".join([str(folder.resolve()), str(store.count()), *names])
    stamp = hashlib.sha256(listing.encode("utf-8", "surrogateescape")).hexdigest()
    if store.setting(_MASK_STAMP) == stamp:
        return
    pictures = mask_labels(store, reader, folder, names, progress)
    report(import_pictures(store, pictures), progress)
    remember(store, MASKS, folder)
    store.set_setting(_MASK_STAMP, stamp)


def remember(store: LabelStore, setting: str, path: Path) -> None:
    """Record a path, so that other commands find it; writes only if it is another one."""
    absolute = str(path.resolve())
    if store.setting(setting) != absolute:
        store.set_setting(setting, absolute)


def remembered(store: LabelStore, setting: str) -> Path | None:
    """A recorded folder; None if none was, or it is gone."""
    path = store.setting(setting)
    return Path(path) if path is not None and is_folder(Path(path)) else None


def report(added: Imported, progress: Progress) -> None:
    """Say how many pictures, labels and verdicts were added; nothing if none was."""
    counts = {
        "picture": added.pictures,
        "label": added.labels,
        "verdict": added.verdicts,
    }
    said = [f"{n} {noun}{'s' * (n != 1)}" for noun, n in counts.items() if n]
    if said:
        progress.say(f"added {', '.join(said)}")


def add_classes(store: LabelStore, names: Iterable[str]) -> None:
    """Record names of classes behind those that the store knows."""
    before: list[str] = store.setting(CLASSES, [])
    after = list(dict.fromkeys([*before, *filter(None, names)]))
    if after != before:
        store.set_setting(CLASSES, after)


def find_store(where: Path | str) -> Path | str:
    """The store of a path that a command names.

    Args:
        where: A store's file, a database's URL, or what ``closeup label`` takes.

    Raises:
        InputError: there is no store.

    """
    if is_url(where):
        return where
    path = Path(where)
    usual = path / STORE if path.is_dir() else path.with_name(f"{path.name}.{STORE}")
    if path.suffix.lower() == Path(STORE).suffix and is_file(path):
        return path
    if not path.exists():
        raise InputError(f"{path}: no such file or folder; check the name")
    if not is_file(usual):
        raise InputError(
            f"{path}: there is no store of labels, which would be {usual}; begin one with: "
            f"closeup label {path}, or name the store itself"
        )
    return usual


def _need_queue(store: LabelStore, name: str | None) -> None:
    if name is None:
        return
    names = queue_names(store.database)
    if name not in names:
        have = f"there are {', '.join(names)}" if names else "there is none yet"
        raise InputError(
            f"no queue {name!r}; {have}; closeup labels check and closeup next make one"
        )


def _say_missing(missing: set[tuple[str, int | None]], folder: Path, progress: Progress) -> None:
    if not missing:
        return
    some = ", ".join(sorted(path for path, _ in missing)[:_NAMED])
    more = " …" if len(missing) > _NAMED else ""
    progress.say(
        f"{folder}: {len(missing)} picture{'s' * (len(missing) != 1)} of the store "
        f"{'are' if len(missing) != 1 else 'is'} gone ({some}{more}); the labels are kept"
    )
