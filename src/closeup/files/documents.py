"""JSON documents, and the writing of CSV tables, completely or not at all.

:mod:`closeup.files.tables` reads CSV tables.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from closeup.errors import InputError
from closeup.files.atomic import replacing
from closeup.files.text import SHOWN, decode

CHECKSUM = "sha256"
"""Key of the checksum in documents that are read back."""

Parsed = TypeVar("Parsed")


def write_document(path: Path, document: Mapping[str, Any], *, checksum: bool = False) -> None:
    """Write a JSON object, indented, with non-ASCII letters unescaped.

    File names may contain bytes that are not UTF-8; they are written as escapes and read back.

    Args:
        path: The file.
        document: Its content.
        checksum: Whether to add a checksum of the content, for a document that is read back.

    Raises:
        OutputError: the file cannot be written.
        ValueError: a number is NaN or infinite, which JSON does not support.

    """
    if checksum:
        document = {**document, CHECKSUM: _checksum(document)}
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    with replacing(path) as temporary:
        temporary.write_bytes(text.encode("utf-8", "backslashreplace"))


def read_document(path: Path, parse: Callable[[dict[str, Any]], Parsed], way_out: str) -> Parsed:
    """Read a JSON object and parse it.

    Args:
        path: The file.
        parse: Converts the object, without its checksum, to the result; for invalid content it
            may raise ValueError, KeyError, TypeError, AttributeError or OverflowError.
        way_out: Advice for a file that cannot be read, as the end of a message.

    Raises:
        InputError: the file is missing, cannot be read, is not a JSON object, differs from its
            checksum (if it has one), or ``parse`` rejected it.

    """
    try:
        return parse(_verified(_object(parse_json(decode(path.read_bytes())))))
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; {way_out}") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}; {way_out}") from error
    except KeyError as error:
        raise _damaged(path, f"{error} is missing", way_out) from error
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise _damaged(path, str(error).partition("\n")[0], way_out) from error


def parse_json(text: str) -> Any:
    """Parse JSON of a file.

    Raises:
        ValueError: it is not JSON, or a name stands twice in one object, of which all but the last
            would be lost. The message is one line, and names the line of a syntax error.

    """
    try:
        return json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno}: {error.msg}") from None
    except RecursionError:
        raise ValueError("its brackets are nested too deeply") from None


def as_json(value: Any) -> str:
    """What a message shows of a value of a JSON file, as in the file, and not too much of it."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "a value with nested brackets"
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{as_json(twice)} is there twice in one object; keep one")
    return made


def write_table(path: Path, rows: Iterable[Iterable[Any]]) -> None:
    """Write rows as CSV in UTF-8, with one line feed after each.

    Bytes of file names that are not UTF-8 are written unchanged.

    Raises:
        OutputError: the file cannot be written.

    """
    with (
        replacing(path) as temporary,
        temporary.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file,
    ):
        csv.writer(file, lineterminator="\n").writerows(rows)


def _object(content: Any) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise TypeError(f"{as_json(content)} instead of an object in braces")
    return content


def _verified(document: dict[str, Any]) -> dict[str, Any]:
    content = {name: value for name, value in document.items() if name != CHECKSUM}
    if document.get(CHECKSUM, _checksum(content)) != _checksum(content):
        raise ValueError(
            f"its content does not match its {CHECKSUM} (after a change by hand, remove that line)"
        )
    return content


def _checksum(document: Mapping[str, Any]) -> str:
    """SHA-256 of the content, whatever the order of its keys and its white space."""
    plain = json.dumps(json.loads(json.dumps(document)), sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()


def _damaged(path: Path, reason: str, way_out: str) -> InputError:
    return InputError(f"{path} is damaged or of another kind: {reason}; {way_out}")
