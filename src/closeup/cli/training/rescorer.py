"""``closeup train rescorer``: train the network that scores a detector's candidates again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from closeup.cli.inputs import need
from closeup.cli.options import JsonOutput
from closeup.cli.progress import RichProgress
from closeup.cli.training.trained import Device, Out, Rate, Seed, Start, print_trained
from closeup.pipeline.training.rescorer_training import RescorerTrainingOptions, train_rescorer

_USUAL = RescorerTrainingOptions()


def rescorer(
    scenes: Annotated[
        Path, typer.Argument(help="YAML file of `closeup dataset scenes`.", metavar="SCENES")
    ],
    out: Out,
    pictures: Annotated[
        list[Path] | None,
        typer.Option(help="A folder of people's photos, or a video; may be repeated."),
    ] = None,
    start: Start = None,
    held_out: Annotated[
        float, typer.Option(help="Share of the people of photos for validation.")
    ] = _USUAL.held_out,
    epochs: Annotated[int, typer.Option(help="Passes over the candidates.")] = (
        _USUAL.training.epochs
    ),
    batch: Annotated[int, typer.Option(help="Candidates in one step.")] = _USUAL.training.batch,
    rate: Rate = _USUAL.training.rate,
    seed: Seed = _USUAL.training.seed,
    device: Device = _USUAL.training.device,
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
    summary = _summary(trained.document["figures"])
    print_trained(trained, [summary], json_output=json_output)


def _summary(figures: Mapping[str, Any]) -> str:
    """Summary of the network's accuracy, as a line for the terminal."""
    return (
        f"of the held-out candidates, {figures['faces_before']:.1%} of the faces pass without it "
        f"and {figures['faces_after']:.1%} with it; of the others, {figures['others_before']} "
        f"and {figures['others_after']}"
    )
