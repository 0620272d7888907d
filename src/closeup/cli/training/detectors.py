"""``closeup train faces`` and ``closeup train members``: one trainer for both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from closeup.cli.inputs import need
from closeup.cli.options import JsonOutput
from closeup.cli.progress import RichProgress
from closeup.cli.training.trained import (
    Device,
    Out,
    Patience,
    Rate,
    Seed,
    Start,
    print_trained,
)
from closeup.pipeline.training.detector_training import (
    FACE_TRAINING,
    MEMBER_TRAINING,
    DetectorTrainingOptions,
    train_faces,
    train_members,
)
from closeup.pipeline.training.trained_files import TrainedModel


def _command(
    usual: DetectorTrainingOptions, train: Callable[..., TrainedModel], line: str
) -> Callable[..., None]:
    def command(
        data: Annotated[
            Path, typer.Argument(help="YAML file of a set in Ultralytics' layout.", metavar="DATA")
        ],
        out: Out,
        shape: Annotated[str, typer.Option(help="faces, members or large.")] = usual.shape,
        size: Annotated[
            int, typer.Option(help="Longer side of pictures in use, a multiple of 32.")
        ] = usual.size,
        crop: Annotated[
            int, typer.Option(help="Side of the square training crops; 0: whole pictures.")
        ] = usual.crop or 0,
        mosaic: Annotated[
            float, typer.Option(help="Share of training samples that are mosaics of four pictures.")
        ] = usual.mosaic,
        start: Start = None,
        epochs: Annotated[
            int, typer.Option(help="Passes over the pictures.")
        ] = usual.training.epochs,
        batch: Annotated[int, typer.Option(help="Pictures in one step.")] = usual.training.batch,
        rate: Rate = usual.training.rate,
        patience: Patience = None,
        seed: Seed = usual.training.seed,
        device: Device = usual.training.device,
        json_output: JsonOutput = False,
    ) -> None:
        try:
            training = replace(
                usual.training,
                epochs=epochs, batch=batch, rate=rate, patience=patience, seed=seed,
                device=device,  # type: ignore[arg-type]
            )  # fmt: skip
            options = replace(
                usual, shape=shape, size=size, crop=crop or None, mosaic=mosaic, start=start,
                training=training,
            )  # fmt: skip
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error
        need(data, start, kind="file")
        with RichProgress() as progress:
            trained = train(data, out, options, progress=progress)
        print_trained(trained, _summary(trained.document), json_output=json_output)

    command.__doc__ = line
    return command


faces = _command(FACE_TRAINING, train_faces, "Train a detector of faces with five points.")
members = _command(
    MEMBER_TRAINING, train_members, "Train a detector of the classes of a labelled set."
)


def _summary(document: Mapping[str, Any]) -> list[str]:
    """Summary of a detector's accuracy, as lines for the terminal."""
    figures = document["figures"]
    lines = [
        f"mAP50 {figures['map50']:.3f}, mAP50-95 {figures['map50_95']:.3f} on the held-out "
        f"pictures; {figures['recall']:.1%} found at one false box a picture"
    ]
    if len(document["classes"]) > 1:
        lines += [
            f"{name}: AP50 {own['map50']:.3f}, AP50-95 {own['map50_95']:.3f}"
            for name, own in document["classes"].items()
        ]
    return lines
