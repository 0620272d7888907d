"""The command line: in this process, or as a process of its own where that is what matters."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedRandom
from pathlib import Path
from unittest.mock import patch

import pytest

from closeup.cli import main

PLAIN = ("-m", "closeup")
INTERRUPTIBLE = (
    "-c",
    # A shell that runs the tests in the background lets them ignore Ctrl-C.
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
    "from closeup.cli import main; main()",
)


def full_disk(size: int) -> tuple[str, str]:
    """A run in which no file can grow beyond so many bytes."""
    return "-c", (
        f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}));"
        "from closeup.cli import main; main()"
    )


def start(
    *arguments: str | Path,
    models: Path | None = None,
    how: tuple[str, str] = PLAIN,
    environment: dict[str, str] | None = None,
) -> subprocess.Popen[str]:
    """Begin a run in a process of its own, whose output is kept."""
    return subprocess.Popen(
        [sys.executable, *how, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "CLOSEUP_MODELS": str(models or ""), **(environment or {})},
    )


def closeup(
    *arguments: str | Path, models: Path | None = None, how: tuple[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """A whole run: in this process, or in one of its own that starts in the way given."""
    if how is not None:
        process = start(*arguments, models=models, how=how)
        stdout, stderr = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)
    command = ["closeup", *map(str, arguments)]
    with (
        patch.dict(os.environ, {"CLOSEUP_MODELS": str(models or "")}),
        patch.object(sys, "argv", command),
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
    ):
        with (
            _stream("stdout", 1, out),
            _stream("stderr", 2, err),
            pytest.raises(SystemExit) as ended,
        ):
            main()
        stdout, stderr = (_text(file) for file in (out, err))
    assert isinstance(ended.value.code, int)
    return subprocess.CompletedProcess(command, ended.value.code, stdout, stderr)


@contextmanager
def _stream(name: str, descriptor: int, file: BufferedRandom) -> Iterator[None]:
    """A stream of this process goes to a file: what libraries in C write to it, too."""
    before = os.dup(descriptor)
    os.dup2(file.fileno(), descriptor)
    try:
        with (
            os.fdopen(descriptor, "w", encoding="utf-8", closefd=False) as stream,
            patch.object(sys, name, stream),
        ):
            yield
    finally:
        os.dup2(before, descriptor)
        os.close(before)


def _text(file: BufferedRandom) -> str:
    file.seek(0)
    return file.read().decode()


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    """Until a file is there; the run must not end before."""
    while not path.exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.002)
