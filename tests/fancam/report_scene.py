"""A small analysed stage for tests of the report: real evidence, solved by the real solver."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.data import astronaut

from closeup.cohort import unit_length
from closeup.fancam.analysis import Analysis
from closeup.fancam.analysis_store import AnalysisStore, Chunk
from closeup.fancam.corrections import Corrections
from closeup.fancam.options import FancamOptions
from closeup.fancam.solution import Solution, solve
from closeup.geometry import Size
from closeup.identity.gallery import Gallery
from closeup.media.bars import BORDER, SIDES
from closeup.media.images import encode_jpeg
from closeup.progress import Silent
from closeup.tracking.observations import CLOTHES, HEAD, OBSERVATION
from closeup.tracking.tracklets import EMBEDDED, Evidence
from closeup.tracks import PositionSource
from tests.calibrations import plain

SIZE = Size(640, 360)
RATE = 25
FRAMES = 300
CUT = 150
NAMES = ("Rosé", '<b title="x">Lisa & Co', "지수")
PLACES = unit_length(np.eye(3) + 0.86)
"""Where the members are among the embeddings: two of them are 0.64 apart."""
BETWEEN = np.float32(0.48) * PLACES[0] + np.float32(0.52) * PLACES[1]
STRANGER = -PLACES[2]


@dataclass(frozen=True)
class Head:
    """One face in sight from ``start`` to before ``stop``, detected in every fifth frame."""

    start: int
    stop: int
    vector: NDArray[np.float32]
    x: float = 100
    height: float = 60
    faces: int = 4
    weight: float = 1.0
    unseen: tuple[int, int] = (0, 0)
    """Frames in which the face is hidden."""


STAGE = [
    Head(0, 150, PLACES[0], x=100),
    Head(20, 120, PLACES[0] + np.float32(0.02), x=420),
    Head(0, 150, PLACES[1], x=280, unseen=(40, 110)),
    Head(150, 300, PLACES[0], x=200),
    Head(180, 260, BETWEEN, x=400),
    Head(150, 300, STRANGER, x=550),
    Head(160, 250, STRANGER, x=20, faces=0),
]
"""Two who look like Rosé at once, Lisa with her face hidden for 2.8 s, a cut, Rosé, somebody
between two members, a stranger, and somebody whose face is never clear."""


def portrait(head: int) -> bytes:
    """A picture that tells the heads apart by its colour."""
    face = astronaut()[0:200, 130:330].copy()
    face[:, :, head % 3] //= 1 + head
    return encode_jpeg(np.asarray(cv2.resize(face, (96, 96)), np.uint8), 80)


def analysed(folder: Path, stage: list[Head], ended_early: str | None = None) -> Analysis:
    """An analysis of ``stage``, saved in ``folder``."""
    rows = [row for head in range(len(stage)) for row in _observations(head, stage[head])]
    observations = np.array(rows, OBSERVATION)
    faces = [
        (frame, number, head.weight * (0.5 + 0.5 * (i == 1)), head.vector, portrait(number))
        for number, head in enumerate(stage)
        for i, frame in enumerate(range(head.start, head.start + 5 * head.faces, 5))
    ]
    embedded = np.array([(f, h, w) for f, h, w, *_ in faces], EMBEDDED)
    jpegs = [jpeg for *_, jpeg in faces]
    chunk = Chunk(
        pts=np.arange(FRAMES),
        thumbnails=_thumbnails(),
        borders=np.zeros((FRAMES, SIDES), BORDER),
        observations=observations,
        clothes=np.zeros(0, CLOTHES),
        embeddings=np.array([v for *_, v, _ in faces], np.float32).reshape(-1, 3),
        embedded=embedded,
        portraits=np.frombuffer(b"".join(jpegs), np.uint8),
        portrait_ends=np.cumsum([len(jpeg) for jpeg in jpegs], dtype=np.int64),
        heads=np.zeros(0, HEAD),
        next_id=np.array(len(stage), np.int64),
    )
    store = AnalysisStore(folder, {})
    store.append(chunk)
    store.finish(ended_early)
    evidence = Evidence(observations, [chunk.clothes], chunk.embeddings, embedded)
    return Analysis(SIZE, Fraction(RATE), Fraction(1, RATE), chunk.pts, evidence, store)


def gallery(photos: tuple[int, ...] = (4, 4, 4), places: NDArray[np.float32] = PLACES) -> Gallery:
    """The three members, each of so many photos."""
    return Gallery.of(
        plain(places.shape[1]),
        {
            name: np.repeat(place[None], count, axis=0)
            for name, place, count in zip(NAMES, places, photos, strict=True)
        },
    )


def solved(
    analysis: Analysis, members: Gallery | None = None, corrections: Corrections | None = None
) -> Solution:
    """What the solver makes of it."""
    return solve(
        analysis, members or gallery(), corrections or Corrections(), FancamOptions(), Silent()
    )


def _observations(number: int, head: Head) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for frame in range(head.start, head.stop):
        x = head.x + 20 * np.sin(frame / 15)
        box = (x, 80, x + 0.8 * head.height, 80 + head.height)
        hidden = head.unseen[0] <= frame < head.unseen[1]
        seen = (frame - head.start) % 5 == 0 and not hidden
        source = PositionSource.DETECTED if seen else PositionSource.TRACKED
        rows.append((frame, number, box, box, source, 0.9, True))
    return rows


def _thumbnails() -> NDArray[np.uint8]:
    """Two pictures that nobody takes for one shot."""
    rng = np.random.default_rng(1)
    pictures = rng.integers(0, 256, (2, 36, 64, 3), np.uint8)
    return np.asarray(np.repeat(pictures, [CUT, FRAMES - CUT], axis=0), np.uint8)
