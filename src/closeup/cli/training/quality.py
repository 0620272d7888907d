"""``closeup train quality``: train the network that tells good labels from bad ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

import typer

from closeup.cli.inputs import need
from closeup.cli.labelling.labels_options import StorePlace, need_place
from closeup.cli.options import JsonOutput
from closeup.cli.progress import RichProgress
from closeup.cli.training.trained import Device, Out, Patience, Rate, Seed, Start, print_trained
from closeup.errors import InputError
from closeup.pipeline.labelling.open_labels import open_labels
from closeup.pipeline.loop.quality.quality_training import QualityTrainingOptions, train_quality

_USUAL = QualityTrainingOptions()


def quality(
    store: StorePlace,
    out: Out,
    tolerance: Annotated[
        float | None,
        typer.Option(
            help="How far off a true label may be: in eye distances (default 0.05), or "
            "in longer sides of the object (default 0.15)."
        ),
    ] = _USUAL.tolerance,
    held_out: Annotated[
        float, typer.Option(help="Share of the judged labels for validation, by person or picture.")
    ] = _USUAL.held_out,
    start: Start = None,
    epochs: Annotated[int, typer.Option(help="Passes over the labels.")] = _USUAL.training.epochs,
    batch: Annotated[int, typer.Option(help="Labels in one step.")] = _USUAL.training.batch,
    rate: Rate = _USUAL.training.rate,
    patience: Patience = None,
    seed: Seed = _USUAL.training.seed,
    device: Device = _USUAL.training.device,
    json_output: JsonOutput = False,
) -> None:
    """Train a network on people's verdicts that tells good labels from bad ones."""
    try:
        training = replace(
            _USUAL.training,
            epochs=epochs, batch=batch, rate=rate, patience=patience, seed=seed,
            device=device,  # type: ignore[arg-type]
        )  # fmt: skip
        options = replace(
            _USUAL, held_out=held_out, tolerance=tolerance, start=start, training=training
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    need_place(store)
    need(start, kind="file")
    with RichProgress() as progress, open_labels(store, progress) as labels:
        if labels.source is None:
            raise InputError(
                f"{store}: the pictures of the store are not where they were; open it with them "
                "once: closeup review PICTURES --store STORE"
            )
        reader = labels.source.reader
        trained = train_quality(labels.store, reader, out, options, progress=progress)
    print_trained(trained, _summary(trained.document), json_output=json_output)


def _summary(document: Mapping[str, Any]) -> list[str]:
    """Summary of a network's accuracy, as lines for the terminal."""
    figures, labels = document["figures"], document["labels"]
    lines = [
        f"a bad label is put before a good one in {figures['auc']:.1%} of the pairs of "
        f"{labels['held_out']} held-out labels"
    ]
    lines += [
        f"{method}: {own['auc']:.1%} of its {own['labels']} held-out labels"
        for method, own in document["methods"].items()
        if "auc" in own and len(document["methods"]) > 1
    ]
    return lines
