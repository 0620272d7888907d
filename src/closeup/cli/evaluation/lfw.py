"""``closeup evaluate lfw``: the protocol of Labeled Faces in the Wild."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from closeup.cli.options import Commercial, Detector, EmbedderName, JsonOutput, folds_of
from closeup.cli.progress import RichProgress
from closeup.evaluation.distances import Distance
from closeup.evaluation.sensitivity import Study
from closeup.open_models import Models
from closeup.pipeline.evaluation.lfw import LfwOptions, evaluate_lfw
from closeup.settings import Settings


def lfw(
    folder: Annotated[
        Path, typer.Argument(help="LFW: NAME/NAME_0001.jpg, or images/ with these.", metavar="DIR")
    ],
    pairs: Annotated[Path, typer.Option(help="pairs.txt (View 2), or a list of View 1.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder for tables, plots and report.html.")
    ] = None,
    detector: Detector = "auto",
    embedder: EmbedderName = "dlib-128",
    mirror: Annotated[
        bool, typer.Option(help="Average a face's vector with that of its mirror image.")
    ] = True,
    distance: Annotated[
        Distance, typer.Option(help="Of unit vectors, of raw vectors, or relative as in verify.")
    ] = Distance.UNIT,
    study: Annotated[
        list[Study] | None, typer.Option(help="Add a sensitivity study; may be repeated.")
    ] = None,
    sample: Annotated[
        int | None, typer.Option(help="Use only N random pairs of each kind and fold.", min=1)
    ] = None,
    folds: Annotated[str, typer.Option(help="Use only some folds, such as 1,2,3.")] = "",
    commercial: Commercial = False,
    json_output: JsonOutput = False,
) -> None:
    """Run the verification protocol of Labeled Faces in the Wild."""
    options = LfwOptions(
        mirror, distance, tuple(dict.fromkeys(study or ())), sample, folds_of(folds)
    )
    models = Models(Settings.from_environment(commercial=commercial))
    with RichProgress() as progress:
        result = evaluate_lfw(
            folder, pairs, options,
            detector=detector, embedder=embedder, out=out, models=models, progress=progress,
        )  # fmt: skip
    if json_output:
        typer.echo(json.dumps(result))
    else:
        _print(result)


def _print(result: Mapping[str, Any]) -> None:
    console = Console()
    console.print(_figures(result))
    for study, rows in result["studies"].items():
        table = Table(title=f"study: {study}", box=None, header_style="bold", title_justify="left")
        for name in rows[0]:
            table.add_column(name.replace("_", " "), justify="right")
        for row in rows:
            table.add_row(*(_cell(value) for value in row.values()))
        console.print(table)


def _figures(result: Mapping[str, Any]) -> Table:
    low, high = result["val_interval"]
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in (
        ("accuracy", f"{_percent(result['accuracy'])} ± {_percent(result['standard_error'])}"),
        ("VAL at FAR 0.001", _percent(result["val_at_far_1e-3"])),
        ("  95 % interval", f"{_percent(low)} to {_percent(high)}"),
        ("  FAR reached", _percent(result["far"])),
        ("area under the curve", _percent(result["auc"])),
        ("equal error rate", _percent(result["eer"])),
        ("mirrored", "yes" if result["mirrored"] else "no"),
        ("missed faces", f"{result['missed_faces']} of {result['photos']} photos"),
        ("pairs", f"{result['pairs']} in {result['folds']} folds"),
        ("seconds", f"{result['seconds']:.0f}"),
    ):
        table.add_row(name, value)
    return table


def _cell(value: float | int) -> str:
    return _percent(value) if isinstance(value, float) else str(value)


def _percent(share: float) -> str:
    return f"{share * 100:.2f} %"
