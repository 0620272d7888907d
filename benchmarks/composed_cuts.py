"""Videos with known cuts for ``cuts``: shots joined by transitions, with traps inside them.

Shots come from drawn scenes, from photos under a moving camera, and from the shots of real clips.
They are joined by hard cuts, cuts with a blended frame, dissolves, fades through black, and jumps
in time within one shot. Traps are strobes, camera flashes, fast pans, people who cross in front of
the camera, and screens on the stage that change. Nothing is written: frames are arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.media.images import read_image
from closeup.synthesis.lfw_scene import lfw_scene
from closeup.synthesis.rendering import render

SIZE = Size(256, 144)
RATE = 25

Footage = Sequence[RGBImage]
"""Consecutive frames of one shot, of :data:`SIZE`."""


_JUMPS = 0.6
"""Share of the shots that go on for long enough which do so by a jump."""


class Kind(StrEnum):
    """How a shot begins."""

    HARD = "hard"
    BLENDED = "blended"
    DISSOLVE_5 = "dissolve 5"
    DISSOLVE_10 = "dissolve 10"
    DISSOLVE_15 = "dissolve 15"
    DISSOLVE_25 = "dissolve 25"
    FADE = "fade through black"
    JUMP = "jump"


class Trap(StrEnum):
    """What looks like a cut, and is none."""

    STROBE = "strobe"
    FLASH = "flash"
    PAN = "fast pan"
    CROSSING = "person crossing"
    SCREEN = "screen changes"


@dataclass(frozen=True, slots=True)
class Transition:
    """One true cut.

    Attributes:
        kind: How it is made; the clips' have none.
        first: First frame at which a detection counts.
        last: Last frame at which a detection counts.

    """

    kind: Kind | None
    first: int
    last: int


@dataclass(slots=True)
class Composed:
    """A video and its truth.

    Attributes:
        frames: RGB uint8 of :data:`SIZE`.
        cuts: Its transitions, in order.
        traps: Frames of each trap, as (kind, first, last).

    """

    frames: list[RGBImage] = field(default_factory=list)
    cuts: list[Transition] = field(default_factory=list)
    traps: list[tuple[Trap, int, int]] = field(default_factory=list)


def photo_shot(path: Path, rng: np.random.Generator, count: int, pan: float = 0.0) -> Footage:
    """A photo under a camera that moves slowly, or fast by ``pan`` widths a frame in its middle."""
    photo = read_image(path)
    height, width = photo.shape[:2]
    zoom, drift = rng.uniform(1.1, 2.0), rng.uniform(-0.0015, 0.0015, 3)
    centre = rng.uniform(0.4, 0.6, 2)
    frames = []
    for i in range(count):
        fast = pan * np.clip(i - count // 2 + 6, 0, 12)
        view_width = width / (zoom * (1 + drift[2] * i)) * (0.6 if pan else 1)
        view = Size(max(8, int(view_width)), max(8, int(view_width * SIZE.height / SIZE.width)))
        x, y = (centre + drift[:2] * i + [fast - 6 * pan, 0]) * [width, height]
        part = cv2.getRectSubPix(photo, view, (float(x), float(y)))
        frames.append(np.asarray(cv2.resize(part, SIZE, interpolation=cv2.INTER_AREA), np.uint8))
    return frames


def drawn_shots(photos: Path, seed: int) -> Iterator[Footage]:
    """The shots of a drawn scene, without its own flashes and strobes."""
    scene = lfw_scene(photos, seed, width=SIZE.width, height=SIZE.height)
    scene = replace(scene, flashes=(), strobes=())
    frames = [frame for frame, _ in render(scene)]
    for start, stop in pairwise([*scene.starts, scene.frame_count]):
        yield frames[start:stop]


def compose(
    footage: Sequence[Footage], photos: Sequence[Path], rng: np.random.Generator, shots: int = 8
) -> Composed:
    """Join random shots by random transitions, with one trap in most of them.

    Args:
        footage: Shots to choose from.
        photos: Photos for shots of their own, for screens and for people who cross.
        rng: All random choices.
        shots: Number of shots.

    """
    made = Composed()
    kinds = [kind for kind in Kind if kind is not Kind.JUMP]
    part = _first(footage, photos, rng)
    _extend(made, part.frames, part, photos, rng)
    for _ in range(shots - 1):
        if part.rest() and rng.random() < _JUMPS:
            kind, following = Kind.JUMP, part.later(rng)
        else:
            kind = kinds[int(rng.integers(len(kinds)))]
            following = _first(footage, photos, rng)
        _join(made, kind, following, photos, rng)
        part = following
    noise = rng.integers(-3, 4, (8, SIZE.height, SIZE.width, 3))
    made.frames = [
        np.asarray(np.clip(frame + noise[i % 8], 0, 255), np.uint8)
        for i, frame in enumerate(made.frames)
    ]
    return _letterboxed(made) if rng.random() < 0.3 else made


@dataclass(frozen=True, slots=True)
class _Part:
    """Frames ``start`` to ``stop`` of a shot."""

    source: Footage
    start: int
    stop: int
    pans: bool = False

    @property
    def frames(self) -> Footage:
        return self.source[self.start : self.stop]

    def rest(self) -> bool:
        """Whether the shot goes on long enough for a jump of a second and another part."""
        return len(self.source) - self.stop >= 2 * RATE

    def later(self, rng: np.random.Generator) -> _Part:
        """A part that begins one second or more after this one ends."""
        start = int(rng.integers(self.stop + RATE, len(self.source) - RATE + 1))
        return _Part(self.source, start, min(len(self.source), start + int(rng.integers(30, 110))))


def _first(footage: Sequence[Footage], photos: Sequence[Path], rng: np.random.Generator) -> _Part:
    count = int(rng.integers(50, 120))
    draw = rng.random()
    if draw < 0.3:
        pans = bool(rng.random() < 0.4)
        photo = photos[int(rng.integers(len(photos)))]
        return _Part(photo_shot(photo, rng, count, 0.02 * pans), 0, count, pans)
    source = footage[int(rng.integers(len(footage)))]
    start = int(rng.integers(0, max(1, len(source) - 5 * RATE)))
    return _Part(source, start, min(len(source), start + count))


def _join(
    made: Composed,
    kind: Kind,
    following: _Part,
    photos: Sequence[Path],
    rng: np.random.Generator,
) -> None:
    """Append a shot by a transition."""
    frames = list(following.frames)
    length = int(kind.value.split()[1]) if kind.value.startswith("dissolve") else 0
    # What overlaps must not be longer than either shot, nor reach into the transition before.
    free = len(made.frames) - (made.cuts[-1].last if made.cuts else 0)
    length = min(length, len(frames) - 5, free - 5)
    cut = len(made.frames)
    if kind is Kind.BLENDED:
        frames[0] = _mixed(made.frames[-1], frames[0], float(rng.uniform(0.3, 0.7)))
        cut += 1
    if length > 0:
        cut -= length
        for i in range(length):
            share = (i + 1) / (length + 1)
            made.frames[cut + i] = _mixed(made.frames[cut + i], frames[i], share)
        frames = frames[length:]
        made.cuts.append(Transition(kind, cut - 1, cut + length + 1))
    elif kind is Kind.FADE:
        frames = _faded(made, frames, rng)
    else:
        made.cuts.append(Transition(kind, cut - 1, cut + 1))
    _extend(made, frames, following, photos, rng)


def _faded(made: Composed, frames: list[RGBImage], rng: np.random.Generator) -> list[RGBImage]:
    """Fade what there is to black, stay there for a moment, and fade the new shot in."""
    steps, black = int(rng.integers(6, 13)), int(rng.integers(0, 8))
    end = len(made.frames)
    for i in range(steps):
        made.frames[end - 1 - i] = _scaled(made.frames[end - 1 - i], i / steps)
        frames[i] = _scaled(frames[i], i / steps)
    made.cuts.append(Transition(Kind.FADE, end - steps, end + black + steps))
    return [np.zeros_like(frames[0])] * black + frames


def _extend(
    made: Composed,
    frames: Footage,
    part: _Part,
    photos: Sequence[Path],
    rng: np.random.Generator,
) -> None:
    """Append the frames of a shot, with a trap in its middle."""
    start = len(made.frames)
    made.frames.extend(frames)
    if part.pans:
        made.traps.append((Trap.PAN, start, start + len(frames)))
        return
    middle = start + len(frames) // 2
    trap = list(_TRAPS)[int(rng.integers(len(_TRAPS) + 1)) % len(_TRAPS)]
    if len(frames) >= 80 and rng.random() < 0.7:
        length = _TRAPS[trap](made.frames, middle, photos, rng)
        made.traps.append((trap, middle - 1, middle + length))


def _strobe(frames: list[RGBImage], at: int, _: Sequence[Path], rng: np.random.Generator) -> int:
    hertz, dark = float(rng.uniform(4, 12)), float(rng.uniform(0, 0.3))
    for i in range(12):
        if int(i * 2 * hertz / RATE) % 2:
            frames[at + i] = _scaled(frames[at + i], dark)
    return 12


def _flash(frames: list[RGBImage], at: int, _: Sequence[Path], rng: np.random.Generator) -> int:
    length = int(rng.integers(1, 4))
    rows, columns = np.mgrid[0 : SIZE.height, 0 : SIZE.width]
    x, y = rng.uniform(0, SIZE.width), rng.uniform(0, SIZE.height)
    spot = 255 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 90**2)[..., None]
    for i in range(length):
        lit = frames[at + i] * rng.uniform(1.5, 3) + spot * rng.uniform(0, 1) + 30
        frames[at + i] = np.asarray(np.clip(lit, 0, 255), np.uint8)
    return length


def _crossing(
    frames: list[RGBImage], at: int, photos: Sequence[Path], rng: np.random.Generator
) -> int:
    """Somebody out of focus passes close to the camera within 8 to 18 frames."""
    length, side = int(rng.integers(8, 19)), float(rng.choice([-1, 1]))
    photo = cv2.GaussianBlur(read_image(photos[int(rng.integers(len(photos)))]), (0, 0), 4)
    size = int(rng.uniform(0.7, 1.3) * SIZE.height)
    body = cv2.resize(np.asarray(photo * 0.7, np.uint8), (size, 2 * size))
    mask = np.zeros((2 * size, size), np.float32)
    cv2.ellipse(mask, (size // 2, size // 3), (size // 3, size // 3), 0, 0, 360, 1, -1)
    cv2.rectangle(mask, (size // 10, size // 2), (9 * size // 10, 2 * size), 1, -1)
    mask = np.asarray(cv2.GaussianBlur(mask, (0, 0), 3), np.float32)
    for i in range(length):
        x = SIZE.width / 2 + side * (i / (length - 1) - 0.5) * (SIZE.width + 2 * size) - size / 2
        move = np.array([[1, 0, x], [0, 1, 0.1 * SIZE.height]], np.float32)
        cover = cv2.warpAffine(mask, move, SIZE)[..., None]
        front = cv2.warpAffine(body, move, SIZE)
        frames[at + i] = np.asarray(frames[at + i] * (1 - cover) + front * cover, np.uint8)
    return length


def _screen(
    frames: list[RGBImage], at: int, photos: Sequence[Path], rng: np.random.Generator
) -> int:
    """A screen behind the performers shows one picture before ``at``, and another from there."""
    width, height = (int(rng.uniform(0.3, 0.5) * side) for side in SIZE)
    x, y = int(rng.uniform(0, SIZE.width - width)), int(rng.uniform(0, SIZE.height / 3))
    first, second = (
        cv2.resize(read_image(photos[int(number)])[60:190, 60:190], (width, height)) // 2
        for number in rng.integers(len(photos), size=2)
    )
    for i in range(-15, 15):
        frame = frames[at + i].copy()
        frame[y : y + height, x : x + width] = first if i < 0 else second
        frames[at + i] = frame
    return 1


_TRAPS: dict[Trap, Callable[[list[RGBImage], int, Sequence[Path], np.random.Generator], int]] = {
    Trap.STROBE: _strobe,
    Trap.FLASH: _flash,
    Trap.CROSSING: _crossing,
    Trap.SCREEN: _screen,
}


def _letterboxed(video: Composed) -> Composed:
    """The same between black bars."""
    bar = 18
    inner = Size(SIZE.width, SIZE.height - 2 * bar)
    frames = []
    for frame in video.frames:
        framed = np.zeros_like(frame)
        framed[bar:-bar] = cv2.resize(frame, inner, interpolation=cv2.INTER_AREA)
        frames.append(framed)
    return replace(video, frames=frames)


def _mixed(a: RGBImage, b: RGBImage, share: float) -> RGBImage:
    return np.asarray(cv2.addWeighted(a, 1 - share, b, share, 0), np.uint8)


def _scaled(image: RGBImage, gain: float) -> RGBImage:
    return np.asarray(cv2.convertScaleAbs(image, alpha=gain), np.uint8)


def fitted(frame: NDArray[np.uint8]) -> RGBImage:
    """The middle of a picture in the shape of :data:`SIZE`."""
    height, width = frame.shape[:2]
    scale = max(SIZE.width / width, SIZE.height / height)
    size = Size(max(SIZE.width, round(scale * width)), max(SIZE.height, round(scale * height)))
    small = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
    top, left = (small.shape[0] - SIZE.height) // 2, (small.shape[1] - SIZE.width) // 2
    return np.asarray(small[top : top + SIZE.height, left : left + SIZE.width], np.uint8)
