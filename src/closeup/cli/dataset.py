"""``closeup dataset``: labelled pictures to learn from and to measure on."""

from __future__ import annotations

import typer

app = typer.Typer(help="Make data sets of labelled pictures.", no_args_is_help=True)


@app.callback()
def dataset() -> None:
    """Make data sets of labelled pictures."""
