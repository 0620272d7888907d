"""The kinds of data sets that can be imported, their terms and their coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from closeup.formats.coco_faces import read_coco
from closeup.formats.csv_labels import read_labels
from closeup.formats.dlib_xml import read_dlib_xml
from closeup.formats.label_format import CENTRES, OWN_TERMS, LabelFormat


class SetKind(StrEnum):
    """A public data set, or a format of many data sets."""

    BIOID = "bioid"
    THREE_HUNDRED_W = "300w"
    DLIB_XML = "dlib-xml"
    LFW = "lfw"
    LPW = "lpw"
    COCO = "coco"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class SetFacts:
    """Terms and coordinates of a kind.

    Attributes:
        terms: What its pictures may be used for.
        convention: Meaning of its coordinates, and how they were converted.

    """

    terms: str
    convention: str


_SIXTY_EIGHT = "p0 to p67 are the 68 points, an eye is the mean of its six"

FACTS = {
    SetKind.BIOID: SetFacts(
        "published for comparing face detectors, free for that without further permission; "
        "nothing is said of other uses",
        f"{CENTRES}; eyes are the .eye files' pupils, p0 to p19 the .pts files' twenty points; "
        "the set does not say where a pixel's centre is, so its numbers are as they were",
    ),
    SetKind.THREE_HUNDRED_W: SetFacts(
        "annotations for research only, not for commercial products; each photo has its own terms",
        f"{CENTRES}; the set counts from 1, so 1 was subtracted; {_SIXTY_EIGHT}",
    ),
    SetKind.LFW: SetFacts(
        "published for research, without a licence; the photos are their owners'",
        "no points: a row is a photo of one person, whose name is its folder's",
    ),
    SetKind.LPW: SetFacts(
        "for non-commercial scientific purposes only",
        f"{CENTRES}; the set does not say where a pixel's centre is nor which eye it shows, so "
        "its numbers are as they were and the point is called pupil",
    ),
}

_FORMATS = (
    LabelFormat(
        SetKind.DLIB_XML, read_dlib_xml,
        convention=f"{CENTRES}, as in dlib; p0, p1 … are parts; of 68, {_SIXTY_EIGHT}",
        tells=True,
    ),
    LabelFormat(
        SetKind.COCO, read_coco,
        f"{OWN_TERMS} (COCO's own annotations are CC BY 4.0, its photos under Flickr's terms)",
        f"{CENTRES}, as in COCO's keypoints; hidden points are there, unlabelled ones are not",
        tells=True,
    ),
    LabelFormat(
        SetKind.CSV, read_labels,
        convention=f"{CENTRES}, as the file is taken to mean",
        tells=True,
    ),
)  # fmt: skip
FORMATS: dict[str, LabelFormat] = {form.name: form for form in _FORMATS}
"""Kinds with a single file of labels, whose pictures may lie in another folder."""
