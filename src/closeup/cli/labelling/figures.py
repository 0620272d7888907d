"""``closeup labels stats`` and ``agreement``: who made the labels, how fast, and how alike."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import typer

from closeup.cli.labelling.checks import shown, with_queue
from closeup.cli.labelling.labels_options import Queue, StorePlace, need_place, plural
from closeup.cli.options import JsonOutput
from closeup.cli.progress import RichProgress
from closeup.labelling.agreement import QUEUE, PairAgreement
from closeup.labelling.statistics import (
    LabelStatistics,
    MethodFigures,
    PersonFigures,
    label_statistics,
)
from closeup.pipeline.labelling.checking import compare_people
from closeup.pipeline.labelling.open_labels import open_labels

_KINDS = ("verdict", "point", "box")
_SHOWN = 10


def stats(store: StorePlace, json_output: JsonOutput = False) -> None:
    """Count labels and verdicts by method, person and class; measure labels an hour."""
    need_place(store)
    with RichProgress() as progress, open_labels(store, progress) as labels:
        figures = label_statistics(labels.store)
    if json_output:
        typer.echo(json.dumps(_record(figures)))
        return
    for line in _lines(figures):
        typer.echo(line)


def agreement(store: StorePlace, queue: Queue = QUEUE, json_output: JsonOutput = False) -> None:
    """Compare people who labelled the same pictures with --overlap; queue what differs."""
    need_place(store)
    with RichProgress() as progress, open_labels(store, progress) as labels:
        found = compare_people(labels, queue=queue)
        disputes = shown(labels.store, found.disputes if json_output else found.disputes[:_SHOWN])
        if not found.pairs:
            progress.say("nobody labelled the same picture; give it to two with --overlap 2")
        elif found.disputes:
            count = plural(len(found.disputes), "label")
            progress.say(f"{count} to adjudicate: closeup label {with_queue(labels, queue)}")
    if json_output:
        pairs = [_pair_record(pair) for pair in found.pairs]
        typer.echo(json.dumps({"pairs": pairs, "disputes": disputes}))
        return
    for pair in found.pairs:
        typer.echo("; ".join(_pair_line(pair)))
    for line in disputes:
        typer.echo(f"{line['place']}  {line['object']}  {line['reason']}")


def _lines(figures: LabelStatistics) -> list[str]:
    lines = [f"{plural(figures.pictures, 'picture')}, {figures.complete:,} complete"]
    if figures.stale:
        lines.append(f"{plural(figures.stale, 'change')} came too late and are only kept")
    lines += map(_method_line, figures.methods)
    for name, count, target in figures.classes:
        wanted = "" if target is None else f" of {target:,}"
        lines.append(f"class {name}: {count:,}{wanted}")
    return lines + [_person_line(person) for person in figures.people]


def _method_line(figures: MethodFigures) -> str:
    origin, method, version = figures.group
    name = " ".join(filter(None, (origin, method, version)))
    share = figures.share_true
    said = ", ".join(f"{count:,} {verdict}" for verdict, count in sorted(figures.verdicts.items()))
    true = "" if share is None else f"; {said}: {share[0]:.1%} true ({share[1]:.1%}–{share[2]:.1%})"
    return f"{name}: {plural(figures.labels, 'label')}{true}"


def _person_line(person: PersonFigures) -> str:
    counts = ", ".join(
        f"{count:,} {kind if kind == 'other' else kind + 's' * (count != 1)}"
        for kind, count in person.counts.most_common()
    ).replace("boxs", "boxes")
    parts = [f"{person.name}: {counts or 'nothing'} in {plural(person.sessions, 'session')}"]
    if person.an_hour is not None:
        parts.append(f"{person.an_hour:,.0f} an hour of {person.seconds / 3600:.2f} active hours")
    for kind in _KINDS:
        seconds = person.seconds_each(kind)
        if seconds is not None:
            parts.append(f"{seconds:.2f} s a {kind} (median)")
    return "; ".join(parts)


def _record(figures: LabelStatistics) -> dict[str, Any]:
    return {
        "pictures": figures.pictures,
        "complete": figures.complete,
        "stale": figures.stale,
        "methods": [
            {
                **one.group._asdict(),
                "labels": one.labels,
                "verdicts": dict(one.verdicts),
                "share_true": one.share_true,
            }
            for one in figures.methods
        ],
        "classes": [one._asdict() for one in figures.classes],
        "people": [
            {
                "name": person.name,
                "counts": dict(person.counts),
                "sessions": person.sessions,
                "active_seconds": round(person.seconds, 3),
                "labels_an_hour": person.an_hour,
                "median_seconds": {kind: person.seconds_each(kind) for kind in _KINDS},
            }
            for person in figures.people
        ],
    }


def _pair_line(pair: PairAgreement) -> list[str]:
    parts = [f"{pair.first} and {pair.second}: {plural(pair.pictures, 'picture')}"]
    if pair.verdicts:
        count = plural(pair.verdicts.total(), "verdict")
        kappa = pair.kappa
        said = "all the same" if kappa is None else f"kappa {kappa[0]:.2f} ± {kappa[1]:.2f}"
        parts.append(f"{count}, {said}")
    if pair.distances:
        middle, most = np.quantile(pair.distances, (0.5, 0.95))
        count = plural(len(pair.distances), "point label")
        parts.append(f"{count}, {middle:.3f} apart (median), {most:.3f} (95 %)")
    if pair.overlaps:
        equal = np.mean(np.array(pair.overlaps) >= 0.5)
        shared = np.median(pair.overlaps)
        boxes = "1 box" if len(pair.overlaps) == 1 else f"{len(pair.overlaps):,} boxes"
        parts.append(f"{boxes}, IoU {shared:.2f} (median), {equal:.0%} agree")
    if pair.renamed:
        parts.append(f"{plural(pair.renamed, 'other name')}")
    return parts


def _pair_record(pair: PairAgreement) -> dict[str, Any]:
    return {
        "people": [pair.first, pair.second],
        "pictures": pair.pictures,
        "verdicts": [[a, b, count] for (a, b), count in sorted(pair.verdicts.items())],
        "kappa": pair.kappa,
        "distances": [round(distance, 5) for distance in pair.distances],
        "overlaps": [round(shared, 5) for shared in pair.overlaps],
        "renamed": pair.renamed,
    }
