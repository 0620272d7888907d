"""``closeup experiment active``: learning curves of active learning."""

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
from closeup.pipeline.training.active import (
    FIGURE,
    RESULT,
    ActiveOptions,
    active_experiment,
)
from closeup.pipeline.training.coarse_to_fine_runs import COARSE_METHODS

_USUAL = ActiveOptions()


def active(
    truth: Truth,
    test: Test,
    images: Images,
    out: Out,
    strategies: Annotated[
        str, typer.Option(help="Strategies to compare with random labels, comma-separated.")
    ] = ",".join(_USUAL.strategies),
    labels: Annotated[
        str, typer.Option(help="Numbers of labelled photos to measure at, comma-separated.")
    ] = ",".join(map(str, _USUAL.labels)),
    screening: Annotated[int, typer.Option(help="Seeds of all strategies.")] = _USUAL.screening,
    seeds: Annotated[int, typer.Option(help="Seeds of the two best and of random labels.")] = (
        _USUAL.seeds
    ),
    method: Annotated[
        str, typer.Option(help=f"Coarse method of the first network: {', '.join(COARSE_METHODS)}.")
    ] = _USUAL.method,
    epochs: Epochs = _USUAL.epochs,
    network: Annotated[
        int, typer.Option(help="Seeds with which the whole network is fine-tuned; 0 for none.")
    ] = _USUAL.network,
    network_labels: Annotated[
        str, typer.Option(help="Numbers of labels for the whole network, comma-separated.")
    ] = ",".join(map(str, _USUAL.network_labels)),
    steps: Annotated[
        int, typer.Option(help="Minimum fine-tuning steps of 64 eyes of the whole network.")
    ] = _USUAL.steps,
    detector: Detector = "auto",
    json_output: JsonOutput = False,
) -> None:
    """Measure how many labels are saved by choosing what is labelled."""
    try:
        options = ActiveOptions(
            names(strategies), numbers(labels), screening, seeds, method, epochs,
            network, numbers(network_labels), steps,
        )  # fmt: skip
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    with RichProgress() as progress:
        result = active_experiment(
            truth, test, images, out, options,
            detector=detector, progress=progress,
        )  # fmt: skip
    tables = _screening(result["screening"]), _curves(result["curves"]), _needed(result)
    print_result(result, tables, (out / RESULT, out / FIGURE), as_json=json_output)


def _screening(figures: Mapping[str, Mapping[str, Any]]) -> Table:
    """Areas between each strategy and random labels on training people."""
    made = table(
        "Screening: area between the curves, against random labels",
        "share within 0.05, points", "95 % interval", "better", "mean error, % of eye distance",
    )  # fmt: skip
    for name, own in figures.items():
        low, high = own["within"]["seeds_interval"]
        made.add_row(
            name,
            f"{100 * own['within']['gap']:+.2f}",
            f"{100 * low:+.2f} to {100 * high:+.2f}",
            f"{own['within']['better']} of {own['seeds']}",
            f"{-100 * own['error']['gap']:+.3f}",
        )
    return made


def _curves(rows: Sequence[Mapping[str, Any]]) -> Table:
    """One row per strategy, one column per number of labels."""
    labels = list(dict.fromkeys(row["labels"] for row in rows))
    made = table("Test: e ≤ 0.05, per cent of the photos, worse eye", *map(str, labels))
    for name in dict.fromkeys(row["strategy"] for row in rows):
        own = {row["labels"]: row["within"] for row in rows if row["strategy"] == name}
        made.add_row(name, *(f"{100 * own[count]:.1f}" for count in labels))
    return made


def _needed(result: Mapping[str, Any]) -> Table:
    """Labels needed to reach each level."""
    made = table("Labels needed", "level", "strategy", "random", "saved", "95 % interval")
    for name, own in result["compared"].items():
        for row in own["levels"]:
            interval = row["saved_interval"]
            made.add_row(
                name,
                f"{row['level']:.1%}",
                _count(row["needed"]),
                _count(row["needed_random"]),
                "–" if row["saved"] is None else f"{row['saved']:.0%}",
                "–" if interval is None else f"{interval[0]:.0%} to {interval[1]:.0%}",
            )
    return made


def _count(number: float | None) -> str:
    return "not reached" if number is None else f"{number:.0f}"
