"""Pictures and masks, whole or a part of them, as files that a browser shows."""

from __future__ import annotations

import hashlib
from math import isfinite
from typing import Annotated

import cv2
import numpy as np
from fastapi import APIRouter, HTTPException, Query, Request, Response

from closeup.drawing.masks import coloured
from closeup.geometry import Size
from closeup.labelling.project import LabelProject
from closeup.labelling.quality_words import chance_in_words, verdict_in_words
from closeup.labelling.shown_masks import read_mask
from closeup.labelling.shown_pictures import FolderPictures, encoded
from closeup.labels import FARTHEST, Box
from closeup.store.label_records import StoredItem
from closeup.web.labelling.messages import Number
from closeup.web.labelling.open_sessions import AskedUnit, Session, Sessions, stored_item

router = APIRouter(prefix="/api/sessions/{name}")

LARGEST = 4096
"""Pixels of the longer side of a part that is cut out."""
_Width = Annotated[int | None, Query(ge=1, le=LARGEST)]


@router.get("/pictures/{item}")
def picture(
    request: Request,
    session: Session,
    sessions: Sessions,
    item: Number,
    crop: str | None = None,
    width: _Width = None,
) -> Response:
    """A picture; ``crop`` is x1,y1,x2,y2 in pixels."""
    own = stored_item(session, item)
    part = None if crop is None else part_of(crop, width)
    reader = sessions.project.pictures
    tag = None
    if isinstance(reader, FolderPictures):
        state = reader.file(own).stat()
        tag = f'"{state.st_mtime_ns:x}-{state.st_size:x}-{crop}-{width}"'
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers={"ETag": tag})
    content, media_type = encoded(reader, own, part, width)
    return _response(content, media_type, tag)


@router.get("/mask")
def mask(
    session: Session,
    sessions: Sessions,
    unit: AskedUnit,
    crop: str | None = None,
    width: _Width = None,
) -> Response:
    """The mask of a label as a PNG file with colours; the background is transparent.

    The header ``X-Mask`` is ``empty`` if the mask is background alone.
    """
    own = stored_item(session, unit.item)
    names = (label.annotation.mask for label in own.labels if label.object == unit.object)
    name = next(names, None)
    folder = sessions.project.masks
    if name is None or folder is None:
        raise HTTPException(404, f"the label {unit.object} has no mask")
    size = own.size or _measured(sessions.project, own)
    values = read_mask(folder, name, size)
    pixels = coloured(values)
    if crop is not None:
        pixels = _part(pixels, part_of(crop, width), width)
    _, data = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGBA2BGRA))
    response = _response(data.tobytes(), "image/png", None)
    response.headers["X-Mask"] = "labelled" if values.any() else "empty"
    return response


@router.get("/map")
def class_map(session: Session, sessions: Sessions, unit: AskedUnit) -> Response:
    """What the network says of a label: the crop that it read, with its map, as a PNG file.

    The header ``X-Bad`` is the probability that the label is wrong; ``X-Words`` and ``X-Chance``
    say so in words and percent.
    """
    own = stored_item(session, unit.item)
    label = next((one for one in own.labels if one.object == unit.object), None)
    if sessions.maps is None or label is None:
        raise HTTPException(404, f"no network judges the label {unit.object}")
    shown = sessions.maps.of(own, label)
    if shown is None:
        raise HTTPException(404, f"the label {unit.object} has no point and no box")
    _, data = cv2.imencode(".png", cv2.cvtColor(shown.picture, cv2.COLOR_RGB2BGR))
    response = _response(data.tobytes(), "image/png", None)
    response.headers["X-Bad"] = f"{shown.bad:.4f}"
    response.headers["X-Words"] = verdict_in_words(shown.bad)
    response.headers["X-Chance"] = chance_in_words(shown.bad)
    return response


def part_of(text: str, width: int | None) -> Box:
    """The part of a picture that an address names.

    Raises:
        HTTPException: 422 if it is none, or too large.

    """
    try:
        x1, y1, x2, y2 = (float(number) for number in text.split(","))
    except ValueError:
        raise HTTPException(422, "crop must be x1,y1,x2,y2") from None
    inside = all(isfinite(number) and abs(number) <= FARTHEST for number in (x1, y1, x2, y2))
    if not inside or x2 - x1 < 1 or y2 - y1 < 1:
        raise HTTPException(422, "crop must be x1,y1,x2,y2 with at least a pixel on each side")
    scale = 1.0 if width is None else width / (x2 - x1)
    if max(x2 - x1, y2 - y1) * scale > LARGEST:
        raise HTTPException(422, f"crop and width make more than {LARGEST} pixels; ask for less")
    return x1, y1, x2, y2


def _measured(project: LabelProject, item: StoredItem) -> Size:
    """The size of a picture that was not opened yet, which the store keeps."""
    size = Size.of(project.pictures.read(item))
    project.store.set_size(item.id, size)
    return size


def _part(pixels: np.ndarray, part: Box, width: int | None) -> np.ndarray:
    """A part of a mask, every pixel of the class that is nearest."""
    x1, y1, x2, y2 = part
    wide = width or max(1, round(x2 - x1))
    scale = wide / (x2 - x1)
    size = (wide, max(1, round((y2 - y1) * scale)))
    matrix = np.array([[scale, 0, -scale * x1 - 0.5], [0, scale, -scale * y1 - 0.5]])
    return cv2.warpAffine(pixels, matrix, size, flags=cv2.INTER_NEAREST)


def _response(content: bytes, media_type: str, tag: str | None) -> Response:
    tag = tag or f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    return Response(content, media_type=media_type, headers=headers)
