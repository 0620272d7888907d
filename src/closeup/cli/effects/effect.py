"""``closeup effect``: what is drawn on the faces of photos and videos."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import closeup as cu
from closeup.cli.effects.options import (
    Amount,
    Extras,
    Eyes,
    Look,
    PlacementFile,
    Popping,
    StickerFile,
    Style,
)
from closeup.cli.inputs import need
from closeup.cli.options import (
    AnyRotation,
    Commercial,
    Detector,
    Landmarks,
    PupilMethod,
    Rotate,
)
from closeup.cli.progress import RichProgress
from closeup.effects.cartoon_eyes import EyeStyle
from closeup.effects.catalogue import effect_names
from closeup.effects.glare import Direction
from closeup.effects.options import EffectOptions
from closeup.effects.triggers import TriggerKind
from closeup.opening import PUPIL_METHODS
from closeup.settings import Settings


def effect(
    name: Annotated[
        str,
        typer.Argument(
            help=f"{', '.join(effect_names())}; several, comma-separated, one after another.",
            metavar="NAME",
        ),
    ],
    source: Annotated[Path, typer.Argument(help="Image, folder or video.", metavar="INPUT")],
    out: Annotated[Path, typer.Option(help="File of the result; a folder for a folder.")],
    amount: Amount = None,
    style: Style = EyeStyle.POP,
    eyes: Eyes = None,
    trigger: Popping = TriggerKind.WIDE_EYES,
    extras: Extras = None,
    direction: Look = Direction.LEFT,
    sticker: StickerFile = None,
    placement: PlacementFile = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(help="Member whose face privacy effects leave visible; may be repeated."),
    ] = None,
    members: Annotated[
        Path | None, typer.Option(help="Photos of the members or a gallery, for --keep.")
    ] = None,
    detector: Detector = "auto",
    method: PupilMethod = PUPIL_METHODS[0],
    landmarks: Landmarks = "auto",
    rotate: Rotate = 0,
    any_rotation: AnyRotation = False,
    commercial: Commercial = False,
) -> None:
    """Draw on the faces of a photo, a folder or a video: cartoon eyes, glares, stickers, blur."""
    need(source, eyes, sticker, placement, members)
    if keep and members is None:
        raise typer.BadParameter("--keep needs the photos of the members: give --members")
    options = EffectOptions(
        amount, style, eyes, trigger, tuple(extras or ()), direction, sticker, placement
    )
    with RichProgress() as progress:
        made = cu.apply_effect(
            source, name, out, options=options, detector=detector, method=method,
            landmarks=landmarks, members=members, keep=keep or (), rotate=rotate,
            any_rotation=any_rotation,
            models=cu.Models(Settings.from_environment(commercial=commercial)), progress=progress,
        )  # fmt: skip
        progress.say(
            f"{made.faces} face{'s' * (made.faces != 1)} in {made.pictures} "
            f"picture{'s' * (made.pictures != 1)}"
        )
    typer.echo(made.path)
