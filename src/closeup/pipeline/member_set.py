"""``closeup dataset members``: labelled pictures of a stage."""

from __future__ import annotations

from pathlib import Path

from closeup.fancam.options import FancamOptions
from closeup.pipeline.fancams import make_fancams
from closeup.pipeline.member_pictures import (
    MemberSet,
    MemberSetOptions,
    refuse_sets,
    write_member_set,
)
from closeup.progress import Progress, Silent
from closeup.settings import Settings

FANCAMS = "fancams"


def build_member_set(
    video: Path | str,
    members: Path | str,
    out: Path | str,
    options: MemberSetOptions | None = None,
    *,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> MemberSet:
    """Label frames of a stage video by the faces that are surely known.

    Args:
        video: The stage video.
        members: Folder of their photos, or a gallery's file.
        out: Folder for the data set. What was seen of the video is kept in ``fancams`` inside;
            a ``corrections.json`` there is followed.
        options: What.
        settings: Where model files are; by default what the environment says.
        progress: Who listens; nobody by default.

    Raises:
        CloseupError: something given cannot be used, nobody is surely known in enough frames,
            ``out`` has a data set, or a result cannot be written.

    """
    options, progress = options or MemberSetOptions(), progress or Silent()
    video, out = Path(video), Path(out)
    refuse_sets(out)
    seeing = FancamOptions(detector=options.detector, video=False)
    made = make_fancams(video, members, out / FANCAMS, seeing, settings=settings, progress=progress)
    return write_member_set(video, made.solution, out, seeing, options, progress)
