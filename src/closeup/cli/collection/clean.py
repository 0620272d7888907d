"""``closeup collect clean``: copies and unfit pictures are taken out of a folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from closeup.cli.inputs import need
from closeup.cli.options import Commercial, Detector, EmbedderName, JsonOutput
from closeup.cli.progress import RichProgress
from closeup.collection.removals import restore
from closeup.files.atomic import claiming
from closeup.open_models import Models
from closeup.pipeline.collection.cleaning import CleanOptions, clean_pictures
from closeup.settings import Settings

_USUAL = CleanOptions()


def clean(
    folder: Annotated[Path, typer.Argument(help="Folder of pictures, with its sub-folders.")],
    undo: Annotated[
        bool, typer.Option("--undo", help="Put back what was taken out, all or the --file.")
    ] = False,
    file: Annotated[
        list[str] | None,
        typer.Option(help="With --undo: a picture as removed.csv names it; may be repeated."),
    ] = None,
    near: Annotated[
        int | None, typer.Option(help="Bits in which hashes of near copies differ at most.", min=0)
    ] = _USUAL.near,
    copies_only: Annotated[
        bool, typer.Option("--copies-only", help="Of copies, take out equal files only.")
    ] = False,
    min_side: Annotated[
        int, typer.Option(help="Least length of the shorter side, in pixels.", min=0)
    ] = _USUAL.side,
    min_quality: Annotated[
        int, typer.Option(help="Least quality of JPEG files, 0 to 100.", min=0, max=100)
    ] = _USUAL.jpeg_quality,
    faces: Annotated[
        bool, typer.Option("--faces", help="Only pictures whose largest face is fit to enrol.")
    ] = False,
    one_person: Annotated[
        bool, typer.Option("--one-person", help="Only pictures of one person.")
    ] = False,
    detector: Detector = "auto",
    embedder: EmbedderName = "auto",
    commercial: Commercial = False,
    json_output: JsonOutput = False,
) -> None:
    """Take copies and unfit pictures out of a folder, each for a reason, or put them back."""
    need(folder)
    if file and not undo:
        raise typer.BadParameter("--file says what is put back; give --undo with it")
    if undo:
        with claiming(folder):
            undone = [removal.file for removal in restore(folder, file or ())]
        typer.echo(json.dumps(undone) if json_output else f"{len(undone)} pictures are back")
        return
    try:
        options = CleanOptions(
            None if copies_only else near, min_side, min_quality, faces, one_person
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    with RichProgress() as progress:
        made = clean_pictures(
            folder, options, detector=detector, embedder=embedder,
            models=Models(Settings.from_environment(commercial=commercial)), progress=progress,
        )  # fmt: skip
    if json_output:
        typer.echo(json.dumps(made.document))
        return
    for reason, count in made.document["removed"].items():
        typer.echo(f"{count:>8}  {reason.replace('_', ' ')}")
    typer.echo(f"{made.document['kept']:>8}  kept")
    typer.echo(made.page)
