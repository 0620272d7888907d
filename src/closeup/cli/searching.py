"""What commands that look for faces in pictures do with what they find."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

import closeup as cu
from closeup.cli.progress import RichProgress

if TYPE_CHECKING:
    from closeup.pipeline.search import Found, Result, Search


def run_search(
    search: Search[Result, Found],
    out: Path | None,
    progress: RichProgress,
    *,
    as_json: bool,
    lines: Callable[[Found], list[str]] | None = None,
    sums: Callable[[list[Found]], list[str]] | None = None,
) -> None:
    """Search, write the results to a folder where one is given, and print.

    Args:
        search: What is looked for.
        out: Folder for tables and drawn pictures, or None.
        progress: Hears the sum.
        as_json: Whether all that was found goes to stdout, for programs.
        lines: What to print of a picture, for people.
        sums: What else to say of all pictures.

    """
    made = cu.draw_faces(search, out) if out else None
    found = made.found if made else list(search)
    for line in (_sum(found), *(sums(found) if sums else ())):
        progress.say(line)
    if as_json:
        from closeup.pipeline.records import document_lines

        for line in document_lines(search.kind, (picture.record() for picture in found)):
            typer.echo(line, nl=False)
        return
    for picture in found if lines else ():
        for line in lines(picture) if lines else ():
            typer.echo(line)
    for path in (made.table, made.document, made.drawn) if made else ():
        typer.echo(path)


def _sum(found: list[Found]) -> str:
    faces, pictures = sum(len(picture.faces) for picture in found), len(found)
    return f"{faces} face{'s' * (faces != 1)} in {pictures} picture{'s' * (pictures != 1)}"
