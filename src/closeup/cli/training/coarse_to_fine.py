"""``closeup experiment``: experiments with the training of networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.table import Table

from closeup.cli.options import Detector, JsonOutput
from closeup.cli.progress import RichProgress
from closeup.cli.training.experiment_options import (
    Epochs,
    Images,
    Out,
    Test,
    Truth,
    names,
    numbers,
    print_result,
    table,
)
from closeup.evaluation.label_study import NETWORK, NETWORK_MOVED, TEACHER, TEACHER_MOVED
from closeup.pipeline.training.coarse_to_fine import FIGURE, RESULT, coarse_to_fine
from closeup.pipeline.training.coarse_to_fine_runs import COARSE_METHODS, CoarseToFineOptions

_USUAL = CoarseToFineOptions()


def coarse_to_fine_(
    truth: Truth,
    test: Test,
    images: Images,
    out: Out,
    methods: Annotated[
        str, typer.Option(help=f"Coarse methods, comma-separated: {', '.join(COARSE_METHODS)}.")
    ] = ",".join(_USUAL.methods),
    labels: Annotated[
        str, typer.Option(help="Numbers of photos labelled by hand, comma-separated.")
    ] = ",".join(map(str, _USUAL.labels)),
    seeds: Annotated[int, typer.Option(help="Repetitions with other photos and weights.")] = (
        _USUAL.seeds
    ),
    epochs: Epochs = _USUAL.epochs,
    steps: Annotated[
        int, typer.Option(help="Minimum fine-tuning steps of 64 eyes with labels by hand.")
    ] = _USUAL.steps,
    scratch_steps: Annotated[
        int, typer.Option(help="Minimum steps of 64 eyes from scratch.")
    ] = _USUAL.scratch_steps,
    detector: Detector = "auto",
    json_output: JsonOutput = False,
) -> None:
    """Measure whether networks get better than the coarse labels that teach them."""
    try:
        options = CoarseToFineOptions(
            names(methods), numbers(labels), seeds, epochs, steps, scratch_steps
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    with RichProgress() as progress:
        result = coarse_to_fine(
            truth, test, images, out, options,
            detector=detector, progress=progress,
        )  # fmt: skip
    tables = [_table(result["summary"], share) for share in ("e_0.05", "e_0.10")]
    print_result(result, tables, (out / RESULT, out / FIGURE), as_json=json_output)


def _table(rows: Sequence[Mapping[str, Any]], share: str) -> Table:
    """One row per method, one column per stage."""
    stages = dict.fromkeys(
        sorted({(row["labels"], _ORDER.index(row["stage"]), row["stage"]) for row in rows})
    )
    columns = [
        stage if stage != NETWORK or not labels else f"{labels} by hand"
        for labels, _, stage in stages
    ]
    title = f"e ≤ {share.removeprefix('e_')}, per cent of the faces, worse eye"
    made = table(title, *columns)
    for method in dict.fromkeys(row["method"] for row in rows):
        own = {(row["labels"], row["stage"]): row for row in rows if row["method"] == method}
        cells = [_cell(own.get((labels, stage)), share) for labels, _, stage in stages]
        made.add_row(method or "from scratch", *cells)
    return made


_ORDER = (TEACHER, NETWORK, TEACHER_MOVED, NETWORK_MOVED)


def _cell(row: Mapping[str, Any] | None, share: str) -> str:
    if row is None:
        return "–"
    deviation = row[f"{share}_sd"]
    spread = "" if deviation is None else f" ± {100 * deviation:.1f}"
    return f"{100 * row[share]:.1f}{spread}"
