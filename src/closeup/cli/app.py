"""All commands, in the order of ``closeup --help``."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

import typer

from closeup.cli import (
    align,
    calibrate,
    cluster,
    dataset,
    demo,
    enrol,
    evaluate,
    experiment,
    faces,
    fancam,
    identify,
    models,
    pupils,
    train,
    verify,
)

app = typer.Typer(
    name="closeup",
    help="Find every face in a video, know who each one is, and make close-ups of them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.command("fancam")(fancam.fancam)
app.command("demo")(demo.demo)
app.command("faces")(faces.faces)
app.command("pupils")(pupils.pupils)
app.command("align")(align.align)
app.command("identify")(identify.identify)
app.command("enrol")(enrol.enrol)
app.command("verify")(verify.verify)
app.command("cluster")(cluster.cluster)
app.add_typer(dataset.app, name="dataset")
app.add_typer(evaluate.app, name="evaluate")
app.add_typer(calibrate.app, name="calibrate")
app.add_typer(train.app, name="train")
app.add_typer(experiment.app, name="experiment")
app.add_typer(models.app, name="models")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"closeup {version('closeup')}")
        raise typer.Exit


@app.callback()
def closeup(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Find every face in a video, know who each one is, and make close-ups of them."""
