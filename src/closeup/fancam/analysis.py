"""The pass over a video that gathers all observations; :mod:`closeup.fancam.solution` uses them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.background import ahead
from closeup.errors import RangeError
from closeup.faces import Faces
from closeup.fancam.analysis_store import AnalysisStore, Chunk
from closeup.fancam.better_rotation import FaceShare, UprightFaces, better_rotation
from closeup.fancam.frame_preparation import FLOW_SIDE, Change, KeyFrame, Prepared, prepare
from closeup.fancam.options import FancamOptions
from closeup.frames import Frame, RGBImage
from closeup.geometry import Size, centres_of, heights_of, sides_of
from closeup.identity.calibration import calibration_of
from closeup.identity.quality import weights
from closeup.media.bars import Borders
from closeup.media.images import encode_jpeg
from closeup.media.video_reader import VideoReader
from closeup.progress import Progress
from closeup.protocols import Embedder, FaceDetector
from closeup.timecode import Timecode
from closeup.tracking.heads import TrackedHead
from closeup.tracking.tracker import Tracker
from closeup.tracking.tracklets import EMBEDDED, Evidence

_AHEAD = 12
"""Frames prepared in advance: a buffer of half a second absorbs single slow frames."""
_KEYS_PER_SECOND = 5
_EMBED_SECONDS = ((3, 0.0), (8, 0.5), (1 << 30, 1.5))
"""Pairs (n, s): a head with fewer than n embeddings is embedded again after s seconds. A new head
is embedded on every key frame, a well-known one rarely, in case flow moves to another person."""
_ROOM = 1.25
"""Margin on the detector's reliable height: the face may have shrunk since it was last seen."""
_SCALES = (0.5, 0.75)
"""Reduced scales for detection; full size is used where the smaller one is too small."""
_SMALLEST_FACE = 14.0
_PORTRAIT_SIDE = 96
_EMBEDDED_TOGETHER = 4
"""Faces in one run of the embedder, in which a face takes three quarters of the time of a run by
itself; more of them gain nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """The observations of one pass over a video.

    Attributes:
        size: Size of the video's frames in pixels.
        rate: Mean frames a second.
        time_base: Seconds per unit of ``pts``.
        pts: (n,) int64 presentation time stamps, one a frame.
        evidence: Observations in source pixels, clothes and embeddings.
        store: The saved chunks, for thumbnails and portraits.

    """

    size: Size
    rate: Fraction
    time_base: Fraction
    pts: NDArray[np.int64]
    evidence: Evidence
    store: AnalysisStore

    @property
    def seconds(self) -> NDArray[np.float64]:
        """Time of each frame, in the video's own seconds; shape (n,)."""
        return np.asarray(self.pts * float(self.time_base))

    @property
    def ended_early(self) -> str | None:
        """Where and why decoding stopped before the video's end; None if it did not."""
        return self.store.ended_early

    @property
    def better_rotation(self) -> int | None:
        """Rotation in degrees clockwise in which the faces would be upright.

        None where they are upright as it is, and where no rotation is clearly better.
        """
        return self.store.rotation

    def thumbnails(self) -> Iterator[NDArray[np.uint8]]:
        """The thumbnail of every frame, in order; each (h, w, 3) RGB uint8."""
        for (thumbnails,) in self.store.columns("thumbnails"):
            yield from thumbnails

    def borders(self) -> Borders:
        """The uniform borders of all frames."""
        sides = np.concatenate([borders for (borders,) in self.store.columns("borders")])
        return Borders(sides, self.size.fitted(FLOW_SIDE), self.size)

    def portraits(self) -> Iterator[tuple[int, int, float, bytes]]:
        """Frame, head, weight and JPEG picture of every embedded face, in order."""
        for chunk in self.store.chunks():
            starts = np.concatenate([[0], chunk.portrait_ends])[:-1]
            for row, start, end in zip(chunk.embedded, starts, chunk.portrait_ends, strict=True):
                jpeg = chunk.portraits[start:end].tobytes()
                yield int(row["frame"]), int(row["head"]), float(row["weight"]), jpeg


def key_distance(rate: Fraction, options: FancamOptions) -> int:
    """Frames from one detection to the next: ``options.every``, by default five a second."""
    return options.every or max(1, round(rate / _KEYS_PER_SECOND))


def analyse(
    video: VideoReader,
    detector: FaceDetector,
    embedder: Embedder,
    tracker: Tracker,
    store: AnalysisStore,
    options: FancamOptions,
    progress: Progress,
) -> Analysis:
    """Analyse the frames that the store does not hold yet, and load the whole analysis.

    Args:
        video: The stage video.
        detector: Finds the faces.
        embedder: Turns faces into vectors.
        tracker: Follows the heads.
        store: Chunks that are analysed already; new chunks are added to it.
        options: The time range, and the distance of key frames.
        progress: Receives one stage and a report for every frame.

    Raises:
        CalibrationError: the embedder has no calibration.
        RangeError: no frame lies in the range of ``options``.
        VideoError: nothing can be decoded.

    """
    if not store.finished:
        with _opencv_in_one_thread():
            _Pass(video, detector, embedder, tracker, store, options, progress).run()
    pts = np.concatenate([pts for (pts,) in store.columns("pts")])
    return Analysis(
        video.size, video.rate, video.time_base, pts, _evidence(store, video.size), store
    )


@contextmanager
def _opencv_in_one_thread() -> Iterator[None]:
    """Keep OpenCV from sharing small pictures among threads of its own, in the whole process.

    The decoder's threads and two of the analysis fill the processors; waking others takes longer
    than their part of the work.
    """
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(threads)


class _Pass:
    """The loop over the frames, from where the store ends to the end of the range."""

    def __init__(
        self,
        video: VideoReader,
        detector: FaceDetector,
        embedder: Embedder,
        tracker: Tracker,
        store: AnalysisStore,
        options: FancamOptions,
        progress: Progress,
    ) -> None:
        self._video, self._store, self._progress = video, store, progress
        self._detector, self._embedder, self._tracker = detector, embedder, tracker
        self._variance = calibration_of(embedder).variance
        self._every = key_distance(video.rate, options)
        self._start, self._end = options.span(video.start)
        self._rate = float(video.rate)
        self._faces_seen, self._upright = FaceShare(), UprightFaces(detector)
        self._pts: list[int] = []
        self._thumbnails: list[RGBImage] = []
        self._borders: list[NDArray[np.void]] = []
        self._faces: list[tuple[int, int, float]] = []
        self._portraits: list[bytes] = []
        self._chips: list[RGBImage] = []
        self._vectors: list[NDArray[np.float32]] = []

    def run(self) -> None:
        total = self._video.frame_estimate
        self._progress.begin("analysing", total)
        self._progress.advance(sum(len(chunk.pts) for chunk in self._store.chunks()))
        for prepared in ahead(self._resume(), _AHEAD):
            self._look(prepared, self._tracker)
            whole = prepared.key is not None and prepared.key.faces is not None
            if prepared.key is not None and prepared.key.faces is not None:
                self._faces_seen.add(prepared.key.faces)
                if not self._upright.certain:
                    self._upright.add(prepared.key.picture(), prepared.key.faces)
            if whole and len(self._pts) >= self._store.chunk_frames:
                self._save(self._tracker)
            self._progress.advance()
        if self._pts:
            self._save(self._tracker)
        if not len(self._store):
            raise RangeError(
                f"{self._video.path}: no frame lies in the range; check --from and --to"
            )
        ended_early = self._video.ended_early  # the next pass resets it
        self._store.finish(ended_early, self._better_rotation())

    def _better_rotation(self) -> int | None:
        upright = self._upright.certain and not self._faces_seen.rare
        if upright or not self._faces_seen.doubtful:
            return None
        return better_rotation(self._video, self._detector, self._progress, self._start, self._end)

    def _resume(self) -> Iterator[Prepared]:
        """The missing frames; the tracker starts from the state saved before them."""
        last = self._store.last()
        if last is None:
            self._tracker.begin(self._rate)
            frames = self._video.frames(self._start, self._end)
            return prepare(frames, self._every, self._detector)
        done = sum(len(chunk.pts) for chunk in self._store.chunks())
        here = Timecode(int(last.pts[-1]), self._video.time_base)
        prepared = prepare(
            self._video.frames(here, self._end, done - 1), self._every, self._detector
        )
        self._tracker.begin(self._rate, last.state, (done - 1, next(prepared).gray))
        return prepared

    def _look(self, prepared: Prepared, tracker: Tracker) -> None:
        index = prepared.index
        tracker.step(
            index,
            prepared.gray,
            key=prepared.key is not None,
            jump=prepared.change is Change.PICTURE,
            flash=prepared.change is Change.LIGHT,
        )
        key = prepared.key
        if key is not None:
            ratio = prepared.gray.shape[1] / key.size.width
            heights = [float(heights_of(head.box)) / ratio for head in tracker.heads]
            faces = self._search(key, heights) if key.faces is None else key.faces
            seen, whole = faces.scaled(ratio, ratio), key.faces is not None
            heads = tracker.correct(index, key.look, seen, whole=whole)
            full = key.frame.size.width / key.size.width
            self._embed(key.frame, heads, faces.scaled(full, full))
        self._pts.append(prepared.timecode.pts)
        self._thumbnails.append(prepared.thumbnail)
        self._borders.append(prepared.borders)

    def _search(self, key: KeyFrame, heights: list[float]) -> Faces:
        """The faces of heads of known heights, in the pixels of a picture of the key frame's size.

        The picture is reduced as far as the smallest head stays large enough for the detector.
        """
        least = _ROOM * self._detector.reliable_height / min(heights, default=1.0)
        scale = next((scale for scale in _SCALES if scale >= least), 1.0)
        return key.detected(self._detector, scale)

    def _embed(self, frame: Frame, heads: list[TrackedHead], faces: Faces) -> None:
        """Embed the faces that are due (``_EMBED_SECONDS``); boxes are in the frame's pixels."""
        heights = heights_of(faces.boxes)
        due = [
            i
            for i, head in enumerate(heads)
            if heights[i] >= _SMALLEST_FACE and self._is_due(head, frame.index)
        ]
        if not due:
            return
        picture, chosen = frame.rgb(), faces[np.array(due)]
        chips = self._embedder.chips(picture, chosen)
        worths = weights(chosen, chips, self._variance, Size.of(picture))
        for row, (i, worth) in enumerate(zip(due, worths, strict=True)):
            self._portraits.append(encode_jpeg(_portrait(picture, chosen.boxes[row]), 80))
            heads[i].embedded, heads[i].embeddings = frame.index, heads[i].embeddings + 1
            self._faces.append((frame.index, heads[i].id, worth))
        self._chips += chips
        if len(self._chips) >= _EMBEDDED_TOGETHER:
            self._embed_chips()

    def _embed_chips(self) -> None:
        """Embed the faces that wait; the tracker needs no vectors, so they can."""
        if self._chips:
            self._vectors += list(self._embedder.embed(self._chips))
        self._chips = []

    def _is_due(self, head: TrackedHead, index: int) -> bool:
        pause = next(seconds for count, seconds in _EMBED_SECONDS if head.embeddings < count)
        return head.embedded < 0 or index - head.embedded >= pause * self._rate

    def _save(self, tracker: Tracker) -> None:
        observations, clothes = tracker.drain()
        state = tracker.state
        self._embed_chips()  # a resumed run begins here, and so do its batches
        self._store.append(
            Chunk(
                pts=np.array(self._pts, np.int64),
                thumbnails=np.array(self._thumbnails),
                borders=np.array(self._borders),
                observations=observations,
                clothes=clothes,
                embeddings=np.array(self._vectors, np.float32).reshape(
                    -1, self._embedder.dimensions
                ),
                embedded=np.array(self._faces, EMBEDDED),
                portraits=np.frombuffer(b"".join(self._portraits), np.uint8),
                portrait_ends=np.cumsum([len(p) for p in self._portraits], dtype=np.int64),
                heads=state.heads,
                next_id=np.array(state.next_id),
            )
        )
        self._pts, self._thumbnails, self._borders, self._faces = [], [], [], []
        self._portraits, self._vectors = [], []


def _portrait(picture: NDArray[np.uint8], box: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Square picture of a head for the report, at most ``_PORTRAIT_SIDE`` pixels."""
    centre = centres_of(box)
    half = max(sides_of(box)) * 0.9
    height, width = picture.shape[:2]
    x1, y1 = np.clip(centre - half, 0, (width - 1, height - 1)).astype(int)
    x2, y2 = np.clip(centre + half, (x1 + 1, y1 + 1), (width, height)).astype(int)
    scale = _PORTRAIT_SIDE / max(x2 - x1, y2 - y1)
    size = (max(1, round((x2 - x1) * scale)), max(1, round((y2 - y1) * scale)))
    cut = picture[y1:y2, x1:x2]
    return np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_AREA), np.uint8)


@dataclass(frozen=True, slots=True)
class _SavedClothes:
    """The clothes of each chunk; every iteration reads them again."""

    store: AnalysisStore

    def __iter__(self) -> Iterator[NDArray[np.void]]:
        return (clothes for (clothes,) in self.store.columns("clothes"))


def _evidence(store: AnalysisStore, size: Size) -> Evidence:
    """All chunks together, boxes scaled to source pixels."""
    parts = store.columns("observations", "embeddings", "embedded")
    observations, embeddings, embedded = map(np.concatenate, zip(*parts, strict=True))
    scale = np.float32(size.width / size.fitted(FLOW_SIDE).width)
    half = np.float32(0.5)
    for name in ("box", "predicted"):
        observations[name] = (observations[name] + half) * scale - half
    return Evidence(observations, _SavedClothes(store), embeddings, embedded)
