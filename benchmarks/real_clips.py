"""Fancams of real clips, beside naming every frame by itself.

Nobody composed these clips: letterboxed films with hard cuts, a televised stage with coloured
light, a fan's montage, a filmed musical, a walk towards a camera. In some, heads were labelled by
hand in every fifth or tenth frame; positions in those frames are

- ``right`` on the member's own head, ``missed`` if the member is visible and has no position,
  ``wrong`` on another person's head, ``nothing`` on no head: percent of the visible heads;
- ``wrong shown``: percent of the positions that are on another person.

``fancam`` is ``closeup fancam``. ``nearest photo`` searches every frame by itself and takes the
name of the nearest photo below a distance of 0.6; ``averaged`` fills its gaps and averages its
positions over time (``nearest_photo.py``). All three have the same detector, embedder and photos.

*Reliability*: the positions of all labelled frames by the confidence that was stated for them; by
*source*: whether they are detected faces, heads carried by flow and clothes, or interpolated.

Clips without labels: tracklets, seconds in which each member is shown, and positions that are
``unsupported``: in every tenth frame, none of three detectors finds a face there. A turned head
has no face to be found, so this is an upper bound of the positions on nothing.

Nothing is skipped: a missing folder is an error. ``--keep FOLDER`` keeps the analyses and the
searched frames, so that a run after a change of the decisions takes seconds. ``--clip``,
``--detector`` and ``--only-fancam`` measure a part and write nothing; ``--clip`` takes a folder,
too, which holds ``stage.mp4`` (or ``.gif``), ``members/`` and, if heads are labelled,
``truth.csv`` with ``frame,member,x1,y1,x2,y2``. ``--table`` prints the tables of the last whole
run as Markdown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.footage_runs import (
    Clip,
    Run,
    arguments,
    compared,
    fancam,
    is_other,
    parsed,
    percent,
    runs,
    show_tables,
    workplace,
)
from benchmarks.nearest_photo import Frames, faces_of_frames
from benchmarks.recording import save, shared_data
from closeup.errors import InputError
from closeup.geometry import centres_of, sides_of
from closeup.testing.labelled_frames import REACH, read_labelled_frames
from closeup.tracks import Trajectory

WITNESSES = ("yunet-n", "closeup", "mmod")
"""Detectors of which one must find a face at a position, or it is unsupported."""

LABELS = Path(__file__).parent / "labels"
"""Labels made for this benchmark, of clips that may be passed on (CC BY 4.0, Intel IoT DevKit)."""

_EVERY = 10


def main() -> None:
    """Measure, print tables and write the JSON."""
    parser = arguments(__doc__)
    parser.add_argument("--clip", action="append", help="a clip or its folder; by default all")
    parser.add_argument("--only-fancam", action="store_true", help="leave the usual ways out")
    wanted = parsed(parser, "real_clips")
    clips = chosen(wanted.clip)
    with workplace(wanted.keep) as folder:
        every = runs(clips, wanted.detector, folder, wanted.embedder)
        measured: dict[str, Any] = compared(every, usual=not wanted.only_fancam)
        measured["unlabelled"] = [unlabelled(run) for run in every if run.clip.labels is None]
    show_tables(measured)
    if not (wanted.clip or wanted.detector or wanted.only_fancam or is_other(wanted)):
        save("real_clips", measured)


def real_clips() -> list[Clip]:
    """Return all clips.

    Raises:
        InputError: a file or folder is missing.

    """
    clips, stage = shared_data() / "clips", shared_data() / "stage"
    walk, montage = clips / "intel_walk", clips / "bts_montage" / "stage.mp4"
    return [
        *(in_folder(clips / name) for name in ("avengers_film", "herapheri_film", "jimin_stage")),
        *(
            clip_of(name, walk / f"{name[6:]}.gif", walk / "members", LABELS / f"{name}.csv")
            for name in ("intel_stage", "intel_walk3")
        ),
        clip_of("bts_montage", montage, shared_data() / "named_faces" / "members"),
        clip_of("performance", stage / "performance.mp4", stage / "members"),
    ]


def in_folder(folder: Path) -> Clip:
    """Return the clip in a folder; without labels if it holds no ``truth.csv``.

    Raises:
        InputError: a file or folder is missing.

    """
    videos = [path for path in sorted(folder.glob("stage.*")) if path.suffix in {".mp4", ".gif"}]
    labels = folder / "truth.csv"
    video = videos[0] if videos else folder / "stage.mp4"
    return clip_of(folder.name, video, folder / "members", labels if labels.exists() else None)


def clip_of(name: str, video: Path, members: Path, labels: Path | None = None) -> Clip:
    """Return a clip whose files are there.

    Raises:
        InputError: a file or folder is missing.

    """
    for path in (video, members):
        if not path.exists():
            raise InputError(f"no {path}; set CLOSEUP_TEST_DATA to the folder of real data")
    return Clip(name, video, members, read_labelled_frames(labels) if labels else None)


def chosen(names: Sequence[str] | None) -> list[Clip]:
    """Return the clips of these names or folders, or all.

    Raises:
        InputError: there is no such clip.

    """
    if not names:
        return real_clips()
    clips = {clip.name: clip for clip in real_clips()}
    for name in names:
        if name not in clips and not Path(name).is_dir():
            raise InputError(f"no clip {name!r}; choose from {', '.join(clips)}, or give a folder")
    return [clips[name] if name in clips else in_folder(Path(name)) for name in names]


def unlabelled(run: Run) -> dict[str, Any]:
    """Return the row of a clip without labels."""
    solution, faces = fancam(run).solution, witnessed(run)
    frame = float(np.median(np.diff(solution.seconds)))
    seconds = {own.name: own.present.sum() * frame for own in solution.trajectories}
    supported = np.concatenate([agreement(own, faces) for own in solution.trajectories])
    return {
        "clip": run.clip.name,
        "detector": run.detector,
        "tracklets": len(solution.tracklets),
        "named": int((solution.assignment.members >= 0).sum()),
        "shown_seconds": ", ".join(f"{name} {own:.1f}" for name, own in seconds.items()),
        "positions": len(supported),
        "unsupported": percent(1 - float(supported.mean())) if len(supported) else None,
    }


def witnessed(run: Run) -> dict[int, NDArray[np.float32]]:
    """Return the faces (n, 4) that any of the detectors finds in each tenth frame."""
    found: dict[int, list[NDArray[np.float32]]] = defaultdict(list)
    for name in WITNESSES:
        kept = run.folder / f"witness-{name}.npz"
        wanted = Frames(run.clip.video, _EVERY)
        faces = faces_of_frames(wanted, run.models.detector(name), None, kept)
        for frame in range(0, faces.count, _EVERY):
            found[frame].append(faces.boxes[faces.frames == frame])
    return {frame: np.concatenate(boxes) for frame, boxes in found.items()}


def agreement(
    trajectory: Trajectory, faces: Mapping[int, NDArray[np.float32]]
) -> NDArray[np.bool_]:
    """Return for each position in a searched frame whether a face was found there; (n,) bool."""
    frames = [frame for frame in faces if trajectory.present[frame]]
    return np.array([_meets(trajectory.boxes[frame], faces[frame]) for frame in frames], np.bool_)


def _meets(box: NDArray[np.float32], faces: NDArray[np.float32]) -> bool:
    """Whether the middle of a face is near that of the box."""
    reach = REACH * sides_of(box).max()
    return bool((np.abs(centres_of(faces) - centres_of(box)) < reach).all(axis=1).any())


if __name__ == "__main__":
    main()
