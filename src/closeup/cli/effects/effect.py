"""``closeup effect``: what is drawn on the faces of photos and videos."""

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
    Landmarks,
    PupilMethod,
    Rotate,
)
from closeup.cli.progress import RichProgress
from closeup.effects.cartoon_eyes import EyeStyle
from closeup.effects.catalogue import effect_names
from closeup.effects.extras import Extra
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
    amount: Annotated[
        float | None, typer.Option(help="Strength or size; 1 is full or usual.", min=0)
    ] = None,
    style: Annotated[EyeStyle, typer.Option(help="Style of startled eyes.")] = EyeStyle.POP,
    eyes: Annotated[
        Path | None, typer.Option(help="PNG of one eye for startled, instead of a style.")
    ] = None,
    trigger: Annotated[
        TriggerKind, typer.Option(help="When startled eyes pop out in a video.")
    ] = TriggerKind.WIDE_EYES,
    extras: Annotated[
        list[Extra] | None, typer.Option(help="Further drawings of startled; may be repeated.")
    ] = None,
    direction: Annotated[Direction, typer.Option(help="Where glare looks.")] = Direction.LEFT,
    sticker: Annotated[Path | None, typer.Option(help="PNG with transparency for sticker.")] = None,
    placement: Annotated[
        Path | None, typer.Option(help="JSON file that says where the sticker is drawn.")
    ] = None,
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
