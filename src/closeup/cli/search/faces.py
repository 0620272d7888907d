"""``closeup faces``: every face of photos and videos."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

import closeup as cu
from closeup.cli.inputs import need
from closeup.cli.options import AnyRotation, Commercial, Detector, JsonOutput, Rotate
from closeup.cli.progress import RichProgress
from closeup.cli.search.searching import run_search
from closeup.faces import PointScheme
from closeup.settings import Settings


class PointsChoice(StrEnum):
    """Values of ``--points``."""

    AUTO = "auto"
    NONE = "none"
    FIVE = "5"
    SIXTY_EIGHT = "68"
    MESH = "468"


_POINTS: dict[PointsChoice, PointScheme | Literal["auto"] | None] = {
    PointsChoice.AUTO: "auto",
    PointsChoice.NONE: None,
    PointsChoice.FIVE: PointScheme.DLIB_5,
    PointsChoice.SIXTY_EIGHT: PointScheme.DLIB_68,
    PointsChoice.MESH: PointScheme.MEDIAPIPE_468,
}


def faces(
    source: Annotated[Path, typer.Argument(help="Image, folder or video.", metavar="INPUT")],
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results; needed without --json.")
    ] = None,
    detector: Detector = "auto",
    points: Annotated[
        PointsChoice,
        typer.Option(help="Feature points of a face; auto: the detector's own five."),
    ] = PointsChoice.AUTO,
    every: Annotated[int, typer.Option(help="Use every N-th frame of a video.", min=1)] = 1,
    rotate: Rotate = 0,
    score_threshold: Annotated[
        float | None, typer.Option(help="Leave out faces with a lower score.")
    ] = None,
    min_score: Annotated[
        float | None, typer.Option(help="Former name of --score-threshold.", hidden=True)
    ] = None,
    any_rotation: AnyRotation = False,
    commercial: Commercial = False,
    json_output: JsonOutput = False,
) -> None:
    """Find every face of an image, a folder or a video; draw them, write JSON and CSV."""
    if out is None and not json_output:
        raise typer.BadParameter("give a folder for the results with --out, or --json, or both")
    need(source)
    if score_threshold is None:
        score_threshold = min_score
    with RichProgress() as progress:
        search = cu.find_faces(
            source, detector, points=_POINTS[points], every=every, score_threshold=score_threshold,
            rotate=rotate, any_rotation=any_rotation,
            models=cu.Models(Settings.from_environment(commercial=commercial)),
            progress=progress,
        )  # fmt: skip
        run_search(search, out, progress, as_json=json_output)
