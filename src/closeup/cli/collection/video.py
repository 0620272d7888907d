"""``closeup collect video``: frames of videos as pictures."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer

from closeup.cli.inputs import need
from closeup.cli.options import Commercial, Detector, EmbedderName, JsonOutput, Rotate
from closeup.cli.progress import RichProgress
from closeup.open_models import Models
from closeup.pipeline.collection.collect_options import EVERY, CollectOptions
from closeup.pipeline.collection.frame_faces import FaceRequirements
from closeup.pipeline.collection.video_frames import collect_video
from closeup.settings import Settings

_USUAL = CollectOptions()


def video(
    videos: Annotated[list[Path], typer.Argument(help="The videos.", metavar="VIDEO...")],
    out: Annotated[Path, typer.Option(help="Folder for the pictures and their manifest.")],
    every: Annotated[
        int | None, typer.Option(help=f"Take every N-th frame; default {EVERY}.", min=1)
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(help="Take a frame in each stretch of so many seconds.")
    ] = None,
    by_shot: Annotated[
        int | None, typer.Option(help="Take N frames of every shot, evenly.", min=1)
    ] = None,
    diverse: Annotated[
        int | None, typer.Option(help="Keep the N frames that differ most.", min=1)
    ] = None,
    faces: Annotated[bool, typer.Option("--faces", help="Only frames with a face.")] = False,
    member: Annotated[
        list[str] | None,
        typer.Option(help="Only frames with this member; may be repeated. Needs --members."),
    ] = None,
    members: Annotated[
        Path | None, typer.Option(help="Photos of all members, or a gallery's file.")
    ] = None,
    min_height: Annotated[
        float, typer.Option(help="Least height of such a face, in pixels.", min=0)
    ] = 0,
    min_sharpness: Annotated[
        float, typer.Option(help="Least sharpness of such a face, 0 to 1; 0.15 is blurred.", min=0)
    ] = 0,
    rotate: Rotate = 0,
    quality: Annotated[int, typer.Option(help="JPEG quality.", min=1, max=100)] = _USUAL.quality,
    detector: Detector = "auto",
    embedder: EmbedderName = "auto",
    commercial: Commercial = False,
    json_output: JsonOutput = False,
) -> None:
    """Write frames of videos as pictures: every n-th, of each shot, or the most different."""
    wanted = None
    if faces or member or min_height or min_sharpness:
        wanted = FaceRequirements(min_height, min_sharpness, frozenset(member or ()))
    try:
        options = CollectOptions(
            every, None if seconds is None else Fraction(str(seconds)), by_shot, diverse, wanted,
            rotate, quality,
        )  # fmt: skip
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    need(*videos, *filter(None, [members]))
    with RichProgress() as progress:
        made = collect_video(
            videos, out, options,
            members=members, detector=detector, embedder=embedder,
            models=Models(Settings.from_environment(commercial=commercial)), progress=progress,
        )  # fmt: skip
    if json_output:
        typer.echo(json.dumps(made.document))
        return
    typer.echo(f"{made.document['pictures']} of {made.document['frames']} frames: {made.folder}")
    typer.echo(made.table)
