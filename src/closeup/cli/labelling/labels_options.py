"""Arguments that the commands ``closeup labels …`` share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from closeup.cli.inputs import need
from closeup.store.database import is_url
from closeup.store.label_records import StoredItem

StorePlace = Annotated[
    str,
    typer.Argument(
        help="Store of labels: labels.db, a URL, or the pictures beside which it is.",
        metavar="STORE|PATH",
    ),
]
Queue = Annotated[str, typer.Option("--queue", help="Name of the queue that is made or replaced.")]


def need_place(where: str) -> None:
    """Refuse a mistyped path before slow imports; URLs are left to the database."""
    if not is_url(where):
        need(Path(where))


def place_of(item: StoredItem) -> str:
    """A picture's path, with the number of the frame of a video."""
    return item.path if item.frame is None else f"{item.path} frame {item.frame}"


def plural(count: int, noun: str) -> str:
    """A number and a noun, as in ``3 labels``."""
    return f"{count:,} {noun}{'s' * (count != 1)}"
