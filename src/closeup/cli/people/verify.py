"""``closeup verify``: whether two photos show the same person."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

import closeup as cu
from closeup.cli.inputs import need
from closeup.cli.options import (
    AnyRotation,
    Commercial,
    Detector,
    EmbedderName,
    JsonOutput,
    Rotate,
)
from closeup.cli.progress import RichProgress
from closeup.identity.verification import RATE
from closeup.settings import Settings

if TYPE_CHECKING:
    from closeup.pipeline.people.verify import VerifiedFace

TWO_PEOPLE = 1
"""Exit status of ``--quiet`` if the photos show two people; 2 is an error, as everywhere."""


def verify(
    first: Annotated[Path, typer.Argument(help="A photo.", metavar="A")],
    second: Annotated[Path, typer.Argument(help="Another photo.", metavar="B")],
    rate: Annotated[
        float | None,
        typer.Option(
            "--far",
            help=f"Share of pairs of different people that may be accepted; default {RATE:g}.",
            min=1e-9,
            max=0.99,
        ),
    ] = None,
    rotate: Rotate = 0,
    detector: Detector = "auto",
    embedder: EmbedderName = "auto",
    any_rotation: AnyRotation = False,
    commercial: Commercial = False,
    json_output: JsonOutput = False,
    quiet: Annotated[
        bool,
        typer.Option(
            "--quiet",
            help="Print only errors; the exit status is 0 for one person, 1 for two people.",
        ),
    ] = False,
) -> None:
    """Say whether two photos show the same person, and how often that is wrong."""
    if quiet and json_output:
        raise typer.BadParameter("--quiet prints nothing; leave --json or --quiet away")
    need(first, second, kind="file")
    with RichProgress(Console(quiet=True) if quiet else None) as progress:
        result = cu.verify_photos(
            first, second, detector=detector, embedder=embedder, rate=rate, rotate=rotate,
            any_rotation=any_rotation,
            models=cu.Models(Settings.from_environment(commercial=commercial)), progress=progress,
        )  # fmt: skip
        for face in (result.first, result.second):
            for line in _doubts(face):
                progress.say(line)
    if quiet:
        raise typer.Exit(0 if result.verdict.same else TWO_PEOPLE)
    if json_output:
        typer.echo(json.dumps(result.record()))
    else:
        for line in _lines(result):
            typer.echo(line)


def _doubts(face: VerifiedFace) -> list[str]:
    lines = [f"{face.image}: the face is {defect}" for defect in face.defects]
    if face.others:
        lines.append(f"{face.image} shows {face.others + 1} faces; the largest is compared")
    return lines


def _lines(result: cu.Verification) -> list[str]:
    verdict = result.verdict
    lines = [
        "the same person" if verdict.same else "two people",
        f"distance   {verdict.distance:.3f}",
        f"threshold  {verdict.threshold:.3f}",
    ]
    least = result.calibration.false_accepts.least
    return [
        *lines,
        f"false accepts at the threshold  {_share(verdict.threshold_false_accept_rate, least)}",
        f"false accepts at this distance  {_share(verdict.false_accept_rate, least)}",
    ]


def _share(rate: float, least: float) -> str:
    """A rate as a percentage or as 1 in N, down to the smallest measured rate."""
    if rate < least:
        return f"fewer than 1 in {1 / least:,.0f}"
    return f"{rate:.1%}" if rate >= 0.1 else f"1 in {1 / rate:,.0f}"
