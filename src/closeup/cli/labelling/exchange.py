"""``closeup labels import`` and ``export``: labels from and to files of other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from closeup.annotations import Origin
from closeup.cli.inputs import need
from closeup.cli.labelling.labels_options import StorePlace, need_place, plural
from closeup.cli.progress import RichProgress
from closeup.formats.annotation_formats import ANNOTATION_FORMATS, annotation_format
from closeup.pipeline.labelling.exchange import (
    ImportOptions,
    WantedLabels,
    export_labels,
    import_labels,
)
from closeup.pipeline.labelling.label_projects import report
from closeup.pipeline.labelling.open_labels import open_labels

_NAMES = ", ".join(ANNOTATION_FORMATS)


def import_(
    store: StorePlace,
    file: Annotated[Path, typer.Argument(help="File or folder of labels.", metavar="FILE")],
    form: Annotated[
        str | None,
        typer.Option("--format", help=f"{_NAMES}; default by the content.", metavar="NAME"),
    ] = None,
    origin: Annotated[
        Origin | None, typer.Option(help="How the labels came to be; default as the file says.")
    ] = None,
    method: Annotated[
        str, typer.Option(help="Method that made them; default as the file says, or its name.")
    ] = "",
    version: Annotated[str, typer.Option(help="Version of the method.")] = "",
    author: Annotated[str, typer.Option(help="Who made labels by hand and verdicts.")] = "",
) -> None:
    """Add the labels of a file; those that are there already stay as they are."""
    need_place(store)
    need(file)
    known = None if form is None else annotation_format(form)
    options = ImportOptions(known, origin, method, version, author)
    with RichProgress() as progress, open_labels(store, progress, make=True) as labels:
        added = import_labels(labels, file, options, progress=progress)
        report(added, progress)
        if not (added.pictures or added.labels or added.verdicts):
            progress.say("nothing to add: all of it is in the store")


def export(
    store: StorePlace,
    out: Annotated[Path, typer.Option(help="File, or folder where the format is one of folders.")],
    form: Annotated[str, typer.Option("--format", help=_NAMES, metavar="NAME")],
    only: Annotated[
        WantedLabels,
        typer.Option(help="Labels that people made or called true, made by hand, or all."),
    ] = WantedLabels.TRUE,
    layer: Annotated[
        str, typer.Option(help="Labels of one person of --overlap; default everybody's.")
    ] = "",
) -> None:
    """Write labels to a file; what the format cannot carry is said before."""
    need_place(store)
    known = annotation_format(form)
    with RichProgress() as progress, open_labels(store, progress) as labels:
        made = export_labels(labels, known, out, only, layer=layer, progress=progress)
        left = f"; {made.left_out:,} left out, see --only" if made.left_out else ""
        labels_, pictures = plural(made.labels, "label"), plural(made.pictures, "picture")
        progress.say(f"{labels_} of {pictures}{left}")
    typer.echo(out)
