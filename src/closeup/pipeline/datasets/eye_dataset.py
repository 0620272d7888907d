"""A data set of eye crops with coarse labels, from photos, a video or labelled pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from closeup.datasets.eyes.eye_page import eye_page
from closeup.datasets.eyes.eye_store import LABELS, EyeStore, read_document
from closeup.datasets.eyes.eye_table import EyeRow, places
from closeup.datasets.eyes.label_check import check_eye_labels
from closeup.errors import InputError
from closeup.executors.threads import ordered_map
from closeup.files.atomic import claiming, write_text
from closeup.files.folders import refuse_inside
from closeup.files.passed_over import PassedOver
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.media.pictures import Pictures, SourceKind
from closeup.open_models import Models
from closeup.pipeline.datasets.eye_cutter import OUTSIDE, CutEyes, EyeCutter
from closeup.pipeline.datasets.eye_source import EyeSource, open_eye_source, part_of
from closeup.progress import Progress, Silent
from closeup.protocols import FaceDetector, PupilFinder
from closeup.rotation import checked_rotation

PICTURES_A_PART = 250
"""Pictures written at a time; an interrupted run loses at most these, some seconds of work."""

EARLY_CHECK = 300
"""Number of labels after which these are checked; all are checked again at the end."""

MOST_CHECKED = 4000
"""Maximum crops, from all parts, in the last check; it checks the positions of all labels."""

PAGE = "summary.html"


@dataclass(frozen=True, slots=True)
class EyeSetOptions:
    """Options of an eye data set.

    Attributes:
        size: Width and height of the crops, in pixels.
        width: Width of the crops, in eye distances.
        every: Use every ``every``-th frame of a video.
        limit: Maximum number of pictures; None for all.
        rotate: Rotation of all pictures in degrees clockwise: 0, 90, 180 or 270.

    Raises:
        ValueError: a size, width or number is too small to hold an eye, or the rotation is no
            quarter turn.

    """

    size: Size = field(default=Size(64, 48))
    width: float = 1.2
    every: int = 1
    limit: int | None = None
    rotate: int = 0

    def __post_init__(self) -> None:
        if min(self.size) < 8 or max(self.size) > 1024:
            raise ValueError(f"crops must be 8 to 1024 pixels a side, not {self.size}")
        if not 0.3 <= self.width <= 4:
            raise ValueError(f"crops must be 0.3 to 4 eye distances wide, not {self.width}")
        if self.every < 1 or (self.limit is not None and self.limit < 1):
            raise ValueError("every and limit must be 1 or more")
        checked_rotation(self.rotate)


@dataclass(frozen=True, slots=True, eq=False)
class EyeSet:
    """An eye data set that was built.

    Attributes:
        store: Reads its rows and crops.
        labels: ``labels.csv``.
        page: ``summary.html``.
        document: Content of ``eyes.json``.

    """

    store: EyeStore
    labels: Path
    page: Path
    document: dict[str, Any]


def build_eye_set(
    source: Path | str,
    out: Path | str,
    options: EyeSetOptions | None = None,
    *,
    method: str | PupilFinder = "darkest",
    detector: str | FaceDetector = "auto",
    models: Models | None = None,
    progress: Progress | None = None,
) -> EyeSet:
    """Find faces, cut out their eyes, label the pupils, check the labels, and write a data set.

    An interrupted run is continued, and ends with the same files. Left eyes are mirrored, so that
    all eyes look like right ones.

    Args:
        source: Image, folder of photos (searched through sub-folders), video, or the folder of
            ``closeup dataset import``, whose labels are then used.
        out: Folder for the data set; made when it does not exist.
        options: Options of the data set; None for the defaults.
        method: A pupil finder, a name of :data:`closeup.opening.PUPIL_METHODS`, or the path of a
            network's file. If there are labels by hand, it only measures how open the eyes are,
            which such labels lack.
        detector: A detector, or a name of :data:`closeup.opening.DETECTORS`.
        models: Opens models given by name; None for a new :class:`Models`.
        progress: Receives stages and messages; silent if None.

    Raises:
        InputError: there is no picture, no eye, an earlier run in ``out`` had other options or
            pictures, or the labels cannot be true.
        OutputError: a result cannot be written, or would be among the pictures.
        ModelError: a model cannot be opened.

    """
    options = options or EyeSetOptions()
    models, progress = models or Models(), progress or Silent()
    source, out = Path(source), Path(out)
    refuse_inside(out, source)
    given = open_eye_source(source, options.every, options.limit, options.rotate)
    cutter = EyeCutter(
        models.detector(detector, threads=1, progress=progress),  # pictures share the processors
        models.landmarker("dlib-5-points"),
        models.pupil_finder(method),
        given.labels, options.size, options.width,
    )  # fmt: skip
    store = EyeStore.begun(out, _key(source, given, cutter, options))
    document = read_document(out)
    if document and "labels" in document:
        progress.say(f"{out} is complete; nothing is left to do")
    else:
        with claiming(out):
            _build(store, cutter, given, progress)
            document = _finish(store, given)
    return EyeSet(store, out / LABELS, out / PAGE, document)


def _key(
    source: Path, given: EyeSource, cutter: EyeCutter, options: EyeSetOptions
) -> dict[str, Any]:
    return {
        "closeup": version("closeup"),
        "source": source.resolve().name,
        "pictures": given.fingerprint(),
        "method": cutter.method,
        "openness": cutter.finder.name,
        "size": list(options.size),
        "width": options.width,
        "every": options.every if given.pictures.kind is SourceKind.VIDEO else None,
        "detector": cutter.detector.name,
        "limit": options.limit,
        "rotate": options.rotate,
    }


def _build(store: EyeStore, cutter: EyeCutter, given: EyeSource, progress: Progress) -> None:
    """Write the missing parts; the first labels are checked before they are written."""
    done = store.parts
    rest = part_of(given.pictures, done * PICTURES_A_PART)
    progress.begin("cutting out eyes", rest.count)
    early: list[CutEyes] | None = []
    for number, part in enumerate(_parts(cutter, rest, progress), done):
        if early is not None:
            early += part
            if sum(map(_has_label, _rows(early))) >= EARLY_CHECK:
                _check_cuts(early, store)
                early = None
        store.write_part(number, _rows(part), _crops(part))
    if given.pictures.video:
        for line in (*given.pictures.video.warnings, given.pictures.video.ended_early):
            if line:
                progress.say(line)


def _parts(cutter: EyeCutter, pictures: Pictures, progress: Progress) -> Iterator[list[CutEyes]]:
    part: list[CutEyes] = []
    passed = PassedOver(progress, pictures.others)
    for cut in ordered_map(cutter.cut, pictures):
        progress.advance()
        if cut.error:
            passed.leave_out(f"{cut.error}; it is left out", cut.error.kind)
        part.append(cut)
        if len(part) == PICTURES_A_PART:
            yield part
            part = []
    if part:
        yield part
    passed.say_sum()


def _rows(cuts: Iterable[CutEyes]) -> list[EyeRow]:
    return [row for cut in cuts for row in cut.rows]


def _crops(cuts: Iterable[CutEyes]) -> list[RGBImage]:
    return [crop for cut in cuts for crop in cut.crops]


def _has_label(row: EyeRow) -> bool:
    return row.reason in ("", OUTSIDE)


def _check_cuts(cuts: Sequence[CutEyes], store: EyeStore) -> None:
    crops = np.array(_crops(cuts), np.uint8).reshape(-1, store.size.height, store.size.width, 3)
    _check(_rows(cuts), lambda chosen: crops[chosen], store.width)


def _check(
    rows: Sequence[EyeRow],
    crops: Callable[[NDArray[np.int64]], NDArray[np.uint8]],
    width: float,
) -> None:
    """Check the positions of all labels, and at most :data:`MOST_CHECKED` by their crops."""
    labelled = [row for row in rows if _has_label(row)]
    kept = np.flatnonzero([not row.reason for row in labelled])
    chosen = np.arange(len(kept))
    if len(kept) > MOST_CHECKED:
        chosen = np.sort(np.random.default_rng(0).permutation(len(kept))[:MOST_CHECKED])
    left = np.array([row.side == "left" for row in labelled], np.bool_)
    check_eye_labels(places(labelled), left, crops(chosen), kept[chosen], width=width)


def _finish(store: EyeStore, given: EyeSource) -> dict[str, Any]:
    """Check all labels, then write the tables, the page, and the mark of completeness."""
    rows = store.rows()
    kept = [row for row in rows if not row.reason]
    reasons = Counter(row.reason for row in rows if row.reason)
    _check(rows, lambda chosen: store.crops([kept[i] for i in chosen]), store.width)
    if not kept:
        counts = ", ".join(f"{count} × {reason}" for reason, count in reasons.most_common())
        raise InputError(
            f"{given.pictures.path}: no eye for a data set ({counts}); "
            "try another --detector or larger pictures"
        )
    figures = {
        "pictures": len({(row.image, row.frame) for row in rows}),
        "faces": len({(row.image, row.frame, row.face) for row in rows if row.face is not None}),
        "labels": len(kept),
        "left_out": dict(reasons.most_common()),
    }
    write_text(store.folder / PAGE, eye_page(store, kept, figures))
    return store.finish(rows, figures)
