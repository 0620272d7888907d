"""Every error that Closeup raises on purpose.

    CloseupError
    ├── InputError            what was given cannot be used
    │   ├── VideoError        not a video, or nothing in it can be decoded
    │   ├── ImageError        not a picture, or a picture of impossible size
    │   ├── MembersError      the folder of members cannot be enrolled
    │   ├── GalleryError      a gallery's file cannot be used, or is of another embedder
    │   ├── CalibrationError  an embedder has no calibration, or it cannot be used
    │   ├── TooFewFramesError  too little is surely known to learn from
    │   ├── CorrectionsError  a corrections file that cannot be followed
    │   ├── RangeError        a time range that holds no frame
    │   ├── PartError         an object that was given as a part cannot do its work
    │   └── ShapeError        arrays of a data type that do not fit together
    ├── OutputError           a result cannot be written
    ├── ModelError            a model cannot be opened
    │   ├── ModelMissingError  known, but its file is not on this machine
    │   └── ModelCorruptError  its file is not the one that the catalogue names
    ├── TrainingError         a training cannot begin or go on
    └── Cancelled             a progress ended the job

A message is one line: the thing, the reason, the way out. The command line prints it
and exits with status 2.
"""

from __future__ import annotations


class CloseupError(Exception):
    """Root of all errors that Closeup raises on purpose."""


class InputError(CloseupError):
    """What was given cannot be used."""


class VideoError(InputError):
    """The file is not a video, or no frame of it can be decoded."""


class ImageError(InputError):
    """The file is not a picture, or its size is impossible."""


class MembersError(InputError):
    """The folder of members cannot be enrolled."""


class GalleryError(InputError):
    """The gallery's file cannot be used, or another embedder made it."""


class CalibrationError(InputError):
    """An embedder has no calibration, or its file cannot be used, or is of another embedder."""


class TooFewFramesError(InputError):
    """Too few frames show surely who is who for a detector to learn from them."""


class CorrectionsError(InputError):
    """The corrections file cannot be followed."""


class RangeError(InputError):
    """The time range holds no frame."""


class PartError(InputError):
    """An object that was given as a detector, an embedder … lacks what its protocol asks for."""


class ShapeError(InputError, ValueError):
    """An array has another shape than the data type that holds it asks for."""


class OutputError(CloseupError):
    """A result cannot be written."""


class ModelError(CloseupError):
    """A model cannot be opened."""


class ModelMissingError(ModelError):
    """The model is known, but its file is not on this machine."""


class ModelCorruptError(ModelError):
    """The model's file is not the one that the catalogue names."""


class TrainingError(CloseupError):
    """A training cannot begin, or cannot go on."""


class Cancelled(CloseupError):  # noqa: N818 - nothing went wrong
    """A progress ended the job; the same call goes on from what was saved."""

    def __init__(self, message: str = "cancelled; run it again to go on") -> None:
        super().__init__(message)
