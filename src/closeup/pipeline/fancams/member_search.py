"""Detects members in a stage video, by a detector from a file or trained on the video itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from closeup.errors import TooFewFramesError
from closeup.fancam.member_detections import MemberDetections, detect_members, detect_persons
from closeup.fancam.options import FancamOptions
from closeup.fancam.outputs import ANALYSIS
from closeup.fancam.solution import Solution
from closeup.media.video_reader import VideoReader
from closeup.open_models import Models
from closeup.pipeline.fancams.member_pictures import DATA, MemberSetOptions, write_member_set
from closeup.pipeline.training.detector_training import MEMBER_TRAINING, train_members
from closeup.progress import Progress
from closeup.protocols import MemberDetector, PersonDetector

TRAINED = "self-training"
"""Sub-folder of the results for the self-trained detector and its data set."""

DETECTOR = "detector.onnx"
"""The detector's file in that folder; files named ``members`` belong to the data set."""

SELF_TRAINING = replace(
    MEMBER_TRAINING, size=480, training=replace(MEMBER_TRAINING.training, epochs=40)
)
"""A short training: some minutes on two processors."""


@dataclass(frozen=True, slots=True, eq=False)
class MemberSearch:
    """Detects members, and stores the detections for later runs.

    Attributes:
        video: The stage video.
        names: Names of the gallery's members.
        out: Folder of the results.
        key: Everything that the analysis of the video depends on.
        every: Step between analysed frames, in frames.
        options: Options of the run.
        models: Opens detectors by name.
        progress: Receives stages and messages.

    """

    video: VideoReader
    names: Sequence[str]
    out: Path
    key: Mapping[str, Any]
    every: int
    options: FancamOptions
    models: Models
    progress: Progress

    def by(self, detector: MemberDetector) -> MemberDetections:
        """Detect members with a detector; the result is stored for the next run.

        Raises:
            InputError: the detector knows none of the members.

        """
        kept = self._file("members", {"members": detector.name, "names": list(self.names)})
        if kept.exists():
            return MemberDetections.load(kept)
        self.progress.say(f"finding members with {detector.name}")
        sight = detect_members(
            self.video, detector, self.names, self.every, self.options, self.progress
        )
        sight.save(kept)
        return sight

    def persons(self, detector: PersonDetector) -> MemberDetections:
        """Detect persons, once a second; the result is stored for the next run."""
        kept = self._file("persons", {"persons": detector.name})
        if kept.exists():
            return MemberDetections.load(kept)
        self.progress.say(f"finding bodies with {detector.name}")
        every = max(1, round(self.video.rate))
        found = detect_persons(self.video, detector, every, self.options, self.progress)
        found.save(kept)
        return found

    def _file(self, kind: str, depends: Mapping[str, Any]) -> Path:
        """The file of detections that depend on the analysis and on ``depends``."""
        text = json.dumps({**self.key, **depends})
        digest = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        return self.out / ANALYSIS / f"{kind}-{digest}.npz"

    def by_itself(self, solution: Solution) -> MemberDetections | None:
        """Detect members with a detector trained on this video; an existing one is reused.

        None if too few faces are identified to train one; faces and clothes then decide alone.

        Raises:
            TrainingError: the extra ``train`` is not installed.

        """
        folder = self.out / TRAINED
        data = folder / DATA
        try:
            if not data.exists():
                write_member_set(
                    self.video.path, solution, folder, self.options, MemberSetOptions(),
                    self.progress,
                )  # fmt: skip
        except TooFewFramesError as error:
            self.progress.say(f"{error}; until then faces and clothes alone identify members")
            return None
        model = folder / DETECTOR
        if not model.exists():
            train_members(data, model, SELF_TRAINING, progress=self.progress)
        # A network trained on the user's own video is free for any use.
        own = Models(replace(self.models.settings, commercial=False))
        return self.by(own.member_detector(str(model)))
