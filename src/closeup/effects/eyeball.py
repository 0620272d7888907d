"""An eyeball as a picture of its own: completed where lids hide it, its iris moved by a warp.

The displacement follows the idea of DeepWarp (Ganin et al., ECCV 2016) and of Isikdogan et al.
("Eye contact correction using deep neural networks", WACV 2020): a flow field moves the own pixels
of an eye, so that texture and highlights stay. Here the field comes from geometry instead of a
network: it moves an iris as a whole, and falls smoothly to 0 around it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from closeup.effects.eye_opening import EyeOpening, Values
from closeup.effects.face_shapes import IRIS, Point
from closeup.effects.frontal_view import Colours, FrontalView, ramp

_RING, _RINGS, _STEPS = 0.15, 8, 16
"""Width of the rings, in radii of an iris, of which mean colours are measured, their number, and
the steps between two of them."""
_BRIGHTEST = 1.25
"""Largest brightness of a completed part of an iris, over the mean at the same distance from its
centre: highlights are not repeated."""
_WHITE = 1.1, 1.4
"""Distances from the centre of the iris, in its radii, between which the white begins."""
_SHADOW, _SHADOW_REACH = 0.2, 0.06
"""Share of its light that the white loses at the upper lid, and where that ends, in eye distances
below it."""
_HIGHLIGHT = 1.6
"""Brightness over that of the mean white, from which pixels count as highlights."""
_SPREAD = 0.15, 0.035
"""Reach of the own white across and down in filled places, in eye distances."""
_COARSE = 40
"""Pixels per eye distance in which the white is spread: it has no details."""
_BESIDE = 0.1, 0.35
"""Distances from the rim of a moved iris, in its radii, between which stretched pixels begin to be
replaced by white."""
_JOINED = 0.5
"""Share of the shift from which nothing but the completed eyeball is shown; where less moves, its
edge passes into the picture as it was."""
_BARE = 0.02
"""Length of a shift, in eye distances, from which the lids are taken off whole; a smaller shift
uncovers hardly anything."""
_STRETCHED = 1.3, 1.8
"""Distances from the old centre, in radii, from which pixels at the rim and whole white come."""


@dataclass(frozen=True, slots=True, eq=False)
class Eyeball:
    """The eyeball of one eye as it would be without lids.

    Attributes:
        view: The places of its pixels.
        iris: (2,) centre of the iris.
        source: (h, w, 3) the eye in the picture.
        colours: (h, w, 3) its pixels without lids.
        white: (h, w, 3) what its white looks like, also in the place of the iris.

    """

    view: FrontalView
    iris: Point
    source: Colours
    colours: Colours
    white: Colours

    @classmethod
    def completed(cls, view: FrontalView, source: Colours, eye: EyeOpening, soft: float) -> Eyeball:
        """The eyeball of an eye, whose hidden parts follow from the visible ones.

        Args:
            view: Places of the pixels.
            source: (h, w, 3) the eye in the picture.
            eye: Its opening.
            soft: Width of the edge of a lid, in eye distances, whose colours are mixed.

        """
        away = view.distance(eye.iris) / IRIS
        visible = ramp(eye.depth(view.x, view.y), 0.5 * soft, 1.5 * soft)
        white = _white(view, source, visible, away)
        white *= 1 - _SHADOW * ramp(view.y - eye.lids(view.x)[0], _SHADOW_REACH, 0)[..., None]
        iris = _iris(view, source, eye, visible, away)
        rim = max(0.1, soft / IRIS)
        hidden = white + ramp(away, 1 + rim, 1 - rim)[..., None] * (iris - white)
        return cls(view, eye.iris, source, hidden + visible[..., None] * (source - hidden), white)

    def moved(self, shift: Point) -> Colours:
        """Its pixels (h, w, 3) with the iris moved by ``shift`` (2,).

        The iris moves as a whole; around it the displacement falls to 0 within twice its length,
        so that no pixels change places. Where that stretches the rim of the iris, white is filled.
        """
        length = float(np.linalg.norm(shift))
        if length == 0:
            return self.source
        beyond = self.view.distance(self.iris + shift) - IRIS
        share = ramp(beyond, 2 * length, 0)
        across, down = shift.tolist()
        x, y = self.view.x - share * across, self.view.y - share * down
        bare = float(ramp(np.array(length), 0, _BARE))
        colours = self.view.sampled(self.source + bare * (self.colours - self.source), x, y)
        away = np.hypot(x - float(self.iris[0]), y - float(self.iris[1])) / IRIS
        filled = ramp(beyond / IRIS, *_BESIDE) * ramp(away, *reversed(_STRETCHED))
        colours += filled[..., None] * (self.white - colours)
        joined = ramp(share, 0, _JOINED)[..., None]
        return np.asarray(self.source + joined * (colours - self.source))


def _white(view: FrontalView, source: Colours, visible: Values, away: Values) -> Colours:
    """Colours (h, w, 3) of the white everywhere, spread from its visible part.

    Bright pixels count most, since the others may be lashes, or mixed with skin.
    """
    seen, brightness = visible * ramp(away, *_WHITE), _brightness(source)
    relative = brightness / max(float(np.average(brightness, weights=seen + 1e-6)), 1.0)
    weight = np.where(relative < _HIGHLIGHT, relative**3, 1) + 1e-3
    weight *= seen + 1e-3 * visible + 1e-6
    stacked = np.dstack([source * weight[..., None], weight]).astype(np.float32)
    reduction = max(1.0, view.density / _COARSE)
    small = [max(2, round(side / reduction)) for side in view.size]
    near = np.asarray(cv2.resize(stacked, small, interpolation=cv2.INTER_AREA), np.float32)
    across, down = (max(0.5, reach * view.density / reduction) for reach in _SPREAD)
    spread = cv2.GaussianBlur(near, (0, 0), sigmaX=across, sigmaY=down)
    spread += 0.02 * near.mean(axis=(0, 1))  # where no white is near, that of the whole eye
    mixed = (spread[..., :3] / spread[..., 3:]).astype(np.float32)
    return np.asarray(cv2.resize(mixed, view.size), np.float32)


def _iris(
    view: FrontalView, source: Colours, eye: EyeOpening, visible: Values, away: Values
) -> Colours:
    """Colours (h, w, 3) of the iris where it is hidden: the opposite ones, without highlights."""
    mean = _radial_mean(source, visible, away)
    x, y = (2 * float(at) - own for at, own in zip(eye.iris, (view.x, view.y), strict=True))
    opposite = np.minimum(view.sampled(source, x, y), _BRIGHTEST * mean)
    known = view.sampled(visible, x, y)[..., None]
    return np.asarray(mean + known * (opposite - mean))


def _radial_mean(source: Colours, visible: Values, away: Values) -> Colours:
    """Mean colour (h, w, 3) of the visible iris at the same distance from its centre."""
    near = away < _RINGS * _RING
    ring, colours = (away[near] / _RING).astype(int), source[near]
    weight = visible[near] / (_brightness(source)[near] + 16) + 1e-9
    total = np.bincount(ring, weight, _RINGS)
    known = total > 1e-3 * total.max()
    sums = [np.bincount(ring, weight * own, _RINGS)[known] for own in colours.T]
    middles = np.flatnonzero(known) + 0.5
    steps = np.arange(0, _RINGS, 1 / _STEPS)
    means = np.stack([np.interp(steps, middles, own / total[known]) for own in sums], axis=-1)
    step = np.minimum((away * (_STEPS / _RING)).astype(int), len(steps) - 1)
    return np.asarray(means.astype(np.float32)[step])


def _brightness(colours: Colours) -> Values:
    return np.asarray(cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY))
