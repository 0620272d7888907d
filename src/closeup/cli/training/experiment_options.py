"""Options and tables that the experiments share."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

_WIDEST = 130
"""Columns of a table."""

Truth = Annotated[Path, typer.Option(help="CSV of pupils set by hand, to learn from.")]
Test = Annotated[Path, typer.Option(help="CSV of pupils set by hand, to measure on.")]
Images = Annotated[Path, typer.Option(help="Folder that the image names in both are relative to.")]
Out = Annotated[Path, typer.Option(help="Folder for results, figure and networks.")]
Epochs = Annotated[int, typer.Option(help="Passes over the coarse labels.")]


def names(text: str) -> tuple[str, ...]:
    """Comma-separated names, each once."""
    return tuple(dict.fromkeys(text.split(",")))


def numbers(text: str) -> tuple[int, ...]:
    """Comma-separated whole numbers, each once.

    Raises:
        ValueError: one is no whole number.

    """
    return tuple(dict.fromkeys(int(number) for number in text.split(",")))


def table(title: str, *columns: str) -> Table:
    """An empty table with a first column for names."""
    made = Table(title=title, title_justify="left", box=None, header_style="bold", pad_edge=False)
    made.add_column("")
    for column in columns:
        made.add_column(column, justify="right")
    return made


def print_result(
    result: Mapping[str, Any], tables: Iterable[Table], files: Iterable[Path], *, as_json: bool
) -> None:
    """Print a result as JSON, or as tables and the files that hold it."""
    if as_json:
        typer.echo(json.dumps(result))
        return
    console = Console()
    console.width = max(console.width, _WIDEST)  # broken lines are better than cut words
    for one in tables:
        console.print(one)
    for file in files:
        typer.echo(file)
