"""The pool of people of a set of scenes: their photos, and heads cut out of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from closeup.datasets.scenes.heads import HeadOutline, HeadSprite, Photo, cut_head, shrunken
from closeup.datasets.scenes.painting_over import paint_over
from closeup.frames import RGBImage
from closeup.synthesis.costumes import Costume, Pattern
from closeup.synthesis.figures import Look, figure
from closeup.synthesis.sprites import Sprite

_EDGES = (
    HeadOutline.SOFT,
    HeadOutline.SOFT,
    HeadOutline.SOFT,
    HeadOutline.HARD,
    HeadOutline.OVAL,
    HeadOutline.OVAL,
)
_OVAL = 0.5
"""Share of the profile faces that are cut out as ovals."""

_PROFILES = 0.5
"""Share of synthetic profiles among the profile heads."""

_SEVERAL, _ASIDE = 0.4, 0.2
"""Shares of the whole photos that show several people, or a profile."""

LEAST_PAINTED = 32
"""Face height, in pixels, from which painting over is clearly visible."""

_FIGURE = 56
"""Height of a figure's face in its own picture, in pixels; on a stage it is rarely larger."""


class HeadPool:
    """Draws heads and photos at random; each head is cut out once.

    Two threads may use it at the same time with the results of a single thread: at worst both cut
    out the same head, and one of the two copies is kept.

    Args:
        photos: Photos of people, at least one.
        turned: Profile faces, each with its surroundings.
        share: Share of profiles among the heads, if there are any profiles.
        profiles: Synthetic profiles: heads that were rotated.

    """

    def __init__(
        self,
        photos: Sequence[Photo],
        turned: Sequence[Photo] = (),
        share: float = 0.0,
        profiles: Sequence[HeadSprite] = (),
    ) -> None:
        self._photos = photos
        self._turned = turned
        self._profiles = profiles
        self._share = share if turned or profiles else 0.0
        self._several = [photo for photo in photos if len(photo.faces) > 1]
        self._alone = [photo for photo in photos if len(photo.faces) == 1]
        self._heads: dict[tuple[int, HeadOutline], HeadSprite] = {}
        self._figures: dict[tuple[int, int, Look], Sprite] = {}
        for head in profiles:
            _ready(head.sprite)

    def head(self, rng: np.random.Generator) -> HeadSprite:
        """Return a cut-out head with a random kind of edge.

        Photos of several people are shown as frames, because a cut-out would contain parts of
        the others' faces. Profile faces are cut out as ovals, for the same reason, or shown with
        their surroundings.
        """
        if self._share and rng.random() < self._share:
            return self._aside(rng)
        if not self._alone:
            return self.frame(rng)
        edge = _EDGES[rng.integers(len(_EDGES))]
        return self._cut(_one_of(self._alone, rng), edge)

    def _aside(self, rng: np.random.Generator) -> HeadSprite:
        """Return a profile head, photographed or synthetic."""
        if self._profiles and (not self._turned or rng.random() < _PROFILES):
            return self._profiles[int(rng.integers(len(self._profiles)))]
        edge = HeadOutline.OVAL if rng.random() < _OVAL else HeadOutline.FRAME
        return self._cut(_one_of(self._turned, rng), edge)

    def frame(self, rng: np.random.Generator) -> HeadSprite:
        """Return a whole photo with all its faces; photos of several people are drawn more often.

        Only such photos show people as they stand together: half occluded, in profile, blurred.
        """
        kind = rng.random()
        photos = self._photos
        if kind < _SEVERAL:
            photos = self._several or photos
        elif kind < _SEVERAL + _ASIDE and self._share and self._turned:
            photos = self._turned
        return self._cut(_one_of(photos, rng), HeadOutline.FRAME)

    def faceless(self, rng: np.random.Generator) -> Sprite:
        """Return a head, or a whole photo, cut out in the same ways, with its faces painted over.

        Heads smaller than :data:`LEAST_PAINTED` could be mistaken for blurred faces.
        """
        photo = _one_of(self._photos, rng)
        if self._alone and rng.random() < 0.6:
            head = self.head(rng)
        else:
            head = self._cut(photo, HeadOutline.FRAME)
        pixels = head.sprite.pixels.copy()
        colour = np.ascontiguousarray(pixels[..., :3])
        paint_over(colour, head.faces.boxes, rng)
        # Premultiplied colour never exceeds alpha.
        pixels[..., :3] = np.minimum(colour, pixels[..., 3:])
        return Sprite(pixels, head.sprite.face)

    def painted_photo(self, rng: np.random.Generator) -> RGBImage:
        """Return a photo with its faces painted over; RGB uint8, (H, W, 3)."""
        photo = _one_of(self._photos, rng)
        image = np.array(photo.image, np.uint8)
        paint_over(image, photo.faces.boxes, rng)
        return image

    def figure(self, rng: np.random.Generator, look: Look) -> HeadSprite | None:
        """Return a person in full figure; None if no photo shows a single person.

        Some are synthetic profiles, if there are any: the same share as of all heads.
        """
        if not self._alone:
            return None
        number, clothes = int(rng.integers(len(self._alone))), int(rng.integers(2))
        if self._profiles and rng.random() < self._share:
            number = len(self._alone) + int(rng.integers(len(self._profiles)))
        head = self._dressed(number)
        key = (number, clothes, look)
        whole = self._figures.get(key)
        if whole is None:
            # Depends on the key alone, so that either thread makes the same figure.
            costume = _costume(np.random.default_rng(key[:2]))
            drawn = figure(shrunken(head, _FIGURE), costume, look)
            whole = self._figures.setdefault(key, _ready(drawn))
        if look is not Look.FRONT:
            return HeadSprite(whole, head.faces[np.arange(0)])
        return _moved(head, whole)

    def _dressed(self, number: int) -> HeadSprite:
        """Return the head of a figure: numbers run over single-person photos, then profiles."""
        if number < len(self._alone):
            return self._cut(self._alone[number], HeadOutline.SOFT)
        return self._profiles[number - len(self._alone)]

    def _cut(self, photo: Photo, edge: HeadOutline) -> HeadSprite:
        key = (id(photo), edge)
        head = self._heads.get(key)
        if head is None:
            head = cut_head(photo, edge)
            _ready(head.sprite)
            head = self._heads.setdefault(key, head)
        return head


def _moved(head: HeadSprite, whole: Sprite) -> HeadSprite:
    """Return the face at its position in the figure."""
    own, face = head.sprite.face, whole.face
    scale = np.array([face.width / own.width, face.height / own.height], np.float32)
    origin = np.array([own.x1, own.y1], np.float32)
    corner = np.array([face.x1, face.y1], np.float32)
    points = (head.points - origin) * scale + corner
    box = np.array([[face.x1, face.y1, face.x2, face.y2]], np.float32)
    return HeadSprite(whole, replace(head.faces, boxes=box, landmarks=points.astype(np.float32)))


def _one_of(photos: Sequence[Photo], rng: np.random.Generator) -> Photo:
    return photos[int(rng.integers(len(photos)))]


def _ready(sprite: Sprite) -> Sprite:
    """Make all smaller copies now, because two threads must not make them at the same time."""
    sprite.level(0)
    return sprite


def _costume(rng: np.random.Generator) -> Costume:
    colours = [tuple(int(value) for value in rng.integers(10, 245, 3)) for _ in range(3)]
    first, second, trousers = ((red, green, blue) for red, green, blue in colours)
    pattern = list(Pattern)[rng.integers(len(Pattern))]
    return Costume(first, second, trousers, pattern, skirt=bool(rng.random() < 0.5))
