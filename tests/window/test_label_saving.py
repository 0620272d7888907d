"""Writing at once, and what was not written."""

from __future__ import annotations

from collections.abc import Sequence

from closeup.errors import OutputError
from closeup.store.label_records import Written
from closeup.window.label_saving import LabelSaving, SaveState


class _Disk:
    """Takes what is written while it has room."""

    def __init__(self) -> None:
        self.has_room = True
        self.written: list[str] = []

    def write(self, name: str, *, stale: bool = False) -> Sequence[Written]:
        if not self.has_room:
            raise OutputError("the disk is full; make room")
        self.written.append(name)
        return [Written(1, stale, 1)]


def test_a_failed_action_is_written_before_the_next_one() -> None:
    disk, saving = _Disk(), LabelSaving()
    assert saving.message == "every action is saved at once"
    disk.has_room = False
    assert not saving.run("a", lambda: disk.write("a"))
    assert saving.message == "NOT SAVED: the disk is full; make room"
    disk.has_room = True
    assert saving.run("b", lambda: disk.write("b"))
    assert disk.written == ["a", "b"]
    assert saving.message == "saved"
    assert saving.count == 2
    assert not saving.is_pending


def test_a_later_action_on_the_same_thing_replaces_one_that_failed() -> None:
    disk, saving = _Disk(), LabelSaving()
    disk.has_room = False
    for name in ("first place", "second place"):
        saving.run("point", lambda name=name: disk.write(name))  # type: ignore[misc]
    disk.has_room = True
    assert saving.retry()
    assert disk.written == ["second place"]


def test_a_stale_action_is_saved_and_says_so() -> None:
    saving = LabelSaving()
    assert saving.run("a", lambda: _Disk().write("a", stale=True))
    assert saving.state is SaveState.STALE
    assert not saving.is_pending


def test_retrying_nothing_succeeds() -> None:
    saving = LabelSaving()
    assert saving.retry()
    assert saving.state is SaveState.NOTHING
