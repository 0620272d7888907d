"""Shared by the benchmarks of footage: ways of naming the people of a clip, and their scores."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.nearest_photo import (
    Frames,
    faces_of_frames,
    nearest_photo,
    photo_vectors,
    smoothed,
)
from benchmarks.recording import RESULTS, markdown, settings, show
from closeup.fancam.options import RISK, FancamOptions
from closeup.media.video_reader import open_video
from closeup.open_models import Models
from closeup.pipeline.fancams.fancams import Fancams, make_fancams
from closeup.testing.labelled_frames import JudgedPosition, LabelledFrames, LabelScore, Outcome
from closeup.tracks import PositionSource, Trajectory

DETECTORS = ("yunet-n", "closeup")
"""The detector to fetch, and that of a machine without downloads."""

EMBEDDER = "dlib-128"
"""The embedder, unless ``--embedder`` names another."""

BINS = (0.0, 0.5, 0.8, 0.95, 1.0)
"""Edges of the bins of confidence."""

TITLES = {
    "rows": "Positions in labelled frames, in percent of the visible heads",
    "reliability": "Positions shown, by stated confidence, in percent",
    "sources": "Positions shown, by their source, in percent",
    "unlabelled": "Clips without labels",
    "absent": "Photos of people who are not in the video",
}

Rows = list[dict[str, Any]]


class Clip(NamedTuple):
    """A clip with its members.

    Attributes:
        name: Name in the tables.
        video: The video.
        members: Folder of the members' photos.
        labels: Labelled heads; None without labels.

    """

    name: str
    video: Path
    members: Path
    labels: LabelledFrames | None


class Run(NamedTuple):
    """Where a clip is measured, with which parts.

    Attributes:
        clip: The clip.
        detector: Name of the detector.
        folder: Folder for analyses and searched frames.
        models: Opens the models.
        embedder: Name or file of the embedder.

    """

    clip: Clip
    detector: str
    folder: Path
    models: Models
    embedder: str = EMBEDDER

    @property
    def analyses(self) -> Path:
        """Folder of the analyses by this detector and embedder."""
        other = "" if self.embedder == EMBEDDER else f" {Path(self.embedder).stem}"
        return self.folder / f"{self.detector}{other}"


def arguments(description: str | None) -> argparse.ArgumentParser:
    """Return a parser with the options that all benchmarks of footage have."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--detector", action="append", choices=DETECTORS)
    parser.add_argument("--embedder", default=EMBEDDER, help="an ONNX file; writes nothing")
    parser.add_argument("--keep", type=Path, help="folder for analyses, re-used by the next run")
    return parser


def parsed(parser: argparse.ArgumentParser, name: str) -> argparse.Namespace:
    """Return the options of a run, unless the last results are to be printed: then it ends.

    Args:
        parser: From :func:`arguments`; gets ``--table``.
        name: Name of the results.

    """
    parser.add_argument("--table", action="store_true", help="print the last results as Markdown")
    wanted = parser.parse_args()
    if wanted.table:
        print(last_tables(name))
        parser.exit()
    return wanted


def is_other(wanted: argparse.Namespace) -> bool:
    """Whether another embedder than the usual one is measured."""
    return bool(wanted.embedder != EMBEDDER)


@contextmanager
def workplace(kept: Path | None) -> Iterator[Path]:
    """Provide the folder that is kept, or a temporary one."""
    with tempfile.TemporaryDirectory() as temporary:
        yield kept or Path(temporary)


def runs(
    clips: Sequence[Clip],
    detectors: Sequence[str] | None,
    folder: Path,
    embedder: str = EMBEDDER,
) -> list[Run]:
    """Return a run for each detector and clip; all of them share their models."""
    models = Models(settings())
    return [
        Run(clip, detector, folder / clip.name, models, embedder)
        for detector in detectors or DETECTORS
        for clip in clips
    ]


def compared(wanted: Iterable[Run], *, usual: bool = True) -> dict[str, Rows]:
    """Score fancams and the usual ways on labelled clips.

    Args:
        wanted: Clips and detectors.
        usual: Whether the usual ways are measured, too; they search every frame.

    Returns:
        ``rows``: a row for each detector, clip and way, and one for each detector and way over
        all clips. ``reliability``: a row for each detector and bin of confidence. ``sources``: a
        row for each detector and source of positions.

    """
    rows: Rows = []
    scores: dict[tuple[str, str], list[LabelScore]] = defaultdict(list)
    shown: dict[str, list[JudgedPosition]] = defaultdict(list)
    for run in wanted:
        for way, positions, score in judged(run, usual=usual):
            rows.append(score_row(run.clip.name, run.detector, way, score))
            scores[run.detector, way].append(score)
            shown[run.detector] += positions if way == "fancam" else []
    for (detector, way), own in scores.items():
        rows.append(score_row("all", detector, way, total(own)))
    bins = [row for detector, own in shown.items() for row in reliability(own, detector)]
    sources = [row for detector, own in shown.items() for row in by_source(own, detector)]
    return {"rows": rows, "reliability": bins, "sources": sources}


def judged(run: Run, *, usual: bool) -> Iterator[tuple[str, list[JudgedPosition], LabelScore]]:
    """Yield each way with its judged positions and score; nothing for a clip without labels."""
    if run.clip.labels is None:
        return
    for way, trajectories in ways(run, usual=usual):
        positions = run.clip.labels.judged(trajectories)
        visible = run.clip.labels.visible(trajectory.name for trajectory in trajectories)
        yield way, positions, LabelScore.of(positions, visible)


def ways(run: Run, *, usual: bool) -> Iterator[tuple[str, Sequence[Trajectory]]]:
    """Yield the trajectories of ``closeup fancam`` and, if wanted, of the usual ways."""
    clip, models = run.clip, run.models
    yield "fancam", fancam(run).solution.trajectories
    if not usual:
        return
    detector, embedder = models.detector(run.detector), models.embedder(run.embedder)
    kept = run.folder / f"frames-{run.detector}.npz"
    faces = faces_of_frames(Frames(clip.video), detector, embedder, kept)
    named = nearest_photo(faces, photo_vectors(clip.members, detector, embedder))
    yield "nearest photo", named
    with open_video(clip.video) as video:
        rate = float(video.rate)
    yield "averaged", [smoothed(trajectory, rate) for trajectory in named]


def fancam(run: Run, risk: float = RISK, *, adapt: bool = False) -> Fancams:
    """Make the fancams of a clip, without videos."""
    options = FancamOptions(video=False, risk=risk, adapt=adapt)
    return make_fancams(
        run.clip.video, run.clip.members, run.analyses, options,
        detector=run.detector, embedder=run.embedder, models=run.models,
    )  # fmt: skip


def score_row(clip: str, detector: str, way: str, score: LabelScore) -> dict[str, Any]:
    """Return a row of the table of labelled clips, in percent."""
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


def reliability(positions: Sequence[JudgedPosition], detector: str) -> Rows:
    """Return a row a bin of confidence: positions, and the percent that are right, wrong and so on.

    Args:
        positions: Judged positions in labelled frames; those without a position are left out.
        detector: The detector, the first column.

    """
    shown = [position for position in positions if position.outcome is not Outcome.MISSED]
    bins = np.digitize([position.confidence for position in shown], BINS[1:-1])
    rows = []
    for number, (low, high) in enumerate(pairwise(BINS)):
        own = [position for position, b in zip(shown, bins, strict=True) if b == number]
        shares = {"mean": mean(position.confidence for position in own), **outcomes(own)}
        head = {"detector": detector, "confidence": f"{low:g} to {high:g}", "shown": len(own)}
        rows.append({**head, **shares})
    return rows


def by_source(positions: Sequence[JudgedPosition], detector: str) -> Rows:
    """Return a row a source: positions, and the percent that are right, wrong and on nothing.

    Detected faces, heads carried by flow and clothes, and interpolated gaps; positions on a
    member's own head behind another one count nowhere.
    """
    rows = []
    for source in sorted(PositionSource, reverse=True):
        own = [position for position in positions if position.source is source]
        if own and source is not PositionSource.ABSENT:
            head = {"detector": detector, "source": str(source), "shown": len(own)}
            rows.append({**head, **outcomes(own)})
    return rows


def outcomes(positions: Sequence[JudgedPosition]) -> dict[str, float | None]:
    """Return the percent of positions with each outcome; None without any position."""
    return {
        str(outcome): mean(position.outcome is outcome for position in positions)
        for outcome in (Outcome.RIGHT, Outcome.WRONG, Outcome.NOTHING)
    }


def percent(share: float) -> float:
    """Return a share in percent, with one decimal."""
    return round(100 * share, 1)


def mean(values: Iterable[float]) -> float | None:
    """Return the mean of values in 0..1 in percent; None without any."""
    listed = list(values)
    return percent(float(np.mean(listed))) if listed else None


def show_tables(result: Mapping[str, Any]) -> None:
    """Print the tables of a result."""
    for name, title in TITLES.items():
        if result.get(name):
            show(title, result[name])


def last_tables(name: str) -> str:
    """Return the tables of ``results/NAME.json`` as Markdown."""
    result = json.loads((RESULTS / f"{name}.json").read_text())
    return "\n\n".join(
        f"**{title}**\n\n{markdown(result[name])}"
        for name, title in TITLES.items()
        if result.get(name)
    )
