"""``closeup identify``: names the faces of photos and videos."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import closeup as cu
from closeup.cli.inputs import need
from closeup.cli.options import (
    AnyRotation,
    Commercial,
    Detector,
    EmbedderName,
    JsonOutput,
    Rotate,
    Strict,
)
from closeup.cli.progress import RichProgress
from closeup.cli.search.searching import run_search
from closeup.identity.gallery import FALSE_ACCEPT_RATE
from closeup.settings import Settings


def identify(
    source: Annotated[Path, typer.Argument(help="Image, folder or video.", metavar="INPUT")],
    members: Annotated[
        Path, typer.Option(help="Folder with NAME/*.jpg or NAME.jpg, or a gallery (*.npz).")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Folder for pictures with names, people.json and .csv.")
    ] = None,
    far: Annotated[
        float,
        typer.Option(
            help="False-accept rate: share of non-members that may get a name.", min=1e-6, max=0.9
        ),
    ] = FALSE_ACCEPT_RATE,
    strangers: Annotated[
        float | None,
        typer.Option(help="Former name of --far.", min=1e-6, max=0.9, hidden=True),
    ] = None,
    alone: Annotated[
        bool,
        typer.Option(
            "--alone", help="Decide each face by itself: a member may be in a picture twice."
        ),
    ] = False,
    every: Annotated[int, typer.Option(help="Use every N-th frame of a video.", min=1)] = 1,
    rotate: Rotate = 0,
    detector: Detector = "auto",
    embedder: EmbedderName = "auto",
    any_rotation: AnyRotation = False,
    strict: Strict = False,
    commercial: Commercial = False,
    json_output: JsonOutput = False,
) -> None:
    """Name every face: the most likely member, the confidence, and the runner-up."""
    need(source, members)
    with RichProgress() as progress:
        search = cu.identify(
            source, members, detector=detector, embedder=embedder,
            false_accept_rate=far if strangers is None else strangers, alone=alone, every=every,
            rotate=rotate, any_rotation=any_rotation, strict=strict,
            models=cu.Models(Settings.from_environment(commercial=commercial)), progress=progress,
        )  # fmt: skip
        run_search(search, out, progress, as_json=json_output, lines=_lines)


def _lines(picture: cu.FacesInPicture) -> list[str]:
    """One line per face: its box, its name, the runner-up, and its defects."""
    place = f"{picture.path}" if picture.frame is None else f"{picture.path} frame {picture.frame}"
    return [
        f"{place}  {','.join(str(round(float(edge))) for edge in box)}  "
        f"{'; '.join((_said(person), *person.defects))}"
        for box, person in zip(picture.faces.boxes, picture.faces.identities or (), strict=True)
    ]


def _said(person: cu.Recognition) -> str:
    if person.accepted:
        after = f", then {_likeness(person.runner_up)}" if person.runner_up else ""
        return f"{_likeness(person.best)}{after}"
    return f"nobody known, most like {_likeness(person.best)}"


def _likeness(member: cu.Likeness) -> str:
    return f"{member.name} {member.confidence:.0%}"
