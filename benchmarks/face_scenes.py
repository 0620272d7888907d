"""Speed of scene composition, and YuNet's detections in the scenes.

Scenes of LFW's people, as composed by ``closeup dataset scenes``. ``speed``: scenes per second on
one thread, except for reading the list of photos, and milliseconds per scene by kind. ``found``:
share of the labelled faces that YuNet-n finds in the finished pictures (IoU above 0.4, score 0.3
or more), by height; the missed ones are profiles, occluded, blurred or dark. ``extra``: its
detections (0.6 or more) without a labelled face, mostly faces that were painted over.

    python -m benchmarks.face_scenes [--scenes N] [--picture FILE] [--turns FILE]

``--picture`` measures nothing, but draws scenes of the two public-domain portraits, and
``--turns`` the rotated head of one of them, as shown in the documentation.
"""

from __future__ import annotations

import argparse
import io
import time
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from matplotlib import cbook
from PIL import Image
from skimage import data

from benchmarks.recording import save, settings, shared_data, show
from closeup.datasets.scenes.arrangements import ARRANGEMENTS
from closeup.datasets.scenes.bystanders import DOUBTFUL
from closeup.datasets.scenes.composing import FaceScene, compose
from closeup.datasets.scenes.head_pool import HeadPool
from closeup.datasets.scenes.heads import Photo
from closeup.datasets.scenes.people import find_people
from closeup.datasets.scenes.turned_profiles import make_profile
from closeup.detection.yunet import YuNetDetector
from closeup.drawing.marks import Mark, draw_marks
from closeup.drawing.sheets import beside, centred, grid
from closeup.frames import RGBImage
from closeup.geometry import Size, heights_of, iou
from closeup.media.images import encode_jpeg, read_image
from closeup.models.files import locate
from closeup.pipeline.datasets.face_scenes import TEACHER, FaceSceneOptions
from closeup.pipeline.datasets.scene_heads import HeadPools
from closeup.progress import Silent

HEIGHTS = (0, 10, 16, 24, 40, 80, 160, 1000)
SIDE = 640
SHOWN = (10, 34, 3, 13, 10, 21, 47, 0)
"""Seeds of the scenes in the picture, one per kind."""
TURNS = (0, 20, 40, 60, 75)
"""Rotation angles of the head in the other picture, in degrees."""
TURN_ROWS, TURN_COLUMNS = 220, 180


def main() -> None:
    """Measure, print and record; or draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=200)
    parser.add_argument("--picture", type=Path, help="draw this instead")
    parser.add_argument("--turns", type=Path, help="draw this instead")
    wanted = parser.parse_args()
    cv2.setNumThreads(1)
    teacher = YuNetDetector(
        locate(TEACHER, settings()).read_bytes(), TEACHER, score_threshold=DOUBTFUL, threads=1
    )
    if wanted.picture:
        draw(teacher, wanted.picture)
        return
    if wanted.turns:
        draw_turns(teacher, wanted.turns)
        return
    scenes, speed = composed(teacher, wanted.scenes)
    found, extra = agreement(teacher, scenes)
    show("speed, one thread", [{"kind": kind, "ms": ms} for kind, ms in speed.items()])
    show("found by YuNet-n", found)
    save("face_scenes", {"scenes": len(scenes), "ms": speed, "found": found, "extra": extra})


def composed(teacher: YuNetDetector, count: int) -> tuple[list[FaceScene], dict[str, float]]:
    """Return scenes of each kind, and processor milliseconds of this thread per scene."""
    people = find_people(shared_data() / "lfw" / "images")
    turned = FaceSceneOptions().turned
    casting = HeadPools(people, teacher, (0, 0), Silent(), turned=turned)
    scenes, times = [], defaultdict(list)
    shares = np.array([share for _, share in ARRANGEMENTS])
    kinds = np.random.default_rng(0).choice(len(ARRANGEMENTS), count, p=shares / shares.sum())
    start = time.thread_time()
    for number, kind in enumerate(kinds):
        pool, arrangement = casting.pool_of(number), ARRANGEMENTS[kind][0]
        before = time.thread_time()
        scene = compose(pool, SIDE, teacher, np.random.default_rng(number), arrangement)
        encode_jpeg(scene.image, scene.quality)
        times[arrangement.__name__].append(time.thread_time() - before)
        scenes.append(scene)
    whole = time.thread_time() - start
    speed = {kind: round(1000 * float(np.mean(own)), 1) for kind, own in sorted(times.items())}
    return scenes, {**speed, "all, photos included": round(1000 * whole / count, 1)}


def agreement(
    teacher: YuNetDetector, scenes: list[FaceScene]
) -> tuple[list[dict[str, object]], float]:
    """Return the share of labelled faces found, by height, and the false faces per scene."""
    heights, hits, extra = [], [], 0
    for scene in scenes:
        with Image.open(io.BytesIO(encode_jpeg(scene.image, scene.quality))) as opened:
            faces = teacher.detect(np.asarray(opened, np.uint8))
        boxes = scene.labels.boxes
        shared = iou(boxes, faces.boxes)
        heights += heights_of(boxes).tolist()
        hits += (shared.max(axis=1, initial=0) > 0.4).tolist()
        extra += int(((shared.max(axis=0, initial=0) < 0.1) & (faces.scores >= 0.6)).sum())
    band = np.digitize(heights, HEIGHTS) - 1
    rows: list[dict[str, object]] = []
    for number, (low, high) in enumerate(pairwise(HEIGHTS)):
        own = np.array(hits)[band == number]
        rows.append(
            {"height": f"{low}-{high}", "faces": len(own), "found": round(float(own.mean()), 3)}
        )
    return rows, round(extra / len(scenes), 3)


def portraits(teacher: YuNetDetector) -> list[Photo]:
    """Return the two public-domain portraits as photos for scenes."""
    hopper = Path(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False))
    photos = []
    for image in (np.asarray(data.astronaut(), np.uint8), read_image(hopper)):
        faces = teacher.detect(image)
        assert faces.landmarks is not None
        photos.append(Photo(image, faces[np.arange(1)]))
    return photos


def draw_turns(teacher: YuNetDetector, path: Path) -> None:
    """Draw a frontal head, and the same head at increasing rotation."""
    collins, tiles = portraits(teacher)[0], []
    for angle in np.radians(TURNS).tolist():
        head = make_profile(collins, angle, teacher)
        assert head is not None
        pixels = head.sprite.pixels
        shown = pixels[..., :3] + (255 - pixels[..., 3:])
        face = draw_marks(shown, [Mark(head.faces.boxes[0], head.points[0])])
        tiles.append(centred(face, Size(TURN_COLUMNS, TURN_ROWS)))
    Image.fromarray(beside(tiles, gap=0)).quantize(256).save(path, optimize=True)


def draw(teacher: YuNetDetector, path: Path) -> None:
    """Draw a scene of each kind with its labels."""
    pool = HeadPool(portraits(teacher))
    tiles = []
    for (arrangement, _), seed in zip(ARRANGEMENTS, SHOWN, strict=True):
        scene = compose(pool, SIDE, teacher, np.random.default_rng(seed), arrangement)
        tiles.append(centred(marked(scene), Size(SIDE, SIDE)))
    sheet = Image.fromarray(grid(tiles, 4, gap=0)).reduce(2)
    sheet.quantize(256).save(path, optimize=True)


def marked(scene: FaceScene) -> RGBImage:
    """Return a scene with its labels drawn."""
    labels = zip(scene.labels.boxes, scene.labels.points, strict=True)
    return draw_marks(scene.image, [Mark(box, own[own[:, 2] > 0, :2]) for box, own in labels])


if __name__ == "__main__":
    main()
