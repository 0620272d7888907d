"""Exact time: an integer count of a rational unit, as video containers store it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import total_ordering


@total_ordering
@dataclass(frozen=True, slots=True)
class Timecode:
    """The moment a frame is shown: ``pts × time_base`` seconds, without rounding.

    Attributes:
        pts: Presentation time stamp, in units of ``time_base``.
        time_base: Seconds per unit, greater than zero.

    """

    pts: int
    time_base: Fraction

    def __post_init__(self) -> None:
        if self.time_base <= 0:
            raise ValueError(f"time_base must be positive, got {self.time_base}")

    @classmethod
    def from_seconds(cls, seconds: Fraction | float | str, time_base: Fraction) -> Timecode:
        """The first moment on the grid of ``time_base`` that is not before ``seconds``."""
        units = Fraction(seconds) / time_base
        return cls(-(-units.numerator // units.denominator), time_base)

    @property
    def seconds(self) -> Fraction:
        """Seconds since the container's zero, exactly."""
        return self.pts * self.time_base

    def __float__(self) -> float:
        return float(self.seconds)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Timecode) and self.seconds == other.seconds

    def __hash__(self) -> int:
        return hash(self.seconds)

    def __lt__(self, other: Timecode) -> bool:
        return self.seconds < other.seconds

    def __str__(self) -> str:
        milliseconds = round(self.seconds * 1000)
        minutes, rest = divmod(abs(milliseconds), 60_000)
        sign = "-" if milliseconds < 0 else ""
        return f"{sign}{minutes // 60:d}:{minutes % 60:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def parse_time(text: str) -> Fraction:
    """Read ``90``, ``1:30``, ``0:01:30.5`` as exact seconds.

    Raises:
        ValueError: ``text`` has another form, or is negative.

    """
    parts = text.strip().split(":")
    if not 1 <= len(parts) <= 3:
        raise ValueError(f"cannot read {text!r} as a time; write seconds or [H:]M:S, as in 1:23.5")
    try:
        values = [Fraction(part) for part in parts]
    except (ValueError, ZeroDivisionError):
        raise ValueError(
            f"cannot read {text!r} as a time; write seconds or [H:]M:S, as in 1:23.5"
        ) from None
    if any(value < 0 for value in values):
        raise ValueError(f"{text!r} is negative; a time starts at 0")
    return sum((value * 60**power for power, value in enumerate(reversed(values))), Fraction(0))
