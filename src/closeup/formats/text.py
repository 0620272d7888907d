"""Reads text and numbers from files, with errors that name the place and the fault."""

from __future__ import annotations

from math import isfinite
from pathlib import Path

from closeup.errors import InputError


def read_bytes(path: Path) -> bytes:
    """Read a whole file.

    Raises:
        InputError: the file is missing, is a folder, or is not readable.

    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; check the name") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder; name a file in it") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}; allow it") from error


def read_text(path: Path) -> str:
    """Read UTF-8 text, with or without a byte order mark; line ends stay unchanged.

    Raises:
        InputError: it cannot be read, or is not UTF-8 text.

    """
    content = read_bytes(path)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}, line {line}: not UTF-8 text; save it as UTF-8") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InputError(f"{path}, line {line}: holds a zero byte; save it as UTF-8 text")
    return text


def read_number(text: str, place: str) -> float:
    """Parse a finite number.

    Args:
        text: Text from the file.
        place: File and line or element, for the error message.

    Raises:
        InputError: the text is not a finite number.

    """
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise InputError(f"{place}: {text.strip()!r} is not a finite number; correct it")
    return number
