"""``closeup align``: upright, equally large pictures of faces."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

import closeup as cu
from closeup.cli.inputs import need
from closeup.cli.options import AnyRotation, Commercial, Detector, JsonOutput, Rotate
from closeup.cli.progress import RichProgress
from closeup.faces import PointScheme
from closeup.landmarks.cut_options import CutOptions, Template
from closeup.landmarks.templates import EyePlace
from closeup.settings import Settings


def _place(text: str) -> EyePlace:
    try:
        return EyePlace.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


class CutPointsChoice(StrEnum):
    """Values of ``--points``."""

    AUTO = "auto"
    FIVE = "5"
    SIXTY_EIGHT = "68"


_POINTS = {
    CutPointsChoice.AUTO: None,
    CutPointsChoice.FIVE: PointScheme.DLIB_5,
    CutPointsChoice.SIXTY_EIGHT: PointScheme.DLIB_68,
}


def align(
    source: Annotated[Path, typer.Argument(help="Image or folder of images.", metavar="IMAGE")],
    template: Annotated[Template, typer.Option(help="How faces are cut out.")],
    out: Annotated[
        Path, typer.Option(help="Folder for the results, or a .png file for one face.")
    ] = Path("aligned"),
    points: Annotated[
        CutPointsChoice, typer.Option(help="Feature points; auto: those that suit the template.")
    ] = CutPointsChoice.AUTO,
    every_face: Annotated[
        bool, typer.Option("--all", help="Cut all faces, not only the largest of each picture.")
    ] = False,
    eyes: Annotated[
        EyePlace | None,
        typer.Option(
            parser=_place, metavar="X,Y", help="eyes256: place of the eye left in the picture."
        ),
    ] = None,
    size: Annotated[
        int | None, typer.Option(help="eyes256: side of the result, in pixels.")
    ] = None,
    margin: Annotated[
        float | None, typer.Option(help="crop: margin around the box, in shares of its sides.")
    ] = None,
    rotate: Rotate = 0,
    detector: Detector = "auto",
    any_rotation: AnyRotation = False,
    commercial: Commercial = False,
    json_output: JsonOutput = False,
) -> None:
    """Cut faces out of pictures, upright and equally large, as networks and albums want them."""
    try:
        scheme = _POINTS[points]
        options = CutOptions(template=template, points=scheme, eyes=eyes, size=size, margin=margin)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    need(source)
    with RichProgress() as progress:
        made = cu.align_faces(
            source, out, options, every_face=every_face, rotate=rotate,
            any_rotation=any_rotation, detector=detector,
            models=cu.Models(Settings.from_environment(commercial=commercial)), progress=progress,
        )  # fmt: skip
    if json_output:
        typer.echo(json.dumps([face.record() for face in made]))
        return
    for face in made:
        typer.echo(face.file)
