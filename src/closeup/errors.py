"""Every error that Closeup raises on purpose.

    CloseupError
    ├── InputError            the input cannot be used
    │   ├── VideoError        not a video, or nothing in it can be decoded
    │   ├── ImageError        not a picture, or a picture of impossible size
    │   ├── MembersError      the folder of members cannot be enrolled
    │   │   └── UnusableMembersError  some members have no usable photo
    │   ├── GalleryError      a gallery's file cannot be used, or is of another embedder
    │   ├── CalibrationError  an embedder has no calibration, or it cannot be used
    │   ├── TooFewFramesError  too few frames have confident identities for training
    │   ├── CorrectionsError  a corrections file is not valid
    │   ├── RangeError        a time range contains no frame
    │   ├── PartError         an object given as a part does not follow its protocol
    │   └── ShapeError        arrays of a data type have shapes that do not fit together
    ├── OutputError           a result cannot be written
    ├── ModelError            a model cannot be opened
    │   ├── ModelMissingError  a known model's file is not on this machine
    │   └── ModelCorruptError  a file is not the one that the catalogue names
    ├── TrainingError         a training cannot begin or continue
    └── Cancelled             the progress object cancelled the job

A message is one line with the subject, the reason and a remedy. The command line prints it
and exits with status 2.
"""

from __future__ import annotations

_ESCAPES = {ord(end): repr(end)[1:-1] for end in "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"}


def one_line(text: str) -> str:
    """The text with line ends as escapes, as a file's name may have some."""
    return text.translate(_ESCAPES)


class CloseupError(Exception):
    """Root of all errors that Closeup raises on purpose.

    Args:
        message: One line; line ends in it, as a file's name may have, are written as escapes.

    """

    def __init__(self, message: str = "") -> None:
        super().__init__(one_line(message))


class InputError(CloseupError):
    """The input cannot be used."""


class VideoError(InputError):
    """The file is not a video, or no frame of it can be decoded."""


class ImageError(InputError):
    """The file is not a picture, or its size is impossible.

    Attributes:
        kind: The reason in one or two words that follow a number, such as "damaged".

    """

    def __init__(self, message: str, kind: str = "unreadable") -> None:
        super().__init__(message)
        self.kind = kind


class MembersError(InputError):
    """The folder of members cannot be enrolled."""


class UnusableMembersError(MembersError):
    """Some members have no usable photo, and none may be left out."""


class GalleryError(InputError):
    """The gallery's file cannot be used, or another embedder made it."""


class CalibrationError(InputError):
    """An embedder has no calibration, or its file cannot be used, or is of another embedder."""


class TooFewFramesError(InputError):
    """Too few frames have confident identities to train a detector on them."""


class CorrectionsError(InputError):
    """The corrections file is not valid, or contradicts itself or the video."""


class RangeError(InputError):
    """The time range contains no frame."""


class PartError(InputError):
    """An object given as a detector, an embedder … does not follow its protocol."""


class ShapeError(InputError, ValueError):
    """An array has a shape that its data type does not allow."""


class OutputError(CloseupError):
    """A result cannot be written."""


class ModelError(CloseupError):
    """A model cannot be opened."""


class ModelMissingError(ModelError):
    """The model is known, but its file is not on this machine."""


class ModelCorruptError(ModelError):
    """The model's file is not the one that the catalogue names."""


class TrainingError(CloseupError):
    """A training cannot begin or cannot continue."""


class Cancelled(CloseupError):  # noqa: N818 - not a failure
    """The progress object cancelled the job; the same call resumes from the saved state."""

    def __init__(self, message: str = "cancelled; run it again to go on") -> None:
        super().__init__(message)
