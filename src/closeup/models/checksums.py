"""A checksum in the metadata of the ONNX files that Closeup makes, by which damage is detected."""

from __future__ import annotations

import hashlib
import re

from closeup.errors import ModelCorruptError

PROPERTY = "closeup_sha256"
"""Metadata property with the SHA-256 of the file in which these 64 digits are zeros."""

UNKNOWN = "0" * 64
"""Value of the property until the file is complete."""

# As protobuf writes the property: its key, then field 2 of 64 bytes.
_PLACE = re.compile(PROPERTY.encode() + rb"\x12\x40(.{64})", re.DOTALL)


def with_checksum(model: bytes) -> bytes:
    """Enter the checksum into a serialised ONNX model.

    Args:
        model: A model whose metadata has :data:`PROPERTY` with the value :data:`UNKNOWN`.

    Raises:
        ValueError: it has no such property.

    """
    found = _PLACE.search(model)
    if found is None:
        raise ValueError(f"the model has no property {PROPERTY!r}")
    return _replaced(model, found, _digest(model, found))


def check_checksum(model: bytes, name: str) -> None:
    """Compare a model with its checksum; a file of another program has none and passes.

    Args:
        model: The bytes of the file.
        name: Name of the file in the error message.

    Raises:
        ModelCorruptError: the file is not the one that was written.

    """
    found = _PLACE.search(model)
    if found is not None and found[1] != _digest(model, found):
        raise ModelCorruptError(
            f"{name} does not match its checksum: it is damaged, or another program changed it; "
            f"copy it again, or remove its metadata property {PROPERTY} to use it as it is"
        )


def _digest(model: bytes, found: re.Match[bytes]) -> bytes:
    return hashlib.sha256(_replaced(model, found, UNKNOWN.encode())).hexdigest().encode()


def _replaced(model: bytes, found: re.Match[bytes], digits: bytes) -> bytes:
    return model[: found.start(1)] + digits + model[found.end(1) :]
