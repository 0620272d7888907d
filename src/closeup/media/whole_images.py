"""Pictures with all that their files hold: depth, transparency, grey, colour profile, EXIF data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from closeup.errors import OutputError
from closeup.files.atomic import replacing
from closeup.frames import RGBImage
from closeup.media.images import read_image

WRITTEN = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff")
"""Suffixes of files that can be written."""

_DEEP = (".png", ".tif", ".tiff")
"""Suffixes of formats that store 16 bits."""
_OPAQUE = (".jpg", ".jpeg")
_ORIENTATION = 274
_QUALITY = 95
_GREY = 2
"""Largest difference of the channels of a grey colour."""


@dataclass(frozen=True, slots=True, eq=False)
class WholeImage:
    """A picture with its own samples beside its RGB pixels.

    Attributes:
        rgb: RGB uint8 of shape (H, W, 3), as :func:`closeup.media.images.read_image` gives it.
        samples: The samples of the file, upright: (H, W) grey, or (H, W, 3 or 4) RGB with
            transparency, uint8 or uint16.
        extras: What Pillow writes beside the pixels: colour profile and EXIF data.

    """

    rgb: RGBImage
    samples: NDArray[Any]
    extras: dict[str, bytes]

    @classmethod
    def read(cls, path: Path) -> WholeImage:
        """Read a picture.

        Raises:
            ImageError: as :func:`closeup.media.images.read_image`.

        """
        rgb = read_image(path)
        try:
            with Image.open(path) as picture:
                return cls(rgb, _samples(path, picture, rgb), _extras(picture))
        except Exception:  # noqa: BLE001 - formats that only read_image knows; decoders raise anything
            return cls(rgb, rgb, {})

    def rotated(self, degrees: int) -> WholeImage:
        """The picture rotated clockwise by 0, 90, 180 or 270 degrees."""
        turns = -degrees // 90
        rgb, samples = (np.ascontiguousarray(np.rot90(a, turns)) for a in (self.rgb, self.samples))
        return replace(self, rgb=rgb, samples=samples)

    def changed(self, drawn: RGBImage) -> WholeImage:
        """The picture with the pixels that differ in ``drawn``, a changed copy of ``rgb``.

        All other samples stay as they are. A grey picture becomes RGB if a colour was drawn;
        changed pixels become opaque.
        """
        mask = (drawn != self.rgb).any(axis=-1)
        colours = drawn[mask]
        samples = self.samples.copy()
        if samples.ndim == 2:
            if np.ptp(colours.astype(int), axis=1).max(initial=0) <= _GREY:
                samples[mask] = _deeper(cv2.cvtColor(drawn, cv2.COLOR_RGB2GRAY)[mask], samples)
                return replace(self, rgb=drawn, samples=samples)
            samples = np.repeat(samples[..., None], 3, axis=2)
        samples[mask, :3] = _deeper(colours, samples)
        if samples.shape[2] == 4:
            samples[mask, 3] = np.iinfo(samples.dtype).max
        return replace(self, rgb=drawn, samples=samples)

    def write(self, path: Path) -> None:
        """Write the picture whole or not at all; the suffix decides the format.

        Formats without 16 bits or transparency get the 8-bit or opaque pixels.

        Raises:
            OutputError: the suffix is none of :data:`WRITTEN`, or the file cannot be written.

        """
        suffix = path.suffix.lower()
        if suffix not in WRITTEN:
            raise OutputError(
                f"{path}: pictures are written as {', '.join(WRITTEN)}; give such a name"
            )
        with replacing(path) as temporary:
            if self.samples.dtype == np.uint16 and suffix in _DEEP:
                temporary.write_bytes(_encoded(self.samples, suffix))
                return
            eight = self.samples if self.samples.dtype == np.uint8 else self.rgb
            opaque = eight.ndim == 3 and eight.shape[2] == 4 and suffix in _OPAQUE
            picture = Image.fromarray(self.rgb if opaque else eight)
            kind = Image.registered_extensions()[suffix]
            lossless = {"lossless": True} if suffix == ".webp" else {"quality": _QUALITY}
            encoded = BytesIO()  # Pillow does not always tell that a disk is full
            picture.save(encoded, kind, **self.extras, **lossless)
            temporary.write_bytes(encoded.getvalue())


def _samples(path: Path, picture: Image.Image, rgb: RGBImage) -> NDArray[Any]:
    if picture.format in ("PNG", "TIFF"):
        deep = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
        if deep is not None and deep.dtype == np.uint16 and deep.shape[:2] == rgb.shape[:2]:
            return np.asarray(_exchanged(deep))
    if _turned(picture) or picture.mode not in ("L", "LA", "RGBA", "PA", "P"):
        return rgb
    if picture.mode == "L" and not picture.has_transparency_data:
        return np.asarray(picture)
    return np.asarray(picture.convert("RGBA")) if picture.has_transparency_data else rgb


def _turned(picture: Image.Image) -> bool:
    return bool(picture.getexif().get(_ORIENTATION, 1) != 1)


def _extras(picture: Image.Image) -> dict[str, bytes]:
    """Colour profile and EXIF data, the latter without a rotation, which is applied already."""
    extras = {}
    if profile := picture.info.get("icc_profile"):
        extras["icc_profile"] = profile
    exif = picture.getexif()
    if exif:
        exif[_ORIENTATION] = 1
        extras["exif"] = exif.tobytes()
    return extras


def _deeper(values: NDArray[np.uint8], samples: NDArray[Any]) -> NDArray[Any]:
    """8-bit values in the depth of samples."""
    return values.astype(samples.dtype) * (257 if samples.dtype == np.uint16 else 1)


def _exchanged(samples: NDArray[Any]) -> NDArray[Any]:
    """Exchange red and blue, between OpenCV's order and RGB."""
    if samples.ndim == 2:
        return samples
    order = [2, 1, 0, 3][: samples.shape[2]]
    return np.ascontiguousarray(samples[..., order])


def _encoded(samples: NDArray[Any], suffix: str) -> bytes:
    return cv2.imencode(suffix, _exchanged(samples))[1].tobytes()
