"""Writes results completely or not at all: under a temporary name, then renamed."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from closeup.errors import OutputError

LOCK = ".closeup.lock"
"""Lock file in a folder in which a run is at work; contains the number of its process."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path`` that is renamed to it when the block succeeds.

    The suffix is kept, because encoders choose the format by it. After an error the
    temporary file is removed and an older ``path`` is unchanged.

    Raises:
        OutputError: the folder cannot be written, or the disk is full.

    """
    temporary = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        reason = error.strerror or error
        raise OutputError(
            f"cannot write {path}: {reason}; choose another folder or free some space"
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


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
        lock = _locked(folder) if alone else None
    except OSError as error:
        raise OutputError(
            f"cannot write to {folder}: {error.strerror or error}; choose another folder"
        ) from error
    try:
        yield
    finally:
        if lock:
            with suppress(OSError):
                (folder / LOCK).unlink()
            lock.close()
        if new:
            with suppress(OSError):  # the folder is not empty
                folder.rmdir()


def _locked(folder: Path) -> TextIO:
    """Return the open lock file of a folder; the system releases the lock when the process ends.

    Raises:
        OutputError: another process, or another run of this one, holds it.

    """
    path = folder / LOCK
    while True:
        file = path.open("a+", encoding="ascii")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            number = file.read().strip()
            file.close()
            raise OutputError(
                f"{folder} is in use by another run of closeup (process {number}); wait until it "
                "ends, or choose another folder"
            ) from None
        except OSError:
            return file  # some network file systems have no locks
        with suppress(FileNotFoundError):  # the previous run has just removed its file
            if os.path.samestat(path.stat(), os.fstat(file.fileno())):
                file.truncate(0)
                file.write(f"{os.getpid()}\n")
                file.flush()
                return file
        file.close()


def write_text(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8, completely or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
