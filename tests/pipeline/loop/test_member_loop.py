"""A loop on the members of a small stage, from its video to detectors that learn from answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from closeup.annotations import LabelVerdict
from closeup.errors import InputError
from closeup.labelling.project import LabelProject
from closeup.open_models import Models
from closeup.pipeline.loop import member_learning
from closeup.pipeline.loop.answering import answer_queue
from closeup.pipeline.loop.loop_kind import Evaluation, LabelPool, Learnt, LoopKind
from closeup.pipeline.loop.loop_options import LoopBudget, LoopSetup, OracleOptions
from closeup.pipeline.loop.member_learning import TRAINING, MemberLearner
from closeup.pipeline.loop.member_loop import MemberLoop
from closeup.pipeline.loop.member_samples import SampleOptions
from closeup.pipeline.loop.member_truth import BoxOracle
from closeup.progress import Silent
from closeup.settings import Settings
from closeup.store.label_queue import Unit, fill_queue
from tests.kept_models import kept
from tests.listening import Listener
from tests.small_stage import EILEEN, GRACE

TINY = replace(TRAINING, shape="faces", size=160)
EFFORT = LoopBudget(rounds=1, verdicts=4, points=4, networks=1, epochs=1)


def kind_of(stage: Path, folder: Path, models: Models, *, test: bool = True) -> MemberLoop:
    truth = stage.with_suffix(".truth.csv")
    setup = LoopSetup(
        "members", stage, members=stage.parent / "members", every=2, detector="yunet-n",
        test=truth if test else None,
    )  # fmt: skip
    return MemberLoop(folder, setup, models, training=TINY)


class Played:
    """Two rounds of a loop whose first round has all answers."""

    def __init__(self, kind: LoopKind, oracle: BoxOracle, folder: Path) -> None:
        self.pools: list[tuple[LabelPool, LabelPool]] = []
        self.learnt: list[Learnt] = []
        self.found: list[Evaluation] = []
        kind.collect(Silent())
        with kind.open(Silent()) as project:
            for number in (1, 2):
                self._round(kind, oracle, project, folder / f"round-{number}")
            self.items = list(project.store.all_items())

    def _round(
        self, kind: LoopKind, oracle: BoxOracle, project: LabelProject, folder: Path
    ) -> None:
        models, version = self.models, folder.name
        kind.propose(project, models, version, Silent())
        judge = kind.to_judge(project, models, version, Silent())
        label = kind.to_label(project, models, version, Silent())
        self.pools.append((judge, label))
        if not models:
            by_hand = list(label.units[:5])
            verdicts = [u for u in judge.units if Unit(u.item) not in by_hand]
            for queue, task, units in (("v", "review", verdicts), ("p", kind.label_task, by_hand)):
                fill_queue(project.store.database, queue, [(unit, "") for unit in units])
                answer_queue(project, queue, task, oracle, Silent())
        self.learnt.append(kind.learn(project, models, folder, EFFORT, 0, Silent()))
        self.found.append(kind.evaluate(project, self.models, models, Silent()))

    @property
    def models(self) -> tuple[Path, ...]:
        return self.learnt[-1].models if self.learnt else ()


@pytest.fixture(scope="module")
def played(
    small_stage: Path,
    shared_models: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Played:
    folder = tmp_path_factory.mktemp("loop")
    kind = kind_of(small_stage, folder, kept(Settings(shared_models, folder / "cache")))
    oracle = kind.oracle(OracleOptions(small_stage.with_suffix(".truth.csv")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(member_learning, "SAMPLES", 150)  # few passes suffice to look at the flow
        return Played(kind, oracle, folder)


def test_faces_propose_boxes_in_frames_to_learn_from(played: Played) -> None:
    judge, label = played.pools[0]
    places = {item.id: item.place for item in played.items}
    names = {one.object: one.annotation.name for item in played.items for one in item.labels}
    assert {names[unit.object] for unit in judge.units} == {EILEEN, GRACE}
    asked = {places[unit.item] for unit in label.units}
    held_out = set(range(len(played.items))) - asked
    assert len(played.items) == 21
    assert {places[unit.item] for unit in judge.units} <= asked
    assert len(held_out) >= 6  # with the frames beside them


def test_held_out_frames_have_no_labels(played: Played) -> None:
    label = played.pools[0][1]
    asked = {unit.item for unit in label.units}
    assert all(not item.labels for item in played.items if item.id not in asked)


def test_what_was_answered_is_learnt(played: Played) -> None:
    assert set(played.learnt[0].sources) == {"by hand", "called true"}
    assert played.learnt[0].models[0].is_file()


def test_the_trained_detector_proposes_the_next_round(played: Played) -> None:
    judge, label = played.pools[1]
    by_model = {
        one.object: one.annotation
        for item in played.items
        for one in item.labels
        if one.annotation.version == "round-2"
    }
    assert by_model
    assert all("members-1" in one.method for one in by_model.values())
    assert all(unit.object in by_model for unit in judge.units)
    assert len(label.units) == len(played.pools[0][1].units) - 5
    assert judge.candidates.disagreement is not None


def test_detectors_are_measured_and_compared(played: Played) -> None:
    first, second = played.found
    assert first.figures.keys() == second.figures.keys() >= {"map50", "right_name"}
    assert first.count == second.count > 5
    assert not first.taught
    assert 0 <= second.figures["right_name"] <= 1


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
