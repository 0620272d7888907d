"""The faces in a file of COCO's JSON."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from closeup.errors import InputError
from closeup.formats.coco_file import CocoFile, box_of, points_of
from closeup.formats.json_members import member
from closeup.labels import Box, FaceLabel, Point
from closeup.progress import Progress, Silent

_BODY = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
_OTHER_NAMES = {
    "nose_tip": "nose",
    "eye_right": "right_eye",
    "eye_left": "left_eye",
    "right_mouth": "mouth_right",
    "left_mouth": "mouth_left",
    "right_mouth_corner": "mouth_right",
    "left_mouth_corner": "mouth_left",
    "mouth_right_corner": "mouth_right",
    "mouth_left_corner": "mouth_left",
}


def read_coco(path: Path, progress: Progress | None = None) -> list[FaceLabel]:
    """Read the annotations that label a face, in the order of the file.

    Points keep their category's names, in lower case with underscores; other names of the five
    landmarks are replaced by ours. Body keypoints are ignored. Boxes are read from the category
    ``face`` only, as a person's box is not the face's. An annotation may lack either, also as
    null, an empty list or a box of zeros. Annotations without both are left out, as are crowds.

    Args:
        path: The file.
        progress: Receives a message for annotations that are left out; silent if None.

    Raises:
        InputError: the file cannot be read, is not JSON or not COCO's, an id is repeated or
            unknown, a box has a negative side, or keypoints are not numbers or do not match the
            category's count.

    """
    file = CocoFile.read(path)
    labels, crowds, empty = [], 0, 0
    for one in file.objects():
        name = member(file.images[one.image], "file_name", str, f"{one.place}, its image")
        box = box_of(one) if _tidy(str(one.category.get("name"))) == "face" else None
        points = {
            name: (point.x, point.y)
            for name, point in points_of(one, _tidy).items()
            if not name.endswith(_BODY)
        }
        if one.members.get("iscrowd") in (1, True, "1"):
            crowds += 1
        elif box or points:
            labels.append(_label(name, box, points, one.place))
        else:
            empty += 1
    _tell(path, crowds, empty, progress or Silent())
    return labels


def _label(image: str, box: Box | None, points: Mapping[str, Point], place: str) -> FaceLabel:
    try:
        return FaceLabel(image, box, points)
    except ValueError as error:
        raise InputError(f"{place}: {error}; correct it") from None


def _tell(path: Path, crowds: int, empty: int, progress: Progress) -> None:
    for number, what in (
        (crowds, "mark a crowd (iscrowd)"),
        (empty, "have neither a point of a face nor the box of a category 'face'"),
    ):
        if number:
            progress.say(f"{path}: left out annotations that {what}: {number}")


def _tidy(name: str) -> str:
    tidy = name.strip().lower().replace(" ", "_").replace("-", "_")
    return _OTHER_NAMES.get(tidy, tidy)
