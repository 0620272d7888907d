"""``closeup loop``: opens a project, its kind and its oracle, and runs it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from closeup.open_models import Models
from closeup.pipeline.loop.loop import Loop, LoopPause
from closeup.pipeline.loop.loop_kind import LoopKind
from closeup.pipeline.loop.loop_options import LoopSetup, OracleOptions
from closeup.pipeline.loop.loop_state import open_state
from closeup.pipeline.loop.members.member_loop import MemberLoop
from closeup.pipeline.loop.pupils.pupil_loop import PupilLoop
from closeup.progress import Progress, Silent
from closeup.training.requirements import require_training


def run_loop(
    project: Path | str,
    setup: Mapping[str, Any] | None = None,
    budget: Mapping[str, Any] | None = None,
    *,
    oracle: OracleOptions | None = None,
    go_on: bool = False,
    models: Models | None = None,
    progress: Progress | None = None,
) -> LoopPause:
    """Begin a loop or go on with it, until people must answer or all rounds are done.

    Args:
        project: Folder that holds everything: pictures or crops, labels, models, ``loop.json`` and
            ``loop.html``.
        setup: Attributes of :class:`~.loop_options.LoopSetup`, of which a new project needs
            ``pictures``; an existing one may leave them all out, and refuses others.
        budget: Attributes of :class:`~.loop_options.LoopBudget` that change.
        oracle: Answers in place of people; None lets the loop wait for them.
        go_on: Whether to go on though not all of the present round is answered.
        models: Opens models by name; None for a new :class:`Models`.
        progress: Receives stages and messages; silent if None.

    Raises:
        InputError: the project or the pictures cannot be used, options differ from those of the
            project, labels fail the sanity checks, or there are too few answers.
        OutputError: the project cannot be written, or another loop is at work in it.
        TrainingError: the extra ``train`` is not installed, or a training cannot go on.
        ValueError: an option is out of range.

    """
    require_training()
    progress = progress or Silent()
    state = open_state(Path(project), setup or {}, budget)
    kind = open_kind(state.folder, state.setup, models or Models())
    return Loop(state, kind, oracle, progress).run(go_on=go_on)


def open_kind(folder: Path, setup: LoopSetup, models: Models) -> LoopKind:
    """What a project learns, by the name in its options.

    Args:
        folder: Folder of the project.
        setup: Its options.
        models: Opens models by name.

    """
    if setup.learn == "members":
        return MemberLoop(folder, setup, models)
    return PupilLoop(folder, setup, models)
