"""A loop on the members of a small stage, from its video to detectors that learn from answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from closeup.annotations import Annotation, LabelVerdict, Origin
from closeup.errors import InputError
from closeup.labelling.shown_pictures import FolderPictures
from closeup.media.images import read_image
from closeup.open_models import Models
from closeup.pipeline.loop.loop import Loop
from closeup.pipeline.loop.loop_options import LoopBudget, LoopSetup, OracleOptions
from closeup.pipeline.loop.loop_state import LoopState, open_state
from closeup.pipeline.loop.members import learning
from closeup.pipeline.loop.members.frames import split_frames
from closeup.pipeline.loop.members.learning import TRAINING, MemberLearner
from closeup.pipeline.loop.members.member_loop import MemberLoop
from closeup.pipeline.loop.members.proposals import TrainedProposer, open_trained
from closeup.pipeline.loop.members.samples import SampleOptions
from closeup.progress import Silent
from closeup.settings import Settings
from closeup.store.label_queue import LabelQueue, Unit, Units
from closeup.store.label_records import StoredItem
from tests.kept_models import kept
from tests.listening import Listener
from tests.small_stage import EILEEN, FRAMES, GRACE

TINY = replace(TRAINING, shape="faces", size=160)
EFFORT = LoopBudget(networks=1, epochs=1)
GIVEN = ("learn", "pictures", "members", "every", "detector", "test")


def kind_of(stage: Path, folder: Path, models: Models, *, test: bool = True) -> MemberLoop:
    truth = stage.with_suffix(".truth.csv")
    setup = LoopSetup(
        "members", stage, members=stage.parent / "members", every=1, detector="yunet-n",
        test=truth if test else None,
    )  # fmt: skip
    return MemberLoop(folder, setup, models, training=TINY)


@dataclass(frozen=True)
class Played:
    """Two rounds of a loop that an oracle answered."""

    kind: MemberLoop
    state: LoopState
    items: list[StoredItem]
    queues: dict[str, list[Unit]]

    @property
    def models(self) -> list[Path]:
        return list(self.state.models)

    def labels(self, version: str) -> dict[str, Annotation]:
        return {
            label.object: label.annotation
            for item in self.items
            for label in item.labels
            if label.annotation.version.startswith(version)
        }


@pytest.fixture(scope="module")
def played(
    small_stage: Path, shared_models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Played:
    folder = tmp_path_factory.mktemp("loop")
    kind = kind_of(small_stage, folder, kept(Settings(shared_models, folder / "cache")))
    given = {name: getattr(kind.setup, name) for name in GIVEN}
    budget = {"rounds": 2, "verdicts": 6, "points": 3, "networks": 1, "epochs": 1}
    oracle = OracleOptions(small_stage.with_suffix(".truth.csv"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learning, "SAMPLES", 80)  # few passes suffice to look at the flow
        state = open_state(folder, given, budget)
        pause = Loop(state, kind, oracle, Silent()).run()
    with kind.open(Silent()) as project:
        queues = {
            name: LabelQueue(project.store.database, units, name=name).after(None, 100)
            for units, kind_of_queue in ((Units.LABELS, "verdicts"), (Units.PICTURES, "points"))
            for name in (f"round-{number}-{kind_of_queue}" for number in (1, 2))
        }
        return Played(kind, pause.state, list(project.store.all_items()), queues)


def test_faces_propose_boxes_in_frames_to_learn_from(played: Played) -> None:
    split = split_frames(played.items, 0.25)
    assert len(played.items) == FRAMES
    assert {label.name for label in played.labels("round-1").values()} == {EILEEN, GRACE}
    assert len(played.queues["round-1-verdicts"]) == 6
    assert len(played.queues["round-1-points"]) == 3
    asked = {unit.item for queue in played.queues.values() for unit in queue}
    assert asked <= set(split.learnt)
    assert all(not item.labels for item in played.items if item.id not in split.learnt)


def test_what_was_answered_is_learnt(played: Played) -> None:
    first, second = played.state.rounds
    assert set(first.sources) == {"by hand", "called true", "trusted proposals"}
    assert second.sources["by hand"] > first.sources["by hand"]
    assert all(model.is_file() for model in played.models)
    hand = [item for item in played.items if item.verdict is LabelVerdict.TRUE]
    assert {item.id for item in hand} == {
        unit.item for name in ("round-1-points", "round-2-points") for unit in played.queues[name]
    }


def test_the_trained_detector_proposes_boxes(played: Played) -> None:
    proposer = TrainedProposer(open_trained(played.models[0], 1e-4), "round-3")
    labels = proposer.propose(read_image(next(played.kind.pictures.glob("*.jpg"))))
    assert labels
    for number, label in enumerate(labels):
        assert label.key == f"member-round-3-{number}"
        assert label.name in {EILEEN, GRACE}
        assert label.method.startswith("members-1")
        assert (label.origin, label.version) == (Origin.MODEL, "round-3")
    assert all(label.method == proposer.method for label in labels)


def test_rounds_are_measured_and_compared(played: Played) -> None:
    first, second = played.state.rounds
    names = {"map50", "right_name", "wrong_name", "false_boxes"}
    assert first.figures.keys() == second.figures.keys() == names
    assert first.count == second.count > 5
    assert 0 <= second.figures["right_name"] <= 1


def test_the_page_shows_the_loop(played: Played) -> None:
    page = (played.state.folder / "loop.html").read_text(encoding="utf-8")
    assert "held-out heads are found with the right name" in page


def test_measures_compare_faces_with_the_detector(played: Played) -> None:
    with played.kind.open(Silent()) as project:
        pool = played.kind.to_judge(project, played.models, "round-3", Silent())
        assert pool.candidates.disagreement is not None
        item = project.store.items([pool.units[0].item])[0]
        file = played.kind.pictures / item.path
        content = file.read_bytes()
        file.unlink()
        heard = Listener()
        without = replace(project, pictures=FolderPictures(file.parent))  # with nothing kept
        rest = played.kind.to_label(without, played.models, "round-3", heard)
        file.write_bytes(content)
    assert item.id not in {unit.item for unit in rest.units}
    assert any("nothing is asked about it" in line for line in heard.lines)


def test_the_same_round_again_adds_nothing(
    small_stage: Path, settings: Settings, tmp_path: Path
) -> None:
    kind = replace(
        kind_of(small_stage, tmp_path, kept(settings), test=False),
        samples=SampleOptions(trusted=None),
    )
    kind.collect(Silent())
    with kind.open(Silent()) as project:
        kind.propose(project, (), "round-1", Silent())
        count = project.store.revision_count()
        kind.propose(project, (), "round-1", Silent())
        assert project.store.revision_count() == count
        held_out = kind.to_measure(project)
        asked = {unit.item for unit in kind.to_label(project, (), "round-1", Silent()).units}
        assert held_out
        assert not asked & {unit.item for unit in held_out}
        with pytest.raises(InputError, match="frames have a box that is certain"):
            kind.learn(project, (), tmp_path / "round-1", EFFORT, 0, Silent())


def test_frames_passed_over_are_not_asked_again(
    small_stage: Path, settings: Settings, tmp_path: Path
) -> None:
    kind = kind_of(small_stage, tmp_path, kept(settings))
    kind.collect(Silent())
    with kind.open(Silent()) as project:
        units = kind.to_label(project, (), "round-1", Silent()).units
        session = project.session("me")
        session.judge(session.views(units[:1]), LabelVerdict.UNSURE)
        left = kind.to_label(project, (), "round-1", Silent()).units
    assert list(left) == list(units[1:])


def test_a_small_set_is_passed_over_more_often() -> None:
    learner = MemberLearner(("Ann",))
    few, many = (learner.options(count, 10, 0, None) for count in (20, 400))
    assert (few.training.epochs, few.training.batch) == (100, 4)
    assert (many.training.epochs, many.training.batch) == (10, 16)
    assert 0.9 < many.training.averaging < few.training.averaging < 0.995


def test_other_names_begin_with_random_weights(played: Played, tmp_path: Path) -> None:
    heard = Listener()
    learner = MemberLearner(("Ann", "Bea"))
    assert learner._start(played.models, heard) is None
    assert MemberLearner((EILEEN, GRACE))._start(played.models, heard) == played.models[0]
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"")
    assert learner._start([broken], heard) is None
    assert "begins with random weights" in heard.lines[0]
