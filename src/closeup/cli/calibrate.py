"""``closeup calibrate``: fit what a method gets wrong in the same way everywhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from closeup.atomic import claiming
from closeup.cli.options import Commercial, Detector, JsonOutput, PupilMethod
from closeup.cli.progress import RichProgress
from closeup.pipeline.pupil_calibration import calibrate_pupils
from closeup.settings import Settings


def pupils(
    truth: Annotated[
        Path, typer.Option(help="CSV: image,right_eye_x,right_eye_y,left_eye_x,left_eye_y.")
    ],
    images: Annotated[Path, typer.Option(help="Folder that the names in it begin in.")],
    method: PupilMethod,
    out: Annotated[Path, typer.Option(help="File for the offsets, such as calibration.json.")],
    limit: Annotated[
        int | None, typer.Option(help="Use only so many faces, the first ones.", min=1)
    ] = None,
    detector: Detector = "auto",
    commercial: Commercial = False,
    json_output: JsonOutput = False,
) -> None:
    """Fit one constant offset an eye, and say what it brings on faces that took no part."""
    settings = Settings.from_environment(commercial=commercial)
    with RichProgress() as progress, claiming(out.parent, alone=False):
        calibration, result = calibrate_pupils(
            truth, images, method,
            settings=settings, progress=progress, detector=detector, limit=limit,
        )  # fmt: skip
        calibration.save(out)
    if json_output:
        typer.echo(json.dumps({**result, "file": str(out)}))
    else:
        for line in (*_told(result), str(out)):
            typer.echo(line)


def _told(result: Mapping[str, Any]) -> list[str]:
    offsets = [
        f"{eye} eye  {x * 100:+.2f} % across, {y * 100:+.2f} % down"
        for eye, (x, y) in result["offsets"].items()
    ]
    shares = [
        f"e ≤ {key.removeprefix('e_')}   {before:.1%} before, {result['after'][key]:.1%} after"
        for key, before in result["before"].items()
    ]
    faces = f"{result['method']}: {result['used']} faces of {result['photos']} photos"
    return [faces, *offsets, *shares]
