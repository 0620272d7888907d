"""``closeup evaluate pupils``: the errors of found pupils, and their jitter."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from closeup.cli.options import Commercial, Detector, JsonOutput, Rotate
from closeup.cli.progress import RichProgress
from closeup.open_models import Models
from closeup.opening import PUPIL_METHODS
from closeup.pipeline.evaluation.pupil_evaluation import evaluate_pupils
from closeup.pipeline.evaluation.pupil_jitter import evaluate_jitter
from closeup.settings import Settings


def pupils(
    truth: Annotated[
        Path | None,
        typer.Option(help="CSV: image,right_eye_x,right_eye_y,left_eye_x,left_eye_y."),
    ] = None,
    images: Annotated[
        Path | None, typer.Option(help="Folder that its image names are relative to.")
    ] = None,
    video: Annotated[
        Path | None, typer.Option(help="Instead of photos: measure the jitter in a video.")
    ] = None,
    method: Annotated[
        list[str] | None,
        typer.Option(
            help=f"{', '.join(PUPIL_METHODS)}, or a network's .onnx file; may be repeated; "
            "all by default."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for tables, pictures and report.html.")
    ] = None,
    detector: Detector = "auto",
    calibration: Annotated[
        list[Path] | None,
        typer.Option(help="File of `closeup calibrate pupils`; may be repeated."),
    ] = None,
    rotate: Rotate = 0,
    commercial: Commercial = False,
    json_output: JsonOutput = False,
) -> None:
    """Measure pupil methods on photos with hand-set pupils, or on a video."""
    methods = tuple(dict.fromkeys(method or ()))
    models = Models(Settings.from_environment(commercial=commercial))
    with RichProgress() as progress:
        if video:
            if truth or images or out:
                raise typer.BadParameter("a video needs none of --truth, --images and --out")
            result = evaluate_jitter(
                video, methods,
                detector=detector, calibrations=calibration or (), rotate=rotate, models=models,
                progress=progress,
            )  # fmt: skip
        elif rotate:
            raise typer.BadParameter(
                "--rotate is for --video: --truth holds places in photos as they are"
            )
        elif truth and images:
            result = evaluate_pupils(
                truth, images, methods,
                detector=detector, calibrations=calibration or (), out=out, models=models,
                progress=progress,
            )  # fmt: skip
        else:
            raise typer.BadParameter("give --truth and --images, or --video")
    if json_output:
        typer.echo(json.dumps(result))
    else:
        _print(result, _JITTER if video else _ERRORS)


_ERRORS = {
    "e ≤ 0.05": "e_0.05",
    "95 % interval": "interval_0.05",
    "e ≤ 0.10": "e_0.10",
    "e ≤ 0.25": "e_0.25",
    "mean eye ≤ 0.05": "e_0.05_mean_eye",
    "best eye ≤ 0.05": "e_0.05_best_eye",
    "missed faces": "missed_faces",
    "eyes not found": "not_found",
    "ms a face": "ms_a_face",
}
_JITTER = {
    "jitter, pixels": "jitter_pixels",
    "of the eye distance": "jitter_eye_distances",
    "both eyes found": "eyes_found",
}
_SHARES = ("e_", "interval", "jitter_eye", "eyes")


def _print(result: Mapping[str, Any], rows: Mapping[str, str]) -> None:
    """Print one column per method, and below the counts of photos or frames."""
    methods = result["methods"]
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("")
    for name in methods:
        table.add_column(name, justify="right")
    for title, key in rows.items():
        table.add_row(title, *(_cell(key, own[key]) for own in methods.values()))
    console = Console()
    console.print(table)
    counts = ("photos", "frames", "faces", "seconds")
    console.print(", ".join(f"{result[key]} {key}" for key in counts if key in result))
    if result["calibrated"]:
        console.print(f"calibrated: {', '.join(result['calibrated'])}")


def _cell(key: str, value: float | list[float] | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, list):
        return "–".join(f"{end * 100:.1f}" for end in value)
    if key.startswith(_SHARES):
        return f"{value * 100:.2f} %" if key.startswith("jitter") else f"{value * 100:.1f} %"
    return f"{value:.2f}" if isinstance(value, float) else str(value)
