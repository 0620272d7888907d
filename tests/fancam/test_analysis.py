from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from closeup.errors import RangeError
from closeup.fancam.analysis import Analysis, analyse, key_distance
from closeup.fancam.analysis_store import AnalysisStore
from closeup.fancam.options import FancamOptions
from closeup.media.video_reader import open_video
from closeup.opening import open_detector, open_embedder
from closeup.progress import Progress, Silent
from closeup.settings import Settings
from closeup.testing import read_truth
from closeup.tracking.head_tracker import HeadTracker
from closeup.tracking.tracklets import Evidence
from closeup.tracks import PositionSource
from tests.small_stage import CUT, FRAMES, RATE, SIZE

CHUNK = 5

Analyser = Callable[..., Analysis]


@pytest.fixture
def analyser(small_stage: Path, settings: Settings) -> Analyser:
    """Analyses the small stage in small chunks."""
    detector = open_detector("yunet-n", settings=settings, progress=Silent())
    embedder = open_embedder(settings=settings)

    def run(
        folder: Path, progress: Progress | None = None, options: FancamOptions | None = None
    ) -> Analysis:
        store = AnalysisStore(folder, {}, CHUNK)
        with open_video(small_stage) as video:
            return analyse(
                video, detector, embedder, HeadTracker(), store,
                options or FancamOptions(), progress or Silent(),
            )  # fmt: skip

    return run


class Stop(Exception):  # noqa: N818 - a wish, no error
    """Ends the analysis."""


class Counting(Silent):
    """Counts frames, and stops the analysis after some."""

    def __init__(self, most: int = 10**9) -> None:
        self.steps: list[int] = []
        self._most = most

    def advance(self, frames: int = 1) -> None:
        self.steps.append(frames)
        if sum(self.steps) >= self._most:
            raise Stop


def same(a: Evidence, b: Evidence) -> bool:
    clothes = [np.concatenate(list(evidence.clothes)).tobytes() for evidence in (a, b)]
    return clothes[0] == clothes[1] and all(
        getattr(a, field.name).tobytes() == getattr(b, field.name).tobytes()
        for field in fields(Evidence)
        if field.name != "clothes"
    )


def test_everything_is_seen(analyser: Analyser, small_stage: Path, tmp_path: Path) -> None:
    analysis = analyser(tmp_path)
    assert analysis.size == SIZE
    assert analysis.seconds == pytest.approx(np.arange(FRAMES) / RATE)
    assert analysis.ended_early is None
    assert sum(1 for _ in analysis.thumbnails()) == FRAMES
    observations = analysis.evidence.observations
    assert set(observations["frame"]) == set(range(FRAMES))
    first = observations[observations["frame"] == 0]
    assert set(first["source"]) == {PositionSource.DETECTED}
    centres = sorted(float(box[[0, 2]].mean()) for box in first["box"])
    expected = sorted(read_truth(small_stage).boxes[0][:, [0, 2]].mean(axis=1))
    assert centres == pytest.approx(expected, abs=6)


def test_every_portrait_is_a_picture_of_an_embedded_face(
    analyser: Analyser, tmp_path: Path
) -> None:
    analysis = analyser(tmp_path)
    portraits = list(analysis.portraits())
    assert len(portraits) == len(analysis.evidence.embeddings)
    assert all(jpeg.startswith(b"\xff\xd8") for *_, jpeg in portraits)
    frames = [frame for frame, *_ in portraits]
    assert frames == sorted(frames)
    assert CUT in frames


def test_stopped_anywhere_it_goes_on_to_the_same_end(analyser: Analyser, tmp_path: Path) -> None:
    whole = analyser(tmp_path / "whole")
    chunks = len(whole.store)
    assert chunks > 2
    stopped = tmp_path / "stopped"
    for most in (3, 17, 20, CUT + 3, FRAMES):
        with pytest.raises(Stop):
            analyser(stopped, Counting(most))
    saved = [path.stat().st_mtime_ns for path in sorted(stopped.glob("chunk-*"))]
    assert saved
    counting = Counting()
    found = analyser(stopped, counting)
    assert sum(counting.steps) == FRAMES
    assert counting.steps[0] > 0, "what is saved is not analysed again"
    after = [path.stat().st_mtime_ns for path in sorted(stopped.glob("chunk-*"))]
    assert after[: len(saved)] == saved
    assert len(after) == chunks
    assert same(found.evidence, whole.evidence)
    assert np.array_equal(found.pts, whole.pts)
    assert list(found.portraits()) == list(whole.portraits())


def test_what_is_finished_is_only_loaded(analyser: Analyser, tmp_path: Path) -> None:
    whole, counting = analyser(tmp_path), Counting()
    assert same(analyser(tmp_path, counting).evidence, whole.evidence)
    assert not counting.steps


def test_a_range_without_a_frame_saves_nothing(analyser: Analyser, tmp_path: Path) -> None:
    with pytest.raises(RangeError, match="check --from and --to"):
        analyser(tmp_path / "store", options=FancamOptions(start=Fraction(50)))
    assert not (tmp_path / "store").exists()


def test_the_distance_of_detections_follows_the_rate_or_the_option() -> None:
    assert key_distance(Fraction(25), FancamOptions(every=3)) == 3
    assert key_distance(Fraction(1), FancamOptions()) == 1
    rates = [Fraction(12), Fraction(25), Fraction(60)]
    distances = [key_distance(rate, FancamOptions()) for rate in rates]
    assert distances == sorted(distances)
    assert all(4 <= rate / distance <= 8 for rate, distance in zip(rates, distances, strict=True))
