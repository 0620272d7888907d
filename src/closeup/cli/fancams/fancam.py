"""``closeup fancam``: one close-up video for every member."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Annotated

import typer

import closeup as cu
from closeup.cli.inputs import need
from closeup.cli.options import Commercial, EmbedderName, Rotate
from closeup.cli.progress import RichProgress
from closeup.fancam.options import RISK, Absent, FancamOptions, Framing, Smoothing, Zoom
from closeup.settings import Settings
from closeup.timecode import parse_time

_MEMBERS = "yolo:"
"""Prefix of the file of a member detector."""


def _time(text: str) -> Fraction:
    try:
        return parse_time(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


Members = Annotated[
    Path | None,
    typer.Option(
        help="Folder with NAME/*.jpg or NAME.jpg, or a gallery (*.npz); not needed where "
        "corrections name the persons."
    ),
]
OutputSize = Annotated[
    str | None,
    typer.Option(
        metavar="WxH|source",
        help="Output size; default 9:16 at the source's height, up to 1080x1920; source: "
        "however high.",
    ),
]
WhenAbsent = Annotated[
    Absent | None,
    typer.Option(
        help="What is shown while the member is away; default wide, and no video of a member "
        "who never appears.",
    ),
]
MaxGap = Annotated[
    float, typer.Option(help="Seconds over which a missing position is interpolated.", min=0)
]
Every = Annotated[int | None, typer.Option(help="Detect faces in every N-th frame.", min=1)]
Detectors = Annotated[
    str,
    typer.Option(
        help="As for `closeup faces`; or yolo:FILE, a detector of the members, alone or "
        "after a face detector and a comma."
    ),
]
Persons = Annotated[
    str | None, typer.Option(help="Person detector that sees the members' feet: yolox.")
]
Cuts = Annotated[str, typer.Option(help="How cuts are found: auto, or the network transnet.")]
SelfTrain = Annotated[
    bool, typer.Option("--self-train", help="Learn to recognise members without a face, too.")
]
Start = Annotated[
    Fraction | None, typer.Option("--from", parser=_time, help="Start time, as 1:23.5.")
]
End = Annotated[Fraction | None, typer.Option("--to", parser=_time, help="End time, exclusive.")]
Appearance = Annotated[
    bool, typer.Option(help="Identify members by clothes while the face is hidden.")
]
Risk = Annotated[
    float,
    typer.Option(
        help="Share of the shown time that may show somebody else; less certain positions "
        "go to the report's doubts.",
        min=0,
        max=1,
    ),
]
BlurOthers = Annotated[
    bool, typer.Option("--blur-others", help="Blur all faces but the member's own.")
]
Adapt = Annotated[
    bool, typer.Option("--adapt", help="Adapt the face embedding to this video's own faces.")
]
Fix = Annotated[Path | None, typer.Option(help="Corrections; default OUT/corrections.json.")]
SkipMembers = Annotated[
    bool, typer.Option("--skip-members", help="Leave out members without a usable photo.")
]
NamePersons = Annotated[
    bool,
    typer.Option(
        "--name-persons",
        help="Only find the persons of the video, to be named on report.html; needs no photos.",
    ),
]
Report = Annotated[bool, typer.Option("--json", help="Print the report as JSON on stdout.")]


def fancam(
    stage: Annotated[Path, typer.Argument(help="The stage video.", metavar="STAGE")],
    out: Annotated[Path, typer.Option(help="Folder for the results.")],
    members: Members = None,
    framing: Annotated[
        Framing, typer.Option(help="How much of the member is shown.")
    ] = Framing.AUTO,
    zoom: Annotated[
        Zoom, typer.Option(help="Whether the crop's height follows the face.")
    ] = Zoom.FOLLOW,
    size: OutputSize = None,
    smooth: Annotated[Smoothing, typer.Option(help="How the camera moves.")] = Smoothing.L1,
    absent: WhenAbsent = None,
    max_gap: MaxGap = 1.0,
    every: Every = None,
    detector: Detectors = "auto",
    persons: Persons = None,
    cuts: Cuts = "auto",
    embedder: EmbedderName = "auto",
    self_train: SelfTrain = False,
    start: Start = None,
    end: End = None,
    rotate: Rotate = 0,
    video: Annotated[bool, typer.Option(help="Make videos, or only the analysis.")] = True,
    grid: Annotated[bool, typer.Option(help="Also all members side by side.")] = False,
    preview: Annotated[bool, typer.Option(help="Also the stage with boxes and names.")] = False,
    appearance: Appearance = True,
    risk: Risk = RISK,
    blur_others: BlurOthers = False,
    adapt: Adapt = False,
    fix: Fix = None,
    skip_members: SkipMembers = False,
    name_persons: NamePersons = False,
    commercial: Commercial = False,
    json_output: Report = False,
) -> None:
    """Make a close-up video of every member, from a stage video and a few photos of each."""
    try:
        options = FancamOptions(
            framing=framing, zoom=zoom, size=size, smooth=smooth, absent=absent, max_gap=max_gap,
            every=every, start=start, end=end, rotate=rotate, video=video, grid=grid,
            preview=preview, appearance=appearance, self_train=self_train, risk=risk,
            blur_others=blur_others, adapt=adapt,
        )  # fmt: skip
        faces, file = _detectors(detector, self_train=self_train, blur_others=blur_others)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    need(stage, kind="file")
    need(members)
    with RichProgress() as progress:
        made = cu.make_fancams(
            stage, members, out, options,
            detector=faces, member_detector=file, person_detector=persons, embedder=embedder,
            shot_detector=cuts, fix=fix, skip_members=skip_members, name_persons=name_persons,
            progress=progress,
            models=cu.Models(Settings.from_environment(commercial=commercial)),
        )  # fmt: skip
    print_result(made, as_json=json_output)


def _detectors(text: str, *, self_train: bool, blur_others: bool) -> tuple[str | None, str | None]:
    """The face detector and the file of the member detector that ``--detector`` names.

    Raises:
        ValueError: a kind is given twice, a name is empty, yolo:FILE is combined with
            ``self_train``, or it stands alone with ``blur_others``.

    """
    names = text.split(",")
    files = [name.removeprefix(_MEMBERS) for name in names if name.startswith(_MEMBERS)]
    faces = [name for name in names if not name.startswith(_MEMBERS)]
    if not all([*files, *faces]):
        raise ValueError("detector is empty; name one, or write auto")
    if len(files) > 1 or len(faces) > 1:
        raise ValueError(
            f"detector is {text!r}; give one for faces, one for members as yolo:FILE, "
            "or both with a comma between"
        )
    if files and self_train:
        raise ValueError("--self-train makes a detector of members; leave yolo:FILE away")
    if blur_others and not faces:
        raise ValueError(f"--blur-others needs a face detector, too: --detector auto,{text}")
    return next(iter(faces), None), next(iter(files), None)


def print_result(made: cu.Fancams, *, as_json: bool) -> None:
    """Print what was made: the paths for people, the report for programs."""
    more = {"grid": made.grid, "preview": made.preview}
    if as_json:
        paths = {
            "videos": {name: str(path) for name, path in made.videos.items()},
            **{name: path and str(path) for name, path in more.items()},
        }
        typer.echo(json.dumps({**paths, **made.report}))
        return
    for path in [*made.videos.values(), *more.values(), made.coordinates, made.page]:
        if path:
            typer.echo(path)
