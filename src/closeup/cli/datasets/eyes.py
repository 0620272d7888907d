"""``closeup dataset eyes``: crops of eyes with coarse labels, for training."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from closeup.cli.inputs import need
from closeup.cli.options import Commercial, Detector, JsonOutput, PupilMethod, Rotate
from closeup.cli.progress import RichProgress
from closeup.geometry import Size
from closeup.open_models import Models
from closeup.pipeline.datasets.eye_dataset import EyeSetOptions, build_eye_set
from closeup.settings import Settings

_USUAL = EyeSetOptions()


def _size(text: str) -> Size:
    try:
        return Size.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def eyes(
    source: Annotated[
        Path,
        typer.Argument(
            help="Folder of photos, video, or folder of closeup dataset import.", metavar="SOURCE"
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the data set.")],
    method: PupilMethod = "darkest",
    size: Annotated[
        Size | None,
        typer.Option(
            parser=_size, metavar="WxH", help=f"Size of the crops, pixels; default {_USUAL.size}."
        ),
    ] = None,
    width: Annotated[float, typer.Option(help="Crop width in eye distances.")] = _USUAL.width,
    every: Annotated[int, typer.Option(help="Use every N-th frame of a video.", min=1)] = 1,
    rotate: Rotate = 0,
    detector: Detector = "auto",
    limit: Annotated[int | None, typer.Option(help="Use at most N pictures.", min=1)] = None,
    commercial: Commercial = False,
    json_output: JsonOutput = False,
) -> None:
    """Cut out all eyes, label the pupils, check the labels, and show them on a page."""
    try:
        options = EyeSetOptions(size or _USUAL.size, width, every, limit, rotate)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    need(source)
    with RichProgress() as progress:
        made = build_eye_set(
            source, out, options,
            method=method, detector=detector,
            models=Models(Settings.from_environment(commercial=commercial)), progress=progress,
        )  # fmt: skip
    if json_output:
        typer.echo(json.dumps(made.document))
        return
    typer.echo(made.labels)
    typer.echo(made.page)
