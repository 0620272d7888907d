"""Text on the window: the state, the keys, and lists."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from closeup.drawing.activation_maps import COOL, WARM
from closeup.drawing.colours import Colour
from closeup.drawing.lettering import label
from closeup.frames import RGBImage
from closeup.labelling.key_bindings import MEANINGS, KeyAction, KeyBindings
from closeup.labelling.label_task import LabelMode
from closeup.labelling.quality_words import chance_in_words, verdict_in_words
from closeup.labelling.shown_maps import ShownMap
from closeup.window.label_canvas import paste

BAR = 26
"""Height of a line of the state, in pixels."""

_PAPER: Colour = (24, 24, 24)
_INK_ON_PAPER: Colour = (32, 32, 32)
_LINE = 22
_COLUMN, _KEY = 480, 70
_MARGIN = 12

_GRID = (KeyAction.PAGE, KeyAction.FALSE, KeyAction.SKIP, KeyAction.UNDO, KeyAction.GRID)
_MOUSE = {
    LabelMode.REVIEW: ("right button: move the picture",),
    LabelMode.POINTS: (
        "click: set a point, or correct the nearest one; drag: move it",
        "click with shift: begin another object",
        "arrows: move by 1 pixel, with shift by 0.25; right button: move the picture",
    ),
    LabelMode.BOXES: (
        "drag: draw, move or resize a box; with shift: draw inside another one",
        "arrows: move by 1 pixel, with shift by 0.25; right button: move the picture",
        "1 … 9, 0: name of the box",
    ),
}
_SHORT = {
    LabelMode.REVIEW: (
        KeyAction.TRUE, KeyAction.FALSE, KeyAction.SKIP, KeyAction.NEXT, KeyAction.PREVIOUS,
        KeyAction.UNDO, KeyAction.GRID,
    ),
    LabelMode.POINTS: (
        KeyAction.PAGE, KeyAction.HIDDEN, KeyAction.REMOVE, KeyAction.POINT, KeyAction.NEXT,
        KeyAction.PREVIOUS, KeyAction.UNDO, KeyAction.COPY,
    ),
    LabelMode.BOXES: (
        KeyAction.PAGE, KeyAction.REMOVE, KeyAction.POINT, KeyAction.EXTREME, KeyAction.COPY,
        KeyAction.INTERPOLATE, KeyAction.UNDO,
    ),
}  # fmt: skip
_BRIEF = {
    KeyAction.TRUE: "true",
    KeyAction.FALSE: "false",
    KeyAction.SKIP: "cannot tell",
    KeyAction.GRID: "grid",
    KeyAction.PAGE: "accept",
    KeyAction.HIDDEN: "hidden",
    KeyAction.POINT: "next one",
    KeyAction.EXTREME: "4 extremes",
    KeyAction.COPY: "copy",
    KeyAction.INTERPOLATE: "fill in",
    KeyAction.HELP: "all keys",
}
"""Meanings for the line at the bottom, where they differ from those of the help."""


def bar(width: int, text: str, right: str, colour: Colour = _INK_ON_PAPER) -> RGBImage:
    """A line of text over the whole width, with a second text at its right end."""
    line = np.full((BAR, width, 3), colour, np.uint8)
    if text:
        paste(line, label(text, text.encode("ascii", "replace").decode(), BAR, colour), 0, 0)
    if right:
        plate = label(right, right.encode("ascii", "replace").decode(), BAR, colour)
        paste(line, plate, max(0, width - plate.shape[1]), 0)
    return line


def keys_in_short(keys: KeyBindings, mode: LabelMode, *, grid: bool = False) -> str:
    """The keys that a person needs most."""
    if grid:
        page, false, skip, undo, back = (keys.keys[action] for action in _GRID)
        return (
            f"all are true but those you click   {page} save the page   arrows and {false} false   "
            f"{skip} cannot tell   {undo} undo   {back} back to one picture"
        )
    shown = (*_SHORT[mode], KeyAction.HELP)
    return "   ".join(
        f"{keys.keys[action]} {_BRIEF.get(action, MEANINGS[action])}" for action in shown
    )


def draw_help(canvas: RGBImage, keys: KeyBindings, mode: LabelMode, guidance: str) -> None:
    """Cover the screen with all keys and the guidance of the task."""
    lines = [(keys.keys[action], MEANINGS[action]) for action in KeyAction]
    columns = max(1, min(2, canvas.shape[1] // _COLUMN))
    rows = -(-len(lines) // columns)
    text = [line for part in guidance.splitlines() for line in textwrap.wrap(part, columns * 52)]
    below = [*_MOUSE[mode], "", *text]
    height = (rows + len(below) + 1) * _LINE + 2 * _MARGIN
    page = np.full((height, columns * _COLUMN + 2 * _MARGIN, 3), _PAPER, np.uint8)
    for number, (key, meaning) in enumerate(lines):
        left, top = _MARGIN + number // rows * _COLUMN, _MARGIN + number % rows * _LINE
        _write(page, key, left, top)
        _write(page, meaning, left + _KEY, top)
    for number, line in enumerate(below, rows + 1):
        _write(page, line, _MARGIN, _MARGIN + number * _LINE)
    _centre(canvas, page)


def draw_list(canvas: RGBImage, heading: str, lines: Sequence[str]) -> None:
    """Cover the middle of the screen with a heading and lines of text."""
    widest = max(10, *map(len, [heading, *lines]))
    page = np.full(
        ((len(lines) + 2) * _LINE + 2 * _MARGIN, 10 * widest + 2 * _MARGIN, 3), _PAPER, np.uint8
    )
    for number, line in enumerate([heading, "", *lines]):
        _write(page, line, _MARGIN, _MARGIN + number * _LINE)
    _centre(canvas, page)


def draw_notice(canvas: RGBImage, text: str) -> None:
    """Write a message over the middle of the screen, as of a picture that cannot be shown."""
    for number, line in enumerate(textwrap.wrap(text, max(20, canvas.shape[1] // 11))):
        plate = label(line, line.encode("ascii", "replace").decode(), 26, (150, 30, 30))
        left = (canvas.shape[1] - plate.shape[1]) // 2
        paste(canvas, plate, left, canvas.shape[0] // 3 + number * 30)


def draw_judgement(canvas: RGBImage, shown: ShownMap) -> None:
    """Put what a network says of the label into the lower left corner: words, and its map."""
    width = shown.picture.shape[1]
    said = f"{verdict_in_words(shown.bad)}   {chance_in_words(shown.bad)}"
    panel = [
        _line(said, width, WARM if shown.bad > 0.5 else COOL),
        shown.picture,
        _line("blue: right   orange: wrong", width, _PAPER),
    ]
    height = sum(part.shape[0] for part in panel)
    if 2 * width <= canvas.shape[1] and height <= canvas.shape[0]:
        paste(canvas, np.vstack(panel), 0, canvas.shape[0] - height)


def _line(text: str, width: int, colour: Colour) -> RGBImage:
    """A line of text on a colour; what is too long is cut off."""
    line = np.full((_LINE, width, 3), colour, np.uint8)
    paste(line, label(text, text, _LINE, colour), 0, 0)
    return line


class NamedClass(NamedTuple):
    """A class of boxes, its colour, the number of its labels, and how many are wanted."""

    name: str
    colour: Colour
    labels: int
    target: int | None


def draw_names(canvas: RGBImage, classes: Sequence[NamedClass], chosen: str) -> None:
    """List the classes with their number keys and counts at the right."""
    for number, (name, colour, labels, target) in enumerate(classes[:10]):
        of = f"{labels}" if target is None else f"{labels} of {target}"
        text = f"{(number + 1) % 10} {name}   {of}" + ("  <" if name == chosen else "")
        plate = label(text, text.encode("ascii", "replace").decode(), _LINE, colour)
        paste(canvas, plate, canvas.shape[1] - plate.shape[1] - 4, 4 + number * (_LINE + 2))


def _centre(canvas: RGBImage, page: RGBImage) -> None:
    left, top = ((canvas.shape[i] - page.shape[i]) // 2 for i in (1, 0))
    paste(canvas, page, max(0, left), max(0, top))


def _write(page: RGBImage, line: str, left: int, top: int) -> None:
    if line.strip():
        plate = label(line, line.encode("ascii", "replace").decode(), _LINE, _PAPER)
        paste(page, plate, left, top)
