"""``closeup labels merge``: the labels of one store into another."""

from __future__ import annotations

from typing import Annotated

import typer

from closeup.cli.labelling.labels_options import StorePlace, need_place, plural
from closeup.cli.progress import RichProgress
from closeup.pipeline.labelling.exchange import merge_labels

_SHOWN = 20


def merge(
    store: StorePlace,
    other: Annotated[
        str, typer.Argument(help="Store that is read, as the first.", metavar="OTHER")
    ],
) -> None:
    """Add all that another store has: pictures, labels, verdicts, and their history."""
    need_place(store)
    need_place(other)
    with RichProgress() as progress:
        merged = merge_labels(other, store, progress=progress)
        for conflict in merged.conflicts[:_SHOWN]:
            frame = "" if conflict.frame is None else f" frame {conflict.frame}"
            what = conflict.object or "the whole picture"
            progress.say(
                f"{conflict.path}{frame}: {what}: {conflict.author or 'a program'} came second; "
                "kept as a stale revision"
            )
        more = len(merged.conflicts) - _SHOWN
        if more > 0:
            progress.say(f"… and {more:,} more")
        progress.say(
            f"merged {plural(merged.revisions, 'revision')}, {plural(merged.pictures, 'picture')}; "
            f"{plural(len(merged.conflicts), 'conflict')}"
        )
