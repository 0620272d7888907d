"""Opens the programs of ``--propose`` by their names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from closeup.errors import InputError
from closeup.labelling.project import LabelProject
from closeup.models.files import is_own_file
from closeup.progress import Progress

if TYPE_CHECKING:
    from closeup.open_models import Models
    from closeup.pipeline.labelling.picture_readers import EyeCropPictures
    from closeup.pipeline.labelling.proposers import LabelProposer


class Proposed(StrEnum):
    """What ``--propose`` searches for."""

    PUPILS = "pupils"
    FACES = "faces"
    MEMBERS = "members"


Propose = Annotated[
    Proposed | None, typer.Option(help="Let a program propose labels before: see --method.")
]
Method = Annotated[
    str,
    typer.Option(
        help="Pupil methods of --propose pupils, comma-separated; each proposes its own labels."
    ),
]
MembersFolder = Annotated[
    Path | None,
    typer.Option(help="Photos of members, as for closeup identify; their names are offered."),
]


@dataclass(frozen=True, slots=True)
class ProposingOptions:
    """What proposes labels.

    Attributes:
        wanted: What is proposed; None for nothing.
        method: Names of pupil methods, joined by commas.
        members: Folder of the members' photos; None without one.
        detector: Name of the face detector.
        commercial: Whether to refuse models that are not free for commercial use.

    """

    wanted: Proposed | None = None
    method: str = "network"
    members: Path | None = None
    detector: str = "auto"
    commercial: bool = False

    def __post_init__(self) -> None:
        if self.wanted is Proposed.MEMBERS and self.members is None:
            raise typer.BadParameter("--propose members needs --members, the folder of photos")


def propose(project: LabelProject, options: ProposingOptions, progress: Progress) -> None:
    """Let the wanted programs label the project's pictures."""
    if options.wanted is None:
        return
    from closeup.pipeline.labelling.label_projects import report
    from closeup.pipeline.labelling.proposing import propose_labels

    for proposer in _proposers(project, options, progress):
        added = propose_labels(project.store, project.pictures, proposer, progress=progress)
        report(added, progress)


def member_names(members: Path | None) -> tuple[str, ...]:
    """Names of the members of a folder of photos; empty for a gallery, and without one."""
    if members is None:
        return ()
    from closeup.pipeline.people.members import find_members

    found = find_members(members)
    return tuple(found) if isinstance(found, dict) else ()


def _proposers(
    project: LabelProject, options: ProposingOptions, progress: Progress
) -> Iterator[LabelProposer]:
    from closeup.open_models import Models
    from closeup.pipeline.labelling.picture_readers import EyeCropPictures
    from closeup.settings import Settings

    pictures = project.pictures
    crops = isinstance(pictures, EyeCropPictures)
    if crops and options.wanted is not Proposed.PUPILS:
        raise InputError(f"crops of eyes have no {options.wanted}; use --propose pupils")
    models = Models(Settings.from_environment(commercial=options.commercial))
    if isinstance(pictures, EyeCropPictures):
        yield from _of_eyes(pictures, options, models)
    elif options.wanted is Proposed.PUPILS:
        yield from _of_pupils(options, models, progress)
    elif options.wanted is Proposed.FACES:
        from closeup.pipeline.labelling.proposers import FaceProposer

        detector = models.detector(options.detector, threads=1, progress=progress)
        yield FaceProposer(detector, _version(options.detector))
    else:
        yield _of_members(project, options, models, progress)


def _of_eyes(
    pictures: EyeCropPictures, options: ProposingOptions, models: Models
) -> Iterator[LabelProposer]:
    from closeup.opening import open_eye_method
    from closeup.pipeline.labelling.proposers import EyeProposer
    from closeup.pupils.eye_crops import CropShape
    from closeup.pupils.network import EyeNetwork

    for name in options.method.split(","):
        finder = open_eye_method(name, settings=models.settings)
        shape = finder.shape if isinstance(finder, EyeNetwork) else CropShape()
        if finder.name not in pictures.methods:  # else they are proposed already
            yield EyeProposer(finder, _version(name), pictures.width, shape)


def _of_pupils(
    options: ProposingOptions, models: Models, progress: Progress
) -> Iterator[LabelProposer]:
    from closeup.pipeline.labelling.proposers import PupilProposer
    from closeup.pipeline.search.pupils import FaceAndPupilFinder

    detector = models.detector(options.detector, threads=1, progress=progress)
    landmarker = models.landmarker("dlib-5-points")
    for name in options.method.split(","):
        finder = FaceAndPupilFinder(detector, models.pupil_finder(name), landmarker)
        yield PupilProposer(finder, _version(name))


def _of_members(
    project: LabelProject, options: ProposingOptions, models: Models, progress: Progress
) -> LabelProposer:
    from closeup.pipeline.labelling.member_source import MemberSource

    source = MemberSource(options.members or Path(), options.detector)
    return source.proposer(project.store, models, _version(options.detector), progress)


def _version(name: str) -> str:
    """Closeup's version for its own methods; empty for a file, whose name has its digest."""
    return "" if is_own_file(name) else version("closeup")
