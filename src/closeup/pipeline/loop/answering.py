"""An oracle answers a queue through a session, as a person would."""

from __future__ import annotations

from closeup.annotations import LabelVerdict
from closeup.labelling.label_task import TASKS, LabelMode, LabelTask
from closeup.labelling.project import LabelProject
from closeup.labelling.session import LabelSession, LabelView
from closeup.pipeline.loop.loop_kind import Oracle
from closeup.progress import Progress

AUTHOR = "oracle"
_AT_ONCE = 100
"""Units that are answered between two reports of progress; verdicts of them are one action."""


def answer_queue(
    project: LabelProject, queue: str, task: str | LabelTask, oracle: Oracle, progress: Progress
) -> None:
    """Answer all undecided units of a queue; an interrupted call is continued.

    Proposed labels get verdicts. Pictures get labels by hand and are called complete; one without a
    truth is called unsure, as one that a person passes over.

    Args:
        project: The store and its pictures.
        queue: Name of the queue.
        task: What is asked, or a name of :data:`closeup.labelling.label_task.TASKS`.
        oracle: Knows the answers.
        progress: Receives one stage.

    """
    task = TASKS[task] if isinstance(task, str) else task
    session = LabelSession(project.store, task, AUTHOR, queue=queue)
    counts = session.counts()
    progress.begin(f"answering {queue}", counts.all - counts.decided)
    unit = None
    # Not only the first undecided ones, of which some may stay undecided for ever.
    while units := session.following(unit, _AT_ONCE, undecided=True):
        views = session.views(units)
        if task.mode is LabelMode.REVIEW:
            _judge(session, queue, views, oracle)
        else:
            _label(session, queue, views, oracle)
        progress.advance(len(units))
        unit = units[-1]


def _judge(session: LabelSession, queue: str, views: list[LabelView], oracle: Oracle) -> None:
    verdicts = [
        (view, oracle.verdict(view.item, view.label)) for view in views if view.label is not None
    ]
    first = f"{views[0].item.id}-{views[0].unit.object}"
    session.judge_each([*verdicts], f"{AUTHOR}-{queue}-{first}")


def _label(session: LabelSession, queue: str, views: list[LabelView], oracle: Oracle) -> None:
    for view in views:
        action = f"{AUTHOR}-{queue}-{view.item.id}"
        labels = oracle.labels(view.item)
        for key, annotation in labels.items():
            session.place(view.item, key, annotation, f"{action}-{key}")
        verdict = LabelVerdict.TRUE if labels else LabelVerdict.UNSURE
        session.judge([view], verdict, action)
