"""A whole loop on a few photos: it waits for people, goes on, and ends the same when killed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from closeup.annotations import Annotation, KeyPoint, LabelVerdict
from closeup.errors import InputError, OutputError
from closeup.files.atomic import claiming
from closeup.labelling.label_task import TASKS
from closeup.labelling.session import LabelSession
from closeup.pipeline.labelling.open_labels import open_labels
from closeup.pipeline.loop.loop import LoopPause
from closeup.pipeline.loop.loop_projects import run_loop
from closeup.pipeline.loop.loop_state import STATE
from closeup.progress import Silent
from closeup.settings import Settings
from tests.command_line import wait_for
from tests.contracts.result_files import contents, differences
from tests.few_eyes import write_few_eyes
from tests.kept_models import kept
from tests.pipeline.loop.few_photos import copy_few_photos, small_loop
from tests.pipeline.running import Listener


@dataclass(frozen=True)
class Finished:
    """A loop that an oracle answered, and what it was made of."""

    given: Path
    truth: Path
    test: Path
    folder: Path
    pause: LoopPause


@pytest.fixture(scope="module")
def finished(
    shared_data: Path, shared_models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Finished:
    given = tmp_path_factory.mktemp("loop")
    truth = copy_few_photos(shared_data, given)
    test = write_few_eyes(shared_data, given / "test.csv", 12)
    settings = Settings(shared_models, given / "cache")
    images = shared_data / "lfw" / "images"
    folder = given / "project"
    pause = small_loop(folder, given, settings, oracle=truth, test=test, test_images=images)
    return Finished(given, truth, test, folder, pause)


def test_an_oracle_runs_all_rounds(finished: Finished) -> None:
    first, second = finished.pause.state.rounds
    assert first.asked == second.asked == {"verdicts": 8, "points": 9}
    assert first.answered == first.asked
    assert first.authors.keys() == {"oracle"}
    assert sum(second.sources.values()) >= sum(first.sources.values()) > 20
    assert second.figures.keys() == {"e_0.05", "e_0.10", "e_0.25"}
    assert second.count == 12
    assert second.agreement is not None
    assert finished.pause.state.end == "all 2 rounds are done"
    assert (finished.folder / "rounds/02/model-1.onnx").exists()
    assert (finished.folder / "loop.html").read_text(encoding="utf-8").endswith("</html>")


def test_every_label_has_its_origin(finished: Finished) -> None:
    with open_labels(finished.folder / "eyes", Silent()) as labels:
        own = [label.annotation for item in labels.store.all_items() for label in item.labels]
    assert {(one.origin, one.method, one.version) for one in own if one.origin == "model"} == {
        ("model", "loop", "round-2")
    }
    assert {one.method for one in own if one.origin == "coarse"} == {
        "darkest", "projection", "mean-shift",
    }  # fmt: skip
    assert {one.method for one in own if one.origin == "person"} == {"oracle"}


KILLED = """
import sys
from pathlib import Path
from closeup.settings import Settings
from tests.pipeline.loop.few_photos import small_loop
folder, given, truth, test, images, models = map(Path, sys.argv[1:])
small_loop(folder, given, Settings(models, given / "cache"), oracle=truth, test=test,
           test_images=images)
"""


@pytest.mark.parametrize("moment", ["eyes/labels.db", "rounds/01/model-1.training/checkpoints"])
def test_a_killed_loop_goes_on_to_the_same_end(
    moment: str, finished: Finished, shared_data: Path, settings: Settings, tmp_path: Path
) -> None:
    folder, images = tmp_path / "project", shared_data / "lfw" / "images"
    arguments = (folder, finished.given, finished.truth, finished.test, images, settings.models)
    command = [sys.executable, "-c", KILLED, *map(str, arguments)]
    with subprocess.Popen(command, text=True, stderr=subprocess.PIPE) as process:
        wait_for(folder / moment, process)
        process.kill()
    small_loop(
        folder, finished.given, settings, oracle=finished.truth, test=finished.test,
        test_images=images,
    )  # fmt: skip
    assert not differences(contents(folder), contents(finished.folder))


def test_it_waits_for_people_and_says_what_to_do(
    finished: Finished, tmp_path: Path, settings: Settings
) -> None:
    folder = tmp_path / "project"
    pause = small_loop(folder, finished.given, settings)
    assert pause.undecided == {"verdicts": 8, "points": 9}
    assert pause.steps == (
        f"closeup review {folder}/eyes --queue round-1-verdicts   # 8 of 8 undecided",
        f"closeup label {folder}/eyes --task pupil --queue round-1-points   # 9 of 9 undecided",
        f"closeup loop {folder}   # when they are decided; with --go-on before",
    )
    assert "round-1-verdicts" in (folder / "loop.html").read_text(encoding="utf-8")
    with pytest.raises(InputError, match="nothing of round 1 is answered yet"):
        small_loop(folder, finished.given, settings, go_on=True)
    again = run_loop(folder)  # options are those of the project
    assert again.undecided == pause.undecided


def test_it_goes_on_with_some_answers_on_held_out_people(
    finished: Finished, tmp_path: Path, settings: Settings
) -> None:
    """Without a test, a fifth of the points is asked of held-out people."""
    folder = tmp_path / "project"
    budget = {"points": 20, "verdicts": 12, "rounds": 1}
    small_loop(folder, finished.given, settings, budget=budget)
    with open_labels(folder / "eyes", Silent()) as labels:
        session = LabelSession(labels.store, TASKS["review"], "ann", queue="round-1-verdicts")
        session.judge(session.views(session.following(None, 9)), LabelVerdict.TRUE)
        asked = LabelSession(labels.store, TASKS["pupil"], "ann", queue="round-1-points")
        reasons = [view.reason for view in asked.views(asked.following(None, 99))]
    assert sum("only measures" in reason for reason in reasons) == 4
    with pytest.raises(InputError, match="of held-out people have a label by hand"):
        small_loop(folder, finished.given, settings, go_on=True)
    pause = small_loop(folder, finished.given, settings, oracle=finished.truth, budget=budget)
    assert pause.state.end
    assert pause.state.round.count == 4
    assert pause.state.round.authors.keys() == {"ann", "oracle"}


def test_labels_that_change_while_it_trains_are_learnt(
    finished: Finished, tmp_path: Path, settings: Settings
) -> None:
    folder = tmp_path / "project"
    shutil.copytree(finished.folder, folder)
    rewritten(folder, rounds=2, step="learn", models=[])
    with open_labels(folder / "eyes", Silent()) as labels:
        item = next(item for item in labels.store.all_items() if item.labels)
        session = LabelSession(labels.store, TASKS["pupil"], "ann")
        session.place(item, "pupil-ann", Annotation(points={"pupil": KeyPoint(70, 50)}))
    heard = Listener()
    small_loop(folder, finished.given, settings, progress=heard)
    assert "labels changed since the training began; it begins anew" in heard.lines


def rewritten(folder: Path, rounds: int, **changes: object) -> None:
    """Change the newest round of a project's history."""
    document = json.loads((folder / STATE).read_text(encoding="utf-8"))
    document["rounds"] = document["rounds"][:rounds]
    document["rounds"][-1] |= changes
    document["end"] = ""
    del document["sha256"]
    (folder / STATE).write_text(json.dumps(document), encoding="utf-8")


def test_more_rounds_go_on_after_the_end(
    finished: Finished, tmp_path: Path, settings: Settings
) -> None:
    folder = tmp_path / "project"
    shutil.copytree(finished.folder, folder)
    pause = small_loop(folder, finished.given, settings, budget={"rounds": 3})
    assert pause.state.round.number == 3
    assert any(pause.undecided.values())


def test_a_queue_of_deleted_eyes_is_gone_on_with(
    finished: Finished, shared_data: Path, tmp_path: Path, settings: Settings
) -> None:
    """Rows were deleted from the data set after the queues were made."""
    folder, images = tmp_path / "project", shared_data / "lfw" / "images"
    small_loop(folder, finished.given, settings, test=finished.test, test_images=images)
    table = folder / "eyes" / "labels.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    table.write_text("\n".join([lines[0], *lines[6:]]) + "\n", encoding="utf-8")
    budget = {"rounds": 1}
    pause = small_loop(folder, finished.given, settings, oracle=finished.truth, budget=budget)
    assert pause.state.end
    assert pause.state.round.answered == {"verdicts": 8, "points": 9}


def test_another_loop_in_the_folder_is_refused(
    finished: Finished, tmp_path: Path, settings: Settings
) -> None:
    with claiming(tmp_path), pytest.raises(OutputError, match="in use by another run"):
        small_loop(tmp_path, finished.given, settings)


def test_truth_of_other_pictures_is_refused(
    finished: Finished, tmp_path: Path, settings: Settings
) -> None:
    with pytest.raises(InputError, match="none of its eyes is in the pictures"):
        small_loop(tmp_path / "project", finished.given, settings, oracle=finished.test)


def test_too_few_points_to_measure_are_refused_before_anybody_labels(
    finished: Finished, tmp_path: Path, settings: Settings
) -> None:
    setup = {"pictures": finished.given / "photos", "detector": "yunet-n"}
    folder = tmp_path / "project"
    with pytest.raises(InputError, match=r"of 9 labels by hand 2 would measure .* --points 50"):
        run_loop(folder, setup, {"points": 9}, models=kept(settings), progress=Silent())
    pause = run_loop(folder, budget={"points": 50}, models=kept(settings), progress=Silent())
    assert pause.undecided["points"] > 10


def test_a_test_of_all_people_is_refused(
    finished: Finished, tmp_path: Path, settings: Settings, shared_data: Path
) -> None:
    with pytest.raises(InputError, match=r"truth\.csv has all people of .*begin a new project"):
        small_loop(
            tmp_path / "project", finished.given, settings, test=finished.truth,
            test_images=shared_data / "lfw" / "images",
        )  # fmt: skip


def test_broken_labels_are_refused_with_a_picture(
    finished: Finished, shared_data: Path, tmp_path: Path, settings: Settings
) -> None:
    """Somebody set all points into a corner."""
    folder, budget = tmp_path / "project", {"points": 30}
    with pytest.raises(InputError, match="photos of the truth are not there"):
        small_loop(folder, finished.given, settings, test=finished.test)
    shutil.rmtree(folder)
    small_loop(
        folder, finished.given, settings, budget=budget, test=finished.test,
        test_images=shared_data / "lfw" / "images",
    )  # fmt: skip
    with open_labels(folder / "eyes", Silent()) as labels:
        session = LabelSession(labels.store, TASKS["pupil"], "ann", queue="round-1-points")
        for view in session.views(session.following(None, 99)):
            session.place(view.item, "pupil", Annotation(points={"pupil": KeyPoint(0, 0)}))
            session.judge([view], LabelVerdict.TRUE)
    with pytest.raises(InputError, match=r"the check of labels failed.*sanity_check\.png"):
        small_loop(folder, finished.given, settings, go_on=True)
    assert (folder / "rounds/01/model-1.training/sanity_check.png").exists()


@pytest.mark.parametrize(
    ("tested", "message"),
    [
        (True, "3 labels by hand or called true are too few to learn from"),
        (False, "0 eyes of held-out people have a label by hand, at least 4 are needed"),
    ],
)
def test_too_few_answers_are_refused(
    finished: Finished, tmp_path: Path, settings: Settings, shared_data: Path, tested: bool,
    message: str,
) -> None:  # fmt: skip
    folder = tmp_path / "project"
    test: dict[str, Any] = {"test": finished.test, "test_images": shared_data / "lfw" / "images"}
    small_loop(folder, finished.given, settings, **(test if tested else {}))
    with open_labels(folder / "eyes", Silent()) as labels:
        session = LabelSession(labels.store, TASKS["review"], "ann", queue="round-1-verdicts")
        session.judge(session.views(session.following(None, 3)), LabelVerdict.TRUE)
    with pytest.raises(InputError, match=message):
        small_loop(folder, finished.given, settings, go_on=True)
    again = small_loop(folder, finished.given, settings)
    assert again.undecided == {"verdicts": 5, "points": 9}  # the rest, and no more


def test_a_round_without_enough_answers_asks_for_more(
    finished: Finished, tmp_path: Path, settings: Settings, shared_data: Path
) -> None:
    folder = tmp_path / "project"
    test: dict[str, Any] = {"test": finished.test, "test_images": shared_data / "lfw" / "images"}
    small_loop(folder, finished.given, settings, **test)
    with open_labels(folder / "eyes", Silent()) as labels:
        for task, kind in (("review", "verdicts"), ("pupil", "points")):
            session = LabelSession(labels.store, TASKS[task], "ann", queue=f"round-1-{kind}")
            for view in session.views(session.following(None, 99)):
                session.judge([view], LabelVerdict.UNSURE, f"{kind} {view.item.id}")
    with pytest.raises(InputError, match="0 labels by hand or called true are too few"):
        small_loop(folder, finished.given, settings)
    again = small_loop(folder, finished.given, settings)
    assert again.undecided == {"verdicts": 8, "points": 9}
    assert again.state.round.asked == {"verdicts": 16, "points": 18}
    assert "# 9 of 18 undecided" in again.steps[1]
