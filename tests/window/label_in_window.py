"""A process that labels a folder in a window: ``python -m tests.window.label_in_window``."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from closeup.labelling.label_task import open_task
from closeup.progress import Silent
from closeup.window.label_window import run_label_window
from tests.window.labelled_folders import opened


class _Printed(Silent):
    def say(self, message: str) -> None:
        sys.stdout.write(f"{message}\n")


def main(folder: str, task: str) -> None:
    with opened(Path(folder), open_task(task)) as project:
        run_label_window(project.session("ann"), project, _Printed())


if __name__ == "__main__":
    # A shell that runs the tests in the background lets them ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main(*sys.argv[1:])
