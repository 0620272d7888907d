"""Smoothness of L1-optimal camera paths, compared with a moving average of one second.

Synthetic motions (five of each kind, 30 s at 25 frames per second) with detector noise of two
pixels, and a face in front of a webcam as found by YuNet. Smoothness is the 95th percentile of the
third difference of the crop's centre; inclusion is the share of frames with the whole true
face box (for the webcam: the found one) in the crop. Finally, the time to plan four members of a
video of three minutes on one core.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from benchmarks.recording import ROOT, save, settings, shared_data, show
from closeup.errors import ModelMissingError
from closeup.fancam.camera.plan import plan_camera
from closeup.fancam.camera.quality import PathQuality, measure_path
from closeup.fancam.options import FancamOptions, Framing, Smoothing
from closeup.geometry import Size
from closeup.media.video_reader import open_video
from closeup.opening import open_detector
from closeup.progress import Silent
from closeup.synthesis.walks import STAGE, Motion, made_trajectory
from closeup.tracks import PositionSource, Trajectory

FIGURE = ROOT / "docs" / "images" / "camera_path.png"
RATE = 25
SEEDS = 5
SOLVER_NOISE = 1e-6
"""Pixels per frame³; smaller jerk counts as 0."""
Times = NDArray[np.float64]


def main() -> None:
    """Measure, print a table, write the JSON and draw the figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=30, help="length of a made-up motion")
    seconds: int = parser.parse_args().seconds
    times = np.arange(seconds * RATE) / RATE
    rows = [made_row(motion, framing, times) for framing in Framing for motion in Motion]
    rows += webcam_rows()
    planning = time_planning()
    save("camera_paths", {"seeds": SEEDS, "seconds": seconds, "rows": rows, "planning": planning})
    show("Camera paths: l1 and the moving average", [side_by_side(line) for line in rows])
    print(
        f"planning {planning['members']} members of {planning['frames']} frames: "
        f"{planning['processor_seconds']:.1f} s of one core"
    )
    draw(made_trajectory(Motion.DANCE, times, 1), times)


def made_row(motion: Motion, framing: Framing, times: Times) -> dict[str, Any]:
    """Measure both methods on one kind of motion; the mean over the seeds."""
    noisy = [made_trajectory(motion, times, seed) for seed in range(SEEDS)]
    exact = [made_trajectory(motion, times, seed, noise=0) for seed in range(SEEDS)]
    return row(motion, framing, zip(noisy, exact, strict=True), times, STAGE)


def webcam_rows() -> list[dict[str, Any]]:
    """Measure both methods on a real face; no row if the video or YuNet is missing."""
    video = shared_data() / "video" / "webcam_face.avi"
    if not video.exists():
        return []
    try:
        trajectory, times, size = find_face(video)
    except ModelMissingError:
        return []
    return [row("webcam", framing, [(trajectory, trajectory)], times, size) for framing in Framing]


def find_face(video: Path) -> tuple[Trajectory, Times, Size]:
    """Track the best face in each frame of a video of one person."""
    detector = open_detector("yunet", settings=settings(), progress=Silent(), threads=1)
    boxes, times = [], []
    with open_video(video) as reader:
        for frame in reader.frames():
            faces = detector.detect(frame.rgb())
            boxes.append(faces.boxes[0] if len(faces) else np.full(4, np.nan, np.float32))
            times.append(float(frame.timecode))
            size = frame.size
    places = np.array(boxes)
    present = np.isfinite(places[:, 0])
    sources = np.where(present, PositionSource.DETECTED, PositionSource.ABSENT).astype(np.uint8)
    nobody = Trajectory.absent("webcam", len(places))
    found = Trajectory("webcam", places, sources, present.astype(np.float32), nobody.tracklets)
    return found, np.array(times) - times[0], size


def row(
    motion: str,
    framing: Framing,
    pairs: Iterable[tuple[Trajectory, Trajectory]],
    times: Times,
    frame: Size,
) -> dict[str, Any]:
    """Plan each first trajectory with both methods, and measure against the second one."""
    measured: dict[Smoothing, list[PathQuality]] = {smooth: [] for smooth in Smoothing}
    for given, true in pairs:
        for smooth, found in measured.items():
            path = plan_camera(
                given, times, [], frame, FancamOptions(framing=framing, smooth=smooth)
            )
            found.append(measure_path(path, true, times, [], frame))
    means = {str(smooth): mean(found) for smooth, found in measured.items()}
    calm, average = means["l1"]["p95_jerk"], means["moving-average"]["p95_jerk"]
    ratio = average / calm if calm > SOLVER_NOISE else None
    return {"motion": str(motion), "framing": str(framing), "jerk_ratio": ratio, **means}


def mean(qualities: list[PathQuality]) -> dict[str, float]:
    """Return the mean of every measure."""
    return {
        field.name: float(np.mean([asdict(quality)[field.name] for quality in qualities]))
        for field in fields(PathQuality)
    }


def time_planning() -> dict[str, float]:
    """Return CPU seconds to plan four dancers in 4,500 frames of a shot, with default options."""
    times = np.arange(4500) / RATE
    members = [made_trajectory(Motion.DANCE, times, seed) for seed in range(4)]
    wall, processor = time.perf_counter(), time.process_time()
    for member in members:
        plan_camera(member, times, [], STAGE, FancamOptions())
    return {
        "frames": 4500,
        "members": 4,
        "processor_seconds": time.process_time() - processor,
        "wall_seconds": time.perf_counter() - wall,
    }


def side_by_side(line: dict[str, Any]) -> dict[str, object]:
    """Return one table row: each measure for L1, then for the moving average."""
    l1, average, ratio = line["l1"], line["moving-average"], line["jerk_ratio"]
    return {
        "motion": line["motion"],
        "framing": line["framing"],
        "p95 jerk, l1": round(l1["p95_jerk"], 4),
        "p95 jerk, average": round(average["p95_jerk"], 4),
        "times calmer": round(ratio, 1) if ratio else None,
        "turns/s, l1": round(l1["reversals"], 2),
        "turns/s, average": round(average["reversals"], 2),
        "inside, l1": round(l1["inclusion"], 4),
        "inside, average": round(average["inclusion"], 4),
    }


def draw(trajectory: Trajectory, times: Times) -> None:
    """Plot the crop's position by both methods, and its third difference."""
    shown = slice(0, 20 * RATE)
    figure = Figure(figsize=(9, 5), layout="constrained")
    places, jerks = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    face = trajectory.boxes[shown]
    places.fill_between(times[shown], face[:, 0], face[:, 2], color="0.85", label="face box")
    for smooth, colour in ((Smoothing.MOVING_AVERAGE, "tab:orange"), (Smoothing.L1, "tab:blue")):
        path = plan_camera(trajectory, times, [], STAGE, FancamOptions(smooth=smooth))
        x = path.windows[:, 0]
        places.plot(times[shown], x[shown], color=colour, label=f"crop's centre, {smooth}")
        jerks.plot(times[3:][shown], np.diff(x, 3)[shown], color=colour, linewidth=1)
    places.set_ylabel("x [px]")
    places.legend(loc="best", frameon=False)
    jerks.set_ylabel("jerk [px/frame³]")
    jerks.set_xlabel("time [s]")
    FIGURE.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(FIGURE, dpi=90)


if __name__ == "__main__":
    main()
