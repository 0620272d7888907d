"""Options that several commands share, written once."""

from __future__ import annotations

from typing import Annotated

import typer

from closeup.opening import LANDMARKERS, PUPIL_METHODS
from closeup.rotation import checked_rotation


def _rotation(text: str | int) -> int:
    try:
        return checked_rotation(int(text))
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no quarter turn; give 90, 180 or 270 degrees clockwise"
        ) from None


Detector = Annotated[
    str, typer.Option(help="auto, a name from `closeup models`, haar, hog, or a YOLO .onnx file.")
]
PupilMethod = Annotated[
    str,
    typer.Option(
        "--method",
        help=f"{', '.join(PUPIL_METHODS)}, or a network's .onnx file; several, comma-separated, "
        "for their mean.",
    ),
]
Landmarks = Annotated[
    str,
    typer.Option(help=f"Points that show the lids: auto, {', '.join(LANDMARKERS)}."),
]
EmbedderName = Annotated[
    str,
    typer.Option(
        "--embedder",
        help="auto, dlib-128, closeup-128, sface, or a face embedding's .onnx file.",
    ),
]
AnyRotation = Annotated[
    bool,
    typer.Option(
        "--any-rotation",
        help="Search every picture for heads at any roll; photos without an upright head always "
        "are.",
    ),
]
Rotate = Annotated[
    int,
    typer.Option(
        "--rotate",
        parser=_rotation,
        metavar="90|180|270",
        help="Rotate the pictures clockwise first, by so many degrees.",
    ),
]
Commercial = Annotated[
    bool, typer.Option("--commercial", help="Refuse models that are not free for commercial use.")
]
JsonOutput = Annotated[bool, typer.Option("--json", help="Print JSON on stdout, for programs.")]
Strict = Annotated[
    bool,
    typer.Option("--strict", help="Fail if a member has no usable photo; else it is left out."),
]


def folds_of(text: str) -> tuple[int, ...]:
    """Numbers of folds, separated by commas; none if the text is empty.

    Raises:
        typer.BadParameter: one is no number from 1.

    """
    try:
        folds = tuple(dict.fromkeys(int(number) for number in text.split(",") if text))
    except ValueError:
        folds = (0,)
    if any(fold < 1 for fold in folds):
        raise typer.BadParameter(f"{text!r} is no list of folds, such as 1,2,3")
    return folds
