"""``closeup fancam``: one close-up video for every member."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer

from closeup.cli.options import Commercial, EmbedderName
from closeup.cli.progress import RichProgress
from closeup.fancam.options import Absent, FancamOptions, Framing, Smoothing, Zoom
from closeup.geometry import Size
from closeup.pipeline.fancams import Fancams, make_fancams
from closeup.settings import Settings
from closeup.timecode import parse_time


def _time(text: str) -> Fraction:
    try:
        return parse_time(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _size(text: str) -> Size:
    try:
        return Size.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def fancam(
    stage: Annotated[Path, typer.Argument(help="The stage video.", metavar="STAGE")],
    members: Annotated[
        Path, typer.Option(help="Folder with NAME/*.jpg or NAME.jpg, or a gallery (*.npz).")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the results.")],
    framing: Annotated[Framing, typer.Option(help="How much of the member.")] = Framing.BUST,
    zoom: Annotated[Zoom, typer.Option(help="Let the crop's height follow.")] = Zoom.FOLLOW,
    size: Annotated[
        Size | None,
        typer.Option(parser=_size, help="Output size; default 9:16 at the source's height."),
    ] = None,
    smooth: Annotated[Smoothing, typer.Option(help="How the camera moves.")] = Smoothing.L1,
    absent: Annotated[
        Absent, typer.Option(help="What is shown while the member is away.")
    ] = Absent.WIDE,
    max_gap: Annotated[
        float, typer.Option(help="Seconds over which a missing position is interpolated.", min=0)
    ] = 1.0,
    every: Annotated[
        int | None, typer.Option(help="Detect in every so many frames.", min=1)
    ] = None,
    detector: Annotated[
        str,
        typer.Option(
            help="As of `closeup faces`; or yolo:FILE, a detector of the members, alone or "
            "after that and a comma."
        ),
    ] = "auto",
    embedder: EmbedderName = "dlib-128",
    self_train: Annotated[
        bool,
        typer.Option("--self-train", help="Learn from the video who is who without a face, too."),
    ] = False,
    start: Annotated[
        Fraction | None, typer.Option("--from", parser=_time, help="First moment, as 1:23.5.")
    ] = None,
    end: Annotated[
        Fraction | None, typer.Option("--to", parser=_time, help="Moment to stop before.")
    ] = None,
    video: Annotated[bool, typer.Option(help="Make videos, or only the analysis.")] = True,
    grid: Annotated[bool, typer.Option(help="Also all members side by side.")] = False,
    preview: Annotated[bool, typer.Option(help="Also the stage with boxes and names.")] = False,
    appearance: Annotated[
        bool, typer.Option(help="Let clothes tell who it is while the face is hidden.")
    ] = True,
    fix: Annotated[
        Path | None, typer.Option(help="Corrections; default OUT/corrections.json.")
    ] = None,
    commercial: Commercial = False,
    json_output: Annotated[
        bool, typer.Option("--json", help="Print the report as JSON on stdout.")
    ] = False,
) -> None:
    """Make a close-up video of every member, from a stage video and a few photos of each."""
    try:
        options = FancamOptions(
            framing=framing, zoom=zoom, size=size, smooth=smooth, absent=absent, max_gap=max_gap,
            every=every, detector=detector, start=start, end=end, video=video, grid=grid,
            preview=preview, appearance=appearance, self_train=self_train,
        )  # fmt: skip
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    with RichProgress() as progress:
        settings = Settings.from_environment(commercial=commercial)
        made = make_fancams(
            stage, members, out, options, embedder=embedder, fix=fix, progress=progress,
            settings=settings,
        )  # fmt: skip
    print_result(made, as_json=json_output)


def print_result(made: Fancams, *, as_json: bool) -> None:
    """Print what was made: the paths for people, the report for programs."""
    more = {"grid": made.grid, "preview": made.preview}
    if as_json:
        paths = {
            "videos": {name: str(path) for name, path in made.videos.items()},
            **{name: path and str(path) for name, path in more.items()},
        }
        typer.echo(json.dumps({**paths, **made.report}))
        return
    for path in [*made.videos.values(), *more.values(), made.coordinates, made.page]:
        if path:
            typer.echo(path)
