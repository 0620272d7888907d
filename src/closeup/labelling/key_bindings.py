"""Keys of the labelling tools, which people may bind anew.

The usual ones are those that the first users of such tools know: ``n`` next, ``p`` previous,
``f`` true, ``d`` false, ``s`` save, ``v`` show the labels so far, ``esc`` quit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class KeyAction(StrEnum):
    """What a key does; the value is its name in a task's file."""

    NEXT = "next"
    PREVIOUS = "previous"
    TRUE = "true"
    FALSE = "false"
    SKIP = "skip"
    SAVE = "save"
    SHOW = "show"
    QUIT = "quit"
    UNDO = "undo"
    FAINTER = "fainter"
    STRONGER = "stronger"
    ZOOM_IN = "zoom_in"
    ZOOM_OUT = "zoom_out"
    DARKER = "darker"
    BRIGHTER = "brighter"
    LESS_CONTRAST = "less_contrast"
    MORE_CONTRAST = "more_contrast"
    UNDECIDED = "undecided"
    LAST = "last"
    GRID = "grid"
    PAGE = "page"
    HIDDEN = "hidden"
    REMOVE = "remove"
    COPY = "copy"
    INTERPOLATE = "interpolate"
    EXTREME = "extreme"
    POINT = "point"
    MAP = "map"
    HELP = "help"


USUAL: Mapping[KeyAction, str] = {
    KeyAction.NEXT: "n",
    KeyAction.PREVIOUS: "p",
    KeyAction.TRUE: "f",
    KeyAction.FALSE: "d",
    KeyAction.SKIP: "x",
    KeyAction.SAVE: "s",
    KeyAction.SHOW: "v",
    KeyAction.QUIT: "esc",
    KeyAction.UNDO: "u",
    KeyAction.FAINTER: "[",
    KeyAction.STRONGER: "]",
    KeyAction.ZOOM_IN: "+",
    KeyAction.ZOOM_OUT: "-",
    KeyAction.DARKER: ",",
    KeyAction.BRIGHTER: ".",
    KeyAction.LESS_CONTRAST: ";",
    KeyAction.MORE_CONTRAST: "'",
    KeyAction.UNDECIDED: "j",
    KeyAction.LAST: "l",
    KeyAction.GRID: "g",
    KeyAction.PAGE: "enter",
    KeyAction.HIDDEN: "h",
    KeyAction.REMOVE: "delete",
    KeyAction.COPY: "c",
    KeyAction.INTERPOLATE: "i",
    KeyAction.EXTREME: "e",
    KeyAction.POINT: "tab",
    KeyAction.MAP: "m",
    KeyAction.HELP: "?",
}

MEANINGS: Mapping[KeyAction, str] = {
    KeyAction.NEXT: "next",
    KeyAction.PREVIOUS: "previous",
    KeyAction.TRUE: "true, and next",
    KeyAction.FALSE: "false, and next",
    KeyAction.SKIP: "cannot tell, and next",
    KeyAction.SAVE: "save (every action is saved at once; this says so)",
    KeyAction.SHOW: "show the labels so far",
    KeyAction.QUIT: "quit",
    KeyAction.UNDO: "undo",
    KeyAction.FAINTER: "fainter label",
    KeyAction.STRONGER: "stronger label",
    KeyAction.ZOOM_IN: "zoom in",
    KeyAction.ZOOM_OUT: "zoom out",
    KeyAction.DARKER: "darker",
    KeyAction.BRIGHTER: "brighter",
    KeyAction.LESS_CONTRAST: "less contrast",
    KeyAction.MORE_CONTRAST: "more contrast",
    KeyAction.UNDECIDED: "next undecided",
    KeyAction.LAST: "last labelled",
    KeyAction.GRID: "grid of 24",
    KeyAction.PAGE: "accept the page or picture, and next",
    KeyAction.HIDDEN: "point is hidden or visible",
    KeyAction.REMOVE: "remove",
    KeyAction.COPY: "copy from the picture before",
    KeyAction.INTERPOLATE: "fill in between key frames",
    KeyAction.EXTREME: "box by four extreme points",
    KeyAction.POINT: "next point or box",
    KeyAction.MAP: "show or hide what the network says of the label",
    KeyAction.HELP: "show the keys",
}

_NAMED = {"esc", "enter", "tab", "delete", "space", "backspace", "left", "right", "up", "down"}
_DIGITS = "0123456789"


@dataclass(frozen=True, slots=True)
class KeyBindings:
    """The key of every action.

    Attributes:
        keys: Action → key: one character, or a name such as ``esc``.

    Raises:
        ValueError: two actions have one key, or a key cannot be used.

    """

    keys: Mapping[KeyAction, str] = field(default_factory=lambda: dict(USUAL))

    def __post_init__(self) -> None:
        actions: dict[str, KeyAction] = {}
        for action, key in self.keys.items():
            if len(key) != 1 and key not in _NAMED:
                names = ", ".join(sorted(_NAMED))
                raise ValueError(f"{key!r} is no key; use one character, or one of {names}")
            if key in _DIGITS:
                raise ValueError(f"the key {key} of {action} names a class; choose another one")
            if key in actions:
                raise ValueError(f"{actions[key]} and {action} have the key {key!r}; change one")
            actions[key] = action

    def action(self, key: str) -> KeyAction | None:
        """The action of a key; None if it has none."""
        return next((action for action, own in self.keys.items() if own == key), None)


def bindings(changed: object) -> KeyBindings:
    """The usual keys with some changed.

    Args:
        changed: Action's name → key.

    Raises:
        ValueError, TypeError: a name is no action, or the keys cannot be used.

    """
    if not isinstance(changed, dict):
        raise TypeError("keys must give a key for each action")
    keys = dict(USUAL)
    for said, key in changed.items():
        # YAML reads the names of two actions as truth values.
        name = str(said).lower() if isinstance(said, bool) else said
        if name not in set(KeyAction):
            raise ValueError(f"{name!r} is no action; there are {', '.join(KeyAction)}")
        keys[KeyAction(name)] = str(key)
    return KeyBindings(keys)
