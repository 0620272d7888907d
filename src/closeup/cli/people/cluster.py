"""``closeup cluster``: unknown faces, sorted by person."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

import closeup as cu
from closeup.cli.inputs import need
from closeup.cli.options import (
    AnyRotation,
    Commercial,
    Detector,
    EmbedderName,
    JsonOutput,
    Rotate,
    Strict,
)
from closeup.cli.progress import RichProgress
from closeup.pipeline.people.clusters import DOCUMENT, MIN_FACES, SHEET
from closeup.progress import Progress
from closeup.settings import Settings


def _naming(text: str) -> cu.Naming:
    try:
        return cu.Naming.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def cluster(
    out: Annotated[Path, typer.Option(help="Folder for the results.")],
    source: Annotated[
        Path | None,
        typer.Argument(
            help="Image, folder or video; without it, --name uses the groups in --out.",
            metavar="[INPUT]",
        ),
    ] = None,
    every: Annotated[
        int | None,
        typer.Option(help="Use every N-th frame of a video; default: two per second.", min=1),
    ] = None,
    min_faces: Annotated[
        int, typer.Option(help="Leave smaller groups out of the results.", min=1)
    ] = MIN_FACES,
    rotate: Rotate = 0,
    name: Annotated[
        list[cu.Naming] | None,
        typer.Option(
            parser=_naming, metavar="NUMBER=NAME", help="Make a group a member; may be repeated."
        ),
    ] = None,
    members: Annotated[Path | None, typer.Option(help="Folder of the members, for --name.")] = None,
    detector: Detector = "auto",
    embedder: EmbedderName = "auto",
    any_rotation: AnyRotation = False,
    strict: Strict = False,
    commercial: Commercial = False,
    json_output: JsonOutput = False,
) -> None:
    """Sort unknown faces by person, and make members of them."""
    namings = name or []
    _check(source, namings, members)
    need(source)
    models = cu.Models(Settings.from_environment(commercial=commercial))
    made: dict[str, list[Path]] = {}
    with RichProgress() as progress:
        if source:
            people = cu.cluster_people(
                source, out, every=every, min_faces=min_faces, rotate=rotate,
                any_rotation=any_rotation, detector=detector,
                embedder=embedder, models=models, progress=progress,
            )  # fmt: skip
            _tell(people, progress)
        else:
            people = cu.read_people(out)
        if members and namings:
            made = cu.name_people(
                out, members, namings, detector=detector, embedder=embedder, strict=strict,
                models=models, progress=progress,
            )  # fmt: skip
    _print(out, people, made, as_json=json_output, new=source is not None)


def _check(source: Path | None, namings: list[cu.Naming], members: Path | None) -> None:
    if source is None and not namings:
        raise typer.BadParameter("give an image, a folder or a video, or --name NUMBER=NAME")
    if (members is None) != (not namings):
        raise typer.BadParameter("--name and --members go together")


def _tell(people: cu.People, progress: Progress) -> None:
    groups, alone = len(people.groups), len(people.alone)
    grouped = sum(len(person.faces) for person in people.groups)
    pictures = f"{people.pictures} picture{'s' * (people.pictures != 1)}"
    progress.say(
        f"{groups} {'person' if groups == 1 else 'people'} with {grouped} faces in {pictures}; "
        f"{alone} face{'s' * (alone != 1)} alone"
    )
    for reason, count in people.reasons().most_common():
        progress.say(f"{count} left out: {reason}")


def _print(
    out: Path, people: cu.People, made: dict[str, list[Path]], *, as_json: bool, new: bool
) -> None:
    if as_json:
        members = {name: [str(photo) for photo in photos] for name, photos in made.items()}
        record = people.record()
        typer.echo(json.dumps({**record, "members": members} if made else record))
        return
    if new:
        for path in [out / SHEET] * bool(people.groups) + [out / DOCUMENT]:
            typer.echo(path)
    for photos in made.values():
        typer.echo(f"{photos[0].parent}  {len(photos)} photo{'s' * (len(photos) != 1)}")
