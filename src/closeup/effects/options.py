"""Options of the effects, as the command line and Python give them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from closeup.effects.cartoon_eyes import EyeStyle
from closeup.effects.extras import Extra
from closeup.effects.glare import Direction
from closeup.effects.triggers import Trigger, TriggerKind


@dataclass(frozen=True, slots=True)
class EffectOptions:
    """Options that effects are opened with; each effect uses those that concern it.

    Attributes:
        amount: Strength or size of the effect; None for the effect's own.
        style: Style of ``startled``.
        eyes: Picture with transparency of one eye for ``startled``; None for a drawn style.
        trigger: What lets ``startled`` eyes pop out in a video: a kind, or a trigger.
        extras: What ``startled`` draws beside the eyes.
        direction: Where ``glare`` looks.
        sticker: Picture with transparency of ``sticker``.
        placement: JSON file that says where ``sticker`` is drawn; None for glasses.

    Raises:
        ValueError: ``amount`` is negative or not finite.

    """

    amount: float | None = None
    style: EyeStyle = EyeStyle.POP
    eyes: Path | None = None
    trigger: TriggerKind | Trigger = TriggerKind.WIDE_EYES
    extras: tuple[Extra, ...] = ()
    direction: Direction = Direction.LEFT
    sticker: Path | None = None
    placement: Path | None = None

    def __post_init__(self) -> None:
        if self.amount is not None and not 0 <= self.amount < float("inf"):
            raise ValueError(f"amount must be 0 or more, got {self.amount}")
