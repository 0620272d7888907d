"""A long job that ends early leaves nothing half-written, and goes on later.

It may be cancelled, terminated by a signal, or out of room on the disk.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import groupby, islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest

from closeup import FancamOptions, draw_faces, find_faces
from closeup.cli.signals import EndingSignals
from closeup.errors import Cancelled, OutputError
from closeup.fancam.analysis import analyse
from closeup.fancam.analysis_store import AnalysisStore
from closeup.files.atomic import LOCK
from closeup.media.decoded_frame import DecodedFrame
from closeup.media.video_reader import VideoReader, open_video
from closeup.opening import open_detector, open_embedder
from closeup.progress import Cancellable, Silent
from closeup.settings import Settings
from closeup.tracking.head_tracker import HeadTracker
from tests.contracts.long_jobs import INEXACT, JOBS, Given, Job, do
from tests.contracts.result_files import contents, differences
from tests.kept_models import kept
from tests.limited_room import room

T = TypeVar("T")

SHARED = {
    "effects_on_a_video", "enrolment", "fetching", "fetching_from_a_wheel", "faces_searched",
    "label_checks", "label_merging", "label_order", "label_proposals", "naming", "next_queue",
    "pupil_calibration", "pupil_jitter",
}  # fmt: skip
"""Jobs that need no folder of their own, or only for a moment: they write a few files at most."""


@dataclass(frozen=True)
class Point:
    """One call of a job's progress.

    Attributes:
        stage: The name of the stage, and how many of this name came before; the first calls of a
            job may be of no stage.
        done: Frames of the stage that are done, those of this call included.
        again: How many calls before this one said the same.

    """

    stage: tuple[str, int] = ("", 0)
    done: int = 0
    again: int = 0


class Watching:
    """Knows all calls, and cancels at one of them.

    Args:
        last: The call that is to be the last; None: never.

    """

    def __init__(self, last: Point | None = None) -> None:
        self._progress = Cancellable()
        self._last = last
        self._thread = threading.get_ident()
        self.calls: list[Point] = []

    def begin(self, stage: str, total: int | None) -> None:
        before = {call.stage for call in self.calls}
        self._note(Point((stage, sum(name == stage for name, _ in before))))
        self._progress.begin(stage, total)

    def advance(self, frames: int = 1) -> None:
        self._note(replace(self._newest, done=self._newest.done + frames, again=0))
        self._progress.advance(frames)

    def say(self, message: str) -> None:
        self._note(self._newest)
        self._progress.say(message)

    @property
    def _newest(self) -> Point:
        return self.calls[-1] if self.calls else Point()

    def _note(self, point: Point) -> None:
        assert threading.get_ident() == self._thread, "it was called from another thread"
        if point in self.calls:
            point = replace(self._newest, again=self._newest.again + 1)
        self.calls.append(point)
        if point == self._last:
            self._end()

    def _end(self) -> None:
        self._progress.cancel()

    @property
    def points(self) -> list[Point]:
        """The first call, the first and the middle one of every stage, and the last, in order."""
        wanted = {self.calls[0], self.calls[-1]}
        for _, grouped in groupby(self.calls, key=lambda call: call.stage):
            own = list(grouped)
            wanted |= {own[0], own[len(own) // 2]}
        return [call for call in self.calls if call in wanted]


class Signalling(Watching):
    """Gets SIGTERM at one of the calls."""

    def _end(self) -> None:
        signal.raise_signal(signal.SIGTERM)


class Twice(Silent):
    """Starts the same job in the same folder again as soon as the first one is at work in it."""

    def __init__(self, job: Job, given: Given, folder: Path) -> None:
        self._again = partial(do, job, given, folder, Silent())
        self._folder = folder
        self.refused = False

    def begin(self, stage: str, total: int | None) -> None:  # noqa: ARG002
        if self.refused or not list(self._folder.rglob(LOCK)):
            return
        with pytest.raises(OutputError, match="is in use by another run of closeup"):
            self._again()
        self.refused = True

    def advance(self, frames: int = 1) -> None:
        self.begin("", frames)


def test_the_points_are_where_they_should_be() -> None:
    watching = Watching()
    watching.say("hello")
    for stage, count in (("a", 4), ("b", 0), ("a", 1)):
        watching.begin(stage, count)
        for _ in range(count):
            watching.advance()
    assert watching.points == [
        Point(), Point(("a", 0)), Point(("a", 0), 2), Point(("b", 0)),
        Point(("a", 1)), Point(("a", 1), 1),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def given(
    shared_data: Path,
    shared_models: Path,
    small_stage: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Given:
    folder = tmp_path_factory.mktemp("given")
    return Given(folder, shared_data, Settings(shared_models, folder / "cache"), small_stage)


@dataclass(frozen=True)
class Whole:
    """A job that was left alone: its calls, and the bytes and contents of its files."""

    calls: Watching
    sizes: dict[str, int]
    contents: dict[str, Any]


@pytest.fixture(scope="module")
def whole(given: Given, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Whole]:
    """Runs each job once."""

    @cache
    def run(name: str) -> Whole:
        folder, watching = tmp_path_factory.mktemp(name), Watching()
        do(JOBS[name], given, folder, watching)
        return Whole(watching, sizes(folder), contents(folder, exact=name not in INEXACT))

    return run


@pytest.mark.parametrize("name", JOBS)
def test_a_cancelled_job_goes_on(
    name: str, whole: Callable[[str], Whole], given: Given, tmp_path: Path
) -> None:
    """Cancelled at one point after the other in the same folder, then left alone.

    Where a run comes to its end, since what it should be cancelled at was done before, its results
    are compared and the next one begins anew.
    """
    job, expected, points = JOBS[name], whole(name).contents, whole(name).calls.points
    assert any(point.stage[0] for point in points), "it has no stage"
    folder = new(tmp_path)
    for point in points:
        if not cancelled(job, given, folder, point):
            found = contents(folder, exact=name not in INEXACT)
            assert not differences(found, expected), f"no call of this run was {point}"
            folder = new(tmp_path)
            assert cancelled(job, given, folder, point)
        contents(folder)
    do(job, given, folder, Silent())
    assert not differences(contents(folder, exact=name not in INEXACT), expected)


NO_ROOM = r"cannot write .*; choose another|\.db: .*; nothing that was saved is lost"
"""Of a file, or of a store of labels."""


@pytest.fixture
def terminable() -> Iterator[None]:
    """SIGTERM ends the work as it does on the command line."""
    before = signal.getsignal(signal.SIGTERM)
    with EndingSignals():
        yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("terminable")
@pytest.mark.parametrize("name", JOBS)
def test_a_job_goes_on_after_a_signal_and_a_full_disk(
    name: str, whole: Callable[[str], Whole], given: Given, tmp_path: Path
) -> None:
    """SIGTERM comes when the last stage begins; then the largest missing file has no room.

    While it runs again, the same job is started a second time, which changes nothing.
    """
    job, points = JOBS[name], whole(name).calls.points
    last_stage = next(point for point in points if point.stage == points[-1].stage)
    with pytest.raises(KeyboardInterrupt):
        do(job, given, tmp_path, Signalling(last_stage))
    contents(tmp_path)
    there, twice = sizes(tmp_path), Twice(job, given, tmp_path)
    if missing := [size for file, size in whole(name).sizes.items() if file not in there]:
        with (
            pytest.raises(OutputError, match=NO_ROOM) as told,
            room(max(missing) * 9 // 10),
        ):
            do(job, given, tmp_path, twice)
        assert "\n" not in str(told.value)
        contents(tmp_path)
    do(job, given, tmp_path, twice)
    assert twice.refused == (name not in SHARED)
    found = contents(tmp_path, exact=name not in INEXACT)
    assert not differences(found, whole(name).contents)


def sizes(folder: Path) -> dict[str, int]:
    """The bytes of each file that the job in a folder wrote."""
    paths = [path for path in folder.rglob("out/**/*") if path.is_file()]
    return {str(path.relative_to(folder)): path.stat().st_size for path in paths}


class UnpluggedError(Exception):
    """What a source of frames raises in the middle."""


def unplugged(frames: Iterable[T], after: int) -> Iterator[T]:
    yield from islice(frames, after)
    raise UnpluggedError


@pytest.mark.parametrize("source", ["photos", "clip"])
def test_pictures_that_fail_in_the_middle_end_their_job_as_cleanly(
    source: str, given: Given, tmp_path: Path
) -> None:
    search = find_faces(getattr(given, source), "yunet-n", models=kept(given.settings))
    pictures = replace(search.pictures, _each=lambda: unplugged(search.pictures, 4))
    threads = set(threading.enumerate())
    try:
        draw_faces(replace(search, pictures=pictures), tmp_path / "out")
    except UnpluggedError:
        assert not set(threading.enumerate()) - threads
    else:
        pytest.fail("the error was swallowed")
    drawn = contents(tmp_path)
    assert all(name.endswith(".jpg") for name in drawn)
    made = draw_faces(search, tmp_path / "out")
    assert len(made.found) > 4


class UnpluggedVideo(VideoReader):
    """Fails in the middle of the first pass."""

    left = 30

    def frames(self, *bounds: Any) -> Iterator[DecodedFrame]:
        return unplugged(super().frames(*bounds), self.left)


def test_a_video_that_fails_in_the_middle_ends_the_analysis_as_cleanly(
    given: Given, tmp_path: Path
) -> None:
    detector = open_detector("yunet-n", settings=given.settings, progress=Silent())
    embedder, options = open_embedder(settings=given.settings), FancamOptions()
    whole, store = (AnalysisStore(tmp_path / name, {}, 10) for name in ("whole", "failed"))
    with open_video(given.stage) as video:
        expected = analyse(video, detector, embedder, HeadTracker(), whole, options, Silent())
    threads = set(threading.enumerate())
    try:
        with UnpluggedVideo(given.stage) as broken:
            analyse(broken, detector, embedder, HeadTracker(), store, options, Silent())
    except UnpluggedError:
        assert not set(threading.enumerate()) - threads
    else:
        pytest.fail("the error was swallowed")
    saved = contents(tmp_path / "failed")
    assert len(saved) > 1
    with open_video(given.stage) as video:
        found = analyse(video, detector, embedder, HeadTracker(), store, options, Silent())
    assert found.pts.tolist() == expected.pts.tolist()
    np.testing.assert_array_equal(
        found.evidence.observations["box"], expected.evidence.observations["box"]
    )


def new(folder: Path) -> Path:
    made = folder / str(sum(1 for _ in folder.iterdir()))
    made.mkdir()
    return made


def cancelled(job: Job, given: Given, folder: Path, point: Point) -> bool:
    """Run a job; whether it came to the point at which it was cancelled."""
    threads = set(threading.enumerate())
    try:
        do(job, given, folder, Watching(point))
    except Cancelled:  # while the error is still held, nothing else may be
        assert not set(threading.enumerate()) - threads
        return True
    return False
