"""``closeup faces``: every face of photos and videos."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import closeup as cu
from closeup.cli.inputs import need
from closeup.cli.options import Commercial, Detector, JsonOutput
from closeup.cli.progress import RichProgress
from closeup.cli.searching import run_search
from closeup.settings import Settings


def faces(
    source: Annotated[Path, typer.Argument(help="Image, folder or video.", metavar="INPUT")],
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results; needed without --json.")
    ] = None,
    detector: Detector = "auto",
    points: Annotated[
        cu.FacePoints, typer.Option(help="Feature points of a face; auto: the detector's own five.")
    ] = cu.FacePoints.AUTO,
    every: Annotated[int, typer.Option(help="Look at every so many frames of a video.", min=1)] = 1,
    min_score: Annotated[
        float | None, typer.Option(help="Leave out faces with a lower score.")
    ] = None,
    commercial: Commercial = False,
    json_output: JsonOutput = False,
) -> None:
    """Find every face of an image, a folder or a video; draw them, write JSON and CSV."""
    if out is None and not json_output:
        raise typer.BadParameter("give a folder for the results with --out, or --json, or both")
    need(source)
    settings = Settings.from_environment(commercial=commercial)
    with RichProgress() as progress:
        search = cu.find_faces(
            source, detector, points=points, every=every, min_score=min_score,
            settings=settings, progress=progress,
        )  # fmt: skip
        run_search(search, out, progress, as_json=json_output)
