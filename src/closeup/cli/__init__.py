"""The command line: it parses the arguments, calls one use case, and prints the result."""

from __future__ import annotations

import io
import os
import sys

from rich.console import Console
from rich.text import Text
from typer import TyperException

from closeup.errors import Cancelled, CloseupError

BAD_INPUT = 2
"""Exit status if an input cannot be used or a result cannot be written."""
INTERRUPTED = 130


def main() -> None:
    """Run ``closeup``: errors become one line on stderr, never a traceback."""
    try:
        status = _run()
    except TyperException as error:
        status = _refuse(_usage(error))
    except Cancelled as error:
        _print(str(error))
        sys.exit(INTERRUPTED)
    except CloseupError as error:
        status = _refuse(str(error))
    except OSError as error:
        _forget_stdout()
        status = _refuse(f"{error.filename or 'standard output'}: {error.strerror or error}")
    except KeyboardInterrupt:
        status = INTERRUPTED
    except ImportError as error:
        # Ctrl-C during the import of a C extension surfaces as an ImportError only.
        if not isinstance(error.__cause__, KeyboardInterrupt):
            raise
        status = INTERRUPTED
    if status == INTERRUPTED:
        _print("interrupted; run the same command again to go on")
    sys.exit(status)


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


def _forget_stdout() -> None:
    """Redirect a closed or full stdout, so that the interpreter does not flush it at exit."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
