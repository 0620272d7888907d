"""The user's choices for the videos of the members."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction

from closeup.geometry import Size
from closeup.rotation import checked_rotation
from closeup.timecode import Timecode

SMALLEST_SIDE = 16
"""Minimum pixels of a side of the output: one macroblock of H.264."""

LARGEST_SIDE = 16384
"""Maximum pixels of a side of the output: x264's limit."""

USUAL_LIMIT = Size(1080, 1920)
"""Largest output size without a wish: what phones show. Four times as many pixels take four times
the time and the memory, and a crop rarely holds them."""

RISK = 0.01
"""Default share of the shown time that may show somebody else."""

SOURCE = "source"
"""The output size that is as high as the stage video."""


class Framing(StrEnum):
    """How much of the member the crop shows."""

    AUTO = "auto"
    """BODY in shots that hold the whole body, BUST in the others."""
    FACE = "face"
    BUST = "bust"
    BODY = "body"


class Zoom(StrEnum):
    """Whether the crop's height changes inside a shot."""

    FOLLOW = "follow"
    FIXED = "fixed"


class Smoothing(StrEnum):
    """How the crop moves."""

    L1 = "l1"
    MOVING_AVERAGE = "moving-average"


class Absent(StrEnum):
    """What a member's video shows while the member is absent."""

    WIDE = "wide"
    HOLD = "hold"
    CUT = "cut"


@dataclass(frozen=True, slots=True, kw_only=True)
class FancamOptions:
    """Choices for one run; the defaults are those of the command line.

    Attributes:
        framing: How much of the member the crop shows.
        zoom: Whether the crop's height follows the face, or stays the same for a shot.
        size: Output size in pixels, both even; text such as ``200x630`` is read. None is 9:16 at
            the source's height, and no larger than :data:`USUAL_LIMIT`; :data:`SOURCE` is 9:16 at
            the source's height, however large.
        smooth: How the crop moves.
        absent: What is shown while the member is absent. None is WIDE, except that a member who
            never appears gets no video; only a given WIDE makes one.
        max_gap: Longest time in seconds over which a missing position is interpolated.
        every: Frames from one face detection to the next; None for about five a second.
        self_train: Whether to train a member detector on the frames of this video in which faces
            identify the members, and to use it to find members whose face is hidden.
        start: First moment to read, in seconds from the video's first frame; None is 0.
        end: Moment to stop reading before, in seconds; None is the video's end.
        rotate: Rotation of the stage video in degrees clockwise: 0, 90, 180 or 270. It is added
            to the rotation that the file states.
        video: Whether to make videos; False for the analysis and the report only.
        grid: Whether to make one video with all members side by side, too.
        preview: Whether to make the stage video with boxes and names drawn, too.
        appearance: Whether clothes identify a member while the face is hidden.
        risk: Largest share of the shown time, 0 to 1, that is expected to show somebody else; less
            certain positions are not shown.
        blur_others: Whether to blur all faces but the member's own in the close-ups and in the
            grid, and all but those of members in the preview. Where it is not certain that a face
            is the member's, it is blurred, too.
        adapt: Whether to adapt the embedding to the faces of this video before anyone is named:
            see :mod:`closeup.fancam.embedding_adaptation`.

    Raises:
        ValueError: a value is outside its range; the message is one line.

    """

    framing: Framing = Framing.AUTO
    zoom: Zoom = Zoom.FOLLOW
    size: Size | str | None = None
    smooth: Smoothing = Smoothing.L1
    absent: Absent | None = None
    max_gap: float = 1.0
    every: int | None = None
    self_train: bool = False
    start: Fraction | None = None
    end: Fraction | None = None
    rotate: int = 0
    video: bool = True
    grid: bool = False
    preview: bool = False
    appearance: bool = True
    risk: float = RISK
    blur_others: bool = False
    adapt: bool = False

    def __post_init__(self) -> None:
        for name, kind in _ENUMS.items():
            if (name, getattr(self, name)) != ("absent", None):
                object.__setattr__(self, name, _member(name, kind, getattr(self, name)))
        object.__setattr__(self, "size", _checked_size(self.size))
        if not (math.isfinite(self.max_gap) and self.max_gap >= 0):
            raise ValueError(f"max_gap is {self.max_gap}; give seconds, 0 or more")
        if not 0 <= self.risk <= 1:
            raise ValueError(f"risk is {self.risk}; give a share from 0 to 1")
        if self.every is not None and self.every < 1:
            raise ValueError(f"every is {self.every}; give 1 or more, or None to choose by itself")
        _check_range(self.start, self.end)
        checked_rotation(self.rotate)

    def span(self, first: Timecode) -> tuple[Timecode | None, Timecode | None]:
        """The range to read on the clock of a stream whose first frame is shown at ``first``."""
        start, end = (
            None
            if seconds is None
            else Timecode.from_seconds(first.seconds + seconds, first.time_base)
            for seconds in (self.start, self.end)
        )
        return start, end

    def output_size(self, source: Size) -> Size:
        """Size of the videos of a stage video of size ``source``, both sides even.

        Without a size in pixels it is 9:16 at the source's height, rounded down.
        """
        if isinstance(self.size, Size):
            return self.size
        limit = LARGEST_SIDE if self.size == SOURCE else USUAL_LIMIT.height
        height = min(max(source.height // 2 * 2, SMALLEST_SIDE), limit)
        return Size(max(height * 9 // 32 * 2, SMALLEST_SIDE), height)

    def larger_size(self, source: Size) -> Size | None:
        """The output size that the source's height allows, if the usual limit reduces it."""
        largest = replace(self, size=SOURCE).output_size(source)
        reduced = self.size is None and largest != self.output_size(source)
        return largest if reduced else None


_ENUMS: dict[str, type[StrEnum]] = {
    "framing": Framing,
    "zoom": Zoom,
    "smooth": Smoothing,
    "absent": Absent,
}


def _member(name: str, kind: type[StrEnum], value: str) -> StrEnum:
    """The enum member with the value ``value``: callers may pass plain text."""
    try:
        return kind(value)
    except ValueError:
        choices = ", ".join(kind)
        raise ValueError(f"{name} is {value!r}; choose one of {choices}") from None


def _checked_size(size: Size | str | None) -> Size | str | None:
    if size is None or size == SOURCE:
        return size
    size = Size.parse(size) if isinstance(size, str) else Size(*size)
    near = Size(*(min(max(side // 2 * 2, SMALLEST_SIDE), LARGEST_SIDE) for side in size))
    if size != near:
        raise ValueError(
            f"size {size} has an odd, too small or too large side, which H.264 cannot hold; "
            f"take {near}"
        )
    return size


def _check_range(start: Fraction | None, end: Fraction | None) -> None:
    first = start or Fraction(0)
    if first < 0:
        raise ValueError(f"start is {float(first):g} s; a video starts at 0")
    if end is not None and end <= first:
        raise ValueError(
            f"end {float(end):g} s is not after start {float(first):g} s; give a later end"
        )
