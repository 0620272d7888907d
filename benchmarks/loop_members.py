"""What ``closeup loop --learn members`` gains over proposals alone, and what it lacks.

Two stages: "composed", four members and a stranger from Labeled Faces in the Wild, 20 s at 640×360
with exact truth, of which every 5th frame is taken; and "real", the clip ``--clip`` with head boxes
on every 10th frame. An oracle answers from the truth. The ways to a detector, each trained for the
same number of pictures in all:

- ``loop``: the rounds of one unattended run, each with its verdicts, frames by hand, and boxes in
  them. Each round has a short training that starts from the one before.
- ``labels of the loop``: all labels of the last round, learnt in one training as the following.
- ``proposals``: what faces and photos propose in the first round is learnt, without any answer,
  where a member is accepted; there are no figures if these are too few to learn from.
- ``all by hand``: the truth of every frame to learn from.

All are measured on the same held-out stretches of time, frames beside which are not learnt from:
``right_name``, the share of the visible heads of members on which the best box has the right name,
with a 95 % interval; ``wrong_name``; ``map50``; ``false_boxes`` per frame.

    python -m benchmarks.loop_members [--folder FOLDER] [--clip NAME] [--seed N] [--rounds N]
                                      [--verdicts N] [--points N] [--epochs N] [--size N]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.recording import save, settings, shared_data, show
from closeup.annotations import LabelVerdict
from closeup.errors import InputError
from closeup.files.documents import read_document, write_document
from closeup.labelling.label_task import TASKS
from closeup.labelling.project import LabelProject
from closeup.labelling.session import LabelSession
from closeup.open_models import Models
from closeup.pipeline.loop.loop import Loop
from closeup.pipeline.loop.loop_history import answers_until
from closeup.pipeline.loop.loop_options import LoopBudget, LoopSetup, OracleOptions
from closeup.pipeline.loop.loop_state import open_state
from closeup.pipeline.loop.members.learning import TRAINING
from closeup.pipeline.loop.members.member_loop import MemberLoop
from closeup.pipeline.loop.members.samples import SampleOptions
from closeup.progress import Silent
from closeup.testing import lfw_scene, write_members, write_scene

ACCEPTED = 0.5
"""Score of a proposal above which its member is accepted; see ``MemberProposer``."""
FIGURES = ("right_name", "wrong_name", "map50", "false_boxes")
USUAL = {"rounds": 3, "verdicts": 40, "points": 6, "epochs": 5}


LabelStage = Callable[[MemberLoop, LabelProject], Mapping[str, int]]
"""Labels a stage; returns its counts of verdicts, frames and boxes by hand."""


class Lines(Silent):
    """Prints what a loop says of its rounds."""

    def say(self, message: str) -> None:
        """Print it if it is about a round."""
        if message.startswith("round "):
            print(message, flush=True)


class Stage:
    """One stage with the results of the three ways, of which each is computed once.

    Args:
        folder: Folder of the stage's results.
        setup: Video, photos and truth.
        budget: Options of the loop.
        size: Longer side of the detectors' input in pixels.

    """

    def __init__(self, folder: Path, setup: LoopSetup, budget: LoopBudget, size: int) -> None:
        self._folder, self._setup, self._budget = folder, setup, budget
        self._models, self._training = Models(settings()), replace(TRAINING, size=size)

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The results; one row for each round, and two for the other ways."""
        rows = self._loop()
        last = {name: rows[-1][name] for name in ("verdicts", "frames", "boxes")}
        rows.append(self.one_training("labels of the loop", "loop", lambda _kind, _project: last))
        rows.append(self.one_training("proposals", "proposals", _propose))
        rows.append(self.one_training("all by hand", "all-by-hand", self.draw_all))
        return [{"stage": name, **row} for row in rows]

    def _kind(self, folder: Path, samples: SampleOptions) -> MemberLoop:
        return MemberLoop(folder, self._setup, self._models, samples, self._training)

    def _loop(self) -> list[dict[str, Any]]:
        folder = self._folder / "loop"
        given = {name: getattr(self._setup, name) for name in ("pictures", "members", "every",
                 "detector", "test", "seed")}  # fmt: skip
        budget = {name: getattr(self._budget, name) for name in (*USUAL, "networks")}
        state = open_state(folder, {"learn": "members", **given}, budget)
        oracle = OracleOptions(self._truth)
        state = Loop(state, self._kind(folder, SampleOptions()), oracle, Lines()).run().state
        points, verdicts = (answers_until(state.rounds, kind) for kind in ("points", "verdicts"))
        return [
            {
                "way": f"loop, round {one.number}",
                "verdicts": judged,
                "frames": frames,
                "boxes": one.sources.get("by hand", 0),
                **_rounded(one.figures, one.interval, one.count),
                "minutes": round(sum(one.seconds.values()) / 60, 1),
            }
            for one, judged, frames in zip(state.rounds, verdicts, points, strict=True)
        ]

    def one_training(self, way: str, folder: str, label: LabelStage) -> dict[str, Any]:
        """Label a stage, and train a detector as long as those of a loop together.

        Args:
            way: What the row is called.
            folder: Folder of a loop below that of the stage, with the frames and labels.
            label: Makes labels that are not there yet, and counts them.

        """
        done = self._folder / f"{way.replace(' ', '-')}.json"
        if done.exists():
            return read_document(done, dict, "delete it")
        accepted = SampleOptions(trusted=ACCEPTED) if label is _propose else SampleOptions()
        start, kind = time.perf_counter(), self._kind(self._folder / folder, accepted)
        kind.collect(Silent())
        with kind.open(Silent()) as project:
            counts = label(kind, project)
            found = self._learnt(kind, project, self._folder / folder / "model")
        minutes = round((time.perf_counter() - start) / 60, 1)
        row = {"way": way, **counts, **found, "minutes": minutes}
        write_document(done, row)
        return row

    def _learnt(self, kind: MemberLoop, project: LabelProject, folder: Path) -> dict[str, Any]:
        """Figures of a detector that is trained as long as those of a loop together."""
        # The last round of a loop takes twice as many epochs.
        effort = replace(self._budget, epochs=self._budget.epochs * (self._budget.rounds + 1))
        try:
            learnt = kind.learn(project, (), folder, effort, 0, Silent())
        except InputError as error:
            print(error, flush=True)
            return dict.fromkeys((*FIGURES, "interval", "heads"))
        found = kind.evaluate(project, learnt.models, (), Silent())
        return _rounded(found.figures, found.interval, found.count)

    def draw_all(self, kind: MemberLoop, project: LabelProject) -> dict[str, int]:
        """Draw the boxes of all frames to learn from."""
        oracle = kind.oracle(OracleOptions(self._truth))
        session = LabelSession(project.store, TASKS["members"], "oracle")
        views = session.views(kind.to_label(project, (), "round-1", Silent()).units)
        boxes = 0
        for view in views:
            for key, label in oracle.labels(view.item).items():
                session.place(view.item, key, label, f"{view.item.id}-{key}")
                boxes += 1
            session.judge([view], LabelVerdict.TRUE, f"{view.item.id}")
        return {"verdicts": 0, "frames": len(views), "boxes": boxes}

    @property
    def _truth(self) -> Path:
        if self._setup.test is None:
            raise ValueError("the stage has no truth")
        return self._setup.test


def _propose(kind: MemberLoop, project: LabelProject) -> dict[str, int]:
    kind.propose(project, (), "round-1", Silent())
    return {"verdicts": 0, "frames": 0, "boxes": 0}


def composed(folder: Path, seed: int) -> LoopSetup:
    """A scene with known truth, which is written once."""
    video = folder / "stage.mp4"
    if not video.exists():
        folder.mkdir(parents=True, exist_ok=True)
        scene = lfw_scene(shared_data() / "lfw" / "images", seed, width=640, height=360)
        write_members(scene, folder / "members")
        write_scene(scene, video)
    return setup_of(video, folder / "members", video.with_suffix(".truth.csv"), every=5)


def real(clip: str) -> LoopSetup:
    """A clip whose heads a person labelled in every 10th frame."""
    folder = shared_data() / "clips" / clip
    return setup_of(folder / "stage.mp4", folder / "members", folder / "truth.csv", every=10)


def setup_of(video: Path, members: Path, truth: Path, every: int) -> LoopSetup:
    """A loop on a video that is measured on the truth of its held-out frames."""
    return LoopSetup("members", video, members=members, every=every, detector="yunet-n", test=truth)


def _rounded(
    figures: Mapping[str, float], interval: tuple[float, float], count: int
) -> dict[str, Any]:
    low, high = interval
    own = {name: round(figures[name], 3) for name in FIGURES}
    return {**own, "interval": f"{low:.3f} to {high:.3f}", "heads": count}


def parsed(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The options of the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.loop_members", description=__doc__)
    usual = Path(tempfile.gettempdir()) / "closeup-loop-members"
    parser.add_argument("--folder", type=Path, default=usual, help="an interrupted run goes on")
    parser.add_argument("--clip", default="jimin_stage")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--size", type=int, default=320)
    for name, number in USUAL.items():
        parser.add_argument(f"--{name}", type=int, default=number)
    return parser.parse_args(arguments)


def main() -> None:
    """Run both stages, and write ``results/loop_members.json``."""
    given = parsed()
    options = {name: getattr(given, name) for name in USUAL}
    budget = LoopBudget(**options, networks=1)
    scene = f"lfw {given.seed}"
    stages = {
        scene: composed(given.folder / f"lfw-{given.seed}", given.seed),
        given.clip: real(given.clip),
    }
    rows = []
    for name, setup in stages.items():
        folder = given.folder / f"{name.replace(' ', '-')}-results"
        rows += Stage(folder, setup, budget, given.size).rows(name)
    show("A loop on the members of a stage", rows)
    save("loop_members", {"size": given.size, **options, "rows": rows})


if __name__ == "__main__":
    main()
