"""Codes of keys as the window library gives them, measured and documented ones."""

from __future__ import annotations

import pytest

from closeup.labelling.key_bindings import USUAL
from closeup.window.label_keys import KeyReader


@pytest.mark.parametrize(
    ("code", "key"),
    [
        (-1, None),
        (ord("f"), "f"),
        (ord("?"), "?"),
        (ord("'"), "'"),
        (27, "esc"),
        (13, "enter"),
        (9, "tab"),
        (11, "tab"),  # with shift, under Qt
        (8, "backspace"),
        (32, "space"),
        (0xFFFF, "delete"),
        (0xFF51, "left"),
        (0xFF54, "down"),
        (0xFF96, "left"),  # of the keypad
        (0x10FF53, "right"),  # GTK, with Num Lock
        (0x100066, "f"),
        (0x250000, "left"),  # Windows
        (0xF703, "right"),  # macOS
        (0xFFBE, None),  # F1
        (0x0, None),
    ],
)
def test_codes_have_the_names_of_key_bindings(code: int, key: str | None) -> None:
    assert KeyReader().name(code) == key


def test_every_usual_key_can_be_typed() -> None:
    codes = {"esc": 27, "enter": 13, "tab": 9, "delete": 0xFFFF}
    for key in USUAL.values():
        assert KeyReader().name(codes[key] if len(key) > 1 else ord(key)) == key


def test_arrows_are_fine_from_shift_until_another_key() -> None:
    reader = KeyReader()
    reader.name(0xFF51)
    assert not reader.fine
    assert reader.name(0xFFE1) is None  # shift itself does nothing
    for _ in range(3):
        reader.name(0xFF51)
        reader.name(-1)
        assert reader.fine
    reader.name(ord("n"))
    reader.name(0xFF51)
    assert not reader.fine


def test_the_pointer_says_whether_shift_is_down() -> None:
    reader = KeyReader()
    reader.name(0xFFE1)
    reader.pointer(shift=False)
    reader.name(0xFF51)
    assert not reader.fine
    reader.pointer(shift=True)
    reader.name(0xFF51)
    assert reader.fine


def test_gtk_says_with_each_arrow_whether_shift_is_down() -> None:
    reader = KeyReader()
    reader.name(0x1FF51)
    assert reader.fine
    reader.name(0x10FF51)
    assert not reader.fine
