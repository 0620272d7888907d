"""Writes what a person does at once, and says whether it is saved."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from enum import Enum, auto

from closeup.errors import InputError, OutputError
from closeup.store.label_records import Written

SaveAction = Callable[[], Sequence[Written]]
"""Writes changes under an identifier of its own, so that it may be called again."""


class SaveState(Enum):
    """What became of the last action."""

    NOTHING = auto()
    """Nothing was written yet."""
    SAVED = auto()
    STALE = auto()
    """Both versions are kept, and the other one is shown."""
    FAILED = auto()


class LabelSaving:
    """Writes actions, and keeps those that failed until they succeed."""

    def __init__(self) -> None:
        self.state = SaveState.NOTHING
        self.count = 0
        self._failed: dict[Hashable, SaveAction] = {}
        self._reason = ""

    @property
    def message(self) -> str:
        """What to tell the person."""
        return {
            SaveState.NOTHING: "every action is saved at once",
            SaveState.SAVED: "saved",
            SaveState.STALE: "somebody else changed it first: both are kept, theirs is shown",
            SaveState.FAILED: f"NOT SAVED: {self._reason}",
        }[self.state]

    @property
    def is_pending(self) -> bool:
        """Whether actions wait to be written again."""
        return bool(self._failed)

    def run(self, about: Hashable, action: SaveAction) -> bool:
        """Write actions that failed before, then this one.

        Args:
            about: What the action changes; a failed action on the same thing is replaced by it.
            action: Writes the changes.

        Returns:
            Whether everything is in the store.

        """
        self._failed.pop(about, None)
        self._failed[about] = action
        return self.retry()

    def retry(self) -> bool:
        """Write actions that failed before; return whether nothing is left to write."""
        stale = False
        for about, action in list(self._failed.items()):
            try:
                written = action()
            except (InputError, OutputError) as error:
                self.state, self._reason = SaveState.FAILED, str(error)
                return False
            stale |= any(one.stale for one in written)
            self.count += bool(written)
            del self._failed[about]
            self.state = SaveState.STALE if stale else SaveState.SAVED
        return True
