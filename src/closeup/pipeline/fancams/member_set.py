"""``closeup dataset members``: labelled pictures of a stage."""

from __future__ import annotations

from pathlib import Path

from closeup.fancam.options import FancamOptions
from closeup.identity.gallery import Gallery
from closeup.open_models import Models
from closeup.pipeline.fancams.fancams import make_fancams, refuse_among_inputs
from closeup.pipeline.fancams.member_pictures import (
    MemberSet,
    MemberSetOptions,
    refuse_sets,
    write_member_set,
)
from closeup.progress import Progress, Silent
from closeup.protocols import Embedder, FaceDetector
from closeup.tracking.tracker import Tracker

FANCAMS = "fancams"


def build_member_set(
    video: Path | str,
    members: Path | str | Gallery,
    out: Path | str,
    options: MemberSetOptions | None = None,
    *,
    detector: str | FaceDetector = "auto",
    embedder: str | Embedder = "auto",
    tracker: Tracker | None = None,
    rotate: int = 0,
    models: Models | None = None,
    progress: Progress | None = None,
) -> MemberSet:
    """Label frames of a stage video by the faces that are identified with certainty.

    Args:
        video: The stage video.
        members: Folder of the members' photos, or a gallery's file.
        out: Folder for the data set. The analysis of the video is kept in its sub-folder
            ``fancams``; a ``corrections.json`` there is applied.
        options: Number, size and split of the pictures; None for the defaults.
        detector: Finds the faces; see :func:`closeup.make_fancams`.
        embedder: See :func:`closeup.make_fancams`.
        tracker: See :func:`closeup.make_fancams`.
        rotate: Rotation of the video in degrees clockwise: 0, 90, 180 or 270.
        models: Opens models given by name; None for a new :class:`Models`.
        progress: Receives stages and messages; silent if None.

    Raises:
        CloseupError: an input cannot be used, no member is identified with certainty in enough
            frames, ``out`` has a data set, or a result cannot be written.
        ValueError: ``rotate`` is another number.

    """
    options, progress = options or MemberSetOptions(), progress or Silent()
    video, out = Path(video), Path(out)
    refuse_among_inputs(out, video, members)
    refuse_sets(out)
    seeing = FancamOptions(video=False, rotate=rotate)
    made = make_fancams(
        video, members, out / FANCAMS, seeing,
        detector=detector, embedder=embedder, tracker=tracker, models=models, progress=progress,
    )  # fmt: skip
    return write_member_set(video, made.solution, out, seeing, options, progress)
