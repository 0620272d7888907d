"""``closeup calibrate``: fit methods and embedders to labelled photos."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from closeup.cli.options import Commercial, Detector, EmbedderName, JsonOutput, PupilMethod
from closeup.cli.progress import RichProgress
from closeup.files.atomic import claiming_file
from closeup.open_models import Models
from closeup.pipeline.evaluation.identity_calibration import calibrate_identity
from closeup.pipeline.evaluation.pupil_calibration import calibrate_pupils
from closeup.settings import Settings

_HIGHEST_RATE = 0.01
"""Highest false-accept rate that is printed; higher limits are not used in practice."""


def pupils(
    truth: Annotated[
        Path, typer.Option(help="CSV: image,right_eye_x,right_eye_y,left_eye_x,left_eye_y.")
    ],
    images: Annotated[Path, typer.Option(help="Folder that its image names are relative to.")],
    method: PupilMethod,
    out: Annotated[Path, typer.Option(help="File for the offsets, such as calibration.json.")],
    limit: Annotated[int | None, typer.Option(help="Use only the first N faces.", min=1)] = None,
    detector: Detector = "auto",
    commercial: Commercial = False,
    json_output: JsonOutput = False,
) -> None:
    """Fit one constant offset per eye, and measure its gain on held-out faces."""
    models = Models(Settings.from_environment(commercial=commercial))
    with RichProgress() as progress, claiming_file(out):
        calibration, result = calibrate_pupils(
            truth, images, method,
            models=models, progress=progress, detector=detector, limit=limit,
        )  # fmt: skip
        calibration.save(out)
    if json_output:
        typer.echo(json.dumps({**result, "file": str(out)}))
    else:
        for line in (*_told(result), str(out)):
            typer.echo(line)


def identity(
    faces: Annotated[
        Path, typer.Argument(help="Folder of people: NAME/*.jpg, as in LFW.", metavar="FACES")
    ],
    embedder: EmbedderName,
    out: Annotated[
        Path | None,
        typer.Option(help="Calibration file; default: where the embedder looks for it."),
    ] = None,
    only: Annotated[
        list[Path] | None, typer.Option(help="List of the people to use; may be repeated.")
    ] = None,
    keep_out: Annotated[
        list[Path] | None, typer.Option(help="List of people to leave out; may be repeated.")
    ] = None,
    detector: Detector = "auto",
    commercial: Commercial = False,
    json_output: JsonOutput = False,
) -> None:
    """Measure what an embedder's distances mean, on photos of labelled people."""
    models = Models(Settings.from_environment(commercial=commercial))
    with RichProgress() as progress:
        _, result = calibrate_identity(
            faces, embedder, out=out, only=only or (), keep_out=keep_out or (),
            detector=detector, models=models, progress=progress,
        )  # fmt: skip
    if json_output:
        typer.echo(json.dumps(result))
        return
    typer.echo(f"{result['embedder']}: {result['people']} people, {result['photos']} photos")
    typer.echo(f"area under the curve  {result['area_under_curve']:.4f}")
    for rate, share in result["accepted"].items():
        if float(rate) <= _HIGHEST_RATE:
            typer.echo(f"true accepts  {share:.1%} at 1 false accept in {1 / float(rate):,.0f}")
    typer.echo(result["file"])


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
