"""``closeup train rescorer``: train the network that scores a detector's candidates again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from closeup.cli.inputs import need
from closeup.cli.options import JsonOutput
from closeup.cli.progress import RichProgress
from closeup.pipeline.training.rescorer_training import RescorerTrainingOptions, train_rescorer
from closeup.pipeline.training.trained_files import document_of

_USUAL = RescorerTrainingOptions()


def rescorer(
    scenes: Annotated[
        Path, typer.Argument(help="YAML file of `closeup dataset scenes`.", metavar="SCENES")
    ],
    out: Annotated[Path, typer.Option(help="File for the network, ending with .onnx.")],
    pictures: Annotated[
        list[Path] | None,
        typer.Option(help="A folder of people's photos, or a video; may be repeated."),
    ] = None,
    start: Annotated[
        Path | None, typer.Option(help="Begin with the weights of an earlier .onnx or .ckpt.")
    ] = None,
    held_out: Annotated[
        float, typer.Option(help="Share of the people of photos for validation.")
    ] = _USUAL.held_out,
    epochs: Annotated[int, typer.Option(help="Passes over the candidates.")] = (
        _USUAL.training.epochs
    ),
    batch: Annotated[int, typer.Option(help="Candidates in one step.")] = _USUAL.training.batch,
    rate: Annotated[float, typer.Option(help="Peak learning rate.")] = _USUAL.training.rate,
    seed: Annotated[
        int, typer.Option(help="The same seed gives the same network.")
    ] = _USUAL.training.seed,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = _USUAL.training.device,
    json_output: JsonOutput = False,
) -> None:
    """Train the second network of the detector closeup, and write it as one ONNX file."""
    try:
        training = replace(
            _USUAL.training,
            epochs=epochs, batch=batch, rate=rate, seed=seed,
            device=device,  # type: ignore[arg-type]
        )  # fmt: skip
        options = RescorerTrainingOptions(held_out, training, start)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    need(scenes, start, kind="file")
    need(*(pictures or ()))
    with RichProgress() as progress:
        trained = train_rescorer(scenes, pictures or (), out, options, progress=progress)
    if json_output:
        typer.echo(json.dumps({**trained.document, "model": str(trained.model)}))
        return
    typer.echo(_told(trained.document["figures"]), err=True)
    for path in (trained.model, document_of(trained.model), trained.folder):
        typer.echo(path)


def _told(figures: Mapping[str, Any]) -> str:
    """Summary of the network's accuracy, as a line for the terminal."""
    return (
        f"of the held-out candidates, {figures['faces_before']:.1%} of the faces pass without it "
        f"and {figures['faces_after']:.1%} with it; of the others, {figures['others_before']} "
        f"and {figures['others_after']}"
    )
