"""Options that the commands of effects share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from closeup.effects.cartoon_eyes import EyeStyle
from closeup.effects.extras import Extra
from closeup.effects.glare import Direction
from closeup.effects.triggers import TriggerKind

Amount = Annotated[float | None, typer.Option(help="Strength or size; 1 is full or usual.", min=0)]
Style = Annotated[EyeStyle, typer.Option(help="Style of startled eyes.")]
Eyes = Annotated[Path | None, typer.Option(help="PNG of one eye for startled, instead of a style.")]
Popping = Annotated[
    TriggerKind,
    typer.Option("--trigger", help="When startled eyes pop out in a video; t is the key."),
]
Extras = Annotated[
    list[Extra] | None, typer.Option(help="Further drawings of startled; may be repeated.")
]
Look = Annotated[Direction, typer.Option("--direction", help="Where glare looks.")]
StickerFile = Annotated[
    Path | None, typer.Option("--sticker", help="PNG with transparency for sticker.")
]
PlacementFile = Annotated[
    Path | None,
    typer.Option("--placement", help="JSON file that says where the sticker is drawn."),
]
