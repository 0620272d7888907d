"""All formats of annotation files, and which of them a file or folder is in."""

from __future__ import annotations

from pathlib import Path

from closeup.errors import InputError
from closeup.formats.annotation_format import AnnotationFormat
from closeup.formats.annotation_json import ANNOTATION_JSON
from closeup.formats.coco import COCO
from closeup.formats.csv_annotations import CSV
from closeup.formats.cvat_xml import CVAT
from closeup.formats.dlib_xml import DLIB_XML
from closeup.formats.label_studio import LABEL_STUDIO
from closeup.formats.labelme_json import LABELME
from closeup.formats.voc_xml import VOC
from closeup.formats.yolo_annotations import YOLO, YOLO_POSE

_ALL = (
    COCO, YOLO, YOLO_POSE, DLIB_XML, CSV, ANNOTATION_JSON, VOC, CVAT, LABEL_STUDIO, LABELME
)  # fmt: skip

ANNOTATION_FORMATS: dict[str, AnnotationFormat] = {form.name: form for form in _ALL}
"""Name → format, in the order in which a path is compared with them."""


def recognised(path: Path) -> AnnotationFormat:
    """The format that a file or folder seems to be in, judged by its beginning.

    Raises:
        InputError: there is no such path, or it seems to be in none of the formats.

    """
    if not path.exists():
        raise InputError(f"{path}: no such file or folder; check the name")
    for form in ANNOTATION_FORMATS.values():
        if form.recognises(path):
            return form
    raise InputError(
        f"{path} is in no known format of annotations; name the format, one of "
        f"{', '.join(ANNOTATION_FORMATS)}"
    )


def annotation_format(name: str) -> AnnotationFormat:
    """The format of a name.

    Raises:
        InputError: no format has this name; the message lists them.

    """
    if name not in ANNOTATION_FORMATS:
        raise InputError(
            f"no format of annotations is called {name!r}; choose one of "
            f"{', '.join(ANNOTATION_FORMATS)}"
        )
    return ANNOTATION_FORMATS[name]
