"""Writes and prints the results of the commands that search pictures for faces."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import typer

import closeup as cu
from closeup.cli.progress import RichProgress


def run_search(
    search: cu.Search,
    out: Path | None,
    progress: RichProgress,
    *,
    as_json: bool,
    lines: Callable[[cu.FacesInPicture], list[str]] | None = None,
    sums: Callable[[list[cu.FacesInPicture]], list[str]] | None = None,
) -> None:
    """Search, write the results to a folder where one is given, and print.

    Args:
        search: The search to run.
        out: Folder for tables and drawn pictures; None writes no files.
        progress: Receives the summary.
        as_json: Whether to print all results on stdout as JSON.
        lines: Returns the lines to print for a picture; None prints none.
        sums: Returns further lines of the summary; None adds none.

    """
    made = cu.draw_faces(search, out) if out else None
    found = made.found if made else list(search)
    for line in (_sum(found), *(sums(found) if sums else ())):
        progress.say(line)
    if as_json:
        from closeup.pipeline.search.records import document_lines

        for line in document_lines(search.kind, (picture.record() for picture in found)):
            typer.echo(line, nl=False)
        return
    for picture in found if lines else ():
        for line in lines(picture) if lines else ():
            typer.echo(line)
    for path in (made.table, made.document, made.drawn) if made else ():
        typer.echo(path)


def _sum(found: list[cu.FacesInPicture]) -> str:
    faces, pictures = sum(len(picture.faces) for picture in found), len(found)
    return f"{faces} face{'s' * (faces != 1)} in {pictures} picture{'s' * (pictures != 1)}"
