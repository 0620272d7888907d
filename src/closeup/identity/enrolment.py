"""Enrolment: from a folder of photos to the vectors of a gallery, with a check of each photo."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from closeup.cohort import unit_length
from closeup.embedding_calibration import EmbeddingCalibration
from closeup.errors import ImageError, MembersError, UnusableMembersError
from closeup.executors.threads import Threads
from closeup.faces import Faces
from closeup.files.folders import is_hidden
from closeup.files.passed_over import NAMED
from closeup.frames import RGBImage
from closeup.geometry import Size, areas, centres_of
from closeup.identity.calibration import calibration_of
from closeup.identity.defects import UNFIT_TO_ENROL, defects
from closeup.identity.description import described
from closeup.identity.member_checks import agreeing_face, common_person, odd_photos
from closeup.media.images import IMAGE_SUFFIXES, read_image
from closeup.media.orientation import rotate_image
from closeup.progress import Progress, Silent
from closeup.protocols import Embedder, FaceDetector

_SECOND_FACE = 0.25
"""Share of the largest face's area from which a second face makes a photo ambiguous."""
_CENTRAL, _ASIDE, _SMALLER = 0.12, 0.3, 0.75
"""A face is the subject if its centre is near the picture's, those of the others are far from it
(in shares of the picture's sides), and their areas are smaller than this share of its own. Of LFW's
photos of several, whose subject is in the middle, 80 % have such a face, all of them the right one;
no group photo of ``named_faces`` has one."""
_CONTROL = {"Cc", "Zl", "Zp"}


_REASONS = 3
"""Photos of a skipped member whose reasons are named."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A photo that was left out, and the reason."""

    member: str
    photo: Path
    reason: str


@dataclass(frozen=True, slots=True)
class OddPhoto:
    """A photo that is enrolled, but does not look like the member's other photos."""

    member: str
    photo: Path


@dataclass(frozen=True, slots=True, eq=False)
class Enrolment:
    """What the photos of all members gave.

    Attributes:
        vectors: Member's name → (n, d) float32 of unit length, one a usable photo.
        photos: Member's name → the n usable photos.
        rejections: Photos that were left out.
        odd: Photos that may show somebody else.
        skipped: Name of each member without a usable photo → the reason.

    """

    vectors: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    photos: dict[str, list[Path]] = field(default_factory=dict)
    rejections: list[Rejection] = field(default_factory=list)
    odd: list[OddPhoto] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class _PhotoFaces:
    """The faces of one photo that may be the member's.

    Attributes:
        vectors: (n, d) float32 of unit length; empty if the photo cannot be used.
        weights: (n,) weight of each, 0..1.
        reason: Why no face can be used, or which one is not clear; empty if one face is clear.
        subject: Index of the face that is the photo's subject by size and place, unless the
            member's other photos show somebody else; None if there is none.

    """

    vectors: NDArray[np.float32]
    weights: NDArray[np.float64]
    reason: str = ""
    subject: int | None = None


def find_photos(folder: Path, progress: Progress | None = None) -> dict[str, list[Path]]:
    """The photos of each member: ``NAME/*.jpg`` or ``NAME.jpg``, sorted by name.

    A file that is in a member's folder several times by links counts once. Hidden files and
    folders are ignored. Names are converted to Unicode's composed form (NFC), since some file
    systems decompose them. A member's folder without a photo gives an empty list.

    Args:
        folder: Folder of the members.
        progress: Receives one line about the other files and folders, if there are some: the
            first are named, since each may have been meant as a member. Silent if None.

    Raises:
        MembersError: the folder cannot be read, or holds no photo of anybody.

    """
    members: dict[str, list[Path]] = {}
    others: list[str] = []
    for entry in _visible(folder):
        own = _visible(entry) if entry.is_dir() else [entry]
        photos = [path for path in own if _is_photo(path)]
        rest = [
            path.relative_to(folder).as_posix() + "/" * path.is_dir()
            for path in own
            if not _is_photo(path)
        ]
        others += rest
        if photos or entry.is_dir():
            name = _name(entry.name if entry.is_dir() else entry.stem)
            members.setdefault(name, []).extend(_once(photos))
    if not any(members.values()):
        only = f", only {_few(others)}" if others else ""
        raise MembersError(f"{folder}: no photo of anybody{only}; add NAME/*.jpg or NAME.jpg")
    if others:
        number = f"{len(others)} file{'s' * (len(others) != 1)}"
        (progress or Silent()).say(
            f"{folder}: {number} passed over, without a photo's suffix: {_few(others)}"
        )
    return members


def enrol_photos(
    members: Mapping[str, Sequence[Path]],
    detector: FaceDetector,
    embedder: Embedder,
    progress: Progress,
    *,
    strict: bool = False,
    rotate: int = 0,
) -> Enrolment:
    """Embed the photos of all members; photos are read in threads.

    A photo with several faces is used if one of them is much larger than the others, if one is that
    of the member's other photos, or else if one is the subject by its size and place. Photos and
    members that cannot be used, and photos that may show somebody else, are reported to
    ``progress``.

    Args:
        members: Photos of each member.
        detector: Finds the faces.
        embedder: Makes the vectors.
        progress: Receives one stage and messages.
        strict: Whether a member without a usable photo is an error.
        rotate: Rotation of all photos in degrees clockwise: 0, 90, 180 or 270.

    Raises:
        CalibrationError: the embedder has no calibration.
        MembersError: no member has a usable photo.
        UnusableMembersError: ``strict``, and a member has no usable photo.

    """
    calibration, made = calibration_of(embedder), Enrolment()
    every = [(name, photo) for name, photos in members.items() for photo in photos]
    progress.begin("enrolling photos", len(every))
    faces: dict[str, list[_PhotoFaces]] = {name: [] for name in members}

    def read(photo: tuple[str, Path]) -> _PhotoFaces:
        return _read(photo[1], rotate, detector, embedder)

    # The iterator has no name, so that an error ends its threads.
    for (name, _), found in Threads().map(read, every):
        faces[name].append(found)
        progress.advance()
        if len(faces[name]) == len(members[name]):
            for line in _add(made, name, members[name], faces.pop(name), calibration):
                progress.say(line)
    for name in faces:
        made.skipped[name] = "the folder holds no photo"
    _check_skipped(made, strict=strict)
    for line in _skipped_lines(made, len(members)):
        progress.say(line)
    return made


def _add(
    made: Enrolment,
    name: str,
    photos: Sequence[Path],
    faces: Sequence[_PhotoFaces],
    calibration: EmbeddingCalibration,
) -> Iterator[str]:
    """Add a member to the enrolment; yields what a user must know about the photos."""
    chosen = _chosen_faces(faces, calibration)
    for photo, found, face in zip(photos, faces, chosen, strict=True):
        if face is None:
            made.rejections.append(Rejection(name, photo, found.reason))
            yield f"{photo}: {found.reason}; this photo is left out"
    used = [place for place, face in enumerate(chosen) if face is not None]
    if not used:
        made.skipped[name] = _why(made.rejections[len(made.rejections) - len(photos) :])
        return
    vectors = np.stack([faces[place].vectors[chosen[place]] for place in used])
    weights = np.array([faces[place].weights[chosen[place]] for place in used])
    made.vectors[name], made.photos[name] = vectors, [photos[place] for place in used]
    for place in odd_photos(vectors, weights, calibration):
        photo = made.photos[name][place]
        made.odd.append(OddPhoto(name, photo))
        yield f"{photo}: this face does not look like the other photos of {name}; check it"


def _chosen_faces(
    faces: Sequence[_PhotoFaces], calibration: EmbeddingCalibration
) -> list[int | None]:
    """The member's face in each photo; None where no face can be used or it is not clear which."""
    chosen = [found.subject if found.reason else 0 for found in faces]
    clear = [place for place, found in enumerate(faces) if not found.reason]
    known = clear or [place for place, face in enumerate(chosen) if face is not None]
    others = [p for p, found in enumerate(faces) if p not in known and len(found.vectors)]
    if not known:
        common = common_person([faces[place].vectors for place in others], calibration)
        for place, face in zip(others, common, strict=True):
            chosen[place] = face
        return chosen
    photos = np.stack([faces[place].vectors[chosen[place] or 0] for place in known])
    for place in others:
        subject = chosen[place]
        chosen[place] = agreeing_face(faces[place].vectors, photos, calibration, subject)
    return chosen


def _why(rejections: Sequence[Rejection]) -> str:
    reasons = "; ".join(f"{r.photo.name}: {r.reason}" for r in rejections[:_REASONS])
    more = len(rejections) - _REASONS
    return f"no photo can be used ({reasons}{f'; and {more} more' if more > 0 else ''})"


def _skipped_lines(made: Enrolment, members: int) -> Iterator[str]:
    for name, reason in made.skipped.items():
        yield f"{name}: {reason}; this member is left out"
    if made.skipped:
        are = "is" if len(made.skipped) == 1 else "are"
        yield f"{len(made.skipped)} of {members} members {are} left out"


def _check_skipped(made: Enrolment, *, strict: bool) -> None:
    skipped = made.skipped
    if not skipped or (made.vectors and not strict):
        return
    kind = UnusableMembersError if made.vectors else MembersError
    if len(skipped) == 1:
        ((name, reason),) = skipped.items()
        raise kind(f"{name}: {reason}; add a sharp photo that shows this face alone")
    members = "; ".join(f"{name}: {reason}" for name, reason in skipped.items())
    raise kind(
        f"{len(skipped)} members have no usable photo ({members}); "
        "add a sharp photo of each that shows the face alone"
    )


def _visible(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if not is_hidden(path.name))
    except FileNotFoundError:
        raise MembersError(
            f"{folder}: no such folder; make one with a folder of photos for each member"
        ) from None
    except OSError as error:
        raise MembersError(f"{folder} cannot be read as a folder ({error.strerror})") from error


def _is_photo(path: Path) -> bool:
    return path.suffix.lower() in IMAGE_SUFFIXES and not path.is_dir()


def _once(photos: Sequence[Path]) -> list[Path]:
    """The photos without further links to a file: they would count as further evidence."""
    first: dict[tuple[int, int] | Path, Path] = {}
    for photo in photos:
        try:
            place = photo.stat()
        except OSError:  # a link to nothing, which is reported when it is read
            first[photo] = photo
        else:
            first.setdefault((place.st_dev, place.st_ino), photo)
    return list(first.values())


def _few(names: Sequence[str]) -> str:
    """The first names, each on one line, and the number of the others."""
    named = ", ".join(_name(name) for name in names[:NAMED])
    return f"{named} and {len(names) - NAMED} more" if len(names) > NAMED else named


def _name(text: str) -> str:
    """A file's name as one line of valid Unicode.

    Bytes that are not UTF-8 are escaped; line breaks and control characters become spaces.
    """
    plain = text.encode("utf-8", "backslashreplace").decode("utf-8")
    line = "".join(" " if unicodedata.category(c) in _CONTROL else c for c in plain)
    return unicodedata.normalize("NFC", line)


def _read(photo: Path, rotate: int, detector: FaceDetector, embedder: Embedder) -> _PhotoFaces:
    """The faces of a photo that may be the member's; any thread may call it."""
    try:
        image = rotate_image(read_image(photo), rotate)
    except ImageError as error:
        return _unusable(str(error).removeprefix(str(photo)).removeprefix(":").strip(), embedder)
    faces = detector.detect(image)
    if not len(faces):
        return _unusable("no face found", embedder)
    size = areas(faces.boxes)
    faces = faces[np.flatnonzero(size >= _SECOND_FACE * size.max())]
    chips, shape = embedder.chips(image, faces), Size.of(image)
    unfit = [_unfit(faces[np.array([row])], chip, shape) for row, chip in enumerate(chips)]
    if len(faces) == 1 and unfit[0]:
        return _unusable(f"the face is {unfit[0]}", embedder)
    fit = [row for row, defect in enumerate(unfit) if not defect]
    known = described(faces[np.array(fit, np.int64)], [chips[row] for row in fit], embedder, shape)
    assert known.embeddings is not None and known.weights is not None  # noqa: S101, PT018
    vectors = unit_length(known.embeddings)
    if len(faces) == 1:
        return _PhotoFaces(vectors, known.weights)
    subject = _subject(faces, shape)
    place = fit.index(subject) if subject in fit else None
    return _PhotoFaces(vectors, known.weights, "more than one face", place)


def _subject(faces: Faces, size: Size) -> int | None:
    """The face that is the subject of a photo of several by size and place; None if none is."""
    area, sides = areas(faces.boxes), np.array([size.width, size.height])
    away = np.linalg.norm((centres_of(faces.boxes) + 0.5) / sides - 0.5, axis=1)
    largest = int(area.argmax())
    others = np.arange(len(faces)) != largest
    smaller = (area[others] <= _SMALLER * area[largest]).all()
    if away[largest] <= _CENTRAL and away[others].min() >= _ASIDE and smaller:
        return largest
    return None


def _unusable(reason: str, embedder: Embedder) -> _PhotoFaces:
    return _PhotoFaces(np.empty((0, embedder.dimensions), np.float32), np.empty(0), reason)


def _unfit(face: Faces, chip: RGBImage, size: Size) -> str:
    """The first defect that excludes a face from enrolment; empty if there is none."""
    return next((defect for defect in defects(face, chip, size) if defect in UNFIT_TO_ENROL), "")
