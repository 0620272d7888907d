"""The real command in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

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
    """Begin a run whose output is kept."""
    return subprocess.Popen(
        [sys.executable, *how, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "CLOSEUP_MODELS": str(models or ""), **(environment or {})},
    )


def closeup(
    *arguments: str | Path, models: Path | None = None, how: tuple[str, str] = PLAIN
) -> subprocess.CompletedProcess[str]:
    """A whole run."""
    process = start(*arguments, models=models, how=how)
    stdout, stderr = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    """Until a file is there; the run must not end before."""
    while not path.exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.002)
