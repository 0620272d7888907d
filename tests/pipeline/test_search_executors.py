"""Searches in other processes find, draw and write what searches in threads do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from closeup.errors import PartError
from closeup.executors.processes import Processes
from closeup.executors.threads import Threads
from closeup.open_models import Models
from closeup.pipeline.people.identify import identify
from closeup.pipeline.search.drawn_faces import draw_faces
from closeup.pipeline.search.faces import find_faces
from closeup.pipeline.search.pupils import find_pupils
from closeup.pipeline.search.search import Search
from closeup.protocols import Executor
from closeup.settings import Settings
from tests.filming import film
from tests.kept_models import kept
from tests.own_parts import OwnDetector
from tests.pipeline.running import Listener, files, pictures
from tests.real_photos import astronaut, hopper

PROCESSES = Processes(1)


@pytest.fixture
def models(settings: Settings) -> Models:
    return kept(settings)


@pytest.fixture
def portraits(tmp_path: Path) -> Path:
    folder = tmp_path / "portraits"
    folder.mkdir()
    Image.fromarray(astronaut()).save(folder / "eileen.png")
    (folder / "broken.jpg").write_bytes(b"rubbish")
    Image.fromarray(hopper()).save(folder / "grace.png")
    return folder


def opened(kind: str, source: Any, models: Models, stage: Path, executor: Executor) -> Search:
    match kind:
        case "faces":
            own = OwnDetector(models.detector("yunet-n", threads=1))
            return find_faces(source, own, models=models, executor=executor)
        case "pupils":
            return find_pupils(source, steps=True, models=models, executor=executor)
        case _:
            return identify(source, stage.parent / "members", models=models, executor=executor)


@pytest.mark.parametrize("kind", ["faces", "pupils", "people"])
def test_a_folder_gives_the_same_files(
    kind: str, portraits: Path, small_stage: Path, tmp_path: Path, models: Models
) -> None:
    executors: list[Executor] = [Threads(2), PROCESSES]
    made = [
        draw_faces(opened(kind, portraits, models, small_stage, executor), tmp_path / str(number))
        for number, executor in enumerate(executors)
    ]
    assert [len(own.found) for own in made] == [2, 2]
    names = files(tmp_path / "0")
    assert names == files(tmp_path / "1")
    for name in names:
        if (tmp_path / "0" / name).is_file():
            assert (tmp_path / "0" / name).read_bytes() == (tmp_path / "1" / name).read_bytes()


def test_frames_of_a_list_give_the_same_and_a_bad_one_is_left_out(
    small_stage: Path, models: Models
) -> None:
    source = [astronaut(), astronaut()[..., 0], hopper()]
    for kind in ("faces", "people"):
        threads, processes = (
            [p.record() for p in opened(kind, source, models, small_stage, executor)]
            for executor in (Threads(1), PROCESSES)
        )
        assert [p["frame"] for p in processes] == [0, 2]
        assert processes == threads


def test_a_video_is_searched_in_processes_and_drawn_in_threads(
    tmp_path: Path, models: Models
) -> None:
    face = np.asarray(cv2.resize(hopper(), (256, 300)), np.uint8)
    clip = film(tmp_path / "clip.mp4", [np.roll(face, 4 * i, axis=1) for i in range(5)])
    threads, processes = (
        find_pupils(clip, "darkest", models=models, executor=executor)
        for executor in (None, PROCESSES)
    )
    assert [p.record() for p in processes] == [p.record() for p in threads]
    made = draw_faces(processes, tmp_path / "out")
    assert len(pictures(made.drawn)) == 5


def test_a_part_that_cannot_travel_is_refused_in_one_line(
    portraits: Path, tmp_path: Path, models: Models
) -> None:
    own = OwnDetector(models.detector("yunet-n"))
    own.secret = lambda: None  # type: ignore[attr-defined]
    search = find_faces(portraits, own, models=models, executor=PROCESSES)
    with pytest.raises(PartError, match="a part cannot be sent to another process") as got:
        draw_faces(search, tmp_path / "out")
    assert "\n" not in str(got.value)
    assert not (tmp_path / "out").exists()
    assert len(list(find_faces(portraits, own, models=models, executor=Threads(1)))) == 2


def test_what_is_no_executor_is_named(portraits: Path, models: Models) -> None:
    with pytest.raises(PartError, match="int is no Executor: it lacks map, separate"):
        find_faces(portraits, models=models, executor=7)  # type: ignore[arg-type]


class Backwards:
    """An executor of the user's own."""

    separate = False

    def map(self, work: Any, items: Any) -> Any:
        every = list(items)
        done = [(item, work(item)) for item in reversed(every)]
        return reversed(done)


def test_an_executor_of_ones_own(portraits: Path, models: Models) -> None:
    listener = Listener()
    own = find_faces(portraits, models=models, executor=Backwards(), progress=listener)
    expected = find_faces(portraits, models=models)
    assert [p.record() for p in own] == [p.record() for p in expected]
    assert listener.lines[-2].endswith("it is left out")
