"""``closeup train pupils``: train a pupil network on eye data sets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from closeup.cli.inputs import need
from closeup.cli.options import JsonOutput
from closeup.cli.progress import RichProgress
from closeup.cli.training.trained import Device, Out, Patience, Seed, Start, print_trained
from closeup.pipeline.training.pupil_training import PupilTrainingOptions, train_pupils
from closeup.training.options import TrainingOptions
from closeup.training.pupils.networks import PupilNetworkOptions

_USUAL = TrainingOptions()


def pupils(
    datasets: Annotated[
        list[Path],
        typer.Argument(help="Folders of `closeup dataset eyes`.", metavar="DATASET..."),
    ],
    out: Out,
    points: Annotated[
        int, typer.Option(help="1: the pupil; 3: left corner, pupil, right corner.")
    ] = 1,
    backbone: Annotated[str, typer.Option(help="compact, wide or resnet50.")] = "compact",
    weights: Annotated[
        str | None,
        typer.Option(help="For resnet50: a folder, a name that was fetched before, or none."),
    ] = None,
    freeze: Annotated[
        bool, typer.Option("--freeze", help="Train only the head of resnet50.")
    ] = False,
    start: Start = None,
    width: Annotated[
        float, typer.Option(help="Width of the network's input crops, in eye distances.")
    ] = PupilNetworkOptions().width,
    loss: Annotated[str, typer.Option(help="robust or mse.")] = "robust",
    epochs: Annotated[int, typer.Option(help="Passes over the eyes.")] = _USUAL.epochs,
    batch: Annotated[int, typer.Option(help="Eyes in one step.")] = _USUAL.batch,
    rate: Annotated[
        float | None, typer.Option(help="Peak learning rate; by default what suits the network.")
    ] = None,
    schedule: Annotated[str, typer.Option(help="one-cycle or exponential.")] = _USUAL.schedule,
    patience: Patience = None,
    held_out: Annotated[
        float, typer.Option(help="Share of the eyes for validation, by person.")
    ] = PupilTrainingOptions().held_out,
    keep_out: Annotated[
        Path | None, typer.Option(help="CSV of labels whose people are excluded from training.")
    ] = None,
    seed: Seed = _USUAL.seed,
    device: Device = _USUAL.device,
    mixed: Annotated[
        bool | None,
        typer.Option("--mixed/--no-mixed", help="Half precision; by default on a GPU."),
    ] = None,
    json_output: JsonOutput = False,
) -> None:
    """Train a network that finds pupils, and write it as one ONNX file."""
    try:
        network = PupilNetworkOptions(points, backbone, weights, freeze, loss, width)  # type: ignore[arg-type]
        training = TrainingOptions(
            epochs=epochs, batch=batch, rate=network.rate if rate is None else rate,
            schedule=schedule, patience=patience,  # type: ignore[arg-type]
            seed=seed, device=device, mixed=mixed,  # type: ignore[arg-type]
        )  # fmt: skip
        options = PupilTrainingOptions(network, training, held_out, keep_out, start)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    need(start, keep_out)
    with RichProgress() as progress:
        trained = train_pupils(datasets, out, options, progress=progress)
    summary = _summary(trained.document["figures"])
    print_trained(trained, summary, json_output=json_output)


def _summary(figures: Mapping[str, Any]) -> list[str]:
    """Summary of a network's accuracy, as lines for the terminal."""
    shares = [
        f"e ≤ {name.removeprefix('e_')}   {share:.1%} of the held-out faces, worse eye"
        for name, share in figures.items()
        if name.startswith("e_")
    ]
    error = (
        f"mean error   {figures['mean_error']:.2%} of the eye distance, "
        f"{figures['mean_error_pixels']:.2f} pixels of the crop"
    )
    return [*shares, error]
