"""``closeup review``: people call proposed labels and masks true or false."""

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
from closeup.pipeline.labelling.label_projects import ProjectOptions
from closeup.pipeline.labelling.quality_order import QualityOrder


def review(
    images: Annotated[
        Path, typer.Argument(help="As for closeup label, with proposals.", metavar="IMAGES")
    ],
    masks: Annotated[
        Path | None,
        typer.Argument(help="Folder of masks with the pictures' names.", metavar="[MASKS]"),
    ] = None,
    task: Annotated[
        str, typer.Option(help="A YAML file with other keys.", metavar="FILE.yaml")
    ] = "review",
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
    first: Annotated[
        QualityOrder,
        typer.Option(help="With --quality and no --queue, the labels that come first."),
    ] = QualityOrder.WRONG,
    window: InWindow = False,
    port: Port = None,
    browser: Browser = True,
) -> None:
    """Call proposed labels true or false, one key each; masks are laid over the pictures."""
    need(images, masks, members, quality)
    proposing = ProposingOptions(propose, method, members, detector, commercial)
    options = ProjectOptions(store, every, queue, overlap, member_names(members), quality)
    label_pictures(
        images, task, options, author=author, window=window, port=port, browser=browser,
        masks=masks, proposing=proposing, first=first if quality else None,
    )  # fmt: skip
