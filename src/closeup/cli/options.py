"""Options that several commands share, written once."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

import typer

from closeup.faces import PointScheme
from closeup.opening import PUPIL_METHODS

Detector = Annotated[
    str, typer.Option(help="auto, a name from `closeup models`, haar, hog, or a YOLO .onnx file.")
]
PupilMethod = Annotated[
    str,
    typer.Option(
        "--method",
        help=f"{', '.join(PUPIL_METHODS)}, or a network's .onnx file; several, for their mean, "
        "with commas between.",
    ),
]
EmbedderName = Annotated[str, typer.Option("--embedder", help="dlib-128 or sface.")]
_POINTS: dict[str, PointScheme | Literal["auto"] | None] = {
    "auto": "auto",
    "none": None,
    "5": PointScheme.DLIB_5,
    "68": PointScheme.DLIB_68,
}


class PointsChoice(StrEnum):
    """What ``--points`` takes."""

    AUTO = "auto"
    NONE = "none"
    FIVE = "5"
    SIXTY_EIGHT = "68"

    @property
    def scheme(self) -> PointScheme | Literal["auto"] | None:
        """As :func:`closeup.find_faces` takes it."""
        return _POINTS[self.value]


Commercial = Annotated[
    bool, typer.Option("--commercial", help="Refuse models that are not free for commercial use.")
]
JsonOutput = Annotated[bool, typer.Option("--json", help="Print JSON on stdout, for programs.")]
