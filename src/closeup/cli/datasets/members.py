"""``closeup dataset members``: labelled pictures of a stage."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from closeup.cli.inputs import need
from closeup.cli.options import Detector, JsonOutput, Rotate
from closeup.cli.progress import RichProgress
from closeup.pipeline.fancams.member_pictures import MemberSetOptions
from closeup.pipeline.fancams.member_set import build_member_set

_USUAL = MemberSetOptions()


def members(
    video: Annotated[Path, typer.Argument(help="The stage video.", metavar="VIDEO")],
    members: Annotated[
        Path, typer.Option(help="Folder with NAME/*.jpg or NAME.jpg, or a gallery's file.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the data set.")],
    frames: Annotated[int, typer.Option(help="Maximum number of pictures.")] = _USUAL.frames,
    size: Annotated[
        int, typer.Option(help="Longer side of the pictures, in pixels.")
    ] = _USUAL.size,
    held_out: Annotated[
        float, typer.Option(help="Share of the video for validation.")
    ] = _USUAL.held_out,
    rotate: Rotate = 0,
    detector: Detector = "auto",
    json_output: JsonOutput = False,
) -> None:
    """Label frames of a stage video by the faces that are identified with certainty."""
    try:
        options = MemberSetOptions(frames, size, held_out)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    need(video, kind="file")
    need(members)
    with RichProgress() as progress:
        made = build_member_set(
            video, members, out, options, rotate=rotate, detector=detector, progress=progress
        )
    if json_output:
        typer.echo(json.dumps(made.document, ensure_ascii=False))
        return
    typer.echo(made.data)
    typer.echo(made.sheet)
