"""Keys of a window: from the codes of ``cv2.waitKeyEx`` to the names of key bindings.

Measured under X11 with OpenCV's Qt: letters come in lower case, whether shift is pressed or not;
arrows have X11's codes; shift and alt are keys of their own when they go down, and nothing says
when they come up; nothing comes with Ctrl. GTK adds the modifiers above bit 16; Windows and macOS
have codes of their own for keys without a character.
"""

from __future__ import annotations

from collections.abc import Mapping

SHIFT = "shift"

ARROWS: Mapping[str, tuple[int, int]] = {
    "left": (-1, 0),
    "right": (1, 0),
    "up": (0, -1),
    "down": (0, 1),
}
"""Name of an arrow → its direction, to the right and down."""

_CHARACTERS: Mapping[int, str] = {
    8: "backspace",
    9: "tab",
    10: "enter",
    11: "tab",  # with shift
    13: "enter",
    27: "esc",
    32: "space",
    127: "delete",  # as macOS calls it
}
_X11: Mapping[int, str] = {
    0xFF08: "backspace",
    0xFF09: "tab",
    0xFF0D: "enter",
    0xFF1B: "esc",
    0xFF51: "left",
    0xFF52: "up",
    0xFF53: "right",
    0xFF54: "down",
    0xFF8D: "enter",
    0xFF96: "left",
    0xFF97: "up",
    0xFF98: "right",
    0xFF99: "down",
    0xFF9F: "delete",
    0xFFE1: SHIFT,
    0xFFE2: SHIFT,
    0xFFFF: "delete",
}
_WINDOWS: Mapping[int, str] = {
    0x250000: "left",
    0x260000: "up",
    0x270000: "right",
    0x280000: "down",
    0x2E0000: "delete",
}
_MACOS: Mapping[int, str] = {
    0xF700: "up",
    0xF701: "down",
    0xF702: "left",
    0xF703: "right",
    0xF728: "delete",
}
_CODES = {**_CHARACTERS, **_X11, **_WINDOWS, **_MACOS}
_GTK_SHIFT = 0x10000


class KeyReader:
    """Names keys, and remembers whether the arrows move finely.

    As the release of shift is not known, arrows are fine from a press of shift until another key
    is pressed that is no arrow, or the pointer moves without shift.
    """

    def __init__(self) -> None:
        self.fine = False

    def name(self, code: int) -> str | None:
        """The key of a code of ``cv2.waitKeyEx``; None for no key, an unknown one, and shift."""
        if code < 0:
            return None
        key = _CODES.get(code) or _CODES.get(code & 0xFFFF) or _character(code & 0xFFFF)
        if key == SHIFT:
            self.fine = True
            return None
        if key in ARROWS and code not in _CODES:
            self.fine = bool(code & _GTK_SHIFT)
        elif key not in ARROWS and key is not None:
            self.fine = False
        return key

    def pointer(self, *, shift: bool) -> None:
        """Note whether shift is down, as events of the mouse say."""
        self.fine = shift


def _character(code: int) -> str | None:
    letter = chr(code)
    return letter if code < 0x100 and letter.isprintable() else None
