"""From the tracker's records to tracklets that each show one person only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from closeup.embedding_calibration import SplitDistances
from closeup.geometry import centres_of, heights_of
from closeup.tracking.clothes import BINS
from closeup.tracks import PositionSource, Tracklet

_GROUP = 3
_BESIDE = 1.0
"""Distance of two heads, in heights of the larger one, in which one may hide the other."""
_CLEAR = 0.4
"""Minimum weight of an embedding that may split a tracklet; blurred and profile faces have less."""


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """All records of an analysis.

    Attributes:
        observations: (n,) of dtype OBSERVATION, boxes in source pixels.
        clothes: Arrays of dtype CLOTHES, which are read one after the other: all of them together
            would take most of the memory of a long video.
        embeddings: (m, d) float32.
        embedded: (m,) of dtype EMBEDDED, the frame, head and weight of each embedding.

    """

    observations: NDArray[np.void]
    clothes: Iterable[NDArray[np.void]]
    embeddings: NDArray[np.float32]
    embedded: NDArray[np.void]


EMBEDDED = np.dtype([("frame", np.int64), ("head", np.int64), ("weight", np.float32)])
"""Frame and head of the face that an embedding was made from, and its weight (0..1)."""


def build_tracklets(
    evidence: Evidence,
    cuts: Sequence[int],
    frame_count: int,
    split: SplitDistances,
    longest_gap: int | None = None,
) -> list[Tracklet]:
    """Tracklets in order of their first frame; the index in the list is the tracklet's id.

    A head is split into several tracklets at cuts, and where its embeddings show a change to
    another person. Unconfirmed positions are dropped, and drift of the flow is corrected as
    soon as a detection shows it.

    Args:
        evidence: Records of the analysis.
        cuts: Index of the first frame of every shot but the first, ascending.
        frame_count: Number of frames in the video.
        split: Largest distances between embeddings of one person.
        longest_gap: Most missing frames between two rows of a tracklet; None for any number. A
            head that was lost for longer may have been found on another person.

    """
    ends = {*cuts, frame_count}
    passages = _Passages(evidence.observations)
    runs = [
        _undrifted(piece)
        for rows in _by_head(evidence.observations)
        for part in _shots(rows, cuts, ends)
        for run in _split_at(part, sorted({*_changes(part, evidence, split), *passages.ends(part)}))
        if _seen(run)
        for piece in _split_at(_trusted(run), _after_gaps(_trusted(run), longest_gap))
        if _seen(piece)
    ]
    runs.sort(key=lambda run: (run["frame"][0], run["head"][0]))
    worn = _worn(runs, evidence.clothes)
    return [_tracklet(i, run, evidence, worn[i]) for i, run in enumerate(runs)]


def _seen(run: NDArray[np.void]) -> bool:
    return bool((run["source"] == PositionSource.DETECTED).any())


def _after_gaps(run: NDArray[np.void], longest_gap: int | None) -> list[int]:
    """Frames of a run before which more than ``longest_gap`` frames are missing."""
    if longest_gap is None:
        return []
    return [int(frame) for frame in run["frame"][1:][np.diff(run["frame"]) - 1 > longest_gap]]


def _by_head(rows: NDArray[np.void]) -> Iterator[NDArray[np.void]]:
    """The rows of each head in time order, one row a frame."""
    if not len(rows):
        return
    rows = rows[np.lexsort((rows["frame"], rows["head"]))]
    same = (rows["head"][1:] == rows["head"][:-1]) & (rows["frame"][1:] == rows["frame"][:-1])
    rows = rows[np.append(~same, True)]
    yield from np.split(rows, np.flatnonzero(np.diff(rows["head"])) + 1)


def _split_at(rows: NDArray[np.void], frames: Sequence[int]) -> list[NDArray[np.void]]:
    places = np.searchsorted(rows["frame"], frames)
    return [part for part in np.split(rows, np.unique(places)) if len(part)]


def _changes(rows: NDArray[np.void], evidence: Evidence, split: SplitDistances) -> list[int]:
    """Frames at which the embeddings of a run change to another person."""
    mine = _of_run(evidence.embedded, rows)
    mine = mine[evidence.embedded["weight"][mine] >= _CLEAR]
    places = _split_points(evidence.embeddings[mine], split)
    return [int(frame) for frame in evidence.embedded["frame"][mine[places]]]


class _Passages:
    """Passages in which a head was hidden beside another: the tracker may have changed heads.

    Args:
        observations: All rows of the analysis.

    """

    def __init__(self, observations: NDArray[np.void]) -> None:
        rows = np.sort(observations, order="frame")
        self._rows, self._frames = rows, rows["frame"]
        self._keys = np.unique(rows["frame"][rows["source"] == PositionSource.DETECTED])

    def ends(self, run: NDArray[np.void]) -> list[int]:
        """Frames of a run in which the face is found again after such a passage."""
        seen = run["frame"][run["source"] == PositionSource.DETECTED]
        missed = np.diff(np.searchsorted(self._keys, seen)) > 1
        return [
            int(after)
            for before, after in zip(seen[:-1][missed], seen[1:][missed], strict=True)
            if self._beside_another(run, before, after)
        ]

    def _beside_another(self, run: NDArray[np.void], before: int, after: int) -> bool:
        low, high = np.searchsorted(self._frames, (before, after + 1))
        near = self._rows[low:high]
        near = near[near["head"] != run["head"][0]]
        own = run[(run["frame"] >= before) & (run["frame"] <= after)]
        places = np.searchsorted(own["frame"], near["frame"], side="right") - 1
        boxes = own["box"][places]
        apart = np.linalg.norm(centres_of(near["box"]) - centres_of(boxes), axis=1)
        return bool(
            (apart < _BESIDE * np.maximum(heights_of(boxes), heights_of(near["box"]))).any()
        )


def _split_points(vectors: NDArray[np.float32], split: SplitDistances) -> list[int]:
    """Indices at which a sequence of vectors (n, d) changes to another person."""
    if len(vectors) < 2:
        return []
    excess = [
        _excess(vectors[max(0, i - _GROUP) : i], vectors[i : i + _GROUP], split)
        for i in range(1, len(vectors))
    ]
    widest = int(np.argmax(excess))
    if excess[widest] <= 0:
        return []
    middle = widest + 1
    right = [middle + place for place in _split_points(vectors[middle:], split)]
    return [*_split_points(vectors[:middle], split), middle, *right]


def _excess(
    before: NDArray[np.float32], after: NDArray[np.float32], split: SplitDistances
) -> float:
    """Distance between the means of two groups of vectors, minus the limit for one person."""
    limit = split.limit(min(len(before), len(after)))
    return float(np.linalg.norm(before.mean(axis=0) - after.mean(axis=0))) - limit


def _of_run(table: NDArray[np.void], run: NDArray[np.void]) -> NDArray[np.int64]:
    """Rows of ``table`` that belong to the head and the frames of a run."""
    inside = (table["frame"] >= run["frame"][0]) & (table["frame"] <= run["frame"][-1])
    return np.flatnonzero(inside & (table["head"] == run["head"][0]))


def _shots(
    rows: NDArray[np.void], cuts: Sequence[int], ends: set[int]
) -> Iterator[NDArray[np.void]]:
    """The rows of a head in each shot, without unconfirmed positions.

    After a cut, flow is meaningless until a detection, and so is flow after which the head was not
    found again; flow that was only interrupted by a cut or by the video's end is kept. A head from
    before the cut that is seen in the first frame after it alone is left out: that frame may be
    blended, and show the earlier shot.
    """
    for i, part in enumerate(_split_at(rows, cuts)):
        seen = np.flatnonzero(part["source"] == PositionSource.DETECTED)
        if not len(seen) or (i > 0 and int(part["frame"][seen[-1]]) in ends):
            continue
        interrupted = int(part["frame"][-1]) + 1 in ends
        last = len(part) if interrupted else np.flatnonzero(part["checked"])[-1] + 1
        yield part[0 if i == 0 else seen[0] : last]


def _trusted(run: NDArray[np.void]) -> NDArray[np.void]:
    """Drop flow on both sides of a missing row, where the tracker was in doubt.

    After the last detection of the face, everything behind such a gap is dropped: clothes that
    were found again are trusted only if the face is detected again.
    """
    confirmed = np.flatnonzero(run["checked"])
    keep = np.ones(len(run), bool)
    for a, b in pairwise([*confirmed, len(run)]):
        between = run["frame"][a:b]
        end = run["frame"][b] if b < len(run) else between[-1] + 1
        keep[a + 1 : b] = end - between[0] == len(between)
    run = run[keep]
    last = np.flatnonzero(run["source"] == PositionSource.DETECTED)[-1]
    gaps = np.flatnonzero(np.diff(run["frame"][last:]) > 1)
    return run[: last + gaps[0] + 1] if len(gaps) else run


def _undrifted(run: NDArray[np.void]) -> NDArray[np.void]:
    """Distribute the error that each detection shows linearly over the frames since the last."""
    run = run.copy()
    seen = np.flatnonzero(run["source"] == PositionSource.DETECTED)
    for a, b in pairwise(seen):
        between = slice(a + 1, b)
        share = (run["frame"][between] - run["frame"][a]) / (run["frame"][b] - run["frame"][a])
        error = run["box"][b] - run["predicted"][b]
        run["box"][between] += share[:, None].astype(np.float32) * error
    return run


def _worn(
    runs: Sequence[NDArray[np.void]], clothes: Iterable[NDArray[np.void]]
) -> NDArray[np.float32]:
    """The mean histogram of each run's clothes, zero where none were seen; shape (n, BINS)."""
    sums, counts = np.zeros((len(runs), BINS)), np.zeros(len(runs))
    heads: dict[int, list[int]] = {}
    for number, run in enumerate(runs):
        heads.setdefault(int(run["head"][0]), []).append(number)
    starts = np.array([run["frame"][0] for run in runs], np.int64)
    ends = np.array([run["frame"][-1] for run in runs], np.int64)
    for part in clothes:
        part = part[part["histogram"].any(axis=1)]
        for head in np.unique(part["head"]):
            own, rows = np.array(heads.get(int(head), []), np.int64), part[part["head"] == head]
            places = np.searchsorted(starts[own], rows["frame"], side="right") - 1
            known = places >= 0
            known[known] = rows["frame"][known] <= ends[own[places[known]]]
            np.add.at(sums, own[places[known]], rows["histogram"][known])
            np.add.at(counts, own[places[known]], 1)
    return np.asarray(sums / np.maximum(counts, 1)[:, None], np.float32)


def _tracklet(
    number: int, run: NDArray[np.void], evidence: Evidence, worn: NDArray[np.float32]
) -> Tracklet:
    mine = _of_run(evidence.embedded, run)
    return Tracklet(
        id=number,
        head=int(run["head"][0]),
        frames=run["frame"].copy(),
        boxes=run["box"].copy(),
        sources=run["source"].copy(),
        scores=run["score"].copy(),
        embeddings=evidence.embeddings[mine],
        embedded_frames=evidence.embedded["frame"][mine],
        weights=evidence.embedded["weight"][mine],
        appearance=worn,
    )
