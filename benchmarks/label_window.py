"""Time from a key to the next picture in the labelling window.

The store has 100,000 pictures with five proposals each, of which every second one of the first half
is decided. The pictures are JPEG files of 1920 × 1080 pixels; a few files stand for all of them,
and each is decoded anew. A row repeats one key, with a pause as a person makes before it, in which
the window prepares what comes next; what is measured is the time until the screen of 1200 × 820
pixels is drawn, with the verdict flushed to the disk. The window library's own time is not in it.
``ratio`` divides the median by the time in which one of these pictures is decoded, which is what
a tool waits for that does not decode ahead.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from skimage import data

from benchmarks.labelling_start import Timed, fill, timed
from benchmarks.recording import save, show
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.labelling.label_task import TASKS
from closeup.labelling.project import LabelProject
from closeup.media.images import read_image, write_image
from closeup.store.database import open_database
from closeup.store.label_records import StoredItem
from closeup.store.label_store import LabelStore
from closeup.window.label_desk import LabelDesk

SCREEN = Size(1200, 820)
FILES = 12
PAUSE = 0.3
"""Seconds before a key; people need more."""
KEYS = {
    "f": "true, and next",
    "n": "next",
    "p": "previous",
    "j": "next undecided",
    "+": "zoom in",
    "]": "stronger label",
}


class _SharedFiles:
    """Reads a few files in turn, whatever the item."""

    def __init__(self, files: Sequence[Path]) -> None:
        self.files = files

    def read(self, item: StoredItem) -> RGBImage:
        return read_image(self.files[item.id % len(self.files)])

    def is_there(self, item: StoredItem) -> bool:
        return self.files[item.id % len(self.files)].is_file()


def main() -> None:
    """Measure, print a table, and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder) / "labels.sqlite"
        fill(where, options.pictures)
        files = photos(Path(folder))
        decoding = Timed("decoding", timed(lambda: read_image(files[0]), len(files)))
        actions = measured(where, files, options.rounds)
    unit = sorted(decoding.seconds)[len(decoding.seconds) // 2]
    rows = [action.row(unit) for action in (decoding, *actions)]
    show("From a key to the screen", rows)
    save("label_window", {"pictures": options.pictures, "actions": rows})


def photos(folder: Path) -> list[Path]:
    """JPEG files of 1920 × 1080 pixels."""
    face = np.asarray(cv2.resize(data.astronaut(), (1920, 1080)), np.uint8)
    files = [folder / f"{number}.jpg" for number in range(FILES)]
    for number, file in enumerate(files):
        write_image(file, np.roll(face, 50 * number, axis=1))
    return files


def measured(where: Path, files: Sequence[Path], rounds: int) -> list[Timed]:
    """Each key, many times."""
    database = open_database(where)
    project = LabelProject(LabelStore(database), TASKS["review"], _SharedFiles(files))
    begin = time.perf_counter()
    desk = LabelDesk(project.session("ann"), project, SCREEN)
    desk.drawn()
    found = [Timed("open, first picture", [time.perf_counter() - begin])]
    for key, meaning in KEYS.items():
        seconds = []
        for _ in range(rounds):
            pause(desk)
            begin = time.perf_counter()
            desk.key(key)
            cv2.cvtColor(desk.drawn(), cv2.COLOR_RGB2BGR)
            seconds.append(time.perf_counter() - begin)
        found.append(Timed(f"{key}: {meaning}", seconds))
    desk.close()
    database.close()
    return found


def pause(desk: LabelDesk) -> None:
    """Let the window do what it does while nobody presses a key."""
    end = time.monotonic() + PAUSE
    while time.monotonic() < end:
        desk.idle()
        if desk.changed:
            desk.drawn()
        time.sleep(0.015)


if __name__ == "__main__":
    main()
