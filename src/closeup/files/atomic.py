"""Writes results completely or not at all: under a temporary name, then renamed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from uuid import uuid4

from closeup.errors import OutputError
from closeup.files.locks import InUseError, NoLocksError, lock, locked
from closeup.files.unique_names import numbered

LOCK = ".closeup.lock"
"""Lock file in a folder in which a run is at work; contains the number of its process."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path`` that is renamed to it when the block succeeds.

    The suffix is kept, because encoders choose the format by it. After an error the
    temporary file is removed and an older ``path`` is unchanged. The temporary file is locked:
    no other run uses it, and one that a killed run left behind is taken over.

    Raises:
        OutputError: the folder cannot be written, or the disk is full.

    """
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with _temporary(path) as temporary:
            yield temporary
            with temporary.open("rb") as file:
                os.fsync(file.fileno())
            temporary.replace(path)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an OSError of the block, which writes ``path``, into one line.

    Raises:
        OutputError: the block raised an OSError.

    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise OutputError(
            f"cannot write {path}: {reason}; choose another folder or free some space"
        ) from error


@contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    """Create an empty file that no other run uses; it is removed after an error."""
    file, temporary = _first_free(path)
    with file:
        try:
            yield temporary
        except BaseException:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise


def _first_free(path: Path) -> tuple[IO[bytes], Path]:
    names = numbered(path.with_name(f".{path.stem}.part{path.suffix}"))
    try:
        return next((file, name) for name in names if (file := locked(name)))
    except NoLocksError:
        name = path.with_name(f".{path.stem}.part-{uuid4().hex[:8]}{path.suffix}")
        return name.open("xb"), name


@contextmanager
def claiming(folder: Path, *, alone: bool = True) -> Iterator[None]:
    """Create ``folder`` for the results of a block; a new folder is removed if it stays empty.

    Args:
        folder: Folder that the block writes to.
        alone: Whether the block needs the whole folder: a second run is refused while
            the first one is at work. A killed process holds no lock.

    Raises:
        OutputError: the folder cannot be created or written to, or another process is at
            work there.

    """
    try:
        new = not folder.is_dir()
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
        held = lock(folder / LOCK) if alone else None
    except InUseError as error:
        raise OutputError(
            f"{folder} is in use by another run of closeup ({error}); wait until it "
            "ends, or choose another folder"
        ) from error
    except OSError as error:
        reason = "it is a file" if isinstance(error, FileExistsError) else error.strerror or error
        raise OutputError(f"cannot write to {folder}: {reason}; choose another folder") from error
    try:
        yield
    finally:
        if held:
            held.release()
        if new:
            with suppress(OSError):  # the folder is not empty
                folder.rmdir()


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """Yield an empty hidden folder in a claimed one; it is deleted at the end of the block.

    The folder that a killed run left behind is deleted first.

    Raises:
        OutputError: the folder cannot be made.

    """
    path = folder / ".scratch"
    with writing(path):
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir()
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def claiming_file(path: Path) -> Iterator[None]:
    """Check that a file can be written before a long job begins that makes it.

    The folder is made; it is removed if it is new and stays empty.

    Raises:
        OutputError: ``path`` is a folder, or its folder cannot be created or written to.

    """
    if path.is_dir():
        raise OutputError(f"{path} is a folder; name a file in it")
    with claiming(path.parent, alone=False):
        yield


def write_text(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8, completely or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
