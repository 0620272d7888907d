"""A store with judged labels of drawn eyes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from closeup.annotations import Annotation, KeyPoint, LabelVerdict, Origin
from closeup.labelling.project import LabelProject
from closeup.pipeline.labelling.label_projects import open_label_project
from closeup.store.label_records import LabelChange
from tests.pipeline.drawn_set import drawn_set

FAR = 18.0
"""Pixels by which bad labels are off."""


@contextmanager
def judged_eyes(folder: Path, count: int = 80, bad: float = 0.4) -> Iterator[LabelProject]:
    """Drawn eyes; each has a proposal, right or far off, and Ann's verdict on it.

    Args:
        folder: For the data set and its store; used again if it is there.
        count: Of the eyes.
        bad: Share of the proposals that are off.

    """
    new = not folder.exists()
    if new:
        drawn_set(folder, count)
    with open_label_project(folder, "review") as project:
        if new:
            judge_all(project, bad)
        yield project


def judge_all(project: LabelProject, bad: float) -> None:
    rng = np.random.default_rng(0)
    for item in list(project.store.all_items()):
        true = item.labels[0].annotation.points["pupil"]
        off = rng.random() < bad
        angle = rng.uniform(0, 2 * np.pi)
        x = true.x + off * FAR * np.cos(angle)
        y = true.y + off * FAR * np.sin(angle)
        label = Annotation(
            points={"pupil": KeyPoint(float(x), float(y))}, origin=Origin.COARSE, method="drawn"
        )
        project.store.write([LabelChange.of_label(f"label {item.id}", item.id, "drawn", label)], "")
        verdict = LabelVerdict.FALSE if off else LabelVerdict.TRUE
        judge(project, item.id, verdict)


def judge(
    project: LabelProject,
    item: int,
    verdict: LabelVerdict | None,
    author: str = "Ann",
    layer: str = "",
) -> None:
    """Give a verdict as a session of a person does."""
    (stored,) = project.store.items([item], layer=layer)
    label = next(own for own in stored.labels if own.object == "drawn")
    change = LabelChange.of_verdict(
        f"{author}{layer} {item} {verdict} {label.verdict_revision}", item, verdict, "drawn",
        base=label.verdict_revision,
    )  # fmt: skip
    project.store.write([change], author, layer=layer)
