"""Parts in other processes: each worker opens a part once, and finds the same."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from closeup.errors import PartError
from closeup.executors.processes import Processes
from closeup.faces import Faces
from closeup.open_models import Models
from closeup.opening import DETECTORS, PUPIL_METHODS
from closeup.settings import Settings
from tests.real_photos import astronaut


@pytest.fixture
def models(all_models: Path, tmp_path: Path) -> Models:
    return Models(Settings(all_models, tmp_path))


def same(a: Faces, b: Faces) -> None:
    np.testing.assert_array_equal(a.boxes, b.boxes)
    np.testing.assert_array_equal(a.scores, b.scores)


@pytest.mark.parametrize("name", [name for name in DETECTORS if name != "auto"])
def test_a_detector_that_was_pickled_finds_the_same(name: str, models: Models) -> None:
    detector = models.detector(name, threads=1)
    again = pickle.loads(pickle.dumps(detector))  # noqa: S301
    assert (again.name, again.reliable_height) == (detector.name, detector.reliable_height)
    same(detector.detect(astronaut()), again.detect(astronaut()))


@pytest.mark.parametrize("method", PUPIL_METHODS)
def test_a_pupil_finder_that_was_pickled_finds_the_same(method: str, models: Models) -> None:
    finder, faces = models.pupil_finder(method), models.detector("hog").detect(astronaut())
    again = pickle.loads(pickle.dumps(finder))  # noqa: S301
    found, expected = (one.find(astronaut(), faces).centres for one in (again, finder))
    np.testing.assert_array_equal(found, expected)


def test_an_embedder_that_was_pickled_gives_the_same_vectors(models: Models) -> None:
    embedder, faces = models.embedder(threads=1), models.detector("hog").detect(astronaut())
    again = pickle.loads(pickle.dumps(embedder))  # noqa: S301
    found, expected = (one.embed(one.chips(astronaut(), faces)) for one in (again, embedder))
    np.testing.assert_array_equal(found, expected)


def test_a_detector_works_in_another_process(models: Models) -> None:
    detector = models.detector("closeup", threads=1)
    (found,) = Processes(1).map(detector.detect, [astronaut()])
    same(found[1], detector.detect(astronaut()))


def test_a_part_that_cannot_be_pickled_is_named(models: Models) -> None:
    work = partial(max, key=lambda item: item)
    with pytest.raises(PartError, match="cannot be sent to another process"):
        list(Processes(1).map(work, [[1, 2]]))


SCRIPT = """
import os, signal, sys, time
from closeup.executors.processes import Processes

signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
signal.signal(signal.SIGINT, signal.default_int_handler)

def work(item):
    print(os.getpid(), flush=True)
    while item and not os.path.exists(sys.argv[1]):
        time.sleep(0.01)
    return signal.pthread_sigmask(signal.SIG_BLOCK, [])

if __name__ == "__main__":
    try:
        for _, blocked in Processes(2).map(work, [0, 0, 0, 1, 1]):
            assert {signal.SIGINT, signal.SIGTERM} <= blocked, "not while a worker starts"
    except KeyboardInterrupt:
        sys.exit(130)
"""


@contextmanager
def working(folder: Path) -> Iterator[tuple[subprocess.Popen[str], set[int]]]:
    """A script whose two worker processes are at work, with their numbers."""
    path = folder / "script.py"
    path.write_text(SCRIPT)
    with subprocess.Popen(
        [sys.executable, path, folder / "go on"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        workers = {int(process.stdout.readline()) for _ in range(5)}
        try:
            yield process, workers
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.serial
def test_workers_end_with_a_process_that_was_killed(tmp_path: Path) -> None:
    with working(tmp_path) as (process, workers):
        process.kill()
        assert len(workers) == 2
        # The pipe ends when the last process that could write to it is gone; it would never end.
        assert process.communicate()[0] == ""


@pytest.mark.serial
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_all_processes_is_left_to_the_first(
    number: signal.Signals, tmp_path: Path
) -> None:
    with working(tmp_path) as (process, _):
        os.killpg(process.pid, number)
        (tmp_path / "go on").touch()
        assert process.communicate()[1] == ""
        assert process.returncode == 128 + number


def test_a_worker_that_dies_is_told_in_one_line() -> None:
    with pytest.raises(PartError, match=r"ended too early; put .* below if __name__") as got:
        list(Processes(1).map(os._exit, [1]))
    assert "\n" not in str(got.value)
