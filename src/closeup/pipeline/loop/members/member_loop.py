"""What a loop on member boxes does: the detector's loop on frames of a stage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from closeup.detection.yolo_members import YoloMemberDetector
from closeup.detections import Detections
from closeup.errors import ImageError, InputError
from closeup.files.folders import is_folder
from closeup.files.passed_over import PassedOver
from closeup.identity.gallery import Gallery
from closeup.identity.gallery_file import read_gallery_header
from closeup.labelling.project import LabelProject
from closeup.labelling.quality_network import LabelQualityNetwork
from closeup.open_models import Models
from closeup.pipeline.labelling.label_projects import (
    CLASSES,
    ProjectOptions,
    open_label_project,
    report,
)
from closeup.pipeline.labelling.member_source import MemberSource
from closeup.pipeline.labelling.proposers import LabelProposer
from closeup.pipeline.labelling.proposing import propose_labels
from closeup.pipeline.loop.loop_kind import Evaluation, LabelPool, Learnt
from closeup.pipeline.loop.loop_options import LoopBudget, LoopSetup, OracleOptions
from closeup.pipeline.loop.members.evaluation import LEAST, evaluate_members, held_out_frames
from closeup.pipeline.loop.members.frames import FRAMES, FrameSplit, collect_frames, split_frames
from closeup.pipeline.loop.members.labels import FrameLabels
from closeup.pipeline.loop.members.learning import TRAINING, MemberLearner
from closeup.pipeline.loop.members.measures import FrameView, StageMeasures
from closeup.pipeline.loop.members.proposals import (
    TrainedProposer,
    new_to,
    open_trained,
    withdraw_outdated,
)
from closeup.pipeline.loop.members.samples import SampleOptions
from closeup.pipeline.loop.members.truth import BoxOracle, StageTruth
from closeup.pipeline.people.members import find_members
from closeup.pipeline.training.detector_training import DetectorTrainingOptions
from closeup.progress import Progress
from closeup.store.label_queue import Unit
from closeup.store.label_records import StoredItem

_HELD_OUT = 0.25
"""Share of the stretches of a stage on which models are measured."""


@dataclass(frozen=True, eq=False)
class MemberLoop:
    """The boxes of a stage's members; see :class:`closeup.pipeline.loop.loop_kind.LoopKind`.

    Attributes:
        folder: Folder of the project.
        setup: Video or folder of frames, photos of the members, and the truth to measure on.
        models: Opens models by name.
        samples: What is learnt from.
        training: Size of the detectors and their training.
        quality: Tells good boxes from bad ones; None without such a network.

    """

    folder: Path
    setup: LoopSetup
    models: Models
    samples: SampleOptions = field(default_factory=SampleOptions)
    training: DetectorTrainingOptions = TRAINING
    quality: LabelQualityNetwork | None = None
    _found: dict[tuple[Path, int], Detections] = field(default_factory=dict)

    name = "members"
    goal = "right_name"
    goal_text = "held-out heads are found with the right name"
    label_task = "members"
    least_measured = 1

    @property
    def pictures(self) -> Path:
        """The folder of the frames."""
        source = self.setup.pictures
        return source if is_folder(source) else self.folder / FRAMES

    def collect(self, progress: Progress) -> None:
        """Write the frames of a video as pictures; see :func:`.frames.collect_frames`."""
        collect_frames(self.setup.pictures, self.folder, self.setup.every, progress)

    @contextmanager
    def open(self, progress: Progress) -> Iterator[LabelProject]:
        """Open the store of labels beside the frames."""
        options = ProjectOptions(names=self._members)
        with open_label_project(
            self.pictures, self.label_task, options, progress=progress
        ) as project:
            yield project

    def propose(
        self, project: LabelProject, models: Sequence[Path], version: str, progress: Progress
    ) -> None:
        """Propose by faces and photos in the first round, then by the detector of the last one.

        A trained detector proposes boxes down to a low score. What an earlier one proposed and
        nobody judged is taken away, and a box that says what another label says is left out.
        """
        learnt = self._split(project).learnt
        if models:
            withdraw_outdated(project.store, learnt, version)
        proposer = self._proposer(project, models, version, progress)
        added = propose_labels(
            project.store, project.pictures, proposer,
            wanted=set(learnt), merge=new_to, progress=progress,
        )  # fmt: skip
        report(added, progress)

    def to_judge(
        self,
        project: LabelProject,
        models: Sequence[Path],
        version: str,  # noqa: ARG002
        progress: Progress,
    ) -> LabelPool:
        """One proposed box for each head that nobody is certain of, of whichever version.

        The box of a face that nobody judged in an earlier round is still worth a verdict: the
        detector that was trained since then may disagree.
        """
        return self._measures(project, models, progress).to_judge()

    def to_label(
        self,
        project: LabelProject,
        models: Sequence[Path],
        version: str,  # noqa: ARG002
        progress: Progress,
    ) -> LabelPool:
        """Frames that nobody called complete or passed over."""
        return self._measures(project, models, progress).to_label()

    def to_measure(self, project: LabelProject) -> Sequence[Unit]:
        """Held-out frames that nobody labelled, in the order of time; none if there is a truth."""
        if self.setup.test is not None:
            return ()
        return [Unit(item.id) for item in self._held_out(project) if item.verdict is None]

    def learn(
        self,
        project: LabelProject,
        models: Sequence[Path],
        folder: Path,
        effort: LoopBudget,
        seed: int,
        progress: Progress,
    ) -> Learnt:
        """Train detectors on what is certain, from the weights of the last round."""
        items = project.store.items(self._split(project).learnt)
        learner = MemberLearner(self._names(project), self.samples, self.training)
        return learner.learn(project, items, models, folder, effort, seed, progress)

    def evaluate(
        self,
        project: LabelProject,
        models: Sequence[Path],
        before: Sequence[Path],
        progress: Progress,
    ) -> Evaluation:
        """Measure the first detector on held-out stretches of the stage."""
        detector = open_trained(models[0], LEAST)
        earlier = open_trained(before[0], LEAST) if before else None
        frames = held_out_frames(self._held_out(project), detector.names, self._truth)
        return evaluate_members(frames, project.pictures, detector, earlier, progress)

    def oracle(self, options: OracleOptions) -> BoxOracle:
        """What answers from a table of heads; see :meth:`.truth.StageTruth.read`."""
        return BoxOracle(StageTruth.read(options.truth), self._members, options, self.setup.seed)

    def _proposer(
        self, project: LabelProject, models: Sequence[Path], version: str, progress: Progress
    ) -> LabelProposer:
        if models:
            return TrainedProposer(open_trained(models[0]), version)
        source = MemberSource(self._photos, self.setup.detector)
        return source.proposer(project.store, self.models, version, progress, guesses=True)

    @cached_property
    def _truth(self) -> StageTruth | None:
        return None if self.setup.test is None else StageTruth.read(self.setup.test)

    @property
    def _photos(self) -> Path:
        if self.setup.members is None:
            raise InputError("a loop for members needs their photos; give --members")
        return self.setup.members

    @cached_property
    def _members(self) -> tuple[str, ...]:
        found = find_members(self._photos)
        if isinstance(found, Path):
            return read_gallery_header(found).names
        return tuple(found.names if isinstance(found, Gallery) else found)

    def _names(self, project: LabelProject) -> tuple[str, ...]:
        return tuple(project.store.setting(CLASSES, ()))

    def _split(self, project: LabelProject) -> FrameSplit:
        return split_frames(list(project.store.all_items()), _HELD_OUT)

    def _held_out(self, project: LabelProject) -> list[StoredItem]:
        return project.store.items(self._split(project).held_out)

    def _measures(
        self, project: LabelProject, models: Sequence[Path], progress: Progress
    ) -> StageMeasures:
        items = project.store.items(self._split(project).learnt)
        detectors = [open_trained(model) for model in models]
        names = detectors[0].names if detectors else self._names(project)
        progress.begin("measuring what may be asked", len(items))
        passed, frames = PassedOver(progress, noun="frame"), list[FrameView]()
        for item in items:
            try:
                found = self._detected(project, item, models, detectors)
            except ImageError as error:
                passed.leave_out(f"{error}; nothing is asked about it", error.kind)
            else:
                frames.append(FrameView(item, len(frames), FrameLabels.of(item), found))
            progress.advance()
        passed.say_sum()
        return StageMeasures(frames, names, project.pictures, self.quality)

    def _detected(
        self,
        project: LabelProject,
        item: StoredItem,
        models: Sequence[Path],
        detectors: Sequence[YoloMemberDetector],
    ) -> list[Detections]:
        """What the models find in a frame; kept, since both queues of a round need it."""
        if item.verdict is not None:
            return [Detections.none() for _ in models]
        image = project.pictures.read(item)
        for model, detector in zip(models, detectors, strict=True):
            if (model, item.id) not in self._found:
                self._found[model, item.id] = detector.detect(image)
        return [self._found[model, item.id] for model in models]
