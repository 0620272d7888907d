"""``closeup train identity``: train a face embedding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from closeup.cli.inputs import need
from closeup.cli.options import Detector, JsonOutput, folds_of
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
from closeup.pipeline.training.identity_faces import KeptOut
from closeup.pipeline.training.identity_training import (
    IdentityLoss,
    IdentityTrainingOptions,
    train_identity,
)
from closeup.training.identity.options import (
    Architecture,
    IdentityNetworkOptions,
    Mining,
    TripletOptions,
)

_USUAL = IdentityTrainingOptions()


def identity(
    faces: Annotated[
        Path, typer.Argument(help="Folder with NAME/*.jpg, as of LFW.", metavar="FACES")
    ],
    out: Out,
    network: Annotated[
        Architecture, typer.Option(help="MobileFaceNet, FaceNet's NN2 scaled down, or dlib's.")
    ] = _USUAL.network.architecture,
    dims: Annotated[int, typer.Option(help="Components of a vector.")] = _USUAL.network.dims,
    side: Annotated[
        int | None, typer.Option(help="Side of a face in pixels; 112, or 150 for dlib.")
    ] = None,
    width: Annotated[float, typer.Option(help="Factor of the channels.")] = _USUAL.network.width,
    loss: Annotated[
        IdentityLoss,
        typer.Option(help="What is learnt from: triplets, names, or another embedding's vectors."),
    ] = _USUAL.loss,
    margin: Annotated[
        float, typer.Option(help="Margin of triplets, of squared distances.")
    ] = _USUAL.triplets.margin,
    mining: Annotated[
        Mining, typer.Option(help="Triplets from a batch, or hard ones from all faces.")
    ] = _USUAL.triplets.mining,
    photos: Annotated[
        int, typer.Option(help="Photos of each person in a batch.")
    ] = _USUAL.triplets.photos,
    teacher: Annotated[
        str, typer.Option(help="Embedding whose vectors are learnt, for distillation.")
    ] = "dlib-128",
    poor: Annotated[
        float, typer.Option(help="Share of the faces that the student sees as from afar.")
    ] = _USUAL.distillation.poor,
    blended: Annotated[
        float, typer.Option(help="Share that is blended with another face, for both to see.")
    ] = _USUAL.distillation.blended,
    hints: Annotated[
        float, typer.Option(help="Weight of the features of dlib's network.")
    ] = _USUAL.distillation.hints,
    names: Annotated[
        float, typer.Option(help="Weight of telling each person from all others, for distillation.")
    ] = _USUAL.distillation.names,
    start: Start = None,
    initial: Annotated[
        float, typer.Option(help="Share of the initial weights in the final ones.")
    ] = _USUAL.initial,
    epochs: Annotated[int, typer.Option(help="Passes over the faces.")] = _USUAL.training.epochs,
    batch: Annotated[int, typer.Option(help="Faces in one step.")] = _USUAL.training.batch,
    rate: Rate = _USUAL.training.rate,
    patience: Patience = None,
    held_out: Annotated[
        float, typer.Option(help="Share of the faces for validation, by person.")
    ] = _USUAL.held_out,
    keep_out: Annotated[
        list[Path] | None,
        typer.Option(help="List of pairs or people who are not learnt from; may be repeated."),
    ] = None,
    folds: Annotated[
        str, typer.Option(help="Folds of that list to measure on, such as 1,2; all if empty.")
    ] = "",
    int8: Annotated[
        bool, typer.Option("--int8", help="Write 8-bit numbers: smaller and faster.")
    ] = False,
    detector: Detector = "auto",
    seed: Seed = _USUAL.training.seed,
    device: Device = _USUAL.training.device,
    json_output: JsonOutput = False,
) -> None:
    """Train a network that gives a vector for a face, and write it as one ONNX file."""
    try:
        training = replace(
            _USUAL.training,
            epochs=epochs, batch=batch, rate=rate, patience=patience, seed=seed,
            device=device,  # type: ignore[arg-type]
        )  # fmt: skip
        options = replace(
            _USUAL,
            network=IdentityNetworkOptions(network, dims, side, width),
            loss=loss,
            triplets=TripletOptions(margin, mining, photos),
            distillation=replace(
                _USUAL.distillation, poor=poor, blended=blended, hints=hints, names=names
            ),
            training=training,
            held_out=held_out,
            keep_out=KeptOut(tuple(keep_out), folds_of(folds)) if keep_out else None,
            eight_bit=int8,
            initial=initial,
            start=start,
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    need(start, *(keep_out or ()), kind="file")
    need(faces)
    with RichProgress() as progress:
        trained = train_identity(
            faces, out, options, teacher=teacher, detector=detector, progress=progress
        )
    print_trained(trained, [_summary(trained.document["figures"])], json_output=json_output)


def _summary(figures: Mapping[str, Any]) -> str:
    """Summary of the embedding's accuracy, as a line for the terminal."""
    return (
        f"of pairs of held-out people, {1 - figures['error']:.1%} are decided right; where 1 % of "
        f"different people are accepted, {figures['accepts']:.1%} of the same are"
    )
