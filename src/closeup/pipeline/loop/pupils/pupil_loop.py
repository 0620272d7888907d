"""The loop for pupils: crops of eyes, classic methods, and small networks."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version as version_of
from pathlib import Path
from typing import ClassVar

from closeup.datasets.eyes.eye_store import EyeStore
from closeup.datasets.scenes.people import person_of
from closeup.errors import InputError
from closeup.evaluation.pupil_truth import PupilTruth, read_pupil_truth
from closeup.geometry import Size
from closeup.labelling.project import LabelProject
from closeup.open_models import Models
from closeup.opening import open_eye_method
from closeup.pipeline.datasets.eye_dataset import EyeSetOptions, build_eye_set
from closeup.pipeline.labelling.label_projects import open_label_project
from closeup.pipeline.labelling.proposers import EyeProposer
from closeup.pipeline.labelling.proposing import propose_labels
from closeup.pipeline.loop.loop_kind import Evaluation, LabelPool, Learnt
from closeup.pipeline.loop.loop_options import LoopBudget, LoopSetup, OracleOptions
from closeup.pipeline.loop.oracles import PupilOracle
from closeup.pipeline.loop.pupils.doubts import learn_quality
from closeup.pipeline.loop.pupils.ensemble import proposed_pictures, read_ensemble
from closeup.pipeline.loop.pupils.eye_labels import EyeLabelPolicy
from closeup.pipeline.loop.pupils.loop_eyes import LoopEyes
from closeup.pipeline.loop.pupils.measuring import (
    GOAL,
    LEAST_MEASURED,
    PhotoTest,
    evaluate_held_out,
    eyes_to_measure,
)
from closeup.pipeline.loop.pupils.pools import PupilPools
from closeup.progress import Progress, Silent
from closeup.pupils.eye_crops import CropShape
from closeup.store.label_import import import_pictures
from closeup.store.label_queue import Unit

EYES = "eyes"
"""Folder of the data set below the project."""
_SIZE, _WIDTH = Size(144, 108), 2.0


@dataclass(frozen=True)
class PupilLoop:
    """See :class:`closeup.pipeline.loop.loop_kind.LoopKind`.

    Attributes:
        folder: Folder of the project.
        setup: What the loop is about.
        opened: Opens models by name.

    """

    folder: Path
    setup: LoopSetup
    opened: Models

    name: ClassVar = "pupils"
    goal: ClassVar = GOAL
    label_task: ClassVar = "pupil"
    least_measured: ClassVar = LEAST_MEASURED

    @property
    def goal_text(self) -> str:
        """What the goal is."""
        whose = "held-out eyes are" if self._truth is None else "faces have their worse eye"
        return f"{whose} within 0.05 eye distances"

    @property
    def pictures(self) -> Path:
        """The data set of eyes."""
        return self.folder / EYES

    def collect(self, progress: Progress) -> None:
        """Cut out all eyes, with labels by the first coarse method; the test is looked at first.

        Raises:
            InputError: the pictures or the test cannot be used, or the test has all people.

        """
        apart = self._apart or frozenset()
        if not (self.pictures / "labels.csv").exists():
            options = EyeSetOptions(_SIZE, _WIDTH, every=self.setup.every)
            build_eye_set(
                self.setup.pictures, self.pictures, options, method=self.setup.coarse[0],
                detector=self.setup.detector, models=self.opened, progress=progress,
            )  # fmt: skip
        if all(person_of(row.image) in apart for row in EyeStore.opened(self.pictures).labels()):
            raise InputError(
                f"{self.setup.test} has all people of {self.setup.pictures}, and nothing is learnt "
                "from people of the test; begin a new project with other pictures or another test"
            )

    def open(self, progress: Progress) -> AbstractContextManager[LabelProject]:
        """Open the store of the data set."""
        return open_label_project(self.pictures, self.label_task, progress=progress)

    def propose(
        self, project: LabelProject, models: Sequence[Path], version: str, progress: Progress
    ) -> None:
        """Let the other coarse methods, or an ensemble, label the pupils.

        With the ensemble comes the network that tells good labels from bad ones, which learns from
        the verdicts so far; no one needs it after the last round.
        """
        if not models:
            for name in self.setup.coarse[1:]:
                own = EyeProposer(open_eye_method(name), version_of("closeup"), _WIDTH, CropShape())
                propose_labels(project.store, project.pictures, own, progress=progress)
            return
        learn_quality(project, models[0].parent, self.setup.seed, progress)
        eyes = self._eyes(project)
        chosen = [n for n in eyes.learning if eyes.eyes[n].open]
        readings = read_ensemble(models, eyes, chosen, progress)
        import_pictures(project.store, proposed_pictures(eyes, chosen, readings, version))

    def to_judge(
        self, project: LabelProject, models: Sequence[Path], version: str, progress: Progress
    ) -> LabelPool:
        """See :meth:`closeup.pipeline.loop.pupils.pools.PupilPools.to_judge`."""
        return self._pools(project, models, version, progress).to_judge()

    def to_label(
        self, project: LabelProject, models: Sequence[Path], version: str, progress: Progress
    ) -> LabelPool:
        """See :meth:`closeup.pipeline.loop.pupils.pools.PupilPools.to_label`."""
        return self._pools(project, models, version, progress).to_label()

    def to_measure(self, project: LabelProject) -> Sequence[Unit]:
        """Eyes of held-out people in random order, unless there is a test."""
        if self._truth is not None:
            return ()
        return self._pools(project, (), "", Silent()).to_measure(self.setup.seed)

    def learn(
        self,
        project: LabelProject,
        models: Sequence[Path],  # noqa: ARG002
        folder: Path,
        effort: LoopBudget,
        seed: int,
        progress: Progress,
    ) -> Learnt:
        """Train networks from scratch on labels by hand, true ones, and those of the ensemble."""
        from closeup.pipeline.loop.pupils.learning import train_ensemble

        eyes = self._eyes(project)
        if self._truth is None:
            eyes_to_measure(eyes)  # before hours of training
        return train_ensemble(eyes, self._policy(), folder, effort, seed, progress)

    def oracle(self, options: OracleOptions) -> PupilOracle:
        """The pupils of a table, in pixels of the pictures that the crops are from."""
        return PupilOracle(EyeStore.opened(self.pictures), options, self.setup.seed)

    def evaluate(
        self,
        project: LabelProject,
        models: Sequence[Path],
        before: Sequence[Path],
        progress: Progress,
    ) -> Evaluation:
        """Measure on the photos of the test, or on held-out people."""
        if self._truth is None:
            return evaluate_held_out(self._eyes(project), models, before, progress)
        test = PhotoTest(self._truth, self.opened, self.setup.detector)
        return test.evaluate(models, before, progress)

    @cached_property
    def _truth(self) -> PupilTruth | None:
        test = self.setup.test
        return (
            None if test is None else read_pupil_truth(test, self.setup.test_images or test.parent)
        )

    @cached_property
    def _apart(self) -> frozenset[str] | None:
        return None if self._truth is None else frozenset(map(person_of, self._truth.names))

    def _policy(self) -> EyeLabelPolicy:
        return EyeLabelPolicy(methods=self.setup.coarse)

    def _eyes(self, project: LabelProject) -> LoopEyes:
        data = EyeStore.opened(self.pictures)
        return LoopEyes(data, project.store, self._policy(), self._apart, self.setup.seed)

    def _pools(
        self, project: LabelProject, models: Sequence[Path], version: str, progress: Progress
    ) -> PupilPools:
        return PupilPools(self._eyes(project), self.setup.coarse, models, version, progress)
