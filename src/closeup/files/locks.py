"""Locked files: what one run uses, no other run touches.

The system holds the locks and releases them when their process ends, however it ends. On file
systems without locks, such as some network shares, the process number in the file stands in.
"""

from __future__ import annotations

import fcntl
import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import IO, Protocol

_RECORDS: set[Path] = set()
"""Records that are held by this process on file systems without locks."""


class InUseError(Exception):
    """Another run holds the lock; the message describes it, such as ``process 31 on stage-pc``."""


class NoLocksError(OSError):
    """The file system has no locks."""


class Lock(Protocol):
    """A lock that is held until it is released, or until the process ends."""

    def release(self) -> None:
        """Delete the file and end the lock."""
        ...


def locked(path: Path) -> IO[bytes] | None:
    """Open a file, created if missing, with a lock until it is closed; its content is discarded.

    Returns:
        The empty file; None if another run, or another part of this one, holds its lock.

    Raises:
        NoLocksError: the file system has no locks.
        OSError: the file cannot be opened for writing.

    """
    while True:
        new = not path.exists()
        file = path.open("a+b")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        except OSError as error:
            file.close()
            if new:
                path.unlink(missing_ok=True)
            raise NoLocksError(*error.args) from error
        with suppress(FileNotFoundError):  # its holder has just renamed or deleted it
            if os.path.samestat(path.stat(), os.fstat(file.fileno())):
                file.truncate(0)
                return file
        file.close()


def lock(path: Path) -> Lock:
    """Create a lock file that contains the number of this process and the name of the machine.

    A file that a killed run left behind is taken over.

    Raises:
        InUseError: another run, or another part of this one, holds it.
        OSError: the file cannot be written.

    """
    try:
        file = locked(path)
    except NoLocksError:
        return _recorded(path)
    if file is None:
        raise InUseError(_holder(path))
    file.write(_record())
    file.flush()
    return _SystemLock(path, file)


class _SystemLock:
    """A lock that the system holds."""

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self._path, self._file = path, file

    def release(self) -> None:
        with suppress(OSError):
            self._path.unlink()
        self._file.close()


class _RecordLock:
    """A file whose content names its holder, on a file system without locks."""

    def __init__(self, path: Path) -> None:
        self._path = path
        _RECORDS.add(path)

    def release(self) -> None:
        _RECORDS.discard(self._path)
        with suppress(OSError):
            self._path.unlink()


def _recorded(path: Path) -> Lock:
    """Lock by the record of a live process."""
    path = path.resolve()
    while True:
        try:
            with path.open("xb") as file:
                file.write(_record())
            return _RecordLock(path)
        except FileExistsError:
            if _is_held(path):
                raise InUseError(f"{_holder(path)}, if {path} is not a leftover") from None
            path.unlink(missing_ok=True)


def _is_held(path: Path) -> bool:
    """Whether the process in a record is alive, as far as this machine can tell."""
    number, _, machine = _read(path).partition(" ")
    if not number.isdecimal():
        return False
    if machine != socket.gethostname():
        return True
    if int(number) == os.getpid():
        return path in _RECORDS  # after a restart a container gives the same number again
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except OSError:  # it belongs to another user
        return True
    return True


def _record() -> bytes:
    return f"{os.getpid()} {socket.gethostname()}\n".encode()


def _holder(path: Path) -> str:
    """``process 31``, with its machine if that is another one."""
    number, _, machine = _read(path).partition(" ")
    if not number:
        return "its process has just begun"
    return f"process {number}" + (f" on {machine}" if machine != socket.gethostname() else "")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
