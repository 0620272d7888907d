"""``closeup pupils``: where the eyes of every face are."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

import closeup as cu
from closeup.cli.inputs import need
from closeup.cli.options import Commercial, Detector, JsonOutput, PupilMethod
from closeup.cli.progress import RichProgress
from closeup.cli.searching import run_search
from closeup.opening import PUPIL_METHODS
from closeup.settings import Settings


def pupils(
    source: Annotated[Path, typer.Argument(help="Image, folder or video.", metavar="INPUT")],
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results; needed without --json.")
    ] = None,
    method: PupilMethod = PUPIL_METHODS[0],
    calibration: Annotated[
        Path | None, typer.Option(help="What `closeup calibrate pupils` made for the method.")
    ] = None,
    show_steps: Annotated[
        bool, typer.Option("--show-steps", help="Draw every step of the method into --out.")
    ] = False,
    every: Annotated[int, typer.Option(help="Look at every so many frames of a video.", min=1)] = 1,
    detector: Detector = "auto",
    commercial: Commercial = False,
    json_output: JsonOutput = False,
) -> None:
    """Find the pupils of every face of an image, a folder or a video; draw them, write CSV."""
    if out is None and not json_output:
        raise typer.BadParameter("give a folder for the results with --out, or --json, or both")
    if out is None and show_steps:
        raise typer.BadParameter("--show-steps needs a folder for the pictures: give --out")
    need(source, calibration)
    settings = Settings.from_environment(commercial=commercial)
    with RichProgress() as progress:
        search = cu.find_pupils(
            source, method, detector=detector, calibration=calibration, every=every,
            steps=show_steps, settings=settings, progress=progress,
        )  # fmt: skip
        run_search(search, out, progress, as_json=json_output, sums=_sums)
    if out and show_steps and not json_output:
        from closeup.pipeline.pupils import STEPS

        typer.echo(out / STEPS)


def _sums(pictures: list[cu.PupilsInPicture]) -> list[str]:
    """How many eyes have a centre, and why the others have none."""
    found = sum(int(picture.eyes.found.sum()) for picture in pictures)
    eyes = 2 * sum(len(picture.eyes) for picture in pictures)
    reasons = Counter(
        reason for picture in pictures for pair in picture.eyes.reasons for reason in pair if reason
    )
    return [
        *[f"{found} of {eyes} eyes with a pupil"] * bool(eyes),
        *(f"{count} without: {reason}" for reason, count in reasons.most_common()),
    ]
