"""Reads text and numbers from files, with errors that name the place and the fault.

All text that Closeup reads passes through :func:`decode`, so that every format may begin with a
byte order mark, as editors and spreadsheets on Windows write it.
"""

from __future__ import annotations

import codecs
import io
from math import isfinite
from pathlib import Path

from closeup.errors import InputError

# UTF-32's little-endian mark begins with that of UTF-16, so it comes first.
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
SHOWN = 60
"""Characters of a file's content that a message shows at most."""
_DIGITS = 300
"""Most digits of a whole number; Python refuses to convert a few thousand."""


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
        raise InputError(
            f"{path} cannot be read: {error.strerror or error}; check its name and rights"
        ) from error
    except ValueError:  # a zero byte in the name
        raise InputError(f"{str(path)!r} is no name of a file; check the name") from None


def beginning(path: Path, length: int = 1 << 16) -> str:
    """The first ``length`` bytes of a file as text, by which its format is recognised.

    Returns:
        The text, without bytes that are no text; empty if there is no such file, or it cannot be
        read.

    """
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            content = file.read(length)
    except (OSError, ValueError):
        return ""
    mark, encoding = marked(content)
    return content[len(mark) :].decode(encoding, "ignore")


def read_text(path: Path, errors: str = "strict") -> str:
    """Read text with :func:`decode`; line ends stay unchanged.

    Args:
        path: The file.
        errors: What is done with bytes that are not UTF-8; ``surrogateescape`` keeps them, for
            files that contain names of other files.

    Raises:
        InputError: it cannot be read, or is not text in UTF-8, UTF-16 or UTF-32.

    """
    content = read_bytes(path)
    try:
        return decode(content, errors)
    except ValueError as error:
        raise InputError(f"{path}, {error}; save it as UTF-8 text") from None


def decode(content: bytes, errors: str = "strict") -> str:
    """Decode a file's content by its byte order mark, or as UTF-8 without one.

    Args:
        content: UTF-8, UTF-16 or UTF-32 with the mark, or UTF-8 without it.
        errors: As for :func:`read_text`.

    Raises:
        ValueError: it is not such text, or has a zero byte, which only other encodings have; the
            message begins with the line.

    """
    mark, encoding = marked(content)
    body = content[len(mark) :]
    try:
        text = body.decode(encoding, errors)
    except UnicodeDecodeError as error:
        line = body[: error.start].decode(encoding, "ignore").count("\n") + 1
        name = encoding[:6].rstrip("-").upper()
        raise ValueError(f"line {line}: not {name} text") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ValueError(f"line {line}: holds a zero byte")
    return text


def marked(content: bytes) -> tuple[bytes, str]:
    """The byte order mark of a file and its encoding; no bytes and ``utf-8`` without a mark."""
    return next((pair for pair in _MARKS.items() if content.startswith(pair[0])), (b"", "utf-8"))


def lines_of(text: str) -> list[str]:
    """The lines of a text, which end with a line feed, a carriage return, or both.

    ``str.splitlines`` would also break lines at characters that names of files may contain.
    """
    lines = io.StringIO(text, newline=None).read().split("\n")
    return lines if lines[-1] else lines[:-1]


def read_number(text: str, place: str, decimal: str = ".") -> float:
    """Parse a finite number.

    Args:
        text: Text from the file.
        place: File and line or element, for the error message.
        decimal: The decimal mark, ``.`` or ``,``.

    Raises:
        InputError: the text is not a finite number.

    """
    # Python's own form with underscores is no number in any file.
    foreign = "_" in text or (decimal != "." and "." in text)
    try:
        number = float("nan" if foreign else text.replace(decimal, "."))
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        where = f" in a table with {decimal!r} for the decimal point" if decimal != "." else ""
        raise InputError(
            f"{place}: {shown(text.strip())} is not a finite number{where}; correct it"
        )
    return number


def read_whole(text: str, place: str, decimal: str = ".") -> int:
    """Parse a whole number, also written as ``3.0``, as tables with gaps are by pandas.

    Raises:
        InputError: the text is not a whole number.

    """
    digits = text.strip()
    if digits.isdecimal() and len(digits) <= _DIGITS:
        return int(digits)
    number = read_number(text, place, decimal)
    if number != int(number):
        raise InputError(f"{place}: {shown(text.strip())} is not a whole number; correct it")
    return int(number)


def shown(value: object) -> str:
    """What a message shows of a file's content: on one line, and not too much of it."""
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
