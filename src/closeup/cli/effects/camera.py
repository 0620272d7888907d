"""``closeup camera``: effects on the pictures of a camera."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import closeup as cu
from closeup.background import ahead, latest
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
from closeup.cli.options import Commercial, Detector, Landmarks, PupilMethod, Rotate
from closeup.cli.progress import RichProgress
from closeup.effects.cartoon_eyes import EyeStyle
from closeup.effects.catalogue import EFFECTS, open_effect
from closeup.effects.glare import Direction
from closeup.effects.options import EffectOptions
from closeup.effects.triggers import KeyTrigger, TriggerKind, open_trigger
from closeup.opening import PUPIL_METHODS
from closeup.pipeline.effects.camera import CameraEffects
from closeup.pipeline.effects.parts import effect_parts
from closeup.settings import Settings
from closeup.window.camera_window import KEYS, WITHOUT_DISPLAY, CameraWindow
from closeup.window.display import check_display


def camera(
    device: Annotated[
        str, typer.Argument(help="Number of the camera, or a video file.", metavar="CAMERA")
    ] = "0",
    effect: Annotated[
        str, typer.Option(help="Effect at the beginning; several, comma-separated.")
    ] = "startled",
    record: Annotated[Path | None, typer.Option(help="MP4 to write, without sound.")] = None,
    virtual: Annotated[
        bool, typer.Option("--virtual", help="Send the pictures to the virtual camera.")
    ] = False,
    pictures: Annotated[
        Path, typer.Option(help="Folder of the pictures that the space bar takes.")
    ] = Path(),
    window: Annotated[bool, typer.Option(help="Show the pictures.")] = True,
    amount: Amount = None,
    style: Style = EyeStyle.POP,
    eyes: Eyes = None,
    trigger: Popping = TriggerKind.WIDE_EYES,
    extras: Extras = None,
    direction: Look = Direction.LEFT,
    sticker: StickerFile = None,
    placement: PlacementFile = None,
    detector: Detector = "auto",
    method: PupilMethod = PUPIL_METHODS[0],
    landmarks: Landmarks = "auto",
    rotate: Rotate = 0,
    commercial: Commercial = False,
) -> None:
    """Draw effects on the pictures of a camera, in a window, a recording or a virtual camera."""
    if window:
        check_display(WITHOUT_DISPLAY)
    elif record is None and not virtual:
        raise typer.BadParameter("--no-window needs --record or --virtual")
    opened = open_trigger(trigger)
    options = EffectOptions(
        amount, style, eyes, opened, tuple(extras or ()), direction, sticker, placement
    )
    source: int | str = int(device) if device.isdigit() else device
    with RichProgress() as progress, cu.Camera(source, rotate) as taken:
        models = cu.Models(Settings.from_environment(commercial=commercial))
        key = opened if isinstance(opened, KeyTrigger) else None
        slots = {str(n): name for n, name in enumerate(EFFECTS[:9], 1) if name != "sticker"}
        effects = CameraEffects(
            effect_parts(models, detector, method, landmarks, progress),
            slots, options, open_effect(effect, options), key,
        )  # fmt: skip
        if window:
            progress.say(KEYS)
        shown = CameraWindow(effects, progress, window, record, virtual, pictures)
        count = shown.run(latest(taken) if isinstance(source, int) else ahead(taken, 1))
    progress.say(f"{count} pictures")
    if record is not None:
        typer.echo(record)
