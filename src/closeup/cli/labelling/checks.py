"""``closeup labels check`` and ``queues``: suspicious labels, and the queues of a store."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from closeup.cli.inputs import need
from closeup.cli.labelling.labels_options import Queue, StorePlace, need_place, place_of, plural
from closeup.cli.options import JsonOutput
from closeup.cli.progress import RichProgress
from closeup.labelling.suspicions import QUEUE, RankedUnit
from closeup.pipeline.labelling.checking import check_labels
from closeup.pipeline.labelling.open_labels import OpenLabels, open_labels
from closeup.store.label_queue import LabelQueue, Units, queue_names
from closeup.store.label_store import LabelStore


def check(
    store: StorePlace,
    queue: Queue = QUEUE,
    masks: Annotated[
        Path | None, typer.Option(help="Folder of masks; default that of the last review.")
    ] = None,
    pixels: Annotated[
        bool, typer.Option("--pixels/--no-pixels", help="Read the pictures, to find twins.")
    ] = True,
    show: Annotated[int, typer.Option(help="Print the N most suspicious.", min=0)] = 20,
    json_output: JsonOutput = False,
) -> None:
    """Find suspicious labels, rank them, and make a queue of them to review."""
    need_place(store)
    need(masks)
    with RichProgress() as progress, open_labels(store, progress) as labels:
        found = check_labels(labels, queue=queue, pixels=pixels, masks=masks, progress=progress)
        lines = shown(labels.store, found if json_output else found[:show])
        for kind, count in _kinds(found):
            progress.say(f"{count:6,} × {kind}")
        progress.say(
            f"{plural(len(found), 'suspicious label')}; go through them: "
            f"closeup review {with_queue(labels, queue)}"
            if found
            else "nothing suspicious"
        )
    if json_output:
        typer.echo(json.dumps(lines))
        return
    for line in lines:
        typer.echo(f"{line['weight']:.2f}  {line['place']}  {line['object']}  {line['reason']}")


def queues(store: StorePlace, json_output: JsonOutput = False) -> None:
    """List the queues of a store, and how many of their labels are decided."""
    need_place(store)
    rows: list[dict[str, str | int]] = []
    with RichProgress() as progress, open_labels(store, progress) as labels:
        database = labels.store.database
        for name in queue_names(database):
            counts = LabelQueue(database, Units.PICTURES, name=name).counts()
            rows.append({"queue": name, "length": counts.all, "decided": counts.decided})
    if json_output:
        typer.echo(json.dumps(rows))
        return
    for row in rows:
        typer.echo(f"{row['queue']}: {row['decided']:,} of {row['length']:,} decided")


def with_queue(labels: OpenLabels, queue: str) -> str:
    """Arguments with which a queue is opened: pictures, queue, and the store if it is elsewhere."""
    name, source = labels.store.database.name, labels.source
    if source is None:
        return f"PATH --store {name} --queue {queue}"
    is_usual = str(source.store) == name
    return f"{source.path}{'' if is_usual else f' --store {name}'} --queue {queue}"


def shown(store: LabelStore, found: Sequence[RankedUnit]) -> list[dict[str, object]]:
    """Ranked labels as objects for JSON and for lines of text."""
    items = {item.id: item for item in store.items([one.unit.item for one in found])}
    return [
        {
            "weight": round(one.weight, 3),
            "image": items[one.unit.item].path,
            "frame": items[one.unit.item].frame,
            "place": place_of(items[one.unit.item]),
            "object": one.unit.object,
            "kinds": [suspicion.kind for suspicion in one.suspicions],
            "reason": one.reason,
        }
        for one in found
    ]


def _kinds(found: Sequence[RankedUnit]) -> list[tuple[str, int]]:
    return Counter(suspicion.kind for one in found for suspicion in one.suspicions).most_common()
