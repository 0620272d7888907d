"""What a detector of members sees of a stage: one of a file, or one that the video teaches."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from closeup.detections import Detections
from closeup.errors import InputError, TooFewFramesError
from closeup.fancam.member_detections import MemberDetections, detect_members
from closeup.fancam.options import FancamOptions
from closeup.fancam.outputs import ANALYSIS
from closeup.fancam.solution import Solution
from closeup.files.atomic import replacing
from closeup.media.video_reader import VideoReader
from closeup.open_models import Models
from closeup.pipeline.fancams.member_pictures import DATA, MemberSetOptions, write_member_set
from closeup.pipeline.training.detector_training import MEMBER_TRAINING, train_members
from closeup.progress import Progress
from closeup.protocols import MemberDetector

TRAINED = "self-training"
"""Folder in that of the results."""

DETECTOR = "detector.onnx"
"""In that folder; what is called ``members`` there is the data set."""

SELF_TRAINING = replace(
    MEMBER_TRAINING, size=480, training=replace(MEMBER_TRAINING.training, epochs=40)
)
"""A short training: some minutes on two processors."""


@dataclass(frozen=True, slots=True, eq=False)
class MemberSearch:
    """Looks for members, and keeps what was seen.

    Attributes:
        video: The stage.
        names: The gallery's.
        out: Folder of the results.
        key: All that the analysis of the video depends on.
        every: Distance of the frames that are looked at.
        options: What is wanted.
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
        """What a detector of members finds; kept for the next run.

        Raises:
            InputError: it knows none of the members.

        """
        told = json.dumps({**self.key, "members": detector.name, "names": list(self.names)})
        digest = hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        kept = self.out / ANALYSIS / f"members-{digest}.npz"
        if kept.exists():
            return _read(kept)
        self.progress.say(f"finding members with {detector.name}")
        sight = detect_members(
            self.video, detector, self.names, self.every, self.options, self.progress
        )
        with replacing(kept) as temporary, temporary.open("wb") as file_:
            np.savez_compressed(
                file_,
                frames=sight.frames,
                owner=sight.owner,
                boxes=sight.found.boxes,
                scores=sight.found.scores,
                members=sight.found.classes,
            )
        return sight

    def by_itself(self, solution: Solution) -> MemberDetections | None:
        """By one that is trained on what faces tell of this video; one that is there is used.

        None where faces tell too little: what they and clothes tell must do.

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
            self.progress.say(f"{error}; until then faces and clothes alone tell who is who")
            return None
        model = folder / DETECTOR
        if not model.exists():
            train_members(data, model, SELF_TRAINING, progress=self.progress)
        # A network that the user's own video taught is free for any use.
        own = Models(replace(self.models.settings, commercial=False))
        return self.by(own.member_detector(str(model)))


def _read(path: Path) -> MemberDetections:
    try:
        with np.load(path, allow_pickle=False) as data:
            found = Detections(data["boxes"], data["scores"], data["members"])
            return MemberDetections(data["frames"], data["owner"], found)
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise InputError(f"{path} is damaged: {error}; delete it and run again") from error
