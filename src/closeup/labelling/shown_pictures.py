"""The pictures that a labelling tool shows, as files that a browser can show or as pixels."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import NamedTuple, Protocol

import cv2
import numpy as np

from closeup.errors import ImageError
from closeup.files.folders import named_file
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.labels import Box
from closeup.landmarks.warping import warped
from closeup.media.images import read_image
from closeup.similarity import Similarity
from closeup.store.label_records import StoredItem

_KEPT = 2**28
"""Bytes of decoded pictures that are kept for the next crop or zoom."""
_QUALITY = 92
_FOR_BROWSERS = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png"}


class EncodedPicture(NamedTuple):
    """A picture as bytes, and their type for HTTP."""

    content: bytes
    media_type: str


class PictureReader(Protocol):
    """Reads the picture of an item."""

    def read(self, item: StoredItem) -> RGBImage:
        """The pixels; RGB uint8 of shape (H, W, 3), turned as the file's EXIF data say.

        Raises:
            ImageError: the file is gone, or is not a picture.

        """
        ...

    def is_there(self, item: StoredItem) -> bool:
        """Whether the picture still exists; it is not decoded, and may be damaged."""
        ...


class FolderPictures:
    """Reads pictures of a folder; any thread may call it.

    Args:
        folder: The folder to which the items' paths are relative.

    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._kept: OrderedDict[int, RGBImage] = OrderedDict()
        self._lock = Lock()

    def read(self, item: StoredItem) -> RGBImage:
        """See :meth:`PictureReader.read`."""
        with self._lock:
            if item.id in self._kept:
                self._kept.move_to_end(item.id)
                return self._kept[item.id]
        image = read_image(self.file(item))
        with self._lock:
            self._kept[item.id] = image
            while len(self._kept) > 1 and sum(one.nbytes for one in self._kept.values()) > _KEPT:
                self._kept.popitem(last=False)
        return image

    def is_there(self, item: StoredItem) -> bool:
        """See :meth:`PictureReader.is_there`."""
        return named_file(self.folder, item.path) is not None

    def file(self, item: StoredItem) -> Path:
        """The file of an item.

        Raises:
            ImageError: the file is gone, or its path leads out of the folder.

        """
        path = named_file(self.folder, item.path)
        if path is None:
            raise ImageError(
                f"{self.folder / item.path} is gone since it was added; put it back, or skip it",
                "missing",
            )
        if not path.resolve().is_relative_to(self.folder.resolve()):
            raise ImageError(f"{item.path} leads out of {self.folder}; move it there", "outside")
        return path


def encoded(
    reader: PictureReader, item: StoredItem, crop: Box | None = None, width: int | None = None
) -> EncodedPicture:
    """A picture or a part of it for a browser.

    Args:
        reader: Reads the picture.
        item: The picture.
        crop: x1, y1, x2, y2 of the part in pixels; parts outside of the picture are grey. None for
            the whole picture.
        width: Width of the result in pixels; None for that of the picture or part.

    Raises:
        ImageError: the file is gone, or is not a picture.

    """
    if crop is None and width is None and isinstance(reader, FolderPictures):
        path = reader.file(item)
        if path.suffix.lower() in _FOR_BROWSERS:  # browsers turn it by its EXIF data, too
            return EncodedPicture(path.read_bytes(), _FOR_BROWSERS[path.suffix.lower()])
    image = reader.read(item)
    if crop is not None:
        image = _cropped(image, crop, width)
    elif width is not None and width < image.shape[1]:
        size = (width, max(1, round(width * image.shape[0] / image.shape[1])))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    settings = [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]
    _, data = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), settings)
    return EncodedPicture(data.tobytes(), "image/jpeg")


def _cropped(image: RGBImage, crop: Box, width: int | None) -> RGBImage:
    x1, y1, x2, y2 = crop
    wide = width or max(1, round(x2 - x1))
    scale = wide / (x2 - x1)
    # The crop's edge, half a pixel before the centre of its first pixel, becomes the result's.
    edge = np.array([x1, y1])
    matrix = np.column_stack([scale * np.eye(2), -scale * edge - 0.5])
    size = Size(wide, max(1, round((y2 - y1) * scale)))
    return warped(image, Similarity(matrix), size, fill=(128, 128, 128))
