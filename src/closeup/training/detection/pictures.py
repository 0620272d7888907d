"""The pictures of a set, read when they are needed and kept as far as memory allows."""

from __future__ import annotations

from threading import Lock

from closeup.detection.letterbox import largest_inside, resized
from closeup.errors import InputError
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.media.images import read_image
from closeup.training.detection.samples import DetectionSet

USUAL_MEMORY = 512 * 2**20
"""Bytes: some 700 pictures of 640×360."""


class PictureCache:
    """Reads pictures, no larger than they will be drawn; any thread may ask.

    Args:
        samples: Whose they are.
        largest: What is larger is shrunk until it fits inside.
        memory: Bytes to keep; what was read first stays. Each epoch asks for all of them in a new
            order, so that what was asked for last would mostly be gone when it is needed again.

    """

    def __init__(self, samples: DetectionSet, largest: Size, memory: int = USUAL_MEMORY) -> None:
        self._samples, self._largest, self._memory = samples, largest, memory
        self._kept: dict[int, RGBImage] = {}
        self._used = 0
        self._lock = Lock()

    def read(self, index: int) -> RGBImage:
        """One picture; RGB uint8 (H, W, 3), to be looked at only.

        Raises:
            ImageError: it cannot be read any more.
            InputError: it has another size than when the labels were read.

        """
        if index in self._kept:
            return self._kept[index]
        picture = self._decoded(index)
        with self._lock:
            self._keep(index, picture)
        return picture

    def _decoded(self, index: int) -> RGBImage:
        size = self._samples.size(index)
        picture = read_image(self._samples.paths[index])
        if Size.of(picture) != size:
            raise InputError(
                f"{self._samples.paths[index]} was a picture of {size} and is another one now; "
                "leave a set alone while it is learnt"
            )
        inner = largest_inside(size, self._largest)
        shrinks = inner.width < size.width or inner.height < size.height
        return resized(picture, inner) if shrinks else picture

    def _keep(self, index: int, picture: RGBImage) -> None:
        if index not in self._kept and self._used + picture.nbytes <= self._memory:
            self._kept[index] = picture
            self._used += picture.nbytes
