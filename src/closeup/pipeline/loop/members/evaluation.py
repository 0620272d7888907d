"""Evaluation of the detectors of a loop on the held-out frames of a stage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from closeup.annotations import LabelVerdict
from closeup.detections import Detections
from closeup.drawing.colours import Colour
from closeup.drawing.marks import Mark, draw_marks
from closeup.errors import ImageError, InputError
from closeup.files.passed_over import PassedOver
from closeup.frames import RGBImage
from closeup.geometry import Size, iou
from closeup.labelling.shown_pictures import PictureReader
from closeup.labels import PictureLabels
from closeup.landmarks.warping import warped
from closeup.metrics.average_precision import average_precision
from closeup.pipeline.loop.loop_kind import Evaluation, HeldOutCase
from closeup.pipeline.loop.members.frames import frame_of
from closeup.pipeline.loop.members.labels import SAME_HEAD, FrameLabels, boxes_of
from closeup.pipeline.loop.members.truth import StageTruth
from closeup.progress import Progress
from closeup.protocols import MemberDetector
from closeup.similarity import Similarity
from closeup.store.label_records import StoredItem

LEAST = 0.01
"""Least score of boxes for the average precision."""
SHOWN = 0.25
"""Least score of a box that counts as found: the default of detectors in use."""

_DRAWS = 2000
_CASES = 12
_TILE = Size(240, 240)
_WIDTH = 4.0
"""Width of the part of a frame that is shown, in longer sides of the head."""
_TRUE: Colour = (60, 220, 90)
_FOUND: Colour = (255, 90, 70)
_NO_POINTS = np.empty((0, 2), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class HeldOutFrame:
    """A frame with its true heads.

    Attributes:
        item: The frame.
        labels: The members' heads in pixels; those that need not be found are marked as ignored.

    """

    item: StoredItem
    labels: PictureLabels


@dataclass(frozen=True, slots=True)
class HeadOutcome:
    """What became of a true head.

    Attributes:
        found: Name of the box that was found on it; None if there is none.
        score: Score of that box; of the best box with the right name, however low, if none was.

    """

    found: str | None
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class _SeenFrame:
    """A held-out frame with what a detector finds in it, and what the one before found."""

    frame: HeldOutFrame
    found: Detections
    before: Detections | None


@dataclass(frozen=True, slots=True, eq=False)
class _MeasuredHead:
    """A true head with its place among those of its frame, its name, and its outcomes."""

    seen: _SeenFrame
    row: int
    name: str
    now: HeadOutcome
    before: HeadOutcome | None

    @property
    def right(self) -> bool:
        return self.now.found == self.name

    @property
    def number(self) -> str:
        """What captions call the frame."""
        number = frame_of(self.seen.frame.item)
        return self.seen.frame.item.path if number is None else str(number)


def held_out_frames(
    items: Sequence[StoredItem], names: Sequence[str], truth: StageTruth | None
) -> list[HeldOutFrame]:
    """The held-out frames whose heads are known.

    Args:
        items: The held-out frames.
        names: Names of the members.
        truth: The truth; None for what people labelled by hand, in frames that they called
            complete.

    Raises:
        InputError: no frame has a head that is known.

    """
    known = [
        _by_hand(item, names) if truth is None else _true(item, names, truth) for item in items
    ]
    frames = [
        HeldOutFrame(item, labels)
        for item, labels in zip(items, known, strict=True)
        if labels is not None
    ]
    if not any((~frame.labels.ignored).any() for frame in frames):
        raise InputError(
            "no held-out frame has a labelled head, and models are measured on these; answer those "
            "of the round's queue, or give a table of heads with --test"
        )
    return frames


def evaluate_members(
    frames: Sequence[HeldOutFrame],
    reader: PictureReader,
    detector: MemberDetector,
    before: MemberDetector | None,
    progress: Progress,
) -> Evaluation:
    """Measure a detector on held-out frames.

    The figures are ``map50``, the mean average precision at an overlap of 0.5; ``right_name``, the
    share of the heads on which a box with their member's name is the best one; ``wrong_name``, the
    share on which it is another member's; and ``false_boxes``, boxes on no head per frame.

    Args:
        frames: One or more frames, with one or more heads; those that cannot be read are left out.
        reader: Reads them.
        detector: The detector; it must give boxes down to a score of :data:`LEAST`.
        before: The one of the round before, to show what was learnt; None without one.
        progress: Receives one stage and messages.

    Raises:
        InputError: no frame with a head can be read.

    """
    progress.begin("measuring on held-out frames", len(frames))
    passed, seen = PassedOver(progress, noun="frame"), list[_SeenFrame]()
    for frame in frames:
        try:
            image = reader.read(frame.item)
        except ImageError as error:
            passed.leave_out(f"{error}; nothing is measured on it", error.kind)
        else:
            earlier = None if before is None else before.detect(image)
            seen.append(_SeenFrame(frame, detector.detect(image), earlier))
        progress.advance()
    passed.say_sum()
    heads = [head for one in seen for head in _heads(one, detector.names)]
    if not heads:
        raise InputError("none of the held-out frames with a head can be read; restore them")
    return Evaluation(
        _figures(seen, heads, detector.names),
        _interval(heads),
        len(heads),
        list(_worst(heads, reader, detector.names)),
        [] if before is None else list(_taught(heads, reader, detector.names)),
        None if before is None else _agreement(heads),
    )


def _by_hand(item: StoredItem, names: Sequence[str]) -> PictureLabels | None:
    if item.verdict is not LabelVerdict.TRUE:
        return None
    heads = [own for own in FrameLabels.of(item).certain if own.annotation.name in names]
    classes = np.array([names.index(own.annotation.name) for own in heads], np.int64)
    return PictureLabels.of(boxes_of(heads), classes)


def _true(item: StoredItem, names: Sequence[str], truth: StageTruth) -> PictureLabels | None:
    heads = truth.heads(item)
    if heads is None:
        return None
    rows = [place for place, name in enumerate(heads.names) if name in names]
    return PictureLabels.of(
        heads.boxes[rows],
        np.array([names.index(heads.names[row]) for row in rows], np.int64),
        ignored=np.array([not heads.visible[row] for row in rows], np.bool_),
    )


def _heads(seen: _SeenFrame, names: Sequence[str]) -> Iterator[_MeasuredHead]:
    """The heads of a frame that count."""
    labels = seen.frame.labels
    for row in np.flatnonzero(~labels.ignored):
        now = _outcome(labels, row, seen.found, names)
        before = None if seen.before is None else _outcome(labels, row, seen.before, names)
        yield _MeasuredHead(seen, int(row), names[labels.classes[row]], now, before)


def _outcome(
    labels: PictureLabels, row: np.intp, found: Detections, names: Sequence[str]
) -> HeadOutcome:
    on_it = iou(labels.boxes[[row]], found.boxes)[0] >= SAME_HEAD
    shown = on_it & (found.scores >= SHOWN)
    if shown.any():
        best = int(np.where(shown, found.scores, -1).argmax())
        return HeadOutcome(names[found.classes[best]], float(found.scores[best]))
    own = on_it & (found.classes == labels.classes[row])
    return HeadOutcome(None, float(found.scores[own].max(initial=0.0)))


def _figures(
    seen: Sequence[_SeenFrame], heads: Sequence[_MeasuredHead], names: Sequence[str]
) -> dict[str, float]:
    false = [
        (one.found.scores >= SHOWN)
        & ~(iou(one.found.boxes, one.frame.labels.boxes) >= SAME_HEAD).any(axis=1)
        for one in seen
    ]
    found, labels = [one.found for one in seen], [one.frame.labels for one in seen]
    return {
        "map50": average_precision(found, labels, names).map50,
        "right_name": float(np.mean([head.right for head in heads])),
        "wrong_name": float(np.mean([head.now.found not in (None, head.name) for head in heads])),
        "false_boxes": float(np.mean([own.sum() for own in false])),
    }


def _interval(heads: Sequence[_MeasuredHead]) -> tuple[float, float]:
    """95 % interval of the share of heads with the right name, by drawing frames anew."""
    _, places = np.unique([head.seen.frame.item.id for head in heads], return_inverse=True)
    counts = np.bincount(places)
    hits = np.bincount(places, weights=[head.right for head in heads])
    drawn = np.random.default_rng(0).integers(len(counts), size=(_DRAWS, len(counts)))
    shares = hits[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.quantile(shares, [0.025, 0.975]).tolist()
    return low, high


def _worst(
    heads: Sequence[_MeasuredHead], reader: PictureReader, names: Sequence[str]
) -> Iterator[HeldOutCase]:
    """Heads with a wrong name, the surest first, then missed ones, the least seen first."""
    wrong = [head for head in heads if head.now.found not in (None, head.name)]
    missed = [head for head in heads if head.now.found is None]
    wrong.sort(key=lambda head: -head.now.score)
    missed.sort(key=lambda head: head.now.score)
    for head in [*wrong, *missed][:_CASES]:
        said = f"called {head.now.found}" if head.now.found else "missed"
        caption = f"frame {head.number}: {head.name} {said} ({head.now.score:.2f})"
        yield HeldOutCase(_drawn(head, reader, names), caption)


def _taught(
    heads: Sequence[_MeasuredHead], reader: PictureReader, names: Sequence[str]
) -> Iterator[HeldOutCase]:
    """Heads that only this detector gives their name, the surest first."""
    rows = [head for head in heads if head.right and head.before and head.before.found != head.name]
    rows.sort(key=lambda head: -head.now.score)
    for head in rows[:_CASES]:
        before = head.before.found if head.before else None
        said = f"called {before}" if before else "missed"
        caption = f"frame {head.number}: {head.name}, {said} before ({head.now.score:.2f})"
        yield HeldOutCase(_drawn(head, reader, names), caption)


def _agreement(heads: Sequence[_MeasuredHead]) -> float:
    """Share of the heads on which the same name was found as before, or again none."""
    return float(np.mean([head.before and head.before.found == head.now.found for head in heads]))


def _drawn(head: _MeasuredHead, reader: PictureReader, names: Sequence[str]) -> RGBImage:
    """The surroundings of a head: the truth in green, what was found in red."""
    box, found = head.seen.frame.labels.boxes[head.row].reshape(2, 2), head.seen.found
    scale = _TILE.width / (_WIDTH * float(np.ptp(box, axis=0).max()))
    shift = (np.array(_TILE) - 1) / 2 - scale * box.mean(axis=0)
    place = Similarity(np.column_stack([scale * np.eye(2), shift]))
    shown = found[found.scores >= SHOWN]
    boxes = [box, *shown.boxes.reshape(-1, 2, 2)]
    titles = [head.name, *(names[number] for number in shown.classes)]
    colours = [_TRUE, *(_FOUND for _ in shown.boxes)]
    marks = [
        Mark(place.apply(own.astype(np.float64)).reshape(4), _NO_POINTS, title, colour=colour)
        for own, title, colour in zip(boxes, titles, colours, strict=True)
    ]
    image = reader.read(head.seen.frame.item)
    return draw_marks(warped(image, place, _TILE, fill=None), marks)
