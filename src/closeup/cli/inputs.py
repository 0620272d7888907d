"""Refuses mistyped paths before slow imports."""

from __future__ import annotations

from pathlib import Path

from closeup.errors import InputError


def need(*inputs: Path | None, kind: str = "file or folder") -> None:
    """Refuse a path that does not exist; all other errors are left to the later readers.

    Args:
        inputs: Files and folders that a command reads; None for one that is not given.
        kind: What the path may be, for the error message.

    Raises:
        InputError: there is no such file or folder.

    """
    for path in inputs:
        try:
            if path is not None:
                path.stat()
        except FileNotFoundError:
            raise InputError(f"{path}: no such {kind}; check the name") from None
        except (OSError, ValueError):
            continue
