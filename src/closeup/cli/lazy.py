"""Commands that are imported when they are called, not when the command line starts."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from typer import Typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

Command = TyperCommand | TyperGroup

_LOOK: dict[str, Any] = {"rich_markup_mode": "markdown", "no_args_is_help": True}


class LazyCommand(TyperCommand):
    """Placeholder for a command whose module is not imported yet; help lists it like others.

    Args:
        name: Name of the command.
        target: ``module:attribute`` of the function that runs, or of a :class:`typer.Typer`.
        line: Its line in the help of its group; the help of the loaded command begins with it.

    """

    def __init__(self, name: str, target: str, line: str) -> None:
        super().__init__(name, help=line)
        self._target = target

    def load(self) -> Command:
        """Import the command itself."""
        module, _, attribute = self._target.partition(":")
        command = command_of(getattr(import_module(module), attribute))
        command.name = self.name
        return command


class LazyGroup(TyperGroup):
    """A group of commands, each of which is loaded when it is called.

    Args:
        name: Name of the group.
        line: First line of its help.
        commands: Its commands, in the order of its help.

    """

    def __init__(self, name: str, line: str, *commands: LazyCommand | LazyGroup) -> None:
        super().__init__(name=name, help=line, commands=commands, **_LOOK)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:
        """Find the command that the first argument names, and import it."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command.load() if isinstance(command, LazyCommand) else command, rest


def command_of(found: Callable[..., object] | Typer) -> Command:
    """The command that runs a function, or the group of an app, as Closeup shows them."""
    app = found if isinstance(found, Typer) else plain_app()
    if app is not found:
        app.command()(found)
    return get_command(app)  # type: ignore[return-value]


def plain_app(**settings: Any) -> Typer:
    """An app that looks like the rest of the command line."""
    return Typer(add_completion=False, pretty_exceptions_enable=False, **{**_LOOK, **settings})
