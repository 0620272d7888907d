"""A stage video as data: its performers, their actions, and its cameras."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from closeup.errors import InputError
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.synthesis.capture import Capture
from closeup.synthesis.costumes import Costume
from closeup.synthesis.cutout import FACE_HEIGHT
from closeup.synthesis.figures import Look
from closeup.synthesis.motion import Act
from closeup.synthesis.portraits import Portrait
from closeup.synthesis.sprites import Sprite

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
        profiles: Heads seen from the side, for ``Look.PROFILE``: one a portrait, in their order,
            or none.

    """

    name: str
    portraits: tuple[Portrait, ...]
    costume: Costume
    enrolment: tuple[RGBImage, ...] = ()
    member: bool = True
    profiles: tuple[Sprite, ...] = ()


@dataclass(frozen=True, slots=True)
class Mirror:
    """A mirror at the side of the stage, which shows everybody once more.

    Attributes:
        left: Left edge of the mirror, in frame widths.
        right: Its right edge.
        axis: x about which places are mirrored, in frame widths.
        scale: Height of a reflection relative to the performer; below 1 it seems farther away.

    """

    left: float
    right: float
    axis: float
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Shot:
    """The part of a scene between two hard cuts.

    Attributes:
        seconds: Length of the shot.
        acts: Acts in drawing order; the last is nearest to the camera.
        backdrop: Number of the stage picture; another number is another camera.
        picture: The picture behind the performers, RGB uint8 of the scene's size; None for the
            stage picture.
        mirror: A mirror behind the performers; None without one. Reflections are not in the truth.

    """

    seconds: float
    acts: tuple[Act, ...]
    backdrop: int = 0
    picture: RGBImage | None = None
    mirror: Mirror | None = None


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
        capture: How the scene is filmed and stored.
        detail: Height in pixels at which heads are cut out; time and memory grow with its
            square. A face that is shown much larger looks soft.

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
    capture: Capture = field(default_factory=Capture)
    detail: int = FACE_HEIGHT

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
        for shot in self.shots:
            if shot.picture is not None and Size.of(shot.picture) != self.size:
                raise InputError(
                    f"a shot's picture is {Size.of(shot.picture)} in a scene of {self.size}; "
                    "scale it to the scene"
                )
            for act in shot.acts:
                self._check(act)

    def _check(self, act: Act) -> None:
        performer = self.performer(act.performer)
        portraits = len(performer.portraits)
        photos = [act.photo, *(p.photo for p in act.passages if p.photo is not None)]
        if not all(0 <= photo < portraits for photo in photos):
            raise InputError(
                f"{act.performer} shows photo {max(photos)} of {portraits}; count from 0"
            )
        turns = any(passage.look is Look.PROFILE for passage in act.passages)
        if turns and len(performer.profiles) != portraits:
            raise InputError(
                f"{act.performer} turns aside with {len(performer.profiles)} profiles for "
                f"{portraits} portraits; give one each"
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
