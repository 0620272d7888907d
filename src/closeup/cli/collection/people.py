"""``closeup collect people``: pictures sorted into a folder for each member."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from closeup.cli.inputs import need
from closeup.cli.options import Commercial, Detector, EmbedderName, JsonOutput
from closeup.cli.progress import RichProgress
from closeup.identity.gallery import FALSE_ACCEPT_RATE
from closeup.open_models import Models
from closeup.pipeline.collection.sorting import sort_people
from closeup.settings import Settings


def people(
    folder: Annotated[Path, typer.Argument(help="Folder of photos or frames.")],
    members: Annotated[Path, typer.Option(help="Photos of all members, or a gallery's file.")],
    out: Annotated[Path, typer.Option(help="Folder for the sorted copies.")],
    far: Annotated[
        float,
        typer.Option(help="False-accept rate: share of strangers that may get a member's name."),
    ] = FALSE_ACCEPT_RATE,
    detector: Detector = "auto",
    embedder: EmbedderName = "auto",
    commercial: Commercial = False,
    json_output: JsonOutput = False,
) -> None:
    """Copy pictures to a folder for each member whom they show."""
    if not 0 < far < 1:
        raise typer.BadParameter(f"--far must be between 0 and 1, not {far:g}")
    need(folder, members)
    with RichProgress() as progress:
        made = sort_people(
            folder, members, out,
            detector=detector, embedder=embedder, false_accept_rate=far,
            models=Models(Settings.from_environment(commercial=commercial)), progress=progress,
        )  # fmt: skip
    counts = {name: len(copies) for name, copies in sorted(made.copies.items())}
    if json_output:
        typer.echo(json.dumps({"table": str(made.table), "pictures": counts}))
        return
    for name, count in counts.items():
        typer.echo(f"{count:>8}  {name}")
    typer.echo(made.table)
