"""Fancams with and without ``--adapt``, which adapts the embedding to each video.

Three ways: ``plain`` without the option; ``adapted`` with it; ``whitened`` with relevant component
analysis in its place, the same without the pairs of different people, for the single faces only.
The detector is YuNet-n. Real clips are those of ``real_clips``; scenes with truth are those of
``scenes``, and composed scenes those of ``hard_scenes`` with the seeds for reported figures. All
constants of the option were chosen on ``hard_scenes`` with seeds below 10.

- *Positions*: the columns of ``real_clips``; for scenes, IDF1 and frames on somebody else.
- *Absent*: percent of the frames of a composed scene in which any of five similar people is shown
  who are not in it.
- *Faces*: ``photos`` is the percent of single faces of tracklets whose distance to the photos of
  the right member is below that of 1 % of the comparisons with other members. ``tracklets`` is the
  same for pairs of tracklets that are not seen at once, by the odds that they show one person.
  A tracklet shows whomever most of its labelled positions are on.

``--keep FOLDER`` keeps scenes and analyses. ``--clip`` measures a part and writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.absent_members import anybody, others_of
from benchmarks.footage_runs import (
    EMBEDDER,
    Clip,
    Rows,
    Run,
    arguments,
    fancam,
    percent,
    runs,
    score_row,
    total,
    workplace,
)
from benchmarks.hard_scenes import SEEDS, scenes
from benchmarks.named_persons import most_shown
from benchmarks.real_clips import real_clips
from benchmarks.recording import known_scenes, save, show
from closeup.fancam.conflicts import find_conflicts
from closeup.fancam.embedding_adaptation import (
    EmbeddingAdaptation,
    adapt_embedding,
    constraints_of,
)
from closeup.fancam.same_person import Features, face_odds
from closeup.identity.adaptation import learn_map
from closeup.identity.gallery import Gallery
from closeup.testing import read_truth, score, write_members, write_scene
from closeup.testing.footage import FootageKind
from closeup.testing.labelled_frames import LabelledFrames, LabelScore
from closeup.tracks import Tracklet, Trajectory

DETECTOR = "yunet-n"
LFW_SCENES = 3
FALSE_ACCEPTS = 0.01
"""Share of the comparisons with other people that are accepted."""

Way = Callable[[Sequence[Tracklet], Gallery], EmbeddingAdaptation]


class Compared(NamedTuple):
    """Comparisons of one clip: higher is more alike.

    Attributes:
        right: Of faces with the photos of the right member.
        wrong: Of faces with the photos of others.
        same: Of pairs of tracklets that show one person.
        different: Of pairs of tracklets that show two people.

    """

    right: NDArray[np.float64]
    wrong: NDArray[np.float64]
    same: NDArray[np.float64]
    different: NDArray[np.float64]


def main() -> None:
    """Measure, print tables and write the JSON."""
    parser = arguments(__doc__)
    parser.add_argument("--clip", action="append", help="a clip or a scene; by default all")
    wanted = parser.parse_args()
    with workplace(wanted.keep) as folder:
        clips = runs([clip for clip in real_clips() if clip.labels is not None], [DETECTOR], folder)
        composed = runs(list(scenes(list(FootageKind), SEEDS, folder)), [DETECTOR], folder)
        stages = runs(known_stages(folder), [DETECTOR], folder)
        clips, composed, stages = (
            [run for run in part if not wanted.clip or run.clip.name in wanted.clip]
            for part in (clips, composed, stages)
        )
        measured: dict[str, Rows] = {
            "clips": positions(clips),
            "composed": positions(composed),
            "scenes": [row for run in stages for row in of_stage(run)],
            "absent": [row for run in composed for row in absent(run)],
            "faces": [*faces(clips, "all clips"), *faces([*composed, *stages], "all scenes")],
        }
    for title, rows in measured.items():
        if rows:
            show(title, rows)
    if not wanted.clip:
        save("adapt", measured)


def known_stages(folder: Path) -> list[Clip]:
    """Return the scenes with truth as clips, written into the folder unless they are there."""
    names = ["demo", *(f"lfw {seed}" for seed in range(LFW_SCENES))]
    if not all((folder / name / "stage.mp4").exists() for name in names):
        for name, scene in known_scenes(LFW_SCENES).items():
            write_members(scene, folder / name / "members")
            write_scene(scene, folder / name / "stage.mp4")
    return [
        Clip(name, video, video.parent / "members", LabelledFrames.of(read_truth(video)))
        for name in names
        for video in [folder / name / "stage.mp4"]
    ]


def positions(wanted: Sequence[Run]) -> Rows:
    """Return a row for each clip and way, and one for each way over all clips."""
    rows: Rows = []
    for adapt in (False, True):
        scores = []
        for run in wanted:
            labels, found = labels_of(run), fancam(run, adapt=adapt).solution.trajectories
            visible = labels.visible(own.name for own in found)
            scores.append(LabelScore.of(labels.judged(found), visible))
            rows.append(score_row(run.clip.name, run.detector, way_of(adapt), scores[-1]))
        if scores:
            rows.append(score_row("all", DETECTOR, way_of(adapt), total(scores)))
    return rows


def labels_of(run: Run) -> LabelledFrames:
    """Return the labels of a clip that has some."""
    assert run.clip.labels is not None
    return run.clip.labels


def way_of(adapt: bool) -> str:
    """Return the name of a way."""
    return "adapted" if adapt else "plain"


def of_stage(run: Run) -> Iterator[dict[str, Any]]:
    """Yield the row of a scene with truth for each way."""
    for adapt in (False, True):
        found = fancam(run, adapt=adapt).solution.trajectories
        result = score(found, read_truth(run.clip.video))
        yield {
            "scene": run.clip.name,
            "way": way_of(adapt),
            "idf1": round(result.identity.idf1, 4),
            "wrong_boxes": sum(member.wrong_boxes for member in result.members),
        }


def absent(run: Run) -> Iterator[dict[str, Any]]:
    """Yield the row of a composed scene with photos of others, for each way."""
    kind, _, seed = run.clip.name.partition(" ")
    detector = run.models.detector("closeup")
    others = others_of(FootageKind(kind), int(seed), run.folder / "absent", detector)
    for adapt in (False, True):
        found: Sequence[Trajectory] = fancam(
            run._replace(clip=run.clip._replace(members=others)), adapt=adapt
        ).solution.trajectories
        shown = percent(float(anybody(found).mean()))
        yield {"scene": run.clip.name, "way": way_of(adapt), "shown": shown}


def plain(tracklets: Sequence[Tracklet], gallery: Gallery) -> EmbeddingAdaptation:
    """Return no adaptation."""
    del tracklets, gallery
    return EmbeddingAdaptation(None, 0, 0, 0, 0)


def whitened(tracklets: Sequence[Tracklet], gallery: Gallery) -> EmbeddingAdaptation:
    """Return the adaptation by relevant component analysis."""
    constraints = constraints_of(tracklets, gallery)
    return EmbeddingAdaptation(learn_map(constraints, gallery.calibration, 0.0), 0, 0, 0, 0)


def faces(wanted: Sequence[Run], together: str) -> Rows:
    """Return a row for each clip and way, and one for each way over all clips together."""
    ways: dict[str, Way] = {"plain": plain, "adapted": adapt_embedding, "whitened": whitened}
    found: dict[str, list[Compared]] = {way: [] for way in ways}
    rows: Rows = []
    for run in wanted:
        embedder = run.models.embedder(EMBEDDER)
        gallery = Gallery.enrol(run.clip.members, run.models.detector(run.detector), embedder)
        tracklets = fancam(run).solution.tracklets
        for way, adapt in ways.items():
            found[way].append(compared(tracklets, gallery, adapt, labels_of(run)))
            rows.append(face_row(run.clip.name, way, found[way][-1]))
    for way, every in found.items():
        if every:
            joined = Compared(*(np.concatenate(column) for column in zip(*every, strict=True)))
            rows.append(face_row(together, way, joined))
    return rows


def compared(
    tracklets: Sequence[Tracklet], gallery: Gallery, way: Way, labels: LabelledFrames
) -> Compared:
    """Return the comparisons of a clip after the adaptation of a way."""
    adaptation = way(tracklets, gallery)
    mapped, members = adaptation.of_tracklets(tracklets), adaptation.of_gallery(gallery)
    shown = np.array([most_shown([own], labels) or "" for own in tracklets])
    near, right = [np.empty((0, len(members.names)))], [np.empty((0, len(members.names)), np.bool_)]
    for own, name in zip(mapped, shown.tolist(), strict=True):
        if len(own.embeddings) and name:
            near.append(-members.distances(own.embeddings).astype(np.float64))
            right.append(np.tile([name == member for member in members.names], (len(near[-1]), 1)))
    features = Features.of(mapped, members.calibration.dimensions)
    odds = face_odds(features, features, members.calibration)
    known = (shown != "") & (features.totals > 0)
    pairs = np.triu(known[:, None] & known & ~find_conflicts(tracklets), 1)
    same = pairs & (shown[:, None] == shown)
    alike, correct = np.concatenate(near), np.concatenate(right)
    return Compared(alike[correct], alike[~correct], odds[same], odds[pairs & ~same])


def face_row(clip: str, way: str, found: Compared) -> dict[str, Any]:
    """Return the row of a clip and a way."""
    return {
        "clip": clip,
        "way": way,
        "comparisons": len(found.right),
        "photos": accepted(found.right, found.wrong),
        "pairs": len(found.same),
        "tracklets": accepted(found.same, found.different),
    }


def accepted(right: NDArray[np.float64], wrong: NDArray[np.float64]) -> float | None:
    """Return the percent of right comparisons above the limit; None without either."""
    if not (len(right) and len(wrong)):
        return None
    return percent(float((right > np.quantile(wrong, 1 - FALSE_ACCEPTS)).mean()))


if __name__ == "__main__":
    main()
