"""Makes unknown people members: copies a group's best crops to the folder of members."""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from closeup.errors import InputError, OutputError
from closeup.files.atomic import claiming, replacing
from closeup.files.unique_names import numbered
from closeup.identity.enrolment import Enrolment, enrol_photos
from closeup.identity.exemplars import spread_out
from closeup.open_models import Models
from closeup.pipeline.people.clusters import SHEET, People, person_folder, read_people
from closeup.progress import Progress, Silent
from closeup.protocols import Embedder, FaceDetector

MOST_PHOTOS = 8
"""Maximum photos of one group; more hardly improve the centroid."""

_CANDIDATES = 32
"""Maximum crops to choose the photos from, which are the better half of a group."""
_LONGEST_NAME = 200
"""Bytes; file systems allow 255."""


@dataclass(frozen=True, slots=True)
class Naming:
    """A group and the name of its member.

    Attributes:
        number: Number of the group, from 1.
        name: Name of the member and of the folder, in Unicode's composed form (NFC).

    Raises:
        ValueError: the name cannot be used for a folder; the message is one line.

    """

    number: int
    name: str

    def __post_init__(self) -> None:
        if not self.name or self.name != self.name.strip():
            raise ValueError(f"{self.name!r} is no name; write NUMBER=NAME, as in 3=Jisoo")
        categories = {unicodedata.category(letter) for letter in self.name}
        if self.name.startswith(".") or categories & {"Cc", "Cs", "Zl", "Zp"}:
            raise ValueError(f"{self.name!r} is no folder's name: it is hidden or unprintable")
        if set(self.name) & set('/\\<>:"|?*'):
            raise ValueError(f"{self.name!r} is no folder's name; leave out / \\ < > : \" | ? *")
        if len(self.name.encode()) > _LONGEST_NAME:
            raise ValueError(f"the name {self.name[:20]}… is longer than {_LONGEST_NAME} bytes")

    @classmethod
    def parse(cls, text: str) -> Naming:
        """Read ``3=Jisoo`` or ``person-003=Jisoo``.

        Raises:
            ValueError: ``text`` has another form; the message is one line.

        """
        group, _, name = text.partition("=")
        number = re.fullmatch(r"(?:person-)?([0-9]{1,9})", group.strip())
        if not number:
            raise ValueError(f"cannot read {text!r}; write NUMBER=NAME, as in 3=Jisoo")
        return cls(int(number[1]), unicodedata.normalize("NFC", name.strip()))


def name_people(
    folder: Path | str,
    members: Path | str,
    namings: Sequence[Naming],
    *,
    detector: str | FaceDetector = "auto",
    embedder: str | Embedder = "auto",
    strict: bool = False,
    models: Models | None = None,
    progress: Progress | None = None,
) -> dict[str, list[Path]]:
    """Copy the best crops of groups to ``MEMBERS/NAME/``, where ``make_fancams`` looks for photos.

    Up to eight different crops of each group's better half are copied, and only those that can
    be enrolled. A group without any is reported and left out. Crops that were deleted from the
    group's folder are skipped, so wrong ones can be removed before. Existing photos stay unchanged.

    Args:
        folder: Output folder of :func:`closeup.pipeline.people.cluster.cluster_people`.
        members: Folder of the members; made when it does not exist.
        namings: Names of the groups; several groups may be one member.
        detector: A detector, or a name of :data:`closeup.opening.DETECTORS`.
        embedder: An embedder, a name of :data:`closeup.opening.EMBEDDERS`, or the path of an
            ONNX file.
        strict: Whether a group none of whose crops can be enrolled is an error; then nothing is
            copied.
        models: Opens models given by name; None for a new :class:`Models`.
        progress: Receives stages and messages; silent if None.

    Returns:
        Member → copied photos, including identical ones that existed before.

    Raises:
        CalibrationError: the embedder has no calibration.
        InputError: there is no ``clusters.json``, it is damaged, there is no such group, a group
            is given two names, or no crop of any group can be enrolled; then nothing is copied.
        OutputError: a photo cannot be written.
        ModelError: a model cannot be opened.

    """
    models, progress = models or Models(), progress or Silent()
    folder, members = Path(folder), Path(members)
    people = read_people(folder)
    _check(people, namings, members)
    crops = _crops(folder, people, namings, progress, strict=strict)
    finder = models.detector(detector, threads=1, progress=progress)  # crops run in parallel
    finder = models.turned_detector(finder, photos=True)
    network = models.embedder(embedder, threads=1)
    enrolled = enrol_photos(crops, finder, network, progress, strict=strict)
    made: dict[str, list[Path]] = {}
    with claiming(members):
        for naming in dict.fromkeys(namings):
            for photo in _spread(enrolled, person_folder(naming.number)):
                copies = made.setdefault(naming.name, [])
                copies.append(_copied(photo, members / naming.name))
    return made


def _check(people: People, namings: Sequence[Naming], members: Path) -> None:
    names: dict[int, str] = {}
    for naming in namings:
        people.person(naming.number)
        other = names.setdefault(naming.number, naming.name)
        if other != naming.name:
            raise InputError(
                f"group {naming.number} is named {other} and {naming.name}; it is one person"
            )
    if members.exists() and not members.is_dir():
        raise OutputError(f"{members} is no folder; name one for --members")


def _crops(
    folder: Path, people: People, namings: Sequence[Naming], progress: Progress, *, strict: bool
) -> dict[str, list[Path]]:
    """The better half of the crops of each named group that has some; by the group's folder."""
    crops: dict[str, list[Path]] = {}
    gone: list[str] = []
    for person in (people.person(naming.number) for naming in namings):
        files = [path for path in (folder / file for file in person.files) if path.is_file()]
        if files:
            better = max(MOST_PHOTOS, min(_CANDIDATES, len(files) // 2))
            crops[person.folder] = files[:better]
        else:
            gone.append(f"{folder / person.folder}: its pictures are gone")
    if gone and (strict or not crops):
        raise InputError(
            f"{'; '.join(gone)}; run closeup cluster INPUT again, or name another group of {SHEET}"
        )
    for line in gone:
        progress.say(f"{line}; this group is left out")
    return crops


def _spread(enrolled: Enrolment, group: str) -> list[Path]:
    """Different photos of a group; none if no crop of it could be enrolled."""
    photos = enrolled.photos.get(group, [])
    first: dict[bytes, int] = {}
    for row, file in enumerate(photos):
        first.setdefault(file.read_bytes(), row)  # a picture may be there under several names
    rows = list(first.values())
    if not rows:
        return []
    return [photos[rows[i]] for i in spread_out(enrolled.vectors[group][rows], MOST_PHOTOS)]


def _copied(photo: Path, folder: Path) -> Path:
    """Copy a photo under a free name; return an existing file with the same content instead."""
    content = photo.read_bytes()
    for place in numbered(folder / photo.name):
        if not place.exists():
            break
        if place.is_file() and place.read_bytes() == content:
            return place
    with replacing(place) as temporary:
        shutil.copyfile(photo, temporary)
    return place
