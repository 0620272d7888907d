"""``closeup pupils``: the pupils of every face of photos and videos."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

import closeup as cu
from closeup.cli.inputs import need
from closeup.cli.options import (
    AnyRotation,
    Commercial,
    Detector,
    JsonOutput,
    PupilMethod,
    Rotate,
)
from closeup.cli.progress import RichProgress
from closeup.cli.search.searching import run_search
from closeup.opening import PUPIL_METHODS
from closeup.settings import Settings


def pupils(
    source: Annotated[Path, typer.Argument(help="Image, folder or video.", metavar="INPUT")],
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results; needed without --json.")
    ] = None,
    method: PupilMethod = PUPIL_METHODS[0],
    calibration: Annotated[
        Path | None, typer.Option(help="File of `closeup calibrate pupils` for the method.")
    ] = None,
    show_steps: Annotated[
        bool, typer.Option("--show-steps", help="Draw every step of the method into --out.")
    ] = False,
    every: Annotated[int, typer.Option(help="Use every N-th frame of a video.", min=1)] = 1,
    rotate: Rotate = 0,
    detector: Detector = "auto",
    any_rotation: AnyRotation = False,
    commercial: Commercial = False,
    json_output: JsonOutput = False,
) -> None:
    """Find the pupils of every face of an image, a folder or a video; draw them, write CSV."""
    if out is None and not json_output:
        raise typer.BadParameter("give a folder for the results with --out, or --json, or both")
    if out is None and show_steps:
        raise typer.BadParameter("--show-steps needs a folder for the pictures: give --out")
    need(source, calibration)
    with RichProgress() as progress:
        search = cu.find_pupils(
            source, method, detector=detector, calibration=calibration, every=every,
            steps=show_steps, rotate=rotate, any_rotation=any_rotation, progress=progress,
            models=cu.Models(Settings.from_environment(commercial=commercial)),
        )  # fmt: skip
        run_search(search, out, progress, as_json=json_output, sums=_sums)
    if out and show_steps and not json_output:
        from closeup.pipeline.search.drawn_faces import STEPS

        typer.echo(out / STEPS)


def _sums(pictures: list[cu.FacesInPicture]) -> list[str]:
    """How many eyes have a centre, and why the others have none."""
    looks = [picture.faces.eyes for picture in pictures if picture.faces.eyes is not None]
    found = sum(int(eyes.found.sum()) for eyes in looks)
    count = 2 * sum(len(eyes) for eyes in looks)
    reasons = Counter(
        reason for eyes in looks for pair in eyes.reasons for reason in pair if reason
    )
    return [
        *[f"{found} of {count} eyes with a pupil"] * bool(count),
        *(f"{number} without: {reason}" for reason, number in reasons.most_common()),
    ]
