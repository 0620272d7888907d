"""How many cuts of each kind are found, with how many false ones, compared with PySceneDetect.

The clips' cuts were labelled by looking at every frame. Composed videos (``composed_cuts.py``)
join shots of clips, photos and drawn scenes by every kind of transition, with traps between. The
package's constants were fitted on the clips of the half "tuning" and on 60 composed videos of it.
The half "reported" has other clips, photos and scenes. Its clips were no longer held out, though:
they were run after each change, and false cuts in jimin_stage and avengers_film decided which
features and limits were taken. The composed videos of that half, which contain shots of these
clips, were run twice, with one change between, and twice for a change that was not taken, since
what it gained on "tuning, further" it lost here; "reported, further" joins the same clips with
other photos and drawn scenes.

TransNet V2 is one of the methods if its weights are at hand (``closeup models fetch transnetv2``).
It reads the same thumbnails, between the bars, as the package's own detector. It was not fitted
here; whether its authors' training videos contain shots of these clips is not known.

A hard cut counts if it is found within one frame, a dissolve or fade anywhere inside. ``F1`` is the
harmonic mean of precision and recall. ``time`` is the processor time, as a multiple of the
package's own detector's.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from itertools import pairwise
from pathlib import Path
from time import process_time
from typing import Any, NamedTuple

import cv2
import numpy as np
from scenedetect import FrameTimecode
from scenedetect.detectors import (
    AdaptiveDetector,
    ContentDetector,
    HashDetector,
    HistogramDetector,
    ThresholdDetector,
)

from benchmarks.composed_cuts import (
    RATE,
    Composed,
    Footage,
    Transition,
    compose,
    drawn_shots,
    fitted,
)
from benchmarks.recording import RESULTS, save, shared_data, show
from closeup.errors import ModelMissingError
from closeup.fancam.frame_preparation import FLOW_SIDE, thumbnail_size
from closeup.frames import ArrayFrame, RGBImage
from closeup.geometry import Size
from closeup.media.bars import Borders, active_areas, frame_borders
from closeup.media.shots import find_shots
from closeup.media.video_reader import open_video
from closeup.opening import open_shot_detector
from closeup.protocols import ShotDetector
from closeup.timecode import Timecode

SHORTEST = 20
"""Frames of the shortest shot of a clip that is used in composed videos."""

DISSOLVES = {"jimin_stage": [(286, 297), (353, 363)]}
"""First and last frame of the clips' dissolves."""

HARD: dict[str, list[int]] = {
    "herapheri_film": [312, 343],
    "bts_montage": [
        107, 186, 219, 234, 250, 266, 280, 297, 326, 342, 371, 407, 436, 453, 467, 482, 502, 514,
        529, 544, 557, 572, 588, 604, 619, 635, 666, 671, 676, 680, 687, 693, 700, 707, 713, 720,
        727, 735, 740, 747, 754, 760, 767, 774, 781,
    ],
    "webcam_face": [],
    "avengers_film": [80, 141, 175],
    "performance": [20, 82, 211],
    "jimin_stage": [],
    "two_people_outdoors": [],
    "intel_walk": [],
}  # fmt: skip
"""First frame of every shot after a hard cut; avengers_film has a blended one before each."""

CLIPS = {
    "tuning": ("herapheri_film", "bts_montage", "webcam_face"),
    "reported": (
        "avengers_film",
        "performance",
        "jimin_stage",
        "two_people_outdoors",
        "intel_walk",
    ),
}


class Recipe(NamedTuple):
    """What composed videos are made of.

    Attributes:
        clips: Clips whose shots are joined.
        scenes: Seeds of the drawn scenes whose shots are joined.
        person: First of the people of LFW, of whom every 14th one's photo is taken.
        seeds: Seeds of the videos.

    """

    clips: Sequence[str]
    scenes: Sequence[int]
    person: int
    seeds: range


COMPOSED = {
    "tuning": Recipe(CLIPS["tuning"][:2], (0, 2), 0, range(20)),
    "tuning, further": Recipe(
        (*CLIPS["tuning"], "two_people_outdoors", "intel_walk"), (4, 5, 6, 7), 6, range(1000, 1110)
    ),
    "reported": Recipe(CLIPS["reported"][:3], (1, 3), 1, range(100, 120)),
    "reported, further": Recipe(CLIPS["reported"][:3], (12, 13), 9, range(2000, 2020)),
}
"""Composed videos; the sets "tuning" and "reported" share nothing."""


@dataclass(slots=True)
class Example:
    """A video and its true cuts."""

    frames: Sequence[RGBImage]
    rate: Fraction
    cuts: Sequence[Transition]
    traps: Sequence[tuple[str, int, int]] = ()


@dataclass(slots=True)
class Tally:
    """What one method found."""

    found: Counter[str] = field(default_factory=Counter)
    true: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    """Processor time, with that of thumbnails and bars."""

    def row(self, unit: float) -> dict[str, Any]:
        """Precision, recall and F1, with the recall of each kind; time in units of seconds."""
        hits, all_true, wrong = self.found.total(), self.true.total(), self.false.total()
        precision, recall = hits / max(1, hits + wrong), hits / max(1, all_true)
        return {
            "cuts": all_true,
            "f1": round(2 * hits / max(1, 2 * hits + wrong + all_true - hits), 3),
            "precision": round(precision, 3),
            "recall": round(recall, 3),
            "time": round(self.seconds / unit, 1),
            **{kind: f"{self.found[kind]}/{count}" for kind, count in sorted(self.true.items())},
            "false": ", ".join(f"{n} {kind}" for kind, n in self.false.most_common()),
        }


class Method(NamedTuple):
    """A way to find cuts."""

    name: str
    cuts: Callable[[Example], list[int]]


def clip_path(name: str) -> Path:
    """The file of a clip."""
    places = [
        f"clips/{name}/stage.mp4", f"clips/{name}/stage.gif", f"stage/{name}.mp4",
        f"video/{name}.mp4", f"video/{name}.avi",
    ]  # fmt: skip
    return next(path for path in map(shared_data().joinpath, places) if path.exists())


def read_clip(name: str) -> Example:
    """A clip at up to 640 pixels, with its labels."""
    cuts = [Transition(None, cut - 1, cut + 1) for cut in HARD[name]]
    cuts += [Transition(None, first, last) for first, last in DISSOLVES.get(name, [])]
    with open_video(clip_path(name)) as video:
        frames = [frame.rgb(video.size.fitted(FLOW_SIDE)) for frame in video.frames()]
        return Example(frames, video.rate, cuts)


def clip_footage(clip: Example) -> Iterator[Footage]:
    """The shots of a clip without bars and without the frames beside cuts."""
    area = active_areas(borders_of(clip.frames), [])[0]
    rows = slice(round(area.y1 + 0.5), round(area.y2 + 0.5))
    edges = [0, *(c.first + 1 for c in clip.cuts if c.last - c.first == 2), len(clip.frames)]
    for start, stop in pairwise(edges):
        if stop - 2 - (start + 1) >= SHORTEST:
            yield [fitted(frame[rows]) for frame in clip.frames[start + 1 : stop - 2]]


def borders_of(frames: Sequence[RGBImage]) -> Borders:
    """Measure the borders of frames as the analysis does."""
    size = Size.of(frames[0])
    gray = (cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in frames)
    return Borders(np.array([frame_borders(np.asarray(g, np.uint8)) for g in gray]), size, size)


def by_thumbnails(detector: ShotDetector) -> Callable[[Example], list[int]]:
    """A shot detector of the package."""

    def cuts(example: Example) -> list[int]:
        def thumbnails() -> Iterator[RGBImage]:
            for index, frame in enumerate(example.frames):
                picture = ArrayFrame(index, Timecode(index, Fraction(1, RATE)), frame)
                yield picture.rgb(thumbnail_size(picture.size))

        return find_shots(thumbnails, borders_of(example.frames), example.rate, detector).cuts

    return cuts


def pyscenedetect(make: Callable[[], Any]) -> Callable[[Example], list[int]]:
    """A detector of PySceneDetect with its defaults, but without a minimum length of shots."""

    def cuts(example: Example) -> list[int]:
        detector, rate = make(), float(example.rate)
        found = []
        for index, frame in enumerate(example.frames):
            bgr = np.ascontiguousarray(frame[:, :, ::-1])
            found += detector.process_frame(FrameTimecode(index, rate), bgr)
        found += detector.post_process(FrameTimecode(len(example.frames) - 1, rate))
        return sorted(int(cut.frame_num) for cut in found)

    return cuts


METHODS = [
    Method("closeup", by_thumbnails(open_shot_detector())),
    Method("content", pyscenedetect(lambda: ContentDetector(min_scene_len=1))),
    Method("adaptive", pyscenedetect(lambda: AdaptiveDetector(min_scene_len=1))),
    Method("threshold", pyscenedetect(lambda: ThresholdDetector(min_scene_len=1))),
    Method("histogram", pyscenedetect(lambda: HistogramDetector(min_scene_len=1))),
    Method("hash", pyscenedetect(lambda: HashDetector(min_scene_len=1))),
]


def with_transnet(methods: list[Method]) -> list[Method]:
    """The methods, and TransNet V2 where its weights are on this machine."""
    try:
        return [*methods, Method("transnet", by_thumbnails(open_shot_detector("transnet")))]
    except ModelMissingError as error:
        print(f"without transnet: {error}")
        return methods


def count(example: Example, found: Sequence[int], tally: Tally) -> None:
    """Match found cuts with true ones, each at most once."""
    left = list(found)
    for cut in example.cuts:
        kind = str(cut.kind or "labelled")
        tally.true[kind] += 1
        inside = [frame for frame in left if cut.first <= frame <= cut.last]
        if inside:
            left.remove(inside[0])
            tally.found[kind] += 1
    for frame in left:
        near = [kind for kind, first, last in example.traps if first - 16 <= frame <= last + 16]
        tally.false[str(near[0]) if near else "elsewhere"] += 1


def measure(example: Example, method: Method, tally: Tally) -> None:
    """Run a method on one video."""
    start = process_time()
    found = method.cuts(example)
    tally.seconds += process_time() - start
    count(example, found, tally)


def composed(recipe: Recipe) -> Iterator[Example]:
    """Composed videos of a recipe."""
    images = shared_data() / "lfw" / "images"
    people = sorted(path for path in images.iterdir() if path.is_dir())
    photos = [min(person.glob("*.jpg")) for person in people[recipe.person :: 14]]
    footage = [shot for name in recipe.clips for shot in clip_footage(read_clip(name))]
    footage += [shot for seed in recipe.scenes for shot in drawn_shots(images, seed)]
    for seed in recipe.seeds:
        video: Composed = compose(footage, photos, np.random.default_rng(seed))
        yield Example(video.frames, Fraction(RATE), video.cuts, video.traps)


def compared(videos: Iterable[Example], methods: Sequence[Method]) -> list[dict[str, Any]]:
    """One row a method."""
    tallies = {method.name: Tally() for method in methods}
    for video in videos:
        for method in methods:
            measure(video, method, tallies[method.name])
    unit = tallies["closeup"].seconds
    return [{"method": name, **tally.row(unit)} for name, tally in tallies.items()]


def main() -> None:
    """Measure all methods on all sets, and the package's own on the further ones."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--set", action="append", help="title of a set; by default all")
    wanted = parser.parse_args().set
    results: dict[str, Any] = json.loads((RESULTS / "cuts.json").read_text()) if wanted else {}
    methods = with_transnet(METHODS)
    sets: dict[str, Callable[[], Iterable[Example]]] = {}
    for title, names in CLIPS.items():
        sets[f"clips, {title}"] = partial(map, read_clip, names)
    for title, recipe in COMPOSED.items():
        sets[f"composed, {title}"] = partial(composed, recipe)
    for title in wanted or sets:
        own = title.endswith("further")
        results[title] = compared(sets[title](), methods[:1] if own else methods)
        show(title, results[title])
        save("cuts", results)


if __name__ == "__main__":
    main()
