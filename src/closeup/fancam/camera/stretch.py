"""One stretch of one shot: the framing of each frame, and the crops that it asks for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from closeup.fancam.camera.body import Bodies, bodies_of, glided, whole_body_fits
from closeup.fancam.camera.framing import (
    COMPOSITIONS,
    Columns,
    CropSpace,
    centre_limits,
    required_heights,
    wanted_centres,
    wanted_heights,
)
from closeup.fancam.options import FancamOptions, Framing, Zoom
from closeup.geometry import Boxes


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """The faces of one member in one stretch of one shot, and what is shown of the body.

    Attributes:
        boxes: (n, 4) face boxes inside the frame.
        times: (n,) seconds, increasing.
        body: Rows of the body.
        whole: (n,) float64, 1 in frames whose crop shows the whole body, 0 in those with the
            framing ``near``, and between them while the crop changes from one to the other.
        near: Framing of the frames in which the whole body is not shown.

    """

    boxes: Boxes
    times: NDArray[np.float64]
    body: Bodies
    whole: NDArray[np.float64]
    near: Framing

    @classmethod
    def framed(
        cls,
        boxes: Boxes,
        times: NDArray[np.float64],
        space: CropSpace,
        options: FancamOptions,
        soles: NDArray[np.float64] | None = None,
    ) -> Stretch:
        """The stretch with the framing of ``options``; AUTO is decided here.

        With a fixed zoom the framing that most frames ask for is that of the whole stretch.
        ``soles`` are those of :func:`closeup.fancam.camera.body.bodies_of`.
        """
        body = bodies_of(boxes, times, soles)
        if options.framing is not Framing.AUTO:
            whole = np.full(len(boxes), float(options.framing is Framing.BODY))
            return cls(boxes, times, body, whole, options.framing)
        heights = wanted_heights(boxes, Framing.BODY, space)
        fits = whole_body_fits(body, heights, times, space.frame)
        if options.zoom is Zoom.FIXED:
            fits[:] = fits.mean() > 0.5
        return cls(boxes, times, body, glided(fits, times), Framing.BUST)

    def wanted_heights(self, space: CropSpace) -> Columns:
        """See :func:`closeup.fancam.camera.framing.wanted_heights`; shape (n,)."""
        body, near = (
            np.log(wanted_heights(self.boxes, framing, space))
            for framing in (Framing.BODY, self.near)
        )
        return np.asarray(np.exp(near + self.whole * (body - near)))

    def required_heights(self, space: CropSpace) -> Columns:
        """Minimum height of a crop that holds what its framing shows; shape (n,)."""
        near = required_heights(self.boxes, space)
        return np.where(self.whole == 1, required_heights(self.boxes, space, self.body), near)

    def wanted_centres(self, heights: Columns) -> Columns:
        """Centres (n, 2) of best composition for crops of these heights."""
        body, near = (
            wanted_centres(self.boxes, heights, framing) for framing in (Framing.BODY, self.near)
        )
        return np.asarray(near + self.whole[:, None] * (body - near))

    def centre_limits(self, heights: Columns, space: CropSpace) -> tuple[Columns, Columns]:
        """Limits (n, 2) of the centre for crops of these heights."""
        body = centre_limits(self.boxes, heights, space, self.body)
        near = centre_limits(self.boxes, heights, space)
        whole = self.whole[:, None] == 1
        lower, upper = (np.where(whole, a, b) for a, b in zip(body, near, strict=True))
        return lower, upper

    def stray(self, heights: Columns, space: CropSpace) -> Columns:
        """Distance (n, 2) from the best composition that costs nothing, in source pixels."""
        body, near = (
            np.array(COMPOSITIONS[framing].stray) for framing in (Framing.BODY, self.near)
        )
        shares = near + self.whole[:, None] * (body - near)
        return np.asarray(shares * space.sides(heights))
