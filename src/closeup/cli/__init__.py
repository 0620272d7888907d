"""The command line: it parses the arguments, calls one use case, and prints the result."""

from __future__ import annotations

import io
import os
import sys
import traceback

from rich.console import Console
from rich.text import Text
from typer import TyperException

from closeup.cli.signals import EndingSignals
from closeup.errors import Cancelled, CloseupError

BAD_INPUT = 2
"""Exit status if an input cannot be used or a result cannot be written."""
INTERRUPTED = 130
_PRINTING = ("typer", "rich")
"""Packages that write to stdout."""


def main() -> None:
    """Run ``closeup``: errors become one line on stderr, never a traceback."""
    with EndingSignals() as signals:
        try:
            status = _run()
        except BaseException as error:  # noqa: BLE001 - an unexpected one is raised again
            status = INTERRUPTED if signals.received or _is_interrupt(error) else _told(error)
        if status == INTERRUPTED:
            status = signals.status
            _print(signals.note)
    sys.exit(status)


def _is_interrupt(error: BaseException) -> bool:
    # Ctrl-C during the import of a C extension surfaces as an ImportError only.
    caused = error.__cause__ if isinstance(error, ImportError) else error
    return isinstance(caused, KeyboardInterrupt)


def _told(error: BaseException) -> int:
    """Print an error and return its status; an unexpected error is raised again."""
    match error:
        case Cancelled():
            _print(str(error))
            sys.exit(INTERRUPTED)
        case TyperException():
            return _refuse(_usage(error))
        case CloseupError():
            return _refuse(str(error))
        case OSError():
            _forget_stdout()
            return _refuse(f"{error.filename or _place(error)}: {error.strerror or error}")
    raise error


def _run() -> int:
    # Imported here because it takes a second, and Ctrl-C must leave no traceback then either.
    from closeup.cli.app import app

    stdout = sys.stdout if isinstance(sys.stdout, io.TextIOWrapper) else None
    if stdout:
        stdout.reconfigure(errors="backslashreplace")  # any name can be printed anywhere
    status = app(prog_name="closeup", standalone_mode=False)
    if stdout:
        stdout.flush()
    return status if isinstance(status, int) else 0


def _usage(error: TyperException) -> str:
    """What is wrong with the arguments, and which help to read; empty after printed help."""
    message, context = error.format_message(), getattr(error, "ctx", None)
    if message and context is not None:
        return f"{message.rstrip('.')}; see {context.command_path} --help"
    return message


def _refuse(message: str) -> int:
    if message:
        _print(message)
    return BAD_INPUT


def _print(message: str) -> None:
    """One line on stderr, whatever the names in it contain."""
    line = Text.assemble(("closeup:", "bold red"), " ", " ".join(message.splitlines()))
    Console(stderr=True, soft_wrap=True, highlight=False, emoji=False).print(line)


def _place(error: OSError) -> str:
    """What cannot be written or read, where the system names no file."""
    frames = traceback.walk_tb(error.__traceback__)
    *_, module = (frame.f_globals["__name__"] for frame, _ in frames)
    printed = module == __name__ or module.partition(".")[0] in _PRINTING
    return "standard output" if printed else "a file cannot be written or read"


def _forget_stdout() -> None:
    """Redirect a closed or full stdout, so that the interpreter does not flush it at exit."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
