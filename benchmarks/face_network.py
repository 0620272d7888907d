"""Quality of the package's face detector, compared with YuNet and the classic detectors.

All people in these pictures are held out from training: the tenth of the people of Labeled Faces in
the Wild that ``closeup dataset scenes`` reserves for validation (seed 0).

- ``lfw``: their photos with hand-set eyes and mouth corners. The true box is derived from these
  points in YuNet's proportions (see :class:`closeup.detection.yunet.YuNetDetector`); other people
  in the photo are not labelled, so each detector may have them among its false faces.
- ``small``: new scenes composed of their photos, faces below 60 pixels only; ``all`` includes
  larger ones. In ``small``, other faces of a scene are ignored, not false.
- Recall is given at one false face per picture (see :mod:`closeup.metrics.recall`), at an overlap
  of 0.5 in photos and 0.4 in scenes, where one pixel decides for the smallest faces. Every detector
  runs with its lowest possible score threshold.
- ``musicbank``: a frame of a K-pop stage of 2048x1080 pixels, in full size. ``shared`` are the
  faces of ``yunet-n`` that a detector finds too, each with its usual threshold, and
  ``at_one_false`` those that it finds before its second false box.
- ``videos``: frames of three real videos, each with its usual threshold: the number of faces of
  ``yunet-n`` whose middle lies in a box of a detector (MMOD's squares differ in extent),
  and the boxes that contain no such middle. The second network of ``closeup`` has learnt from these
  videos.
- ``ms``: processor time of one thread, the median over rounds in which all detectors take turns in
  random order, because each detector's run can slow the next one down.

    python -m benchmarks.face_network [--scenes N] [--network FILE]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.detector_figures import draw_recall
from benchmarks.recording import publish, settings, shared_data, show
from closeup.datasets.scenes.bystanders import DOUBTFUL
from closeup.datasets.scenes.composing import compose
from closeup.datasets.scenes.people import PeoplePhotos, find_people, person_of, split_people
from closeup.detection.closeup_faces import closeup_detector
from closeup.detection.yunet import YuNetDetector, yunet_detector
from closeup.detections import Detections
from closeup.evaluation.face_recall import EDGES, face_recall
from closeup.fancam.frame_preparation import detection_size
from closeup.formats.csv_labels import read_labels
from closeup.frames import RGBImage
from closeup.geometry import Boxes, Size, centres_of, heights_of, iou, lie_inside
from closeup.labels import FIVE_POINTS, PictureLabels
from closeup.media.images import read_image
from closeup.media.video_reader import open_video
from closeup.metrics.matching import recall_by_height
from closeup.metrics.recall import Recall, recall_at
from closeup.models.files import locate
from closeup.opening import open_detector
from closeup.pipeline.datasets.face_scenes import FaceSceneOptions
from closeup.pipeline.datasets.scene_heads import HeadPools
from closeup.progress import Silent
from closeup.protocols import FaceDetector

HELD_OUT, SEED = 0.1, 0
"""Default options of ``closeup dataset scenes``."""

SMALL = 60.0
SIDE = 640
SCORE_THRESHOLD = 0.02
TIMED = (Size(640, 360), Size(640, 640), Size(1280, 720))
ROUNDS = 24
VIDEOS = {"webcam_face.avi": 40, "two_people_outdoors.mp4": 4, "performance.mp4": 12}
"""Real videos, each with the step between the frames used."""

Photos = list[tuple[RGBImage, PictureLabels]]


def main() -> None:
    """Measure, print and record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=200)
    parser.add_argument("--network", type=Path, help="this file instead of the package's")
    wanted = parser.parse_args()
    cv2.setNumThreads(1)
    people = split_people(find_people(shared_data() / "lfw" / "images"), HELD_OUT, SEED)[1]
    photos, scenes = list(lfw_photos(people)), list(composed(people, wanted.scenes))
    doubting = detectors(wanted.network, SCORE_THRESHOLD)
    rows = [{"detector": name, **recalls(own, photos, scenes)} for name, own in doubting.items()]
    show("Recall at one false face a picture", rows)
    usual = detectors(wanted.network, None)
    stage = musicbank(usual, doubting)
    show("A stage of 2048x1080 pixels", stage)
    filmed = videos(usual)
    show("Real videos", filmed)
    times = timed(usual)
    show("Milliseconds a picture, one thread", times)
    if not wanted.network:
        counts = {"photos": len(photos), "scenes": len(scenes)}
        found = {**counts, "recall": rows, "musicbank": stage, "videos": filmed, "ms": times}
        draw_recall(publish("face-detector", SEED, found) / "recall.png", rows)


def detectors(network: Path | None, score_threshold: float | None) -> dict[str, FaceDetector]:
    """Open ours and the others, by name; with the score threshold if they accept one."""
    here = settings()
    model = network.read_bytes() if network else locate("closeup-faces", here).read_bytes()
    rescorer = locate("closeup-rescorer", here).read_bytes()
    ours, theirs = (score_threshold or usual for usual in (0.5, 0.6))
    made: dict[str, FaceDetector] = {
        "closeup": closeup_detector(
            model, rescorer, score_threshold=ours, longest_side=2048, threads=1
        )
    }
    for name in ("yunet-n", "yunet"):
        weights = locate(name, here).read_bytes()
        made[name] = yunet_detector(
            weights, name, longest_side=2048, score_threshold=theirs, threads=1
        )
    for name in ("mmod", "hog"):
        made[name] = open_detector(name, settings=here, progress=Silent(), threads=1)
    return made


def lfw_photos(people: PeoplePhotos) -> Iterator[tuple[RGBImage, PictureLabels]]:
    """Yield photos of these people with hand-set points, and a box derived from them."""
    folder = shared_data()
    for table in ("truth_train.csv", "truth_validation.csv"):
        for label in read_labels(folder / "eyes" / table):
            if person_of(label.image) in people.photos:
                image = read_image(folder / "lfw" / "images" / label.image)
                points = np.array([label.points[name] for name in FIVE_POINTS])
                yield image, PictureLabels.of(box_of(points))


def box_of(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a face's box in YuNet's proportions from its five points; (1, 4) xyxy."""
    eyes, mouth = points[:2].mean(axis=0), points[3:5].mean(axis=0)
    unit = float(np.linalg.norm(mouth - eyes))
    middle = (eyes + mouth) / 2
    return np.array(
        [
            [
                middle[0] - 1.05 * unit,
                eyes[1] - 1.1 * unit,
                middle[0] + 1.05 * unit,
                mouth[1] + 0.75 * unit,
            ]
        ]
    )


def composed(people: PeoplePhotos, count: int) -> Iterator[tuple[RGBImage, PictureLabels]]:
    """Yield scenes not used in training or validation, composed with another seed."""
    teacher = YuNetDetector(
        locate("yunet-n", settings()).read_bytes(), score_threshold=DOUBTFUL, threads=1
    )
    turned = FaceSceneOptions().turned
    casting = HeadPools(people, teacher, (SEED + 1, 1), Silent(), turned=turned)
    for number in range(count):
        chance = np.random.default_rng((SEED + 1, 1, number))
        scene = compose(casting.pool_of(number), SIDE, teacher, chance)
        quality = [cv2.IMWRITE_JPEG_QUALITY, scene.quality]
        _, file = cv2.imencode(".jpg", np.ascontiguousarray(scene.image[..., ::-1]), quality)
        image = np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR), np.uint8)[..., ::-1]
        yield np.ascontiguousarray(image), PictureLabels.of(scene.labels.boxes)


def recalls(detector: FaceDetector, photos: Photos, scenes: Photos) -> dict[str, Any]:
    """Return a row of the table."""
    every = face_recall(detector, photos).result
    found = [Detections.of_faces(detector.detect(image)) for image, _ in scenes]
    truth = [own for _, own in scenes]
    small = recall_at(found, [small_only(own) for own in truth], 1.0, overlap=0.4)
    whole = recall_at(found, truth, 1.0, overlap=0.4)
    heights = {
        f"{own.least:.0f}-{own.below:.0f}_px": round(100 * own.recall, 1)
        for own in recall_by_height(whole.found, truth, EDGES)
    }
    shares = {"lfw": every, "small": small, "all": whole}
    told = {name: round(100 * own.recall, 1) for name, own in shares.items()}
    # The score at which it is reached shows a suitable threshold.
    return {**told, **heights, "at_lfw": score_of(every), "at_scenes": score_of(whole)}


def score_of(result: Recall) -> float:
    """Return the score at which there is one false face per picture."""
    return round(result.threshold, 2)


def small_only(truth: PictureLabels) -> PictureLabels:
    """Mark larger faces as ignored."""
    large = heights_of(truth.boxes) >= SMALL
    return replace(truth, ignored=truth.ignored | large)


def musicbank(
    usual: Mapping[str, FaceDetector], doubting: Mapping[str, FaceDetector]
) -> list[dict[str, Any]]:
    """Compare the detectors on the stage, with their usual and with lower thresholds."""
    (path,) = (shared_data() / "stage" / "musicbank_frame").glob("*.jpg")
    image = read_image(path)
    theirs = usual["yunet-n"].detect(image).boxes
    rows = []
    for name, detector in usual.items():
        boxes = detector.detect(image).boxes
        all_it_has = Detections.of_faces(doubting[name].detect(image))
        reached = recall_at([all_it_has], [PictureLabels.of(theirs)], 1.0, overlap=0.4)
        rows.append(
            {
                "detector": name,
                "faces": len(boxes),
                "shared": int((iou(theirs, boxes).max(axis=1, initial=0) > 0.4).sum()),
                "at_one_false": round(reached.recall * len(theirs)),
            }
        )
    return rows


def videos(every: Mapping[str, FaceDetector]) -> list[dict[str, Any]]:
    """Compare the detectors on the real videos; small videos are enlarged as for fancams."""
    rows = []
    for name, step in VIDEOS.items():
        (path,) = shared_data().glob(f"*/{name}")
        with open_video(path) as video:
            size = detection_size(video.size)
            pictures = [f.rgb(size) for f in video.frames() if f.index % step == 0]
        truth = [every["yunet-n"].detect(picture).boxes for picture in pictures]
        for detector, own in every.items():
            found = [own.detect(picture).boxes for picture in pictures]
            pairs = [middles_inside(*pair) for pair in zip(truth, found, strict=True)]
            rows.append(
                {
                    "video": name,
                    "detector": detector,
                    "faces": sum(map(len, truth)),
                    "shared": sum(int(pair.any(axis=1).sum()) for pair in pairs),
                    "others": sum(int((~pair.any(axis=0)).sum()) for pair in pairs),
                }
            )
    return rows


def middles_inside(boxes: Boxes, others: Boxes) -> NDArray[np.bool_]:
    """Return whether the middle of each box (n, 4) lies in each of others (m, 4); (n, m) bool."""
    return lie_inside(centres_of(boxes)[:, None], others)


def timed(every: Mapping[str, FaceDetector]) -> list[dict[str, Any]]:
    """Return the median times of all detectors."""
    (path,) = (shared_data() / "stage" / "musicbank_frame").glob("*.jpg")
    picture = read_image(path)
    rows: list[dict[str, Any]] = [{"detector": name} for name in every]
    for size in TIMED:
        image = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
        times: dict[str, list[float]] = {name: [] for name in every}
        for number in range(ROUNDS + 1):  # the first one is a warm-up
            order = np.random.default_rng((SEED, number)).permutation(list(every)).tolist()
            for name in order:
                times[name].append(milliseconds(every[name].detect, [image]))
        for row in rows:
            row[str(size)] = round(statistics.median(times[row["detector"]][1:]), 1)
    return rows


def milliseconds(work: Callable[..., object], *arguments: object) -> float:
    """Return processor time of this thread for one call; other processes do not count."""
    start = time.thread_time()
    work(*arguments)
    return (time.thread_time() - start) * 1000


if __name__ == "__main__":
    main()
