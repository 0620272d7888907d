"""Labelled pictures of a stage video, derived from its faces, for training member detectors."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from closeup.datasets.scenes.painting_over import paint_over
from closeup.errors import InputError, TooFewFramesError
from closeup.fancam.face_from_body import upper_bodies
from closeup.fancam.options import FancamOptions
from closeup.fancam.pseudo_labels import SureFrame, sure_frames
from closeup.fancam.solution import Solution
from closeup.files.atomic import claiming
from closeup.files.documents import write_document
from closeup.formats.yolo_dataset import YoloDataset, write_yolo_dataset
from closeup.formats.yolo_labels import label_file, write_yolo_labels
from closeup.frames import Frame, RGBImage
from closeup.geometry import Boxes, Size, boxes_around, centres_of, scaled, sides_of
from closeup.labels import PictureLabels
from closeup.media.images import write_image
from closeup.media.video_reader import open_video
from closeup.pipeline.datasets.scene_sheet import scene_sheet
from closeup.progress import Progress

DATA, DOCUMENT, SHEET = "members.yaml", "members.json", "members.png"

_FOLDERS = ("images", "labels")
_UNFINISHED = ".unfinished"
"""Folder that marks a set as unfinished; pictures and labels are written in it."""
_GREY = 114
_QUALITY = 92
_HIDDEN = 0.35
"""Share of the heads in training pictures that are painted over."""
_HEAD = 1.25
"""Sides of a head, in sides of its face box; painting over adds a margin."""
_SHOWN = 18


@dataclass(frozen=True, slots=True)
class MemberSetOptions:
    """Number, size and split of the pictures.

    Attributes:
        frames: Maximum number of frames, training and validation together.
        size: Longer side of the pictures in pixels; never larger than the video's.
        held_out: Share of the video for validation, in contiguous stretches.

    Raises:
        ValueError: a number is out of range.

    """

    frames: int = 300
    size: int = 960
    held_out: float = 0.15

    def __post_init__(self) -> None:
        if self.frames < 20:
            raise ValueError(f"frames must be 20 or more, not {self.frames}")
        if not 160 <= self.size <= 4096:
            raise ValueError(f"size must be from 160 to 4096 pixels, not {self.size}")
        if not 0.05 <= self.held_out <= 0.5:
            raise ValueError(f"held_out must be from 0.05 to 0.5, not {self.held_out}")


@dataclass(frozen=True, slots=True, eq=False)
class MemberSet:
    """A data set of the members of a stage.

    Attributes:
        data: The YAML file that trainers read.
        sheet: Contact sheet of some pictures with their labels.
        document: Content of ``members.json``.

    """

    data: Path
    sheet: Path
    document: dict[str, Any]


def refuse_sets(out: Path) -> None:
    """Refuse a folder whose data set would be overwritten.

    Raises:
        InputError: ``out`` has a data set, or a part of one.

    """
    if (out / _UNFINISHED).exists():
        return  # of a run that was killed or is at work
    for name in (DATA, *_FOLDERS):
        if (out / name).exists():
            raise InputError(
                f"{out} has {name} already, which may have been corrected by hand; choose another "
                f"folder, or delete {DATA}, images and labels in it"
            )


def write_member_set(
    video: Path,
    solution: Solution,
    out: Path,
    seen: FancamOptions,
    options: MemberSetOptions,
    progress: Progress,
) -> MemberSet:
    """Label the frames in which a member is identified with certainty.

    Args:
        video: The stage video.
        solution: The identities and trajectories in it.
        out: Folder for the data set.
        seen: Options of the analysis, of which the time range and the rotation are used.
        options: Number, size and split of the pictures.
        progress: Receives one stage.

    Raises:
        TooFewFramesError: no member is identified with certainty in enough frames.
        InputError: ``out`` has a data set.
        OutputError: a result cannot be written.

    """
    chosen = sure_frames(solution, options.frames, options.held_out)
    parts = {
        part: [f for f in chosen if f.held_out == (part == "val")] for part in ("train", "val")
    }
    if not all(parts.values()):
        raise TooFewFramesError(
            f"{video}: members' faces are surely known in {len(chosen)} frames, too few to learn "
            "from and to judge by; give better photos, or correct names in the report"
        )
    unfinished = out / _UNFINISHED
    with claiming(out):
        refuse_sets(out)
        _discard(out)  # of a run that was killed
        try:
            _write_pictures(video, solution, chosen, unfinished, seen, options.size, progress)
            for name in _FOLDERS:
                (unfinished / name).rename(out / name)
            document = _finish(out, solution, parts, options)
        except BaseException:
            _discard(out)
            raise
        unfinished.rmdir()
    return MemberSet(out / DATA, out / SHEET, document)


def without_doubtful(image: RGBImage, doubtful: Boxes, kept: Boxes) -> RGBImage:
    """A copy with doubtful bodies in grey, except where they overlap bodies of known members.

    Args:
        image: (H, W, 3) RGB uint8.
        doubtful: (n, 4) xyxy in pixels, clipped to the picture.
        kept: (m, 4) bodies of known members, likewise.

    """
    changed = image.copy()
    for box in doubtful:
        changed[_pixels(box)] = _GREY
    for box in kept:
        changed[_pixels(box)] = image[_pixels(box)]
    return changed


def hide_some(image: RGBImage, faces: Boxes, rng: np.random.Generator) -> None:
    """Paint some heads over, in place, for a third of them.

    All labelled heads show their faces. A detector trained on these alone recognises a member who
    turns away by the clothes, but puts the upper edge of the box at the shoulders.

    Args:
        image: (H, W, 3) RGB uint8.
        faces: (n, 4) xyxy in pixels.
        rng: Chooses the heads, and what covers them.

    """
    hidden = faces[rng.random(len(faces)) < _HIDDEN]
    paint_over(image, boxes_around(centres_of(hidden), sides_of(hidden) * (_HEAD / 2)), rng)


def _discard(out: Path) -> None:
    """Delete the parts of an unfinished set; its own folder comes last, since it marks them."""
    unfinished = out / _UNFINISHED
    if unfinished.exists():
        for name in _FOLDERS:
            shutil.rmtree(out / name, ignore_errors=True)
        (out / DATA).unlink(missing_ok=True)
        shutil.rmtree(unfinished, ignore_errors=True)


def _write_pictures(
    video: Path,
    solution: Solution,
    chosen: Sequence[SureFrame],
    out: Path,
    seen: FancamOptions,
    side: int,
    progress: Progress,
) -> None:
    progress.begin("writing labelled pictures", len(chosen))
    wanted = {own.frame: own for own in chosen}
    with open_video(video, seen.rotate) as reader:
        for frame in reader.frames(*seen.span(reader.start)):
            if frame.index in wanted:
                _write_picture(frame, wanted[frame.index], solution.size, out, side)
            progress.advance(int(frame.index in wanted))


def _write_picture(frame: Frame, labels: SureFrame, size: Size, out: Path, side: int) -> None:
    path = _path(out, labels)
    inner = size.fitted(side)
    image, scale = frame.rgb(inner), inner.width / size.width
    faces = replace(labels.faces, boxes=scaled(labels.faces.boxes, scale))
    bodies, known = replace(faces, boxes=upper_bodies(faces.boxes, inner)), ~faces.ignored
    image = without_doubtful(image, bodies.boxes[~known], bodies.boxes[known])
    if not labels.held_out:
        hide_some(image, faces.boxes[known], np.random.default_rng(labels.frame))
    write_yolo_labels(label_file(path), bodies[known], inner)
    write_image(path, image, _QUALITY)


def _pixels(box: Boxes) -> tuple[slice, slice]:
    x1, y1, x2, y2 = (np.asarray(box) + 0.5).round().astype(int).tolist()
    return slice(y1, y2), slice(x1, x2)


def _known(frames: Sequence[SureFrame]) -> list[PictureLabels]:
    return [frame.faces[~frame.faces.ignored] for frame in frames]


def _path(out: Path, labels: SureFrame) -> Path:
    part = "val" if labels.held_out else "train"
    return out / "images" / part / f"{labels.frame:06d}.jpg"


def _finish(
    out: Path,
    solution: Solution,
    parts: dict[str, list[SureFrame]],
    options: MemberSetOptions,
) -> dict[str, Any]:
    write_yolo_dataset(
        out / DATA,
        YoloDataset(
            solution.names, train=(out / "images" / "train",), val=(out / "images" / "val",)
        ),
    )
    learnt = parts["train"]
    shown = learnt[:: max(1, len(learnt) // _SHOWN)][:_SHOWN]
    sheet = scene_sheet([_path(out, own) for own in shown], solution.names, 0)
    write_image(out / SHEET, sheet)
    document: dict[str, Any] = {
        "size": options.size,
        **{
            part: {
                "pictures": len(own),
                "boxes": {
                    name: int(sum((faces.classes == number).sum() for faces in _known(own)))
                    for number, name in enumerate(solution.names)
                },
                "doubtful": int(sum(frame.faces.ignored.sum() for frame in own)),
            }
            for part, own in parts.items()
        },
    }
    write_document(out / DOCUMENT, document)
    return document
