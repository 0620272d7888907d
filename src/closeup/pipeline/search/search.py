"""A search for faces in pictures, and what it finds in each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

from closeup.drawing.marks import Mark
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.media.pictures import Picture, Pictures, SourceKind
from closeup.parts import required
from closeup.pipeline.search.each_picture import each_picture
from closeup.pipeline.search.records import faces_record
from closeup.progress import Progress
from closeup.protocols import Executor


@dataclass(frozen=True, slots=True, eq=False)
class FacesInPicture:
    """The faces of one picture, without its pixels.

    Attributes:
        path: The picture's file; ``image`` or ``frames`` for arrays.
        name: Path below the searched folder, with forward slashes; else the file's name.
        frame: Number in a video or an iterable, from 0; None for an image.
        seconds: Presentation time in seconds; None for an image.
        faces: Faces in pixels of the displayed picture, with the columns of the search.
        method: Name of the method that found the pupils; None if pupils were not searched.

    """

    path: Path
    name: str
    frame: int | None
    seconds: Fraction | None
    faces: Faces
    method: str | None = None

    @classmethod
    def of(cls, picture: Picture, faces: Faces, method: str | None = None) -> FacesInPicture:
        """The faces that were found in a picture."""
        return cls(picture.path, picture.name, picture.frame, picture.seconds, faces, method)

    def record(self) -> dict[str, Any]:
        """The picture as an object of the JSON that the command line prints.

        ``image`` and ``faces``; of a video also ``frame`` and ``seconds``; after a search for
        pupils ``method``, else ``landmarks``, the scheme of the points.
        """
        record: dict[str, Any] = {"image": str(self.path)}
        if self.frame is not None:
            seconds = None if self.seconds is None else round(float(self.seconds), 6)
            record |= {"frame": self.frame, "seconds": seconds}
        record["faces"] = faces_record(self.faces)
        if self.method is not None:
            return {**record, "method": self.method}
        return {**record, "landmarks": self.faces.scheme}


class Finder(Protocol):
    """Finds the faces of pictures and fills their columns; any thread may call it."""

    def find(self, image: RGBImage) -> Faces:
        """The faces of a picture."""
        ...

    def marks(self, faces: Faces) -> list[Mark]:
        """The marks to draw for the faces."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """Finds faces while you iterate over it; each iteration searches the pictures again.

    Pictures are processed in parallel and yielded in order. Unreadable pictures of a folder are
    reported through ``progress`` and left out.

    Attributes:
        pictures: The pictures that are searched.
        finder: Finds the faces.
        progress: Receives one stage, and the names of unreadable pictures.
        subject: One word for what is searched for; result files are named after it.
        write_table: Writes the faces of one or more pictures as CSV.
        method: Name of the method that finds pupils; None if pupils are not searched.
        steps: Draws the intermediate steps of a picture, one PNG per face; None draws no
            steps.
        smoothing: Called once per iteration; returns a function that receives the results of
            the iteration in order and may change each by the ones before. None if pictures are
            independent.
        executor: Calls the finder; None for threads.
        members: Folder of the members' photos, where no results may lie; None without one.

    Raises:
        PartError: ``executor`` does not implement its protocol.

    """

    pictures: Pictures
    finder: Finder
    progress: Progress
    subject: str
    write_table: Callable[[Path, Sequence[FacesInPicture]], None]
    method: str | None = None
    steps: Callable[[RGBImage, Faces], Sequence[bytes]] | None = None
    smoothing: Callable[[], Callable[[FacesInPicture], FacesInPicture]] | None = None
    executor: Executor | None = None
    members: Path | None = None

    def __post_init__(self) -> None:
        if self.executor is not None:
            required(self.executor, Executor)

    @property
    def kind(self) -> SourceKind:
        """Kind of the searched source."""
        return self.pictures.kind

    @property
    def stage(self) -> str:
        """Name of the stage that ``progress`` receives."""
        return f"finding {self.subject}"

    def __iter__(self) -> Iterator[FacesInPicture]:
        """Raises :class:`closeup.errors.ImageError` where no picture can be read."""
        keep = self.keeping()
        results = each_picture(
            self.pictures, self.finder.find, self.progress, self.stage, self.executor
        )
        for picture, faces in results:
            yield keep(picture, faces)

    def keeping(self) -> Callable[[Picture, Faces], FacesInPicture]:
        """Return the function that receives each picture of an iteration and its faces."""
        smooth = self.smoothing() if self.smoothing else None

        def keep(picture: Picture, faces: Faces) -> FacesInPicture:
            found = FacesInPicture.of(picture, faces, self.method)
            return smooth(found) if smooth else found

        return keep
