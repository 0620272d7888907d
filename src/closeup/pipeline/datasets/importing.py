"""Imports public data sets of faces and eyes into one format that all later steps read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from closeup.errors import InputError, one_line
from closeup.files.atomic import claiming
from closeup.files.folders import is_folder, named_file, refuse_replacing
from closeup.formats.dataset_folder import DOCUMENT, LABELS, Contents, Dataset, write_dataset
from closeup.formats.label_format import LabelFormat
from closeup.labels import FIVE_POINTS, FaceLabel
from closeup.landmarks.five_points import five_points
from closeup.pipeline.datasets.labelled_folders import bioid, lfw, tell_few, three_hundred_w
from closeup.pipeline.datasets.pupil_videos import lpw
from closeup.pipeline.datasets.set_kinds import FACTS, FORMATS, SetKind
from closeup.progress import Progress, Silent

EVERY = 20
"""Step between LPW's 95 frames per second: nearly five per second, and hardly two alike."""

_SIXTY_EIGHT = [f"p{i}" for i in range(68)]
_LONGEST = 200
"""Characters of a name that a message shows."""


def import_dataset(
    kind: SetKind | LabelFormat,
    source: Path | str,
    out: Path | str,
    *,
    images: Path | str | None = None,
    every: int = EVERY,
    progress: Progress | None = None,
) -> Dataset:
    """Read a set's labels and write ``labels.csv`` and ``dataset.json``; pictures stay in place.

    Args:
        kind: What ``source`` is: a known set or format, or a format of your own.
        source: A folder for ``bioid``, ``300w``, ``lfw`` and ``lpw``, else a file.
        out: Folder for the results; for ``lpw`` also for its frames, in ``images``.
        images: For kinds with a label file, the folder that picture names are relative to;
            None for the file's folder.
        every: For ``lpw``: use every ``every``-th frame.
        progress: Receives stages, and messages for what is left out; silent if None.

    Returns:
        The data set that was written.

    Raises:
        InputError: the source is missing, damaged or of another kind, or no label's picture
            exists.
        PartError: a format of your own did not return face labels.
        ValueError: no set and no format has the name ``kind``.
        OutputError: the results cannot be written, or would overwrite the source.

    """
    source, out, progress = Path(source), Path(out), progress or Silent()
    known = kind if isinstance(kind, LabelFormat) else FORMATS.get(kind) or SetKind(kind)
    root = Path(images) if images else _root(known, source, out)
    if images and not is_folder(root):
        raise InputError(f"{root}: no such folder of pictures; check the name after --images")
    for name in (LABELS, DOCUMENT):
        refuse_replacing(out / name, {source.resolve()})
    with claiming(out):
        labels = [_with_five(label) for label in _read(known, source, root, every, progress)]
        if not labels:
            raise InputError(f"{source}: no face in it; give a file with labels of faces")
        present = _with_pictures(labels, source, root, progress)
        facts = known if isinstance(known, LabelFormat) else FACTS[known]
        dataset = Dataset(
            tuple(present), root.resolve(), str(known), _contents(present),
            str(source.resolve()), facts.terms, facts.convention,
        )  # fmt: skip
        write_dataset(out.resolve(), dataset)
    return dataset


def _root(known: SetKind | LabelFormat, source: Path, out: Path) -> Path:
    if known is SetKind.LPW:
        return out / "images"
    return source.parent if isinstance(known, LabelFormat) else source


def _read(
    known: SetKind | LabelFormat, source: Path, root: Path, every: int, progress: Progress
) -> list[FaceLabel]:
    match known:
        case LabelFormat():
            return known.read(source, progress)
        case SetKind.BIOID:
            return bioid(source, progress)
        case SetKind.THREE_HUNDRED_W:
            return three_hundred_w(source, progress)
        case SetKind.LFW:
            return lfw(source, progress)
        case SetKind.LPW:
            return lpw(source, root, every, progress)
        case _:
            raise AssertionError(f"{known} is in FORMATS")


def _with_five(label: FaceLabel) -> FaceLabel:
    """Add the five named points to a face that has the standard 68 points."""
    if not label.points.keys() >= set(_SIXTY_EIGHT) or label.points.keys() & set(FIVE_POINTS):
        return label
    numbered = np.array([[label.points[name] for name in _SIXTY_EIGHT]], np.float32)
    five = five_points(numbered)[0].astype(np.float64).tolist()
    named = {name: (x, y) for name, (x, y) in zip(FIVE_POINTS, five, strict=True)}
    return replace(label, points={**named, **label.points})


def _with_pictures(
    labels: Sequence[FaceLabel], source: Path, root: Path, progress: Progress
) -> list[FaceLabel]:
    """Labels whose picture exists, named relative to ``root``; the others are reported.

    Raises:
        InputError: no picture exists.

    """
    progress.begin("looking for the pictures", len(labels))
    places: dict[str, str | None] = {}
    present = []
    for label in labels:
        progress.advance()
        if label.image not in places:
            places[label.image] = _place(label.image, root)
        place = places[label.image]
        if place is not None:
            present.append(replace(label, image=place))
    missing = [_shown(image) for image, place in places.items() if place is None]
    if not present:
        raise InputError(
            f"{source}: none of its pictures is in {root}, the first was looked for as "
            f"{root / missing[0]}; name their folder with --images, or write names relative to it"
        )
    tell_few([f"{image}: no such picture below {root}; left out" for image in missing], progress)
    return present


def _place(image: str, root: Path) -> str | None:
    """The path below ``root`` with forward slashes; None if there is no such picture."""
    path = named_file(root, image)
    if path is None or not _is_text(path):
        return None
    bases = [base for base in (root, root.absolute(), root.resolve()) if path.is_relative_to(base)]
    return path.relative_to(bases[0]).as_posix() if bases else None


def _is_text(path: Path) -> bool:
    """Whether a path can be written to a CSV file in UTF-8."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown(name: str) -> str:
    return one_line(name[:_LONGEST].encode("utf-8", "backslashreplace").decode())


def _contents(labels: list[FaceLabel]) -> Contents:
    if any("pupil" in label.points for label in labels):
        return Contents.EYE_CROPS
    return Contents.LANDMARKS if any(label.points for label in labels) else Contents.FACES
