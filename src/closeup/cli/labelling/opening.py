"""What ``closeup label`` and ``closeup review`` have in common."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from closeup.cli.labelling.proposing import ProposingOptions, propose
from closeup.cli.progress import RichProgress
from closeup.labelling.project import LabelProject
from closeup.pipeline.labelling.label_projects import (
    ProjectOptions,
    open_label_project,
    with_classes,
)
from closeup.pipeline.labelling.quality_order import QualityOrder, ordered_by_quality

Store = Annotated[
    str | None,
    typer.Option(
        help="File or URL of the labels; default labels.db in the folder, or beside a file as "
        "NAME.labels.db.",
        metavar="FILE|URL",
    ),
]
Author = Annotated[
    str | None, typer.Option(help="Your name, which labels carry; default the system's user.")
]
QueueName = Annotated[
    str | None,
    typer.Option("--queue", help="Go through a queue, as closeup labels check makes them."),
]
Overlap = Annotated[
    int,
    typer.Option(help="Give each picture to N people, unseen by each other.", min=1),
]
InWindow = Annotated[
    bool, typer.Option("--window", help="Open a window of OpenCV instead of the browser.")
]
Port = Annotated[
    int | None,
    typer.Option(help="Port on 127.0.0.1; 0 for a free one.", min=0, max=65535),
]
Browser = Annotated[
    bool,
    typer.Option("--browser/--no-browser", help="Open the browser, or print its address only."),
]
Every = Annotated[int, typer.Option(help="Label every N-th frame of a video.", min=1)]

Quality = Annotated[
    Path | None,
    typer.Option(
        help="Show what a network of closeup train quality says of each label, and where it looks.",
        metavar="FILE.onnx",
    ),
]


def label_pictures(
    path: Path,
    task: str | None,
    options: ProjectOptions,
    *,
    author: str | None,
    window: bool,
    port: int | None,
    browser: bool,
    masks: Path | None = None,
    proposing: ProposingOptions | None = None,
    first: QualityOrder | None = None,
) -> None:
    """Open a project in the browser or in a window until the person has finished."""
    with (
        RichProgress() as progress,
        open_label_project(path, task, options, masks=masks, progress=progress) as project,
    ):
        if proposing is not None:
            propose(project, proposing, progress)
            project = with_classes(project)
        if first is not None and project.queue is None:
            project = ordered_by_quality(project, first, progress)
        show(project, author or user_name(), progress, window=window, port=port, browser=browser)


def show(
    project: LabelProject,
    author: str,
    progress: RichProgress,
    *,
    window: bool,
    port: int | None,
    browser: bool,
) -> None:
    """Show a project until the person has finished."""
    if window:
        from closeup.window.label_window import run_label_window

        run_label_window(project.session(author), project, progress)
        return
    from closeup.web.labelling.serving import serve_labels

    serve_labels(project, port=port, open_browser=browser, author=author, progress=progress)


def user_name() -> str:
    """Name of the system's user; ``me`` if it has none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "me"
