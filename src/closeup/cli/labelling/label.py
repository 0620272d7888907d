"""``closeup label``: people label pictures, in the browser or in a window."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from closeup.cli.inputs import need
from closeup.cli.labelling.opening import (
    Author,
    Browser,
    Every,
    InWindow,
    Overlap,
    Port,
    Quality,
    QueueName,
    Store,
    label_pictures,
)
from closeup.cli.labelling.proposing import (
    MembersFolder,
    Method,
    Propose,
    ProposingOptions,
    member_names,
)
from closeup.cli.options import Commercial, Detector
from closeup.labelling.label_task import TASKS
from closeup.pipeline.labelling.label_projects import ProjectOptions


def label(
    path: Annotated[
        Path,
        typer.Argument(
            help="Image, folder, video, or folder of closeup dataset eyes or import.",
            metavar="PATH",
        ),
    ],
    task: Annotated[
        str | None,
        typer.Option(
            help=f"What to label: {', '.join(TASKS)}, or a YAML file; default by what PATH is.",
            metavar="NAME|FILE.yaml",
        ),
    ] = None,
    author: Author = None,
    store: Store = None,
    queue: QueueName = None,
    overlap: Overlap = 1,
    every: Every = 1,
    propose: Propose = None,
    method: Method = "network",
    members: MembersFolder = None,
    detector: Detector = "auto",
    commercial: Commercial = False,
    quality: Quality = None,
    window: InWindow = False,
    port: Port = None,
    browser: Browser = True,
) -> None:
    """Label pictures in the browser: review proposals, set points, draw boxes with names."""
    need(path, members, quality)
    proposing = ProposingOptions(propose, method, members, detector, commercial)
    options = ProjectOptions(store, every, queue, overlap, member_names(members), quality)
    label_pictures(
        path, task, options, author=author, window=window, port=port, browser=browser,
        proposing=proposing,
    )  # fmt: skip
