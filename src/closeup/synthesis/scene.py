"""A stage video as data: its performers, their actions, and its cameras."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from closeup.errors import InputError
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.synthesis.costumes import Costume
from closeup.synthesis.motion import Act
from closeup.synthesis.portraits import Portrait

HD = Size(1280, 720)
"""Default size of a scene, in pixels."""


@dataclass(frozen=True, slots=True)
class Performer:
    """A person on stage.

    Attributes:
        name: Name, unique in the scene.
        portraits: Photos shown in the scene.
        costume: Costume in the whole scene.
        enrolment: Photos for enrolment; RGB uint8 of shape (H, W, 3).
        member: False for a non-member, who is not enrolled.

    """

    name: str
    portraits: tuple[Portrait, ...]
    costume: Costume
    enrolment: tuple[RGBImage, ...] = ()
    member: bool = True


@dataclass(frozen=True, slots=True)
class Shot:
    """The part of a scene between two hard cuts.

    Attributes:
        seconds: Length of the shot.
        acts: Acts in drawing order; the last is nearest to the camera.
        backdrop: Number of the stage picture; another number is another camera.

    """

    seconds: float
    acts: tuple[Act, ...]
    backdrop: int = 0


@dataclass(frozen=True, slots=True)
class Scene:
    """A whole stage video.

    Attributes:
        performers: Members and non-members.
        shots: Shots, joined by hard cuts.
        size: Size in pixels; sides are even, as H.264's 4:2:0 requires.
        rate: Frames per second.
        flashes: Times of lighting flashes, in seconds since the start.
        strobes: Periods of strobe light as (start, stop), in seconds since the start.
        noise: Amplitude of the camera's noise, 0..20.
        lively: Whether bodies sway and bounce.
        seed: Seed of the noise and the sway.

    Raises:
        InputError: the description is inconsistent.

    """

    performers: tuple[Performer, ...]
    shots: tuple[Shot, ...]
    size: Size = HD
    rate: Fraction = Fraction(25)
    flashes: tuple[float, ...] = ()
    strobes: tuple[tuple[float, float], ...] = ()
    noise: int = 5
    lively: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        if any(side <= 0 or side % 2 for side in self.size):
            raise InputError(f"scene size {self.size} has an odd or empty side; give even numbers")
        if self.rate <= 0 or not 0 <= self.noise <= 20:
            raise InputError(
                f"rate {self.rate} or noise {self.noise} is out of range; "
                "give a rate above 0 and noise of 0 to 20"
            )
        names = [performer.name for performer in self.performers]
        if len(set(names)) != len(names):
            raise InputError(f"performers {names} share a name; give each their own")
        edges = (*self.starts, self.frame_count)
        if not self.shots or any(b <= a for a, b in pairwise(edges)):
            raise InputError("a shot has no frame, or there is no shot; make it longer")
        for act in (act for shot in self.shots for act in shot.acts):
            self._check(act)

    def _check(self, act: Act) -> None:
        portraits = len(self.performer(act.performer).portraits)
        photos = [act.photo, *(p.photo for p in act.passages if p.photo is not None)]
        if not all(0 <= photo < portraits for photo in photos):
            raise InputError(
                f"{act.performer} shows photo {max(photos)} of {portraits}; count from 0"
            )

    def performer(self, name: str) -> Performer:
        """Return the performer of that name.

        Raises:
            InputError: there is no such performer.

        """
        for performer in self.performers:
            if performer.name == name:
                return performer
        known = ", ".join(performer.name for performer in self.performers)
        raise InputError(f"an act is for {name!r}, who is not in the scene; known: {known}")

    @property
    def starts(self) -> tuple[int, ...]:
        """The first frame of each shot."""
        return tuple(self._edge(i) for i in range(len(self.shots)))

    @property
    def frame_count(self) -> int:
        """Number of frames."""
        return self._edge(len(self.shots))

    def _edge(self, shots: int) -> int:
        return round(sum(shot.seconds for shot in self.shots[:shots]) * self.rate)

    def frame_at(self, seconds: float) -> int:
        """Return the frame shown at a time."""
        return int(Fraction(seconds) * self.rate)
