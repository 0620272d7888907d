"""``closeup dataset import``: the labels of public data sets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from closeup.cli.options import JsonOutput
from closeup.cli.progress import RichProgress
from closeup.formats.dataset_folder import DOCUMENT, LABELS, Dataset
from closeup.pipeline.datasets.importing import EVERY, import_dataset
from closeup.pipeline.datasets.set_kinds import FORMATS, SetKind


def import_(
    kind: Annotated[SetKind, typer.Argument(help="What SOURCE is.", metavar="KIND")],
    source: Annotated[
        Path, typer.Argument(help="The set's folder, or the file of labels.", metavar="SOURCE")
    ],
    out: Annotated[Path, typer.Option(help="Folder for labels.csv and dataset.json.")],
    images: Annotated[
        Path | None,
        typer.Option(help="Folder of the pictures; by default that of the file of labels."),
    ] = None,
    every: Annotated[
        int | None, typer.Option(help=f"lpw: use every N-th frame; default {EVERY}.", min=1)
    ] = None,
    json_output: JsonOutput = False,
) -> None:
    """Read the labels of a public set (bioid, 300w, dlib-xml, lfw, lpw, coco, csv)."""
    if images and kind not in FORMATS:
        raise typer.BadParameter(f"--images is not for {kind}: its labels are beside its pictures")
    if every and kind is not SetKind.LPW:
        raise typer.BadParameter(f"--every is for the videos of lpw, not for {kind}")
    with RichProgress() as progress:
        made = import_dataset(
            kind, source, out, images=images, every=every or EVERY, progress=progress
        )
        progress.say(_sum(made))
        progress.say(f"terms: {made.terms}")
    if json_output:
        typer.echo(json.dumps(made.record()))
        return
    typer.echo(out / LABELS)
    typer.echo(out / DOCUMENT)


def _sum(made: Dataset) -> str:
    labels, pictures = len(made.labels), len({label.image for label in made.labels})
    counts = f"{labels} label{'s' * (labels != 1)} in {pictures} picture{'s' * (pictures != 1)}"
    return f"{counts}: {made.contents}"
