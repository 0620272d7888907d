"""Looking through pictures for faces, whatever is then asked of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from closeup.drawing.marks import Mark
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.media.pictures import Picture, Pictures, SourceKind
from closeup.pipeline.each_picture import each_picture
from closeup.pipeline.records import Place
from closeup.progress import Progress


class Finding(Place, Protocol):
    """What was found in one picture, without its pixels."""

    @property
    def faces(self) -> Faces:
        """In the pixels of the picture as shown."""
        ...

    def record(self) -> dict[str, Any]:
        """The picture as an object for JSON."""
        ...


Found = TypeVar("Found", bound=Finding)
FoundOnly = TypeVar("FoundOnly", bound=Finding, covariant=True)
Result = TypeVar("Result")


class Finder(Protocol[Result, FoundOnly]):
    """Looks at pictures, several at a time, each in a thread."""

    def find(self, image: RGBImage) -> Result:
        """What is on a picture; any thread may call it."""
        ...

    def marks(self, result: Result) -> list[Mark]:
        """What to draw for it."""
        ...

    def found(self, picture: Picture, result: Result) -> FoundOnly:
        """What stays of it."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Search(Generic[Result, Found]):
    """Faces that are found while you iterate, a picture after the other; every time anew.

    Pictures are worked on in parallel and come in order; those of a folder that cannot be
    read are named through ``progress`` and left out.

    Attributes:
        pictures: What is searched.
        finder: What searches.
        progress: Who listens.
        subject: What is looked for, in a word; results are called by it.
        write_table: Writes all that was found, a picture or more, as CSV.
        beside: What else is written for a picture, given a name that no other one has: paths
            below the folder for the results, and contents.
        refined: Begins what sees every finding of one iteration in order, and may change it by
            what came before; called once for each iteration. None where each stands for itself.

    """

    pictures: Pictures
    finder: Finder[Result, Found]
    progress: Progress
    subject: str
    write_table: Callable[[Path, Sequence[Found]], None]
    beside: Callable[[str, Result], Iterable[tuple[str, bytes]]] | None = None
    refined: Callable[[], Callable[[Found], Found]] | None = None

    @property
    def kind(self) -> SourceKind:
        """Whether an image, a folder or a video was given."""
        return self.pictures.kind

    def __iter__(self) -> Iterator[Found]:
        """Raises :class:`closeup.errors.ImageError` where no picture can be read."""
        keep = self.keeping()
        for picture, result in each_picture(
            self.pictures, self.finder.find, self.progress, f"finding {self.subject}"
        ):
            yield keep(picture, result)

    def keeping(self) -> Callable[[Picture, Result], Found]:
        """Begin what makes findings of results; one iteration calls it for each, in order."""
        if self.refined is None:
            return self.finder.found
        refine = self.refined()
        return lambda picture, result: refine(self.finder.found(picture, result))
