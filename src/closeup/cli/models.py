"""``closeup models``: lists the models with their licences, and fetches them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from closeup.cli.lazy import plain_app
from closeup.cli.options import Commercial, JsonOutput
from closeup.cli.progress import RichProgress, byte_columns
from closeup.errors import ModelCorruptError, ModelMissingError
from closeup.models.catalog import CATALOGUE, ModelEntry
from closeup.models.fetching import fetch
from closeup.models.files import locate
from closeup.settings import Settings

app = plain_app(
    help="List the models, their licences and where they are; fetch one.", no_args_is_help=False
)


@app.callback(invoke_without_command=True)
def models(
    context: typer.Context,
    commercial: Annotated[
        bool,
        typer.Option("--commercial", help="List only models that are free for commercial use."),
    ] = False,
    as_json: JsonOutput = False,
) -> None:
    """List the models, their licences and where they are."""
    if context.invoked_subcommand:
        return
    settings = Settings.from_environment()
    entries = [entry for entry in CATALOGUE if entry.commercial or not commercial]
    found = [(entry, *_found(entry, settings)) for entry in entries]
    if as_json:
        typer.echo(json.dumps([_record(*row) for row in found], indent=2))
    else:
        console = Console()
        console.print(_table(found, settings))
        for reason in dict.fromkeys(entry.contested for entry in entries if entry.contested):
            names = ", ".join(entry.name for entry in entries if entry.contested == reason)
            console.print(f"\n{names}: {reason}")


@app.command("fetch")
def fetch_model(
    name: Annotated[str, typer.Argument(help="The model's name, as in the list.")],
    source: Annotated[
        Path | None, typer.Option("--from", help="Copy from this folder, not from the network.")
    ] = None,
    commercial: Commercial = False,
) -> None:
    """Put a model's file into the cache and check that it is the right one."""
    with RichProgress(columns=byte_columns()) as progress:
        settings = Settings.from_environment(commercial=commercial)
        path = fetch(name, settings, source=source, progress=progress)
    typer.echo(path)


def _found(entry: ModelEntry, settings: Settings) -> tuple[str, Path | None]:
    """``present``, ``missing`` or ``damaged``, and the path when present."""
    try:
        return "present", locate(entry.name, settings)
    except ModelMissingError:
        return "missing", None
    except ModelCorruptError:
        return "damaged", None


def _record(entry: ModelEntry, state: str, path: Path | None) -> dict[str, object]:
    return {
        "name": entry.name,
        "task": entry.task,
        "bytes": entry.size,
        "sha256": entry.sha256,
        "licence": entry.licence,
        "commercial": entry.commercial,
        "contested": entry.contested,
        "state": state,
        "path": str(path) if path else None,
        "source": entry.source,
    }


def _table(found: list[tuple[ModelEntry, str, Path | None]], settings: Settings) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("name", "task", "size", "licence", "commercial", "where"):
        table.add_column(heading, justify="right" if heading == "size" else "left")
    for entry, state, path in found:
        table.add_row(
            entry.name,
            entry.task,
            f"{entry.size / 1e6:.1f} MB",
            entry.licence,
            _commercial(entry),
            _place(path, settings) if path else f"[dim]{state}[/]",
        )
    return table


def _commercial(entry: ModelEntry) -> str:
    if not entry.commercial:
        return "[yellow]no[/]"
    return "[yellow]contested[/]" if entry.contested else "yes"


def _place(path: Path, settings: Settings) -> str:
    """Short name of the folder: a whole path does not fit into the table."""
    if path.parent == settings.models:
        return "CLOSEUP_MODELS"
    return "cache" if path.parent == settings.cache else "package"
