"""Renders a scene to frames, each with the truth of its content."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import zip_longest
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from closeup.frames import RGBImage
from closeup.geometry import Box, Size
from closeup.synthesis.cutout import cut_out
from closeup.synthesis.figures import Look, figure
from closeup.synthesis.motion import Act, Pose, Sway, track
from closeup.synthesis.scene import Mirror, Performer, Scene
from closeup.synthesis.sprites import Affine, Patch, Sprite, draw
from closeup.synthesis.stage import Lights, backdrop, glow, grain
from closeup.synthesis.truth import Truth, TruthRow, empty_truth

_EYE_LEVEL = 0.4
"""y of the camera's horizon, in frame heights, towards which reflections are drawn smaller."""
_GLASS = 0.9
"""Light that a mirror gives back."""


def render(scene: Scene) -> Iterator[tuple[RGBImage, list[TruthRow]]]:
    """Draw the scene frame by frame; memory does not grow with its length.

    Yields:
        The frame as RGB uint8 of shape (H, W, 3), which the caller may modify, and a row for each
        person whose face box touches the frame.

    Raises:
        ImageError: a portrait's face cannot be cut out.

    """
    cast = _Cast(scene)
    spots = cv2.convertScaleAbs(glow(scene.size), alpha=scene.capture.glow)
    noise = grain(scene.size, scene.noise, scene.seed)
    lights = Lights(np.asarray(spots, np.uint8), noise, *_moments(scene))
    rng = np.random.default_rng(scene.seed)
    shots = [_Filmed(scene, cast, number) for number in range(len(scene.shots))]
    for shot, after in zip_longest(shots, shots[1:]):
        for index in range(shot.start, shot.stop):
            picture, rows = shot.frame(index)
            if scene.capture.blended and after is not None and index == shot.stop - 1:
                following, _ = after.frame(after.start)
                picture = cv2.addWeighted(picture, 0.5, following, 0.5, 0)
            lit = lights.shine(scene.capture.exposed(picture), index, rng)
            yield scene.capture.barred(lit), rows


def truth_frame(scene: Scene) -> Truth:
    """Return the scene's empty truth, to be filled by :func:`~closeup.synthesis.truth.record`."""
    everyone = sorted(scene.performers, key=lambda performer: not performer.member)
    flashes, strobes = _moments(scene)
    return empty_truth(
        {
            "size": scene.size,
            "rate": scene.rate,
            "frames": scene.frame_count,
            "names": [performer.name for performer in everyone],
            "members": [performer.name for performer in everyone if performer.member],
            "cuts": scene.starts[1:],
            "flashes": flashes,
            "strobes": strobes,
        }
    )


def _moments(scene: Scene) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...]]:
    """Return flashes and strobes as frame indices."""
    flashes = tuple(scene.frame_at(moment) for moment in scene.flashes)
    return flashes, tuple((scene.frame_at(a), scene.frame_at(b)) for a, b in scene.strobes)


class _Filmed:
    """One shot of a scene: its background and its performers at any moment."""

    def __init__(self, scene: Scene, cast: _Cast, number: int) -> None:
        self._shot, self._size, self._rate = scene.shots[number], scene.size, scene.rate
        self._cast = cast
        self._tracks = [(act, track(act)) for act in self._shot.acts]
        edges = (*scene.starts, scene.frame_count)
        self.start, self.stop = edges[number], edges[number + 1]

    @cached_property
    def _behind(self) -> RGBImage:
        if self._shot.picture is not None:
            return self._shot.picture
        return backdrop(self._shot.backdrop, self._size)

    def frame(self, index: int) -> tuple[RGBImage, list[TruthRow]]:
        """Return frame ``index`` of the scene before the light, and the rows of its truth."""
        picture = self._behind.copy()
        placed = self._cast.placed(self._tracks, index, float((index - self.start) / self._rate))
        if self._shot.mirror is not None:
            _reflect(picture, placed, self._shot.mirror)
        return picture, self._cast.draw(picture, placed, index)


class _Placed(NamedTuple):
    """A performer in one frame: the pose, the figure, its place, and its motion in pixels."""

    name: str
    pose: Pose
    sprite: Sprite
    matrix: Affine
    smear: tuple[float, float]


class _Cast:
    """The performers' figures, cut out when first needed, and their drawing."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._heads: dict[tuple[str, int], Sprite] = {}
        self._figures: dict[tuple[str, int, Look], Sprite] = {}
        names = [performer.name for performer in scene.performers]
        self._sways = {name: Sway(scene.seed + 1.7 * i) for i, name in enumerate(names)}

    def placed(
        self, tracks: list[tuple[Act, Callable[[float], Pose]]], index: int, seconds: float
    ) -> list[_Placed]:
        """Place all performers of a shot, the farthest first."""
        found = []
        for act, pose_at in tracks:
            pose = pose_at(seconds)
            sprite = self._figure(act.performer, pose)
            matrix = self._matrix(act.performer, pose, sprite, index)
            smear = self._smear(pose, pose_at(seconds + float(1 / self._scene.rate)))
            found.append(_Placed(act.performer, pose, sprite, matrix, smear))
        return found

    def draw(self, picture: RGBImage, placed: list[_Placed], index: int) -> list[TruthRow]:
        """Draw performers onto the picture; return the rows of those in the frame."""
        patches = [draw(picture, own.sprite, own.matrix, own.smear) for own in placed]
        rows, bars = [], self._scene.capture.bars_of(self._scene.size)
        for place, own in enumerate(placed):
            box = face_box(own.sprite, own.matrix)
            nearer = [patch for patch in patches[place + 1 :] if patch is not None] + bars
            if _touches(box, self._scene.size):
                visible = shown(box, self._scene.size, nearer) >= 0.5
                face = visible and own.pose.faces_camera
                rows.append(TruthRow(index, own.name, box, visible, face))
        return rows

    def _smear(self, pose: Pose, following: Pose) -> tuple[float, float]:
        """Return the motion while the shutter is open, x and y in pixels."""
        (width, height), shutter = self._scene.size, self._scene.capture.shutter
        return (
            (following.x - pose.x) * width * shutter,
            (following.y - pose.y) * height * shutter,
        )

    def _matrix(self, name: str, pose: Pose, sprite: Sprite, index: int) -> Affine:
        width, height = self._scene.size
        face = pose.face * height
        dx = dy = tilt = 0.0
        if self._scene.lively:
            # The scene's clock, so that the beat continues across a cut.
            dx, dy, tilt = self._sways[name].at(float(index / self._scene.rate))
        x, y = pose.x * width + dx * face, pose.y * height + dy * face
        return sprite.placed(x, y, face, pose.stretch, tilt)

    def _figure(self, name: str, pose: Pose) -> Sprite:
        key = name, pose.photo, pose.look
        if key not in self._figures:
            performer = self._scene.performer(name)
            head = self._head(performer, pose)
            self._figures[key] = figure(head, performer.costume, pose.look)
        return self._figures[key]

    def _head(self, performer: Performer, pose: Pose) -> Sprite:
        if pose.look is Look.PROFILE:
            return performer.profiles[pose.photo]
        key = performer.name, pose.photo
        if key not in self._heads:
            photo = performer.portraits[pose.photo]
            self._heads[key] = cut_out(photo.image, photo.face, self._scene.detail)
        return self._heads[key]


def _reflect(picture: RGBImage, placed: list[_Placed], mirror: Mirror) -> None:
    """Draw the reflections of performers into the mirror, in place."""
    height, width = picture.shape[:2]
    left, right = round(mirror.left * width), round(mirror.right * width)
    scale, level = mirror.scale, _EYE_LEVEL * height
    axis = mirror.axis * width
    flip = np.array(
        [[-scale, 0, axis * (1 + scale) - left], [0, scale, level * (1 - scale)], [0, 0, 1]]
    )
    glass = np.ascontiguousarray(picture[:, left:right])
    for own in placed:
        smear = (-scale * own.smear[0], scale * own.smear[1])
        draw(glass, own.sprite, flip[:2] @ np.vstack([own.matrix, [0, 0, 1]]), smear)
    picture[:, left:right] = cv2.convertScaleAbs(glass, alpha=_GLASS)


def face_box(sprite: Sprite, matrix: Affine) -> Box:
    """Return the upright box of the sprite's face in the frame.

    A tilt moves its middle but not its size: a head leans a few degrees at most, and a
    box around the tilted corners would be larger than the face.
    """
    x, y = matrix @ np.array([*sprite.face.centre, 1.0])
    half_width = math.hypot(matrix[0, 0], matrix[1, 0]) * sprite.face.width / 2
    half_height = math.hypot(matrix[0, 1], matrix[1, 1]) * sprite.face.height / 2
    return Box(
        float(x) - half_width, float(y) - half_height, float(x) + half_width, float(y) + half_height
    )


def _touches(box: Box, size: Size) -> bool:
    return box.x2 > 0 and box.y2 > 0 and box.x1 < size.width - 1 and box.y1 < size.height - 1


def shown(box: Box, size: Size, nearer: list[Patch]) -> float:
    """Return the share of a box inside the frame and not behind nearer performers, 0..1."""
    left, top = round(box.x1), round(box.y1)
    width, height = max(1, round(box.width)), max(1, round(box.height))
    x1, y1 = max(0, left), max(0, top)
    x2, y2 = min(size.width, left + width), min(size.height, top + height)
    if x1 >= x2 or y1 >= y2:
        return 0.0
    free: NDArray[np.bool_] = np.ones((y2 - y1, x2 - x1), np.bool_)
    for patch in nearer:
        rows, columns = patch.alpha.shape
        a1, b1 = max(y1, patch.top), max(x1, patch.left)
        a2, b2 = min(y2, patch.top + rows), min(x2, patch.left + columns)
        if a1 < a2 and b1 < b2:
            part = patch.alpha[a1 - patch.top : a2 - patch.top, b1 - patch.left : b2 - patch.left]
            free[a1 - y1 : a2 - y1, b1 - x1 : b2 - x1] &= part < 128
    return float(free.sum()) / (width * height)
