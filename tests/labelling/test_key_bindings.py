"""Keys and what they do."""

from __future__ import annotations

import pytest

from closeup.labelling.key_bindings import MEANINGS, USUAL, KeyAction, KeyBindings, bindings


def test_every_action_has_a_key_and_a_meaning() -> None:
    assert set(USUAL) == set(MEANINGS) == set(KeyAction)
    assert len(set(USUAL.values())) == len(USUAL)
    assert all(KeyBindings().action(key) is action for action, key in USUAL.items())
    assert KeyBindings().action("§") is None


def test_keys_are_those_that_people_know() -> None:
    usual = {action: USUAL[KeyAction(action)] for action in ("next", "previous", "true", "false")}
    assert usual == {"next": "n", "previous": "p", "true": "f", "false": "d"}


def test_keys_can_be_exchanged() -> None:
    changed = bindings({"false": "p", "previous": "d", "skip": "space"})
    assert changed.action("d") is KeyAction.PREVIOUS
    assert changed.action("p") is KeyAction.FALSE
    assert changed.action("space") is KeyAction.SKIP
    assert changed.action("x") is None
    assert bindings({}).keys == USUAL


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"true": "n"}, "next and true have the key 'n'; change one"),
        ({"true": "ctrl"}, "'ctrl' is no key; use one character, or one of backspace, delete"),
        ({"true": ""}, "'' is no key"),
        ({"true": 1}, "the key 1 of true names a class; choose another one"),
        ({"jump": "y"}, "'jump' is no action; there are next, previous"),
        (["true"], "keys must give a key for each action"),
        (None, "keys must give a key for each action"),
    ],
)
def test_what_cannot_be_used_is_refused(changed: object, reason: str) -> None:
    with pytest.raises((ValueError, TypeError), match=reason):
        bindings(changed)
