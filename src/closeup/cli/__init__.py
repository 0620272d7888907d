"""The command line: parse, call one use case, print."""

from __future__ import annotations

import sys

import click
from rich.console import Console
from rich.markup import escape
from typer.main import get_command

from closeup.cli.app import app
from closeup.errors import CloseupError

BAD_INPUT = 2
"""Exit status of a run that could not use what it was given; 130 is an interrupted one."""
INTERRUPTED = 130


def main() -> None:
    """Run ``closeup``: errors become one line on stderr, never a traceback."""
    errors = Console(stderr=True, soft_wrap=True, highlight=False)
    try:
        status = get_command(app)(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except CloseupError as error:
        errors.print(f"[bold red]closeup:[/] {escape(str(error))}")
        sys.exit(BAD_INPUT)
    except (KeyboardInterrupt, click.Abort):
        errors.print("closeup: interrupted; run the same command again to go on")
        sys.exit(INTERRUPTED)
    sys.exit(status if isinstance(status, int) else 0)
