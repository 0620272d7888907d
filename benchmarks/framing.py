"""How often the feet and raised hands of a member are inside the crop, for every framing.

``scene`` is drawn: four members in a row seen whole, a row cut at the hips, a distant row, two
near and two far, and a camera that moves in. It is analysed as any stage video, and the cameras are
planned for every framing. ``feet`` is the share of the frames whose picture holds the soles in
which the crop holds them, too. ``hands`` is the share of the same frames with raised hands in which
the crop holds them. ``bust`` is the share of the frames whose picture cuts the soles off by more
than a face in which the crop shows less than the body. ``head`` is the height of the face over that
of the crop, the median of all close frames.

``musicbank`` are the marked bodies of one photo of a stage: each found face whose body is marked is
held for one second, and the crop must hold the mark's lower and upper edge. The marks have a margin
of about half a face.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.recording import save, settings, shared_data, show
from closeup.camera_path import CameraPath, View
from closeup.fancam.camera.plan import plan_camera
from closeup.fancam.options import FancamOptions, Framing
from closeup.fancam.solution import Solution
from closeup.geometry import Boxes, Size, heights_of
from closeup.media.images import read_image
from closeup.open_models import Models
from closeup.opening import open_detector
from closeup.pipeline.fancams.fancams import make_fancams
from closeup.progress import Silent
from closeup.synthesis.figures import FINGERTIPS, SOLES, Look
from closeup.synthesis.lfw_scene import lfw_scene
from closeup.synthesis.motion import Act, Key, Passage, track
from closeup.synthesis.scene import Scene, Shot
from closeup.synthesis.truth import Truth, read_truth
from closeup.synthesis.writing import write_members, write_scene
from closeup.tracks import PositionSource, Trajectory

SECONDS = 5.0
SEED = 3
RAISED = Passage(Look.RAISED, 1.0, 2.5)
AWAY = Passage(Look.BACK, 2.0, 3.0)
NEAR = 0.4
"""Distance in face heights up to which a trajectory's box is on the right head."""
WHOLE = 6.0
"""Height of a crop, in face heights, from which it shows more than a bust."""
OUTPUTS = (None, Size(200, 630), Size(720, 720), Size(1280, 720))


def main() -> None:
    """Measure, print a table, and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--detector", default="auto")
    parser.add_argument("--out", type=Path, help="keep the scene and its analysis in this folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = scene_rows(options.out or Path(folder), options.detector)
    rows += photo_rows(options.detector)
    save("framing", {"detector": options.detector, "seed": SEED, "rows": rows})
    show("What is inside the crop", rows)


def scene_rows(folder: Path, detector: str) -> list[dict[str, Any]]:
    """Measure each framing and output size on the drawn scene."""
    scene = stage()
    if not (folder / "stage.mp4").exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_members(scene, folder / "members")
        write_scene(scene, folder / "stage.mp4")
    solution = make_fancams(
        folder / "stage.mp4", folder / "members", folder / "out", FancamOptions(video=False),
        detector=detector, models=Models(settings()),
    ).solution  # fmt: skip
    truth = read_truth(folder / "stage.mp4")
    return [
        scene_row(scene, truth, solution, FancamOptions(framing=framing, size=size))
        for framing in Framing
        for size in (OUTPUTS if framing is Framing.AUTO else OUTPUTS[:1])
    ]


def stage() -> Scene:
    """Four members on five stages; see the module."""
    scene = lfw_scene(shared_data() / "lfw" / "images", SEED)
    members = [performer.name for performer in scene.performers if performer.member]
    (other,) = (performer.name for performer in scene.performers if not performer.member)
    shots = (
        row_of(members, 0.33, 0.075, raised=0),
        row_of(members, 0.36, 0.135, raised=0, crossing=False),
        row_of(members, 0.45, 0.05, raised=1),
        in_depth(members, other),
        moving_in(members),
    )
    numbered = tuple(replace(shot, backdrop=number) for number, shot in enumerate(shots))
    return replace(scene, shots=numbered, flashes=(), strobes=((6.0, 7.0),), seed=SEED)


def row_of(
    members: list[str], y: float, face: float, *, raised: int, crossing: bool = True
) -> Shot:
    """Return a shot of all members side by side; two raise their hands, one turns away."""
    acts = []
    for place, name in enumerate(members):
        x, goal = ((p + 0.5) / len(members) for p in (place, place ^ int(crossing)))
        keys = (Key(0, x, y, face), Key(1.5, x, y, face), Key(4, goal, y + 0.02, face * 1.05))
        looks = (RAISED,) if place % 2 == raised else (AWAY,) if place == 1 else ()
        acts.append(Act(name, keys, looks))
    return Shot(SECONDS, tuple(acts))


def in_depth(members: list[str], other: str) -> Shot:
    """Return a shot of two members near the camera and two behind, who are passed by another."""
    places = ((0.15, 0.30, 0.07), (0.40, 0.38, 0.13), (0.62, 0.31, 0.068), (0.85, 0.36, 0.12))
    acts = [Act(other, (Key(0, 0.05, 0.3, 0.07), Key(SECONDS, 0.95, 0.3, 0.07)))]
    for number, (name, (x, y, face)) in enumerate(zip(members, places, strict=True)):
        looks = (RAISED,) if number < 2 else ()
        acts.append(Act(name, (Key(0, x, y, face), Key(SECONDS, x + 0.04, y, face)), looks))
    return Shot(SECONDS, tuple(acts))


def moving_in(members: list[str]) -> Shot:
    """Return a shot whose camera moves towards the members, until their feet are outside."""
    acts = []
    for place, name in enumerate(members):
        x, goal = (place + 0.5) / len(members), 0.5 + (place - 1.5) * 0.38
        keys = (Key(0, x, 0.34, 0.075), Key(1, x, 0.34, 0.075), Key(4.5, goal, 0.34, 0.13))
        acts.append(Act(name, keys))
    return Shot(SECONDS, tuple(acts))


def scene_row(
    scene: Scene, truth: Truth, solution: Solution, options: FancamOptions
) -> dict[str, Any]:
    """Measure the cameras of one framing on the drawn scene."""
    parts = []
    for trajectory in solution.trajectories:
        path = plan_camera(trajectory, solution.seconds, solution.cuts, solution.size, options)
        body = drawn_body(scene, truth, trajectory.name)
        parts.append(inside(path, trajectory, body, solution.size))
    size = options.output_size(solution.size)
    return {"source": "scene", "framing": str(options.framing), "size": str(size)} | shares(parts)


def drawn_body(scene: Scene, truth: Truth, name: str) -> dict[str, NDArray[Any]]:
    """Return the head's box, and the rows of soles and raised hands (or NaN), a row a frame."""
    heads = truth.boxes[:, truth.person(name)].astype(np.float64)
    raised = np.zeros(len(truth), bool)
    for start, shot in zip(scene.starts, scene.shots, strict=True):
        for pose in (track(act) for act in shot.acts if act.performer == name):
            for frame in range(round(shot.seconds * scene.rate)):
                raised[start + frame] = pose(float(frame / scene.rate)).look is Look.RAISED
    middle, height = (heads[:, 1] + heads[:, 3]) / 2, heights_of(heads)
    hands = np.where(raised, middle - FINGERTIPS * height, np.nan)
    return {"heads": heads, "soles": middle + SOLES * height, "hands": hands}


def inside(
    path: CameraPath, trajectory: Trajectory, body: dict[str, NDArray[Any]], size: Size
) -> dict[str, NDArray[Any]]:
    """Judge every close frame in which the trajectory is on the right head."""
    crops, heads, soles = path.boxes(), body["heads"], body["soles"]
    unit = heights_of(heads)
    known = (path.views == View.CLOSE) & trajectory.present
    known &= np.abs(trajectory.boxes - heads).max(axis=1) < NEAR * unit
    held = known & (soles < size.height - 1)
    waved, cut = held & (body["hands"] > 0), known & (soles > size.height + unit)
    return {
        "feet": (soles <= crops[:, 3])[held],
        "hands": (body["hands"] >= crops[:, 1])[waved],
        "bust": (path.windows[:, 2] < WHOLE * unit)[cut],
        "head": (unit / path.windows[:, 2])[known],
    }


def shares(parts: list[dict[str, NDArray[Any]]]) -> dict[str, float]:
    """Return one number a measure for all members together."""
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    means = {name: round(float(joined[name].mean()), 3) for name in ("feet", "hands", "bust")}
    head = round(float(np.median(joined["head"])), 3)
    return {"frames": len(joined["head"]), **means, "head": head}


def photo_rows(detector: str) -> list[dict[str, Any]]:
    """Measure each framing on the marked bodies; no row without the photo."""
    folder = shared_data() / "stage" / "musicbank_frame"
    found = sorted(folder.glob("*.jpg"))
    if not found:
        return []
    image = read_image(found[0])
    size = Size.of(image)
    faces = open_detector(detector, settings=settings(), progress=Silent()).detect(image).boxes
    pairs = marked(faces, bodies(found[0].with_suffix(".txt"), size))
    return [photo_row(pairs, size, FancamOptions(framing=framing)) for framing in Framing]


def bodies(path: Path, size: Size) -> Boxes:
    """Read boxes from the marks; (n, 4) xyxy in pixels."""
    lines = path.read_bytes().decode("euc-kr").splitlines()
    x, y, width, height = np.array([line.split()[-4:] for line in lines], float).T
    boxes = np.stack([x - width / 2, y - height / 2, x + width / 2, y + height / 2], axis=1)
    return np.asarray(boxes * np.tile(np.array(size), 2), np.float32)


def marked(faces: Boxes, marks: Boxes) -> list[tuple[Boxes, Boxes]]:
    """Pair each face with the mark in which it is highest and nearest to the middle, once each."""
    pairs: list[tuple[float, int, int]] = []
    for f, face in enumerate(faces):
        x, y = (face[:2] + face[2:]) / 2
        height = face[3] - face[1]
        for m, mark in enumerate(marks):
            if mark[0] < x < mark[2] and 0.5 < (y - mark[1]) / height < 3.2:
                pairs.append((abs(x - (mark[0] + mark[2]) / 2) / height, f, m))
    chosen: dict[int, int] = {}
    for _, f, m in sorted(pairs):
        if f not in chosen and m not in chosen.values():
            chosen[f] = m
    return [(faces[f], marks[m]) for f, m in chosen.items()]


def photo_row(
    pairs: list[tuple[Boxes, Boxes]], size: Size, options: FancamOptions
) -> dict[str, Any]:
    """Measure the crops of one framing on the marked bodies."""
    times = np.arange(25) / 25
    rows = []
    for face, mark in pairs:
        path = plan_camera(held(face, len(times)), times, [], size, options)
        crop = path.boxes()[12]
        rows.append(
            (mark[3] <= crop[3], mark[1] >= crop[1], (face[3] - face[1]) / path.windows[12, 2])
        )
    feet, hands, head = np.array(rows, float).T
    return {
        "source": "musicbank", "framing": str(options.framing),
        "size": str(options.output_size(size)), "frames": len(rows),
        "feet": round(feet.mean(), 3), "hands": round(hands.mean(), 3), "bust": None,
        "head": round(float(np.median(head)), 3),
    }  # fmt: skip


def held(face: Boxes, count: int) -> Trajectory:
    """Return a trajectory that stays at one box."""
    return Trajectory(
        "held", np.tile(face, (count, 1)), np.full(count, PositionSource.DETECTED, np.uint8),
        np.ones(count, np.float32), np.zeros(count, np.int64),
    )  # fmt: skip


if __name__ == "__main__":
    main()
