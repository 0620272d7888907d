"""``closeup experiment facenet``: the studies of the FaceNet paper."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from closeup.cli.inputs import need
from closeup.cli.options import Detector, JsonOutput, folds_of
from closeup.cli.progress import RichProgress
from closeup.cli.training.experiment_options import print_result, table
from closeup.cli.training.trained import Rate, Seed
from closeup.evaluation.facenet_paper import FacenetStudy
from closeup.pipeline.training.facenet_studies import (
    FIGURE,
    RESULT,
    FacenetOptions,
    facenet_study,
)
from closeup.training.identity.options import Architecture, IdentityNetworkOptions

_USUAL = FacenetOptions()


def facenet(
    study: Annotated[FacenetStudy, typer.Argument(help="What is varied.")],
    faces: Annotated[Path, typer.Argument(help="LFW: a folder for each person.", metavar="FACES")],
    pairs: Annotated[Path, typer.Option(help="LFW's pairs.txt.")],
    out: Annotated[Path, typer.Option(help="Folder for results, figures and networks.")],
    folds: Annotated[
        str, typer.Option(help="Folds to measure on; their people are not learnt from.")
    ] = ",".join(map(str, _USUAL.folds)),
    network: Annotated[Architecture, typer.Option(help="inception or mobile.")] = (
        Architecture.INCEPTION
    ),
    side: Annotated[int | None, typer.Option(help="Side of a face in pixels.")] = None,
    width: Annotated[float, typer.Option(help="Factor of the channels.")] = 1.0,
    epochs: Annotated[int, typer.Option(help="Passes over the faces.")] = (
        _USUAL.training.training.epochs
    ),
    batch: Annotated[int, typer.Option(help="Faces in one step.")] = (
        _USUAL.training.training.batch
    ),
    rate: Rate = _USUAL.training.training.rate,
    detector: Detector = "auto",
    seed: Seed = 0,
    json_output: JsonOutput = False,
) -> None:
    """Run the studies of the FaceNet paper on a small scale."""
    need(faces, pairs)
    try:
        training = replace(
            _USUAL.training,
            network=IdentityNetworkOptions(network, 128, side, width),
            training=replace(
                _USUAL.training.training, epochs=epochs, batch=batch, rate=rate, seed=seed
            ),
        )
        options = FacenetOptions(training, folds_of(folds))
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    with RichProgress() as progress:
        result = facenet_study(
            study, faces, pairs, out, options, detector=detector, progress=progress
        )
    files = (out / name.format(study=study) for name in (RESULT, FIGURE))
    print_result(result, [_rows(result)], files, as_json=json_output)


def _rows(result: dict[str, Any]) -> Table:
    """One row for each value."""
    made = table(f"VAL at FAR 0.001 by {result['study']}", "here", "accuracy", "FaceNet")
    for row in result["rows"]:
        paper = "–" if row["paper"] is None else f"{row['paper']:.1%}"
        made.add_row(f"{row['value']:g}", f"{row['val']:.1%}", f"{row['accuracy']:.1%}", paper)
    return made
