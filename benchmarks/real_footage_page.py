"""Regenerates ``docs/real-footage.md``: its tables, and the sheet of a composed scene.

The tables are those of the last whole runs of ``real_clips`` and ``hard_scenes``; they replace
what stands between the page's marks. The sheet shows a practice scene of the two public-domain
portraits that packages include, with the positions that ``closeup fancam`` finds: pictures of
clips are not ours to show.

    python -m benchmarks.real_footage_page
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.footage_runs import last_tables
from benchmarks.recording import ROOT, settings
from closeup.datasets.scenes.heads import Photo
from closeup.drawing.marks import Mark, draw_marks
from closeup.drawing.sheets import captioned, framed, grid
from closeup.errors import InputError
from closeup.fancam.options import FancamOptions
from closeup.files.atomic import write_text
from closeup.frames import RGBImage
from closeup.media.video_reader import open_video
from closeup.open_models import Models
from closeup.pipeline.fancams.fancams import make_fancams
from closeup.protocols import FaceDetector
from closeup.synthesis.demo_scene import variants
from closeup.synthesis.portraits import Portrait, eileen_collins, grace_hopper
from closeup.testing import write_members, write_scene
from closeup.testing.footage import FootageKind, Heads, footage_scene
from closeup.tracks import Trajectory

PAGE = ROOT / "docs" / "real-footage.md"
SHEET = ROOT / "docs" / "images" / "real_footage.png"
_TILES, _COLUMNS = 6, 2
_NO_POINTS = np.empty((0, 2), np.float32)


def main() -> None:
    """Write the page's tables and its picture."""
    page = PAGE.read_text(encoding="utf-8")
    for name in ("real_clips", "hard_scenes"):
        page = filled(page, name, last_tables(name))
    write_text(PAGE, page)
    Image.fromarray(sheet()).save(SHEET, optimize=True)


def filled(page: str, name: str, tables: str) -> str:
    """Replace what stands between ``<!-- NAME -->`` and ``<!-- end of NAME -->``.

    Raises:
        InputError: the page lacks the marks.

    """
    start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    before, found, rest = page.partition(start)
    _, ended, after = rest.partition(end)
    if not (found and ended):
        raise InputError(f"{PAGE.name} lacks {start} or {end}; put both where the tables belong")
    return f"{before}{start}\n\n{tables}\n\n{end}{after}"


def sheet() -> RGBImage:
    """Draw frames of a practice of two people with the positions that are found."""
    detector = Models(settings()).detector("closeup")
    people = {
        "Eileen": heads_of(eileen_collins(), detector),
        "Grace": heads_of(grace_hopper(), detector),
    }
    scene = footage_scene(FootageKind.PRACTICE, people, 4, members=2)
    with tempfile.TemporaryDirectory() as folder:
        video, members = Path(folder) / "stage.mp4", Path(folder) / "members"
        write_scene(scene, video)
        write_members(scene, members)
        made = make_fancams(
            video, members, Path(folder) / "out", FancamOptions(video=False), detector=detector
        )
        return framed(grid(tiles(video, made.solution.trajectories), _COLUMNS))


def heads_of(portrait: Portrait, detector: FaceDetector) -> Heads:
    """Return a person whose heads are made of one photo."""
    pictures = variants(portrait)
    photos = [Photo(picture, detector.detect(picture)[np.arange(1)]) for picture in pictures]
    return Heads(tuple(photos), tuple(photos))


def caption(trajectory: Trajectory, frame: int) -> str:
    """Return a member's name with the confidence of the position in a frame."""
    return f"{trajectory.name} {trajectory.confidence[frame]:.2f}"


def tiles(video: Path, trajectories: Sequence[Trajectory]) -> list[RGBImage]:
    """Return frames at even distances with the members' boxes and confidences."""
    wanted = np.linspace(0, len(trajectories[0]) - 1, _TILES + 2).astype(int)[1:-1].tolist()
    drawn = []
    with open_video(video) as reader:
        for frame in reader:
            if frame.index in wanted:
                marks = [
                    Mark(own.boxes[frame.index], _NO_POINTS, caption(own, frame.index))
                    for own in trajectories
                    if own.present[frame.index]
                ]
                seconds = frame.index / float(reader.rate)
                drawn.append(captioned(draw_marks(frame.rgb(), marks), f"{seconds:.1f} s"))
    return drawn


if __name__ == "__main__":
    main()
