"""From the labels of a loop to a set that a detector of members is trained on."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from closeup.errors import ImageError, InputError
from closeup.fancam.face_from_body import upper_bodies
from closeup.files.passed_over import PassedOver
from closeup.formats.yolo_dataset import YoloDataset, write_yolo_dataset
from closeup.formats.yolo_labels import label_file, write_yolo_labels
from closeup.frames import RGBImage
from closeup.geometry import Boxes, Size, areas, centres_of, clipped, scaled, sides_of
from closeup.labelling.shown_pictures import PictureReader
from closeup.labels import PictureLabels
from closeup.media.images import write_image
from closeup.pipeline.fancams.member_pictures import hide_some, without_doubtful
from closeup.pipeline.loop.members.frames import stretches
from closeup.pipeline.loop.members.labels import FrameLabels, boxes_of, is_by_hand, score_of
from closeup.pipeline.loop.members.proposals import is_by_model
from closeup.progress import Progress
from closeup.store.label_records import StoredItem, StoredLabel

DATA = "members.yaml"
BY_HAND, CALLED_TRUE, TRUSTED = "by hand", "called true", "trusted proposals"
"""Sources of labels."""

_VALIDATED, _PARTS = 0.15, 10
"""Share of the frames on which the best epoch is chosen, in stretches."""
_FEWEST = 4
"""Frames with labels, of which one at least is for validation."""
_FARTHEST = 3.0
"""Largest distance between a head in the frames before and after, in sides, to guess it between."""
_QUALITY = 92
_DOUBTED = {False: 0.05, True: 0.25}
"""Whether a trained detector proposed a box → least score with which it may be a member's."""


@dataclass(frozen=True, slots=True)
class SampleOptions:
    """What is learnt from.

    Attributes:
        side: Longer side of the pictures in pixels; never larger than the frames.
        trusted: Least score of a face's name that is learnt without a verdict; None for none.
            Names of trained detectors are never learnt without one.
        partial: Whether frames are used whose labels may be incomplete.
        grey: Whether heads in such frames of which nobody knows whose they are get painted over;
            else they are background.
        hide: Whether some heads are painted over, so that clothes are learnt, too.

    """

    side: int = 720
    trusted: float | None = 0.98
    partial: bool = True
    grey: bool = True
    hide: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class MemberSample:
    """A frame to learn from.

    Attributes:
        item: The frame.
        labels: Its certain heads, in the frame's pixels.
        sources: Where each of them comes from.
        doubtful: (k, 4) heads of which nobody knows whose they are, in the frame's pixels.

    """

    item: StoredItem
    labels: PictureLabels
    sources: tuple[str, ...]
    doubtful: Boxes


def choose_samples(
    frames: Sequence[StoredItem], names: Sequence[str], options: SampleOptions
) -> list[MemberSample]:
    """Sort the labels of frames into what is certain and what is doubtful.

    A frame whose labels are complete is used as it is, also without a head. Of another frame its
    certain heads are learnt. Doubtful in it are likely heads without a verdict, faces whose name
    was called false, which may be another member's, boxes that people were unsure of, and places
    at which a head is to be expected, since the frames before and after have it. A box of a
    trained detector that was called false is background.

    Args:
        frames: The frames in the order of time.
        names: Names of the members.
        options: What is learnt from.

    Returns:
        The frames that are used, in order.

    """
    known = [_sorted(frame, names, options) for frame in frames]
    samples = []
    for place, sample in enumerate(known):
        if FrameLabels.of(sample.item).complete:
            samples.append(sample)
        elif options.partial and len(sample.labels):
            around = [
                own
                for own in known[max(place - 1, 0) : place + 2]
                if abs(own.item.place - sample.item.place) == 1
            ]
            expected = _expected(sample, *around) if len(around) == len(("before", "after")) else ()
            doubtful = np.concatenate([sample.doubtful, np.array(expected).reshape(-1, 4)])
            samples.append(
                MemberSample(
                    sample.item,
                    sample.labels,
                    sample.sources,
                    np.asarray(doubtful if options.grey else doubtful[:0], np.float32),
                )
            )
    return samples


def write_samples(
    folder: Path,
    samples: Sequence[MemberSample],
    reader: PictureReader,
    names: Sequence[str],
    options: SampleOptions,
    progress: Progress,
) -> Path:
    """Write a set in Ultralytics' layout, unless it is there already.

    Args:
        folder: Folder of the set; what an interrupted call left in it is replaced.
        samples: The frames in the order of time.
        reader: Reads them.
        names: Names of the members.
        options: Size of the pictures, and what is painted over.
        progress: Receives one stage and messages.

    Returns:
        The YAML file.

    Raises:
        InputError: there are too few frames with labels.
        OutputError: a file cannot be written.

    """
    if (folder / DATA).exists():
        return folder / DATA
    shutil.rmtree(folder, ignore_errors=True)
    labelled = sum(len(sample.labels) > 0 for sample in samples)
    if labelled < _FEWEST:
        raise InputError(
            f"{labelled} frames have a box that is certain, and a detector needs {_FEWEST} at "
            "least; judge proposals or draw boxes first"
        )
    progress.begin("writing labelled frames", len(samples))
    passed = PassedOver(progress, noun="frame")
    for sample, is_val in zip(samples, _validated(samples), strict=True):
        path = folder / "images" / ("val" if is_val else "train") / f"{sample.item.id:06d}.jpg"
        try:
            _write(path, sample, reader.read(sample.item), options, hide=not is_val)
        except ImageError as error:
            passed.leave_out(str(error), error.kind)
        progress.advance()
    passed.say_sum()
    parts = (folder / "images" / "train",), (folder / "images" / "val",)
    write_yolo_dataset(folder / DATA, YoloDataset(tuple(names), *parts))
    return folder / DATA


def count_sources(samples: Sequence[MemberSample]) -> Mapping[str, int]:
    """Number of boxes from each source, the most certain source first."""
    counts = Counter(source for sample in samples for source in sample.sources)
    return {source: counts[source] for source in (BY_HAND, CALLED_TRUE, TRUSTED) if counts[source]}


def _sorted(item: StoredItem, names: Sequence[str], options: SampleOptions) -> MemberSample:
    known = FrameLabels.of(item)
    trusted = [label for label in known.pending if _is_trusted(label, options.trusted)]
    pending = [label for label in known.pending if label not in trusted]
    certain = [label for label in (*known.certain, *trusted) if label.annotation.name in names]
    wrong = [label for label in known.false if not is_by_model(label)]
    doubted = [label for label in pending if score_of(label) >= _DOUBTED[is_by_model(label)]]
    boxes = boxes_of(certain)
    if item.size is not None:
        boxes = clipped(boxes, item.size)
    classes = np.array([names.index(label.annotation.name) for label in certain], np.int64)
    there = areas(boxes) > 0
    return MemberSample(
        item,
        PictureLabels.of(boxes[there], classes[there]),
        tuple(_source(label, known) for label, kept in zip(certain, there, strict=True) if kept),
        boxes_of([] if known.complete else [*doubted, *known.unknown, *wrong]),
    )


def _is_trusted(label: StoredLabel, least: float | None) -> bool:
    return least is not None and not is_by_model(label) and score_of(label) >= least


def _source(label: StoredLabel, known: FrameLabels) -> str:
    if is_by_hand(label):
        return BY_HAND
    return CALLED_TRUE if label in known.certain else TRUSTED


def _expected(sample: MemberSample, before: MemberSample, after: MemberSample) -> Boxes:
    """Heads that are in the frames before and after, and not in this one."""
    found = []
    for number in set(before.labels.classes) & set(after.labels.classes):
        if number in sample.labels.classes:
            continue
        ends = [own.labels.boxes[own.labels.classes == number][:1] for own in (before, after)]
        first, last = ends
        distance = np.linalg.norm(centres_of(first) - centres_of(last))
        if distance <= _FARTHEST * sides_of(first).max():
            found.append((first + last) / 2)
    return np.concatenate(found) if found else np.empty((0, 4), np.float32)


def _validated(samples: Sequence[MemberSample]) -> list[bool]:
    """Which frames are for validation: stretches of those with labels, and none without."""
    labelled = [place for place, sample in enumerate(samples) if len(sample.labels)]
    chosen = stretches(len(labelled), min(_PARTS, len(labelled) // 2), _VALIDATED)
    places = {place for place, is_val in zip(labelled, chosen, strict=True) if is_val}
    return [place in places for place in range(len(samples))]


def _write(
    path: Path, sample: MemberSample, image: RGBImage, options: SampleOptions, *, hide: bool
) -> None:
    size = Size.of(image)
    inner = size.fitted(min(options.side, max(size)))
    scale = inner.width / size.width
    image = np.asarray(cv2.resize(image, inner, interpolation=cv2.INTER_AREA), np.uint8)
    heads, doubtful = scaled(sample.labels.boxes, scale), scaled(sample.doubtful, scale)
    bodies = [upper_bodies(boxes, inner) for boxes in (doubtful, heads)]
    image = without_doubtful(image, *bodies)
    if hide and options.hide:
        hide_some(image, heads, np.random.default_rng(sample.item.id))
    labels = PictureLabels.of(heads, sample.labels.classes)
    write_yolo_labels(label_file(path), labels, inner)
    write_image(path, image, _QUALITY)
