"""The file ``loop.json`` of a project: its options and its history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from closeup.errors import InputError
from closeup.files.documents import read_document
from closeup.files.workfolder import WorkFolder
from closeup.pipeline.loop.loop_history import LoopRound
from closeup.pipeline.loop.loop_options import LoopBudget, LoopSetup

STATE = "loop.json"
_FOREIGN = ("rounds", "eyes", "pictures")


@dataclass(frozen=True, slots=True)
class LoopState:
    """A project's options and the rounds so far; the last one may be under way.

    Attributes:
        folder: Folder of the project.
        setup: What the loop is about.
        budget: How much is asked and trained in a round.
        rounds: The rounds in order; the first is there from the beginning.
        end: Why the loop ended; empty while it goes on.

    """

    folder: Path
    setup: LoopSetup
    budget: LoopBudget
    rounds: tuple[LoopRound, ...] = (LoopRound(1),)
    end: str = ""

    @property
    def round(self) -> LoopRound:
        """The newest round."""
        return self.rounds[-1]

    @property
    def models(self) -> tuple[Path, ...]:
        """Models of the last complete round; none in the first."""
        return self.models_of(-2)

    def models_of(self, place: int) -> tuple[Path, ...]:
        """Models of a round by its place in the history; none if there is no such round."""
        if not -len(self.rounds) <= place < len(self.rounds):
            return ()
        return tuple(self.folder / path for path in self.rounds[place].models)

    def updated(self, **changes: Any) -> LoopState:
        """The state after the newest round changed, written to the project.

        Raises:
            OutputError: it cannot be written.

        """
        return self.written(rounds=(*self.rounds[:-1], replace(self.round, **changes)))

    def written(self, **changes: Any) -> LoopState:
        """The state after changes, written to the project; see :meth:`updated`."""
        state = replace(self, **changes)
        notes = {
            "budget": asdict(state.budget),
            "rounds": [one.as_json() for one in state.rounds],
            "end": state.end,
        }
        _work_folder(state.folder, state.setup).write(notes)
        return state


def open_state(
    folder: Path, setup: Mapping[str, Any], budget: Mapping[str, Any] | None = None
) -> LoopState:
    """Open a project, or begin one.

    Args:
        folder: Folder of the project.
        setup: Those attributes of :class:`LoopSetup` that were given; in a project that exists the
            others are as they were. A new one needs ``learn`` and ``pictures``.
        budget: Those attributes of :class:`LoopBudget` that change.

    Raises:
        InputError: the file is damaged, of another version, or was begun with other options; there
            is no project and no pictures were given; or the folder holds something else.
        ValueError: a value is out of range.

    """
    path = folder / STATE
    if not path.exists():
        if "pictures" not in setup:
            raise InputError(
                f"{folder}: there is no project; begin one with: closeup loop {folder} --pictures "
                "FOLDER"
            )
        new = LoopSetup(**{"learn": "pupils", **setup})
        _work_folder(folder, new).earlier()
        return LoopState(folder, new, LoopBudget(**(budget or {})))
    way_out = f"restore it, or begin another project; the labels are not in {STATE}"
    stored = read_document(path, lambda content: LoopSetup.of_json(content["key"]), way_out)
    wanted = replace(stored, **setup)
    _work_folder(folder, wanted).earlier()
    state = read_document(path, lambda content: _read(folder, stored, content), way_out)
    changed = replace(state.budget, **(budget or {}))
    more = changed.rounds > len(state.rounds)
    return replace(state, budget=changed, end="" if more else state.end)


def _read(folder: Path, setup: LoopSetup, content: Mapping[str, Any]) -> LoopState:
    rounds = tuple(LoopRound.of_json(one) for one in content["rounds"])
    if not rounds or [one.number for one in rounds] != list(range(1, len(rounds) + 1)):
        raise ValueError("its rounds are missing, or not numbered one after the other")
    return LoopState(folder, setup, LoopBudget(**content["budget"]), rounds, str(content["end"]))


def _work_folder(folder: Path, setup: LoopSetup) -> WorkFolder:
    return WorkFolder(folder, STATE, setup.as_json(), foreign=_FOREIGN)
