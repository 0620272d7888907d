"""Boxes and points in the JSON of Label Studio: a list of tasks, each with one picture.

    [{"id": 1, "data": {"image": "/data/local-files/?d=stage/a.jpg"},
      "annotations": [{"completed_by": 3, "result": [… regions …]}],
      "predictions": [{"model_version": "v1", "result": [… regions …]}]}]

The keys are those of https://labelstud.io/guide/task_format: one entry of ``annotations`` for each
person, one of ``predictions`` for each version of a model. :mod:`.label_studio_regions` has the
regions. Their sizes are those of the picture after its EXIF orientation, as a browser shows it.
"""

from __future__ import annotations

import json
import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from closeup.annotations import AnnotatedPicture, Annotation, AnnotationSet, Origin
from closeup.errors import OutputError
from closeup.files.atomic import write_text
from closeup.formats.annotation_format import AnnotationFormat, Part, kept, schema_of
from closeup.formats.json_values import member, parsed, side, typed
from closeup.formats.label_studio_regions import NAME, RegionReader, regions_of
from closeup.formats.left_out import LeftOut
from closeup.formats.own_keys import OWN
from closeup.formats.placeless import placeless_keys, with_placeless
from closeup.geometry import Size
from closeup.progress import Progress

TITLE = "Label Studio JSON"
_ORIGINS = {"annotations": Origin.PERSON, "predictions": Origin.MODEL}
"""Lists of a task → origin of the labels in them, where these do not say it."""
_BY_PROGRAMS = {Origin.COARSE, Origin.MODEL, Origin.INTERPOLATED}
_KNOWN = {"data", "meta", *_ORIGINS}
_LOCAL = "/data/local-files/?d="
_UPLOADED = re.compile(r"^/data/upload/(?:\d+/)?(?:[0-9a-f]{8}-)?")
_CARRIES = frozenset(Part) - {Part.FRAMES, Part.SCHEMA}


def read_label_studio(path: Path, progress: Progress) -> AnnotationSet:
    """Read a file that Label Studio exported as JSON, or that it imports.

    The path of a picture is what stands behind ``?d=`` in an address of Label Studio's local
    storage, the name under which a file was uploaded, or an address without its host.

    Args:
        path: The file.
        progress: Receives messages about regions that are neither a rectangle nor a key point,
            which are kept in ``extra``, and about tasks without a picture, which are left out.

    Raises:
        InputError: the file cannot be read, is not JSON or not Label Studio's, or a value is
            missing or of a wrong type. The message names the task and the region.

    """
    content = parsed(path, TITLE)
    left_out = LeftOut(path, progress)
    pictures = []
    for number, task in enumerate([content] if isinstance(content, dict) else content):
        place = f"{path}, task [{number}]"
        if picture := _picture(typed(task, dict, place), place, left_out):
            pictures.append(picture)
    left_out.say()
    return AnnotationSet(tuple(pictures), schema_of(tuple(pictures)))
