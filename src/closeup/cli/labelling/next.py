"""``closeup next``: chooses what people label next."""

from __future__ import annotations

import json
import re
from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from closeup.cli.inputs import need
from closeup.cli.labelling.labels_options import place_of, plural
from closeup.cli.labelling.opening import Every, Store
from closeup.cli.labelling.proposing import (
    Method,
    Proposed,
    ProposingOptions,
    propose as propose_labels,
)
from closeup.cli.options import Commercial, Detector, JsonOutput
from closeup.cli.progress import RichProgress
from closeup.errors import InputError

if TYPE_CHECKING:
    from closeup.labelling.project import LabelProject
    from closeup.open_models import Models
    from closeup.pipeline.labelling.label_projects import ProjectOptions
    from closeup.pipeline.loop.next_queue import NextQueue
    from closeup.pipeline.loop.picture_eyes import EyeFinder
    from closeup.pupils.network import EyeNetwork

_NUMBER = re.compile(r"\d[\d.]*")


class Asked(StrEnum):
    """What people do with the queue."""

    LABELS = "labels"
    VERDICTS = "verdicts"


class ProposedEyes(StrEnum):
    """What ``--propose`` searches for, of what has eyes."""

    PUPILS = "pupils"
    FACES = "faces"


def next_(
    path: Annotated[
        Path,
        typer.Argument(
            help="Data set of eyes, photo, folder, or video, as for closeup label.", metavar="PATH"
        ),
    ],
    budget: Annotated[int, typer.Option(help="Number of pictures or labels.", min=1)] = 200,
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="A pupil network's .onnx file; several, each with --model, for an ensemble; "
            "default the shipped one."
        ),
    ] = None,
    strategy: Annotated[
        str,
        typer.Option(
            help="mixed, random, spread, entropy, expected-error, disagreement, quality, "
            "temporal, core-set, typicality, or covariance."
        ),
    ] = "mixed",
    quality: Annotated[
        Path | None, typer.Option(help="A network of closeup train quality; it judges labels.")
    ] = None,
    wanted: Annotated[
        Asked,
        typer.Option("--for", help="Pictures for labels by hand, or proposed labels for verdicts."),
    ] = Asked.LABELS,
    propose: Annotated[
        ProposedEyes | None, typer.Option(help="Let a program propose labels before: see --method.")
    ] = None,
    method: Method = "darkest",
    queue: Annotated[str, typer.Option(help="Name of the queue, which is replaced.")] = "next",
    store: Store = None,
    every: Every = 1,
    seed: Annotated[int, typer.Option(help="Determines what is drawn at random.")] = 0,
    detector: Detector = "auto",
    commercial: Commercial = False,
    json_output: JsonOutput = False,
) -> None:
    """Choose what is labelled next, where labels teach the most, and make a queue of it."""
    need(path, quality)
    from closeup.acquisition.strategies import acquisition_of
    from closeup.open_models import Models
    from closeup.pipeline.labelling.label_projects import (
        ProjectOptions,
        open_label_project,
        open_quality,
    )
    from closeup.pipeline.loop.next_queue import EyeJudges, NextOptions, fill_next_queue
    from closeup.settings import Settings
    from closeup.store.label_queue import Units

    acquisition = acquisition_of(strategy)
    searched = Proposed(propose) if propose else None
    proposing = ProposingOptions(searched, method, None, detector, commercial)
    models = Models(Settings.from_environment(commercial=commercial))
    networks = [_network(name, models) for name in model or ["network"]]
    task = _task_of(path) if wanted is Asked.LABELS else "review"
    units = Units.PICTURES if wanted is Asked.LABELS else Units.LABELS
    opened = ProjectOptions(store, every)
    with (
        RichProgress() as progress,
        open_label_project(path, task, opened, progress=progress) as project,
    ):
        propose_labels(project, proposing, progress)
        finder = _finder(project, models, detector, progress)
        judged = open_quality(quality, project.pictures) if quality else None
        judges = EyeJudges(finder, networks, acquisition, judged)
        made = fill_next_queue(project, judges, NextOptions(budget, units, queue, seed), progress)
        for line in _remarks(made, budget, wanted):
            progress.say(line)
    _print(made, _command(path, wanted, task, opened, queue), json_output=json_output)


def _task_of(path: Path) -> str:
    """The task in which people set pupils."""
    from closeup.datasets.eyes.eye_store import DOCUMENT

    return "pupil" if (path / DOCUMENT).exists() else "face"


def _network(name: str, models: Models) -> EyeNetwork:
    from closeup.opening import open_eye_method
    from closeup.pupils.network import EyeNetwork

    method = open_eye_method(name, settings=models.settings)
    if not isinstance(method, EyeNetwork):
        raise InputError(
            f"--model {name} is no network; give files of closeup train pupils, or network"
        )
    return method


def _finder(
    project: LabelProject, models: Models, detector: str, progress: RichProgress
) -> EyeFinder:
    from closeup.pipeline.labelling.picture_readers import EyeCropPictures
    from closeup.pipeline.loop.picture_eyes import EyesOfCrops, EyesOfFaces

    if isinstance(project.pictures, EyeCropPictures):
        return EyesOfCrops(project.pictures.width)
    found = models.detector(detector, threads=1, progress=progress)
    return EyesOfFaces(found, models.landmarker("dlib-5-points"))


def _remarks(made: NextQueue, budget: int, wanted: Asked) -> list[str]:
    """What was left out, and that there were too few, in one line each."""
    noun = "picture" if wanted is Asked.LABELS else "label"
    lines = []
    if made.done:
        lines.append(f"{plural(made.done, noun)} left out that people answered already")
    if made.without_eyes:
        lines.append(f"{plural(made.without_eyes, noun)} left out in which no eye was found")
    if len(made.chosen) < budget:
        lines.append(
            f"only {plural(len(made.chosen), noun)} of the {budget:,} that were asked for: "
            f"{made.candidates:,} could be chosen"
        )
    return lines


def _command(path: Path, wanted: Asked, task: str, opened: ProjectOptions, queue: str) -> str:
    """The command with which the queue is opened."""
    begin = f"label {path} --task {task}" if wanted is Asked.LABELS else f"review {path}"
    place = f" --store {opened.store}" if opened.store else ""
    every = f" --every {opened.every}" if opened.every > 1 else ""
    return f"closeup {begin}{place}{every} --queue {queue}"


def _print(made: NextQueue, command: str, *, json_output: bool) -> None:
    if json_output:
        chosen = [
            {
                "image": one.item.path,
                "frame": one.item.frame,
                "object": one.unit.object,
                "reason": one.reason,
            }
            for one in made.chosen
        ]
        counts = {"candidates": made.candidates, "done": made.done}
        counts |= {"unreadable": made.unreadable, "without_eyes": made.without_eyes}
        typer.echo(json.dumps({"chosen": chosen, **counts, "command": command}))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading, side in (("chosen", "right"), ("because", "left"), ("such as", "left")):
        table.add_column(heading, justify=side)  # type: ignore[arg-type]
    kinds = Counter(_NUMBER.sub("…", one.reason) for one in made.chosen)
    for kind, count in kinds.most_common():
        first = next(one for one in made.chosen if _NUMBER.sub("…", one.reason) == kind)
        table.add_row(f"{count:,}", first.reason, place_of(first.item))
    Console().print(table)
    typer.echo(f"Go through them: {command}")
