"""Unknown people, as ``closeup cluster`` finds them and ``clusters.json`` holds them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from closeup.errors import InputError
from closeup.files.documents import read_document as read_json

DOCUMENT = "clusters.json"
SHEET = "people.jpg"
VERSION = 1
MIN_FACES = 2

UNFINISHED = "unfinished"
"""Key of the earlier run's files that still have to be deleted."""


@dataclass(frozen=True, slots=True)
class SeenFace:
    """One face of one picture.

    Attributes:
        image: Path of the image or video.
        frame: Number in a video, from 0; None for an image.
        seconds: Presentation time in a video, in seconds; None for an image.
        box: x1, y1, x2, y2 in pixels of the displayed picture.
        score: Detector score.
        file: Path of its crop below the results' folder; None if there is no crop.
        reasons: Why it was left out, as in "the face is too blurred"; empty if it was kept.

    """

    image: str
    frame: int | None
    seconds: float | None
    box: tuple[float, float, float, float]
    score: float
    file: str | None = None
    reasons: tuple[str, ...] = ()

    def record(self) -> dict[str, Any]:
        """The face as a JSON object."""
        record: dict[str, Any] = {} if self.file is None else {"file": self.file}
        record["image"] = self.image
        if self.frame is not None:
            record |= {"frame": self.frame, "seconds": self.seconds}
        record |= {"box": list(self.box), "score": self.score}
        return {**record, "reasons": list(self.reasons)} if self.reasons else record

    @classmethod
    def of(cls, record: dict[str, Any]) -> SeenFace:
        """Rebuild the face from the result of :meth:`record`.

        Raises:
            KeyError: a key is missing.
            TypeError: a value has the wrong type.
            ValueError: a value is invalid.

        """
        x1, y1, x2, y2 = map(float, record["box"])
        frame, seconds, file = (record.get(key) for key in ("frame", "seconds", "file"))
        return cls(
            image=str(record["image"]),
            frame=None if frame is None else int(frame),
            seconds=None if seconds is None else float(seconds),
            box=(x1, y1, x2, y2),
            score=float(record["score"]),
            file=None if file is None else _result(file),
            reasons=tuple(map(str, record.get("reasons", ()))),
        )


@dataclass(frozen=True, slots=True)
class Person:
    """Faces of one unknown person.

    Attributes:
        number: Number of the group, from 1; the largest group is the first.
        faces: The most typical and clearest first; all with a crop.

    """

    number: int
    faces: tuple[SeenFace, ...]

    @property
    def folder(self) -> str:
        """Name of the folder of the crops."""
        return person_folder(self.number)

    @property
    def files(self) -> list[str]:
        """The crops, below the folder of the results."""
        return [face.file for face in self.faces if face.file is not None]


@dataclass(frozen=True, slots=True)
class People:
    """Result of one clustering run.

    Attributes:
        source: The searched source.
        embedder: Name of the embedder whose vectors were compared.
        pictures: Number of searched pictures.
        groups: The people, the largest group first.
        alone: Faces in no group, or in a group that is too small.
        left_out: Faces that are too unreliable to be compared, with reasons.

    """

    source: str
    embedder: str
    pictures: int
    groups: tuple[Person, ...]
    alone: tuple[SeenFace, ...]
    left_out: tuple[SeenFace, ...]

    @property
    def files(self) -> list[str]:
        """All crops, below the folder of the results."""
        return [file for person in self.groups for file in person.files]

    def reasons(self) -> Counter[str]:
        """Number of left-out faces per reason; of a face only the first reason counts."""
        return Counter(face.reasons[0] for face in self.left_out)

    def person(self, number: int) -> Person:
        """The group of this number.

        Raises:
            InputError: there is no such group.

        """
        if not 1 <= number <= len(self.groups):
            there_are = f"there are 1 to {len(self.groups)}" if self.groups else "there are none"
            raise InputError(f"there is no group {number}; {there_are}: see {SHEET}")
        return self.groups[number - 1]

    def record(self) -> dict[str, Any]:
        """The content of ``clusters.json``."""
        return {
            "version": VERSION,
            "source": self.source,
            "embedder": self.embedder,
            "pictures": self.pictures,
            "groups": [
                {
                    "number": person.number,
                    "folder": person.folder,
                    "count": len(person.faces),
                    "faces": [face.record() for face in person.faces],
                }
                for person in self.groups
            ],
            "alone": [face.record() for face in self.alone],
            "left_out": [face.record() for face in self.left_out],
        }

    @classmethod
    def of(cls, record: dict[str, Any]) -> People:
        """Rebuild the people from :meth:`record`; raises the errors of :meth:`SeenFace.of`."""
        if record["version"] != VERSION:
            raise ValueError(f"it is of version {record['version']}, not {VERSION}")
        groups = tuple(
            Person(number, _faces(group["faces"]))
            for number, group in enumerate(record["groups"], 1)
        )
        if not all(face.file for person in groups for face in person.faces):
            raise ValueError("a face of a group has no file")
        return cls(
            source=str(record["source"]),
            embedder=str(record["embedder"]),
            pictures=int(record["pictures"]),
            groups=groups,
            alone=_faces(record["alone"]),
            left_out=_faces(record["left_out"]),
        )


def person_folder(number: int) -> str:
    """Name of the folder of a group's crops."""
    return f"person-{number:03d}"


def read_people(folder: Path | str) -> People:
    """Read what the latest run wrote into a folder.

    Raises:
        InputError: there is no ``clusters.json``, it is damaged, or the run was interrupted
            while it replaced an earlier one's results.

    """
    folder = Path(folder)
    people, unfinished = read_document(folder)
    if unfinished is not None:
        raise InputError(f"{folder}: the latest run did not finish; run it again")
    return people


def read_document(folder: Path) -> tuple[People, list[str] | None]:
    """Read a run's result and the files that it still had to delete; None if it finished.

    Raises:
        InputError: there is no ``clusters.json``, or it is damaged.

    """
    path = folder / DOCUMENT
    make = "closeup cluster INPUT"
    if not path.exists():
        raise InputError(f"{folder}: no {DOCUMENT} in it; make it with: {make} --out {folder}")
    way_out = f"take {folder} away and run {make} again, or name another --out"
    return read_json(path, _understood, way_out)


def _understood(record: dict[str, Any]) -> tuple[People, list[str] | None]:
    unfinished = record.get(UNFINISHED)
    return People.of(record), None if unfinished is None else list(map(_result, unfinished))


def _faces(records: list[dict[str, Any]]) -> tuple[SeenFace, ...]:
    return tuple(map(SeenFace.of, records))


def _result(file: object) -> str:
    """Return a file name that a run gives; others are refused, so that only results are deleted."""
    if not re.fullmatch(rf"person-\d+/[^/\\]+\.jpg|{re.escape(SHEET)}", str(file)):
        raise ValueError(f"{file!r} is no result")
    return str(file)
