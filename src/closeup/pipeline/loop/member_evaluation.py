"""Evaluation of the detectors of a loop on the held-out frames of a stage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.annotations import LabelVerdict
from closeup.detections import Detections
from closeup.drawing.colours import Colour
from closeup.drawing.marks import Mark, draw_marks
from closeup.errors import InputError
from closeup.frames import RGBImage
from closeup.geometry import Size, iou
from closeup.labelling.project import LabelProject
from closeup.labels import PictureLabels
from closeup.landmarks.warping import warped
from closeup.metrics.average_precision import average_precision
from closeup.pipeline.loop.loop_kind import Evaluation, HeldOutCase
from closeup.pipeline.loop.member_frames import frame_of
from closeup.pipeline.loop.member_labels import SAME_HEAD, FrameLabels, boxes_of
from closeup.pipeline.loop.member_truth import StageTruth
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


@dataclass(frozen=True, slots=True, eq=False)
class HeldOutFrame:
    """A frame with its true heads.

    Attributes:
        item: The frame.
        image: Its pixels.
        labels: The members' heads in pixels; those that need not be found are marked as ignored.

    """

    item: StoredItem
    image: RGBImage
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


def held_out_frames(
    project: LabelProject,
    items: Sequence[StoredItem],
    names: Sequence[str],
    truth: StageTruth | None,
    progress: Progress,
) -> list[HeldOutFrame]:
    """The held-out frames whose heads are known.

    Args:
        project: The store and its pictures.
        items: The held-out frames.
        names: Names of the members.
        truth: The truth; None for what people labelled by hand, in frames that they called
            complete.
        progress: Receives one stage.

    Raises:
        InputError: no frame has a head that is known.

    """
    progress.begin("reading held-out frames", len(items))
    frames = []
    for item in items:
        progress.advance()
        labels = _by_hand(item, names) if truth is None else _true(item, names, truth)
        if labels is not None:
            frames.append(HeldOutFrame(item, project.pictures.read(item), labels))
    if not any((~frame.labels.ignored).any() for frame in frames):
        raise InputError(
            "no held-out frame has a labelled head, and models are measured on these; answer those "
            "of the round's queue, or give a table of heads with --test"
        )
    return frames


def evaluate_members(
    frames: Sequence[HeldOutFrame],
    detector: MemberDetector,
    before: MemberDetector | None,
    progress: Progress,
) -> Evaluation:
    """Measure a detector on held-out frames.

    The figures are ``map50``, the mean average precision at an overlap of 0.5; ``right_name``, the
    share of the heads on which a box with their member's name is the best one; ``wrong_name``, the
    share on which it is another member's; and ``false_boxes``, boxes on no head per frame.

    Args:
        frames: One or more frames, with one or more heads.
        detector: The detector; it must give boxes down to a score of :data:`LEAST`.
        before: The one of the round before, to show what was learnt; None without one.
        progress: Receives one stage.

    """
    progress.begin("measuring on held-out frames", len(frames))
    found, earlier = [], []
    for frame in frames:
        found.append(detector.detect(frame.image))
        earlier.append(None if before is None else before.detect(frame.image))
        progress.advance()
    names = detector.names
    outcomes = [_outcomes(f.labels, own, names) for f, own in zip(frames, found, strict=True)]
    past = [
        _outcomes(frame.labels, own, names)
        for frame, own in zip(frames, earlier, strict=True)
        if own is not None
    ]
    return Evaluation(
        _figures(frames, found, outcomes, names),
        _interval(
            [(row, own.found == name) for row, _, name, own in _judged(frames, outcomes, names)]
        ),
        sum(int((~frame.labels.ignored).sum()) for frame in frames),
        list(_worst(frames, found, outcomes, names))[:_CASES],
        list(_taught(frames, found, past, outcomes, names))[:_CASES] if past else (),
        _agreement(past, outcomes) if past else None,
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


def _outcomes(
    labels: PictureLabels, found: Detections, names: Sequence[str]
) -> list[HeadOutcome | None]:
    """The outcome of each true head; None for one that is ignored."""
    overlaps = iou(labels.boxes, found.boxes) >= SAME_HEAD
    shown = overlaps & (found.scores >= SHOWN)
    outcomes: list[HeadOutcome | None] = []
    for row, number in enumerate(labels.classes):
        own = overlaps[row] & (found.classes == number)
        if labels.ignored[row]:
            outcomes.append(None)
        elif shown[row].any():
            best = int(np.where(shown[row], found.scores, -1).argmax())
            outcomes.append(HeadOutcome(names[found.classes[best]], float(found.scores[best])))
        else:
            outcomes.append(HeadOutcome(None, float(found.scores[own].max(initial=0.0))))
    return outcomes


def _figures(
    frames: Sequence[HeldOutFrame],
    found: Sequence[Detections],
    outcomes: Sequence[Sequence[HeadOutcome | None]],
    names: Sequence[str],
) -> dict[str, float]:
    judged = list(_judged(frames, outcomes, names))
    right = np.mean([own.found == name for _, _, name, own in judged])
    wrong = np.mean([own.found not in (None, name) for _, _, name, own in judged])
    false = [
        (found.scores >= SHOWN) & ~(iou(found.boxes, frame.labels.boxes) >= SAME_HEAD).any(axis=1)
        for frame, found in zip(frames, found, strict=True)
    ]
    return {
        "map50": _map50(frames, found, names),
        "right_name": float(right),
        "wrong_name": float(wrong),
        "false_boxes": float(np.mean([own.sum() for own in false])),
    }


def _judged(
    frames: Sequence[HeldOutFrame],
    outcomes: Sequence[Sequence[HeadOutcome | None]],
    names: Sequence[str],
) -> Iterator[tuple[int, int, str, HeadOutcome]]:
    """Frame, head, true name and outcome of all heads that count."""
    for place, (frame, heads) in enumerate(zip(frames, outcomes, strict=True)):
        for row, outcome in enumerate(heads):
            if outcome is not None:
                yield place, row, names[frame.labels.classes[row]], outcome


def _map50(
    frames: Sequence[HeldOutFrame], found: Sequence[Detections], names: Sequence[str]
) -> float:
    return average_precision(found, [frame.labels for frame in frames], names).map50


def _interval(rows: Sequence[tuple[int, bool]]) -> tuple[float, float]:
    """95 % interval of a share, by drawing frames with replacement.

    Args:
        rows: Number of the frame, and whether it is right, of each head.

    """
    places, right = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    heads, hits = np.bincount(places), np.bincount(places, weights=right)
    drawn = np.random.default_rng(0).integers(len(heads), size=(_DRAWS, len(heads)))
    shares = hits[drawn].sum(axis=1) / np.maximum(heads[drawn].sum(axis=1), 1)
    low, high = np.quantile(shares, [0.025, 0.975]).tolist()
    return low, high


def _worst(
    frames: Sequence[HeldOutFrame],
    found: Sequence[Detections],
    outcomes: Sequence[Sequence[HeadOutcome | None]],
    names: Sequence[str],
) -> Iterator[HeldOutCase]:
    """Heads with a wrong name, the surest first, then missed ones, the least seen first."""
    bad = [row for row in _judged(frames, outcomes, names) if row[3].found != row[2]]
    bad.sort(
        key=lambda row: (row[3].found is None, -row[3].score if row[3].found else row[3].score)
    )
    for place, head, name, outcome in bad:
        said = f"called {outcome.found}" if outcome.found else "missed"
        caption = f"frame {_number(frames[place])}: {name} {said} ({outcome.score:.2f})"
        yield HeldOutCase(_drawn(frames[place], head, found[place], names), caption)


def _taught(
    frames: Sequence[HeldOutFrame],
    found: Sequence[Detections],
    past: Sequence[Sequence[HeadOutcome | None]],
    outcomes: Sequence[Sequence[HeadOutcome | None]],
    names: Sequence[str],
) -> Iterator[HeldOutCase]:
    """Heads that only this detector gives their name, the surest first."""
    rows = [row for row in _judged(frames, outcomes, names) if row[3].found == row[2]]
    rows.sort(key=lambda row: -row[3].score)
    for place, head, name, outcome in rows:
        before = past[place][head]
        if before is not None and before.found != name:
            said = f"called {before.found}" if before.found else "missed"
            caption = f"frame {_number(frames[place])}: {name}, {said} before ({outcome.score:.2f})"
            yield HeldOutCase(_drawn(frames[place], head, found[place], names), caption)


def _agreement(
    past: Sequence[Sequence[HeadOutcome | None]], outcomes: Sequence[Sequence[HeadOutcome | None]]
) -> float:
    """Share of the heads on which the same name was found as before, or again none."""
    same = [
        one.found == other.found
        for before, now in zip(past, outcomes, strict=True)
        for one, other in zip(before, now, strict=True)
        if one is not None and other is not None
    ]
    return float(np.mean(same))


def _number(frame: HeldOutFrame) -> str:
    number = frame_of(frame.item)
    return frame.item.path if number is None else str(number)


def _drawn(frame: HeldOutFrame, head: int, found: Detections, names: Sequence[str]) -> RGBImage:
    """The surroundings of a head: the truth in green, what was found in red."""
    no_points = np.empty((0, 2), np.float32)
    box = frame.labels.boxes[head]
    name = names[frame.labels.classes[head]]
    scale = _TILE.width / (_WIDTH * float(np.ptp(box.reshape(2, 2), axis=0).max()))
    middle = box.reshape(2, 2).mean(axis=0)
    shift = (np.array(_TILE) - 1) / 2 - scale * middle
    place = Similarity(np.column_stack([scale * np.eye(2), shift]))
    marks = [Mark(_moved(box, place), no_points, name, colour=_TRUE)]
    for own, score, number in zip(found.boxes, found.scores, found.classes, strict=True):
        if score >= SHOWN:
            marks.append(Mark(_moved(own, place), no_points, names[number], colour=_FOUND))
    return draw_marks(warped(frame.image, place, _TILE, fill=None), marks)


def _moved(box: NDArray[np.floating], place: Similarity) -> NDArray[np.floating]:
    return place.apply(box.reshape(2, 2).astype(np.float64)).reshape(4)
