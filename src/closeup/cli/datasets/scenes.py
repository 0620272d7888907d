"""``closeup dataset scenes``: labelled scenes of faces, to train detectors on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from closeup.cli.inputs import need
from closeup.cli.options import JsonOutput
from closeup.cli.progress import RichProgress
from closeup.pipeline.datasets.face_scenes import FaceSceneOptions, build_face_scenes

_USUAL = FaceSceneOptions()


def scenes(
    photos: Annotated[
        Path, typer.Argument(help="Folder with a folder of photos per person.", metavar="PHOTOS")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the data set.")],
    scenes: Annotated[int, typer.Option(help="Number, both parts together.")] = _USUAL.scenes,
    size: Annotated[int, typer.Option(help="Longer side of a scene in pixels.")] = _USUAL.size,
    people_held_out: Annotated[
        float, typer.Option(help="Share of the people and scenes for validation.")
    ] = _USUAL.held_out,
    keep_out: Annotated[
        Path | None, typer.Option(help="CSV of labels whose people are excluded.")
    ] = None,
    turned: Annotated[
        float, typer.Option(help="Share of the heads that are profiles.")
    ] = _USUAL.turned,
    seed: Annotated[int, typer.Option(help="The same seed gives the same files.")] = _USUAL.seed,
    json_output: JsonOutput = False,
) -> None:
    """Compose scenes of faces, large and small, with boxes and five points for each."""
    try:
        options = FaceSceneOptions(scenes, size, people_held_out, keep_out, turned, seed)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    need(photos, keep_out)
    with RichProgress() as progress:
        made = build_face_scenes(photos, out, options, progress=progress)
        progress.say(_sum(made.document))
    if json_output:
        typer.echo(json.dumps(made.document))
        return
    typer.echo(made.data)
    typer.echo(made.sheet)


def _sum(document: dict[str, dict[str, int]]) -> str:
    train, val = document["train"], document["val"]
    return (
        f"{train['faces']} faces in {train['scenes']} scenes to learn from, "
        f"{val['faces']} in {val['scenes']} of other people to judge by"
    )
