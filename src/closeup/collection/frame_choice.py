"""Which frames of a video are taken: every n-th, one in some seconds, or some of each shot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Protocol

from closeup.frames import Frame


class FrameChoice(Protocol):
    """Chooses frames while they are read, so that a video of any length needs no memory."""

    def chosen(self, frames: Iterable[Frame], start: Fraction) -> Iterator[Frame]:
        """Yield the chosen ones of the frames.

        Apart from the first of the frames, the choice does not depend on where reading begins: a
        run that goes on begins with the last frame of the run before.

        Args:
            frames: Consecutive frames in order, with their numbers in the whole video.
            start: Time of the video's first frame, in seconds.

        """
        ...


@dataclass(frozen=True, slots=True)
class EveryFrames:
    """Every n-th frame, the first one among them.

    Raises:
        ValueError: ``step`` is less than 1.

    """

    step: int

    def __post_init__(self) -> None:
        if self.step < 1:
            raise ValueError(f"the step between frames must be 1 or more, not {self.step}")

    def chosen(self, frames: Iterable[Frame], start: Fraction) -> Iterator[Frame]:
        """See :meth:`FrameChoice.chosen`."""
        del start
        return (frame for frame in frames if frame.index % self.step == 0)


@dataclass(frozen=True, slots=True)
class EverySeconds:
    """The first frame of every stretch of some seconds; of a video of variable rate, too.

    Raises:
        ValueError: ``step`` is not above 0.

    """

    step: Fraction

    def __post_init__(self) -> None:
        if self.step <= 0:
            raise ValueError(f"the step must be more than 0 seconds, not {float(self.step):g}")

    def chosen(self, frames: Iterable[Frame], start: Fraction) -> Iterator[Frame]:
        """See :meth:`FrameChoice.chosen`."""
        last: int | None = None
        for frame in frames:
            stretch = (frame.timecode.seconds - start) // self.step
            if stretch != last and (last is not None or frame.index == 0):
                yield frame
            last = int(stretch)


@dataclass(frozen=True, slots=True)
class FramesByNumber:
    """The frames with given numbers, such as :func:`frames_of_shots` gives them."""

    numbers: frozenset[int]

    def chosen(self, frames: Iterable[Frame], start: Fraction) -> Iterator[Frame]:
        """See :meth:`FrameChoice.chosen`."""
        del start
        return (frame for frame in frames if frame.index in self.numbers)


def frames_of_shots(cuts: Sequence[int], frames: int, each: int) -> frozenset[int]:
    """Choose frames of every shot, at equal distances from each other and from the cuts.

    Args:
        cuts: Number of the first frame of every shot but the first, increasing.
        frames: Number of frames of the video.
        each: Number of frames of a shot; a shorter one gives all of its frames.

    """
    found = set[int]()
    for first, end in pairwise([0, *cuts, frames]):
        length = end - first
        found |= {first + int((place + 0.5) * length / each) for place in range(each)}
    return frozenset(number for number in found if number < frames)
