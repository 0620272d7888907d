"""A gallery as one file, so that photos are enrolled once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from closeup.embedding_calibration import EmbeddingCalibration
from closeup.errors import GalleryError
from closeup.files.arrays import read_arrays, write_arrays
from closeup.identity.gallery import Gallery

VERSION = 1
SUFFIX = ".npz"


class GalleryHeader(NamedTuple):
    """What a gallery's file says of itself.

    Attributes:
        embedder: Name of the embedder that made the vectors.
        names: Names of the members.

    """

    embedder: str
    names: tuple[str, ...]


def save_gallery(gallery: Gallery, path: Path) -> None:
    """Write the gallery, whole or not at all.

    The file holds the names, one vector a photo and the name of their embedder, but no picture.

    Raises:
        OutputError: the file cannot be written.

    """
    header = {"version": VERSION, "embedder": gallery.embedder, "names": gallery.names}
    text = np.frombuffer(json.dumps(header).encode(), np.uint8)
    write_arrays(path, closeup_gallery=text, vectors=gallery.vectors, owners=gallery.owners)


def load_gallery(path: Path, calibration: EmbeddingCalibration) -> Gallery:
    """Read what :func:`save_gallery` wrote.

    Args:
        path: The file.
        calibration: Calibration of the embedder whose vectors will be compared with the gallery.

    Raises:
        GalleryError: there is no such file, or it is not a gallery, of another version, damaged,
            or made by another embedder: vectors of different networks cannot be compared.

    """
    (made_by, names), vectors, owners = _read(path)
    if made_by != calibration.embedder:
        raise GalleryError(
            f"{path} was made by {made_by}, whose vectors do not compare with those of "
            f"{calibration.embedder}; use --embedder {made_by.partition('@')[0]}, "
            "or enrol the photos again"
        )
    return Gallery(calibration, names, vectors, owners)


def read_gallery_header(path: Path) -> GalleryHeader:
    """Read which members a gallery's file has, and which embedder made it.

    Raises:
        GalleryError: as for :func:`load_gallery`.

    """
    return _read(path)[0]


def _read(path: Path) -> tuple[GalleryHeader, NDArray[np.float32], NDArray[np.int64]]:
    """The header, the vectors and their owners."""
    try:
        arrays = read_arrays(path, ("closeup_gallery", "vectors", "owners"))
        header = json.loads(arrays["closeup_gallery"].tobytes())
        if header["version"] != VERSION:
            raise GalleryError(
                f"{path} is a gallery of version {header['version']}, this program reads "
                f"{VERSION}; make it again: closeup enrol MEMBERS --out {path.name}"
            )
        made_by, names = str(header["embedder"]), tuple(map(str, header["names"]))
        vectors, owners = arrays["vectors"], arrays["owners"]
    except FileNotFoundError:
        raise GalleryError(f"{path}: no such file; make it with: closeup enrol") from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise GalleryError(
            f"{path} is not a gallery, or damaged ({error}); "
            "make it again: closeup enrol MEMBERS --out FILE.npz"
        ) from error
    if not _sound(names, vectors, owners):
        raise GalleryError(f"{path} contradicts itself; make it again with: closeup enrol")
    return GalleryHeader(made_by, names), vectors, owners


def _sound(names: tuple[str, ...], vectors: NDArray[np.float32], owners: NDArray[np.int64]) -> bool:
    return (
        vectors.ndim == 2
        and vectors.dtype == np.float32
        and owners.dtype == np.int64
        and owners.shape == vectors.shape[:1]
        and bool(np.isfinite(vectors).all())
        and set(owners.tolist()) == set(range(len(names)))
        and len(set(names)) == len(names)
    )
