"""What the commands that train a network share: options and output."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from closeup.pipeline.training.trained_files import TrainedModel, document_of

Out = Annotated[Path, typer.Option(help="File for the network, ending with .onnx.")]
Start = Annotated[
    Path | None, typer.Option(help="Begin with the weights of an earlier .onnx or .ckpt.")
]
Seed = Annotated[int, typer.Option(help="The same seed gives the same network.")]
Device = Annotated[str, typer.Option(help="auto, cpu or cuda.")]
Rate = Annotated[float, typer.Option(help="Peak learning rate.")]
Patience = Annotated[int | None, typer.Option(help="Stop after N epochs without improvement.")]


def print_trained(trained: TrainedModel, summary: Iterable[str], *, json_output: bool) -> None:
    """Print the record of a training as JSON, or its summary and the paths of its files.

    Args:
        trained: The network.
        summary: Lines about its accuracy, for stderr.
        json_output: Whether to print JSON.

    """
    if json_output:
        typer.echo(json.dumps({**trained.document, "model": str(trained.model)}))
        return
    for line in summary:
        typer.echo(line, err=True)
    for path in (trained.model, document_of(trained.model), trained.folder):
        typer.echo(path)
