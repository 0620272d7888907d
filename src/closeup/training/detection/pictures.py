"""The pictures of a set, read on demand and kept as far as memory allows."""

from __future__ import annotations

from threading import Lock

from closeup.detection.letterbox import largest_inside, resized
from closeup.errors import InputError
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.media.images import read_image
from closeup.training.detection.samples import DetectionSet

USUAL_MEMORY = 512 * 2**20
"""Bytes; about 700 pictures of 640×360."""


class PictureCache:
    """Reads pictures, no larger than they will be drawn; safe for use from several threads.

    Args:
        samples: The set of the pictures.
        largest: Larger pictures are shrunk to fit inside this size.
        memory: Bytes to keep; the pictures read first stay. Each epoch reads all pictures in a
            new order, for which discarding the least recently used ones would rarely help.

    """

    def __init__(self, samples: DetectionSet, largest: Size, memory: int = USUAL_MEMORY) -> None:
        self._samples, self._largest, self._memory = samples, largest, memory
        self._kept: dict[int, RGBImage] = {}
        self._used = 0
        self._lock = Lock()

    def read(self, index: int) -> RGBImage:
        """One picture; RGB uint8 (H, W, 3), read-only by convention.

        Raises:
            ImageError: the file cannot be read any more.
            InputError: its size has changed since the labels were read.

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
                "do not change a set during its training"
            )
        inner = largest_inside(size, self._largest)
        shrinks = inner.width < size.width or inner.height < size.height
        return resized(picture, inner) if shrinks else picture

    def _keep(self, index: int, picture: RGBImage) -> None:
        if index not in self._kept and self._used + picture.nbytes <= self._memory:
            self._kept[index] = picture
            self._used += picture.nbytes
