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

*Reliability*: the positions of all labelled frames by the confidence that was stated for them.

Clips without labels: tracklets, seconds in which each member is shown, and positions that are
``unsupported``: in every tenth frame, none of three detectors finds a face there. A turned head
has no face to be found, so this is an upper bound of the positions on nothing.

Nothing is skipped: a missing folder is an error. ``--keep FOLDER`` keeps the analyses and the
searched frames, so that a run after a change of the decisions takes seconds. ``--clip`` and
``--detector`` measure a part and write nothing. ``--table`` prints the tables of the last whole
run as Markdown.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.nearest_photo import (
    Frames,
    faces_of_frames,
    nearest_photo,
    photo_vectors,
    smoothed,
)
from benchmarks.recording import RESULTS, markdown, save, settings, shared_data, show
from closeup.errors import InputError
from closeup.fancam.options import FancamOptions
from closeup.geometry import centres_of, sides_of
from closeup.media.video_reader import open_video
from closeup.open_models import Models
from closeup.pipeline.fancams.fancams import make_fancams
from closeup.testing.labelled_frames import (
    REACH,
    LabelledFrames,
    LabelScore,
    Outcome,
    Verdict,
    read_labelled_frames,
)
from closeup.tracks import Trajectory

DETECTORS = ("yunet-n", "closeup")
"""The detector to fetch, and that of a machine without downloads."""

WITNESSES = ("yunet-n", "closeup", "mmod")
"""Detectors of which one must find a face at a position, or it is unsupported."""

BINS = (0.0, 0.5, 0.8, 0.95, 1.0)
"""Edges of the bins of confidence."""

LABELS = Path(__file__).parent / "labels"
"""Labels made for this benchmark, of clips that may be passed on (CC BY 4.0, Intel IoT DevKit)."""

_EVERY = 10


class Clip(NamedTuple):
    """A clip with its members.

    Attributes:
        name: Name in the tables.
        video: The video.
        members: Folder of the members' photos.
        labels: Table of labelled heads; None without labels.

    """

    name: str
    video: Path
    members: Path
    labels: Path | None = None


class Run(NamedTuple):
    """Where a clip is measured, with which parts.

    Attributes:
        clip: The clip.
        detector: Name of the detector.
        folder: Folder for analyses and searched frames.
        models: Opens the models.

    """

    clip: Clip
    detector: str
    folder: Path
    models: Models


def main() -> None:
    """Measure, print tables and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clip", action="append", help="a clip; by default all")
    parser.add_argument("--detector", action="append", choices=DETECTORS)
    parser.add_argument("--keep", type=Path, help="folder for analyses, re-used by the next run")
    parser.add_argument("--table", action="store_true", help="print the last results as Markdown")
    wanted = parser.parse_args()
    if wanted.table:
        print("\n\n".join(tables(json.loads((RESULTS / "real_clips.json").read_text()))))
        return
    clips = chosen(wanted.clip)
    with tempfile.TemporaryDirectory() as temporary:
        folder = wanted.keep or Path(temporary)
        measured = measure(clips, wanted.detector or DETECTORS, folder)
    for title, rows in titled(measured):
        show(title, rows)
    if not (wanted.clip or wanted.detector):
        save("real_clips", measured)


def real_clips() -> list[Clip]:
    """Return all clips.

    Raises:
        InputError: a file or folder is missing.

    """
    clips, stage = shared_data() / "clips", shared_data() / "stage"
    walk, montage = clips / "intel_walk", clips / "bts_montage" / "stage.mp4"
    films = [
        Clip(name, clips / name / "stage.mp4", clips / name / "members", clips / name / "truth.csv")
        for name in ("avengers_film", "herapheri_film", "jimin_stage")
    ]
    walks = [
        Clip(f"intel_{name}", walk / f"{name}.gif", walk / "members", LABELS / f"intel_{name}.csv")
        for name in ("stage", "walk3")
    ]
    others = [
        Clip("bts_montage", montage, shared_data() / "named_faces" / "members"),
        Clip("performance", stage / "performance.mp4", stage / "members"),
    ]
    every = [*films, *walks, *others]
    for clip in every:
        for path in (clip.video, clip.members, *([clip.labels] if clip.labels else ())):
            if not path.exists():
                raise InputError(f"no {path}; set CLOSEUP_TEST_DATA to the folder of real data")
    return every


def chosen(names: Sequence[str] | None) -> list[Clip]:
    """Return the clips of these names, or all.

    Raises:
        InputError: there is no such clip.

    """
    clips = {clip.name: clip for clip in real_clips()}
    for name in names or ():
        if name not in clips:
            raise InputError(f"no clip {name!r}; choose from {', '.join(clips)}")
    return [clips[name] for name in names or clips]


def measure(clips: Sequence[Clip], detectors: Sequence[str], folder: Path) -> dict[str, Any]:
    """Measure clips with each detector; return the rows of all tables."""
    models = Models(settings())
    result: dict[str, Any] = {"rows": [], "reliability": [], "unlabelled": []}
    for detector in detectors:
        scores: dict[str, list[LabelScore]] = defaultdict(list)
        shown: list[Verdict] = []
        for clip in clips:
            run = Run(clip, detector, folder / clip.name, models)
            if clip.labels is None:
                result["unlabelled"].append(unlabelled(run))
                continue
            for way, verdicts, score in labelled(run, read_labelled_frames(clip.labels)):
                scores[way].append(score)
                shown += verdicts if way == "fancam" else []
                result["rows"].append(score_row(clip.name, detector, way, score))
        for way, own in scores.items():
            result["rows"].append(score_row("all", detector, way, total(own)))
        result["reliability"] += reliability(shown, {"detector": detector})
    return result


def labelled(run: Run, labels: LabelledFrames) -> Iterator[tuple[str, list[Verdict], LabelScore]]:
    """Yield each way of naming with its verdicts and score."""
    for way, trajectories in ways(run):
        yield way, *judged(trajectories, labels)


def judged(
    trajectories: Sequence[Trajectory], labels: LabelledFrames
) -> tuple[list[Verdict], LabelScore]:
    """Compare trajectories with labels."""
    verdicts = labels.verdicts(trajectories)
    visible = labels.visible(trajectory.name for trajectory in trajectories)
    return verdicts, LabelScore.of(verdicts, visible)


def ways(run: Run) -> Iterator[tuple[str, Sequence[Trajectory]]]:
    """Yield the trajectories of ``closeup fancam`` and of the usual ways."""
    clip, models = run.clip, run.models
    yield "fancam", fancam(run).solution.trajectories
    detector, embedder = models.detector(run.detector), models.embedder("dlib-128")
    kept = run.folder / f"frames-{run.detector}.npz"
    faces = faces_of_frames(Frames(clip.video), detector, embedder, kept)
    named = nearest_photo(faces, photo_vectors(clip.members, detector, embedder))
    yield "nearest photo", named
    with open_video(clip.video) as video:
        rate = float(video.rate)
    yield "averaged", [smoothed(trajectory, rate) for trajectory in named]


def fancam(run: Run) -> Any:
    """Make the fancams of a clip, without videos."""
    clip, out = run.clip, run.folder / run.detector
    return make_fancams(
        clip.video, clip.members, out, FancamOptions(video=False),
        detector=run.detector, models=run.models,
    )  # fmt: skip


def score_row(clip: str, detector: str, way: str, score: LabelScore) -> dict[str, Any]:
    """Return a row of the table of clips with labels, in percent."""
    return {
        "clip": clip,
        "detector": detector,
        "way": way,
        "visible": score.visible,
        **{str(outcome): percent(score.share(outcome)) for outcome in Outcome},
        "wrong_shown": percent(score.wrong_of_shown),
    }


def total(scores: Iterable[LabelScore]) -> LabelScore:
    """Return the sum of scores."""
    return LabelScore(*(sum(column) for column in zip(*scores, strict=True)))


def reliability(verdicts: Sequence[Verdict], head: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a row a bin of confidence: positions, and the percent that are right, wrong and so on.

    Args:
        verdicts: Verdicts on labelled frames; those without a position are left out.
        head: First columns of each row.

    """
    shown = [verdict for verdict in verdicts if verdict.outcome is not Outcome.MISSED]
    bins = np.digitize([verdict.confidence for verdict in shown], BINS[1:-1], right=False)
    rows = []
    for number, (low, high) in enumerate(pairwise(BINS)):
        own = [verdict for verdict, b in zip(shown, bins, strict=True) if b == number]
        rows.append(
            {
                **head,
                "confidence": f"{low:g} to {high:g}",
                "shown": len(own),
                "mean": mean(verdict.confidence for verdict in own),
                **{
                    str(outcome): mean(verdict.outcome is outcome for verdict in own)
                    for outcome in (Outcome.RIGHT, Outcome.WRONG, Outcome.NOTHING)
                },
            }
        )
    return rows


def unlabelled(run: Run) -> dict[str, Any]:
    """Return the row of a clip without labels."""
    made = fancam(run)
    solution, seconds = made.solution, made.solution.seconds
    frame = float(np.median(np.diff(seconds)))
    named = solution.assignment.members
    supported = [
        agreement(trajectory, faces)
        for trajectory in solution.trajectories
        for faces in (witnessed(run),)
    ]
    looked = np.concatenate(supported)
    return {
        "clip": run.clip.name,
        "detector": run.detector,
        "tracklets": len(solution.tracklets),
        "named": sum(member >= 0 for member in named),
        "shown_seconds": ", ".join(
            f"{trajectory.name} {trajectory.present.sum() * frame:.1f}"
            for trajectory in solution.trajectories
        ),
        "positions": len(looked),
        "unsupported": percent(1 - float(looked.mean())) if len(looked) else None,
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


def percent(share: float) -> float:
    """Return a share in percent, with one decimal."""
    return round(100 * share, 1)


def mean(values: Iterable[float]) -> float | None:
    """Return the mean of values in 0..1 in percent; None without any."""
    listed = list(values)
    return percent(float(np.mean(listed))) if listed else None


def titled(result: Mapping[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the tables of a result that have rows, with their titles."""
    titles = {
        "rows": "Clips with labels, in percent of the visible heads",
        "reliability": "Positions shown, by stated confidence, in percent",
        "unlabelled": "Clips without labels",
    }
    return [(title, result[name]) for name, title in titles.items() if result[name]]


def tables(result: Mapping[str, Any]) -> list[str]:
    """Return the tables of a result as Markdown."""
    return [f"**{title}**\n\n{markdown(rows)}" for title, rows in titled(result)]


if __name__ == "__main__":
    main()
