"""Loading of detection data sets from a YAML file; every picture and label is checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from closeup.errors import ImageError, InputError
from closeup.executors.threads import ordered_map
from closeup.files.folders import is_file, is_folder, list_folder
from closeup.files.passed_over import PassedOver
from closeup.formats.yolo_dataset import YoloDataset, read_image_list, read_yolo_dataset
from closeup.formats.yolo_labels import LabelRepairs, find_labels, label_file, read_yolo_labels
from closeup.geometry import Size
from closeup.labels import PictureLabels
from closeup.media.images import IMAGE_SUFFIXES, read_image
from closeup.progress import Progress, Silent
from closeup.training.detection.samples import DetectionSet

_NAMED = 3
"""Number of pictures that a message names; the others are counted."""
_NO_LABELS = {"classes", "train", "val", "test"}
"""Text files that tools write among the labels."""


@dataclass(frozen=True, slots=True, eq=False)
class DetectionData:
    """The sets of a YAML file; no picture is in two of them.

    Attributes:
        train: Training pictures.
        val: Validation pictures, used during training.
        test: Pictures for the final test; None if the file names none.

    """

    train: DetectionSet
    val: DetectionSet
    test: DetectionSet | None


def read_detection_data(path: Path, progress: Progress | None = None) -> DetectionData:
    """Read a data set in Ultralytics' layout.

    Pictures that cannot be read are reported and left out; so are duplicates, within a set and of
    an earlier set (``train``, ``val``, ``test``), so that no training picture is used for
    validation. A picture without labels, or without a label file, is background. A ``test`` set
    without pictures or labels is reported and left out.

    Args:
        path: The YAML file.
        progress: Receives a report for each picture, and warnings; silent by default.

    Raises:
        InputError: the YAML file or a label is invalid, or ``train`` or ``val`` has no usable
            picture or no label.

    """
    progress = progress or Silent()
    dataset = read_yolo_dataset(path)
    seen: dict[str, tuple[str, Path]] = {}
    sets = {}
    for part in ("train", "val", "test"):
        if places := getattr(dataset, part):
            passed = PassedOver(progress)
            try:
                pictures = _pictures(path, part, places, progress, passed)
                read = _SplitReader(part, path, dataset, progress, passed).read(pictures, seen)
                _check(path, read, part)
            except _NothingThereError as error:
                if part != "test":
                    raise
                progress.say(f"{error}; training goes on without test pictures")
            else:
                sets[part] = read
    for part in ("train", "val"):
        _tell_missing_classes(sets[part], part, progress)
    return DetectionData(sets["train"], sets["val"], sets.get("test"))


class _NothingThereError(InputError):
    """A set has no picture or no label."""


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """A picture that can be read."""

    path: Path
    size: Size
    digest: str


class _SplitReader:
    """Reads one of the sets of a YAML file."""

    def __init__(
        self, name: str, yaml: Path, dataset: YoloDataset, progress: Progress, passed: PassedOver
    ) -> None:
        self._name, self._yaml, self._dataset = name, yaml, dataset
        self._progress, self._passed = progress, passed
        self._unlabelled = 0

    def read(self, paths: list[Path], seen: dict[str, tuple[str, Path]]) -> DetectionSet:
        """Read pictures and labels.

        Args:
            paths: The picture files.
            seen: Set and path of earlier pictures, by digest; the new ones are added.

        """
        self._progress.begin(f"checking the pictures of {self._name}", len(paths))
        kept, twice = [], []
        for found in self._readable(paths):
            if found.digest in seen:
                twice.append((found.path, *seen[found.digest]))
            else:
                seen[found.digest] = (self._name, found.path)
                kept.append(found)
        self._passed.say_sum(self._name)
        self._tell_twice(twice)
        read = [self._labels(found) for found in kept]
        labels = [own for own, _ in read]
        made = self._joined(kept, labels)
        self._refuse_points([form for _, repairs in read for form in repairs.outlines])
        self._tell_unused(paths)
        self._tell(made, labels, [repairs for _, repairs in read])
        return made

    def _readable(self, paths: list[Path]) -> Iterator[_Seen]:
        for found in ordered_map(_look, paths):
            self._progress.advance()
            if isinstance(found, _Seen):
                yield found
            else:
                self._passed.leave_out(f"{self._name}: {found}; it is left out", found.kind)

    def _labels(self, picture: _Seen) -> tuple[PictureLabels, LabelRepairs]:
        dataset, file = self._dataset, find_labels(picture.path)
        if file is None:
            self._unlabelled += 1
            return PictureLabels.none(dataset.points), LabelRepairs()
        return read_yolo_labels(
            file, picture.size, dataset.names, dataset.points, dataset.point_length
        )

    def _joined(self, kept: list[_Seen], labels: list[PictureLabels]) -> DetectionSet:
        sizes = np.array([found.size for found in kept], np.int64).reshape(-1, 2)
        owner = np.repeat(np.arange(len(kept)), [len(own) for own in labels])
        return DetectionSet(
            self._dataset.names,
            self._dataset.flip,
            tuple(found.path for found in kept),
            sizes,
            tuple(found.digest for found in kept),
            owner,
            PictureLabels.joined([PictureLabels.none(self._dataset.points), *labels]),
        )

    def _refuse_points(self, outlines: list[frozenset[tuple[int, int]]]) -> None:
        """Raise InputError if all outlines of the set could be key points of one form."""
        forms = frozenset.intersection(*outlines) if outlines else frozenset()
        if forms and not self._dataset.outlines:
            count, length = max(forms)
            raise InputError(
                f"{self._yaml}: labels of {self._name} look like boxes with {count} key points, "
                f"but there is no kpt_shape; add kpt_shape: [{count}, {length}], or task: segment "
                "if they are outlines"
            )

    def _tell_unused(self, paths: list[Path]) -> None:
        """Report label files beside used ones that have no picture."""
        used = {label_file(path) for path in paths}
        folders = {file.parent for file in used} - {path.parent for path in paths}
        there = {file for folder in folders if is_folder(folder) for file in folder.glob("*.txt")}
        alone = sorted(file for file in there - used if file.stem not in _NO_LABELS)
        if alone:
            self._progress.say(
                f"{self._name}: label files without a picture: {len(alone)}, such as {alone[0]}"
            )

    def _tell_twice(self, twice: list[tuple[Path, str, Path]]) -> None:
        if not twice:
            return
        named = ", ".join(
            f"{path.name} ({first.name} of {part})" for path, part, first in twice[:_NAMED]
        )
        more = f" and {len(twice) - _NAMED} more" if len(twice) > _NAMED else ""
        self._progress.say(f"{self._name}: left out as duplicates: {named}{more}")

    def _tell(
        self, made: DetectionSet, labels: list[PictureLabels], repairs: list[LabelRepairs]
    ) -> None:
        empty = sum(not len(own) for own in labels)
        background = f", {empty} of them background" if empty else ""
        if self._unlabelled:
            background += f" ({self._unlabelled} without a label file)"
        self._progress.say(
            f"{self._name}: {len(made)} pictures{background}, {len(made.owner)} boxes"
        )
        for count, what in (
            (
                sum(own.cut for own in repairs),
                "boxes clipped to their picture",
            ),
            (sum(own.repeated for own in repairs), "duplicate labels, which count once"),
            (sum(len(own.outlines) for own in repairs), "outlines, read as their boxes"),
        ):
            if count:
                self._progress.say(f"{self._name}: {what}: {count}")


def _look(path: Path) -> _Seen | ImageError:
    """Digest and size of a picture, or why it is unreadable; decoded, as files may be truncated."""
    try:
        image = read_image(path)
    except ImageError as error:
        return error
    digest = hashlib.sha256(repr(image.shape).encode())
    digest.update(np.ascontiguousarray(image).data)
    return _Seen(path, Size.of(image), digest.hexdigest()[:32])


def _pictures(
    yaml: Path, part: str, places: tuple[Path, ...], progress: Progress, passed: PassedOver
) -> list[Path]:
    """All pictures in folders and lists, each once.

    Other files but labels are counted; listed pictures that are missing are reported.
    """
    found: dict[Path, None] = {}
    for place in places:
        if is_folder(place):
            listing = list_folder(place, IMAGE_SUFFIXES)
            found.update(dict.fromkeys(listing.files))
            passed.add(
                {suffix: count for suffix, count in listing.others.items() if suffix != ".txt"}
            )
        elif place.suffix.lower() == ".txt" and is_file(place):
            found.update(dict.fromkeys(_listed(yaml, part, place, progress)))
        else:
            raise _NothingThereError(
                f"{yaml}: {part} names {place}, which is neither a folder nor a .txt list; "
                f"correct {part} or path"
            )
    if not found:
        raise _NothingThereError(f"{yaml}: no picture for {part} in {places[0]}; put some there")
    return list(found)


def _listed(yaml: Path, part: str, place: Path, progress: Progress) -> list[Path]:
    """The pictures of a list that exist."""
    pictures = read_image_list(place, *(p for p in place.parents if p.is_relative_to(yaml.parent)))
    missing = [picture for picture in pictures if not is_file(picture)]
    if len(missing) == len(pictures):
        raise _NothingThereError(
            f"{place}: none of its {len(pictures)} pictures is there, the first was looked for as "
            f"{missing[0]}; write names relative to {place.parent}"
        )
    if missing:
        progress.say(
            f"{part}: {len(missing)} of {len(pictures)} pictures that {place} names are not there, "
            f"such as {missing[0]}; left out"
        )
    return [picture for picture in pictures if is_file(picture)]


def _check(yaml: Path, samples: DetectionSet, part: str) -> None:
    """Raise an error if no picture or no label is left."""
    if not len(samples):
        raise _NothingThereError(
            f"{yaml}: no picture of {part} is left: all are damaged or in another set, too; "
            "give others"
        )
    if not len(samples.owner):
        raise _NothingThereError(
            f"{yaml}: no picture of {part} has a label; labels of {samples.paths[0].name} belong "
            f"into {label_file(samples.paths[0])}"
        )


def _tell_missing_classes(samples: DetectionSet, part: str, progress: Progress) -> None:
    there = set(samples.labels.classes.tolist())
    missing = [name for number, name in enumerate(samples.names) if number not in there]
    if missing:
        named = ", ".join(missing[:_NAMED]) + (" …" if len(missing) > _NAMED else "")
        what = "cannot be trained" if part == "train" else "cannot be evaluated"
        progress.say(f"{part}: no box of {named}, which {what}")
