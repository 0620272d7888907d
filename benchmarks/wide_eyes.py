"""Whether the trigger ``wide-eyes`` begins when eyes widen, and only then.

*Onsets*: in videos of real faces the lids are opened for half a second by a known share of their
distance (``opened_eyes.py``), half of it in the first frame. ``in time`` is the share of openings
where the trigger, off before, begins within 3 frames of the first one; ``later`` where it begins
while the eyes are open. Faces look about at the camera, are as open as usual, and are seen for a
second before.

*False onsets*: how often the trigger begins in the same videos as they are, in a minute of a face.
All were looked at: ``labels/wide_eyes.csv`` names the cause of each. ``widened`` are eyes that
really open wide, and do not count; ``not looked at`` are those without a label.

Limits of the trigger were chosen on ``--part choose``; ``report``, the default, has other people.

    python -m benchmarks.wide_eyes [--part choose|report]
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.opened_eyes import (
    Opening,
    Seen,
    frames_of,
    openings,
    row_of,
    seen_in,
    with_openings,
)  # fmt: skip
from benchmarks.recording import save, show
from closeup.effects.triggers import WideEyes
from closeup.faces import Faces
from closeup.geometry import iou

SHARES = (0.2, 0.35, 0.5)
PHOTOS, EVERY = 60, 13
PARTS = {
    "choose": ("train", ("avengers_film", "bts_montage")),
    "report": ("validation", ("webcam_face", "herapheri_film", "jimin_stage")),
}
"""Table of photos, and videos, of each part."""
LABELS = Path(__file__).parent / "labels" / "wide_eyes.csv"
WIDENED = "widened"

_WITHIN = 3


class Onset(NamedTuple):
    """A face for which the trigger begins in a frame."""

    face: int
    frame: int


def main() -> None:
    """Measure, print and save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--part", default="report", choices=PARTS)
    chosen = parser.parse_args().part
    table, videos = PARTS[chosen]
    groups = {f"photos of LFW ({table})": [f"{table} {EVERY * i}" for i in range(PHOTOS)]}
    groups |= {name: [name] for name in videos}
    found, false = [], []
    for title, names in groups.items():
        seen = {name: seen_in(frames_of(name)) for name in names}
        found.append(found_row(title, seen))
        false.append(false_row(title, seen))
    show("onsets", found)
    show("false onsets", false)
    if chosen == "report":
        save("wide_eyes", {"onsets": found, "false": false})


def found_row(title: str, seen: dict[str, Seen]) -> dict[str, Any]:
    """Return the onsets that are found in some videos, in percent."""
    where = {name: openings(faces) for name, faces in seen.items()}
    row: dict[str, Any] = {"on": title, "openings": sum(map(len, where.values()))}
    for share in SHARES:
        delays = [
            delay
            for name, own in where.items() if own
            for delay in delays_of(seen[name], with_openings(name, seen[name], own, share), own)
        ]  # fmt: skip
        row[f"{share:.0%}, in time"] = percent([0 <= delay <= _WITHIN for delay in delays])
        row[f"{share:.0%}, later"] = percent([delay > _WITHIN for delay in delays])
    return row


def percent(values: Sequence[bool]) -> int | None:
    """Return the percentage that is true; None of nothing."""
    return round(100 * float(np.mean(values))) if values else None


def delays_of(before: Seen, after: Seen, where: Sequence[Opening]) -> Iterator[int]:
    """Yield the frames from each opening to the onset; -1 if the trigger does not begin."""
    begun = set(onsets(after))
    for face, first, end in where:
        twins = {frame: twin_of(before, after, face, frame) for frame in range(first, end)}
        yield next((frame - first for frame, twin in twins.items() if (twin, frame) in begun), -1)


def twin_of(before: Seen, after: Seen, face: int, frame: int) -> int | None:
    """The id of a face in the changed video; None if it is not found there."""
    row, changed = row_of(before[frame], face), after[frame]
    if row is None or changed.ids is None or not len(changed):
        return None
    overlap = iou(before[frame].boxes[row][None], changed.boxes)[0]
    return int(changed.ids[int(overlap.argmax())]) if overlap.max() > 0 else None


def onsets(seen: Seen) -> Iterator[Onset]:
    """Yield where the trigger begins in a video."""
    trigger = WideEyes()
    on: set[int] = set()
    for frame, faces in enumerate(seen):
        now = {face for row, face in enumerate(ids_of(faces)) if trigger.on(faces, row)}
        yield from (Onset(face, frame) for face in sorted(now - on))
        on = now


def ids_of(faces: Faces) -> list[int]:
    """The ids of faces."""
    return [] if faces.ids is None else [int(face) for face in faces.ids]


def false_row(title: str, seen: dict[str, Seen]) -> dict[str, Any]:
    """Return the onsets in some videos as they are, by their cause."""
    begun = [(name, onset.frame) for name, faces in seen.items() for onset in onsets(faces)]
    causes = Counter(labels().get(where, "not looked at") for where in begun)
    seconds = sum(map(shown_seconds, seen.values()))
    count = sum(number for cause, number in causes.items() if cause != WIDENED)
    return {
        "on": title, "minutes of faces": round(seconds / 60, 1), "false": count,
        "a minute": round(60 * count / seconds, 2),
        "causes": ", ".join(f"{number} {cause}" for cause, number in sorted(causes.items())),
    }  # fmt: skip


def labels() -> dict[tuple[str, int], str]:
    """The cause of each onset that was looked at, by video and frame."""
    with LABELS.open(newline="") as file:
        return {(row["video"], int(row["frame"])): row["cause"] for row in csv.DictReader(file)}


def shown_seconds(seen: Seen) -> float:
    """Sum of the seconds in which each face is shown."""
    passed = float(seen[-1].seconds or 0) - float(seen[0].seconds or 0)
    return sum(map(len, seen)) * passed / (len(seen) - 1)


if __name__ == "__main__":
    main()
