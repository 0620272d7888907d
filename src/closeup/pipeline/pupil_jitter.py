"""``closeup evaluate pupils --video``: how much the pupils of a still face tremble."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from closeup.errors import InputError
from closeup.evaluation.jitter import residuals, spread
from closeup.frames import RGBImage
from closeup.geometry import sides_of
from closeup.media.pictures import SourceKind, open_pictures
from closeup.opening import open_detector
from closeup.pipeline.each_picture import each_picture
from closeup.pipeline.pupil_evaluation import PupilOptions, open_finders
from closeup.progress import Progress
from closeup.protocols import FaceDetector, PupilFinder
from closeup.settings import Settings

_EYES = ("right", "left")


def evaluate_jitter(
    video: Path, options: PupilOptions, *, settings: Settings, progress: Progress
) -> dict[str, Any]:
    """Measure how steady methods are on the largest face of every frame.

    Args:
        video: Of one face that keeps still or moves smoothly.
        options: What is measured.
        settings: Where models are.
        progress: Hears of one stage.

    Returns:
        ``methods``: by name ``jitter_pixels`` and ``jitter_eye_distances``, the robust
        standard deviation along one axis of what :func:`closeup.evaluation.jitter.residuals`
        leaves, of both eyes and as ``…_right`` and ``…_left``; None where no nine frames in
        a row have the eye; and ``eyes_found``, the share of frames with both eyes.
        ``frames``, ``faces`` (frames with a face), ``eye_distance`` (median of all methods,
        in pixels), ``detector`` and ``calibrated``.

    Raises:
        InputError: not a video.
        ModelError: a model is unknown, missing, damaged, or not free for commercial use.

    """
    pictures = open_pictures(video)
    if pictures.kind is not SourceKind.VIDEO:
        raise InputError(f"{video} is no video; give photos with --truth and --images")
    finders, calibrated = open_finders(options, settings, progress)
    detector = open_detector(options.detector, settings=settings, progress=progress, threads=1)

    def look(image: RGBImage) -> NDArray[np.float64] | None:
        return _pupils(image, detector, finders)

    seen = [found for _, found in each_picture(pictures, look, progress, "finding pupils")]
    nowhere = np.full((len(finders), 2, 2), np.nan)
    tracks = np.array([nowhere if found is None else found for found in seen])
    apart = np.linalg.norm(tracks[:, :, 1] - tracks[:, :, 0], axis=2)
    return {
        "methods": {name: _record(tracks[:, i], apart[:, i]) for i, name in enumerate(finders)},
        "frames": len(seen),
        "faces": sum(found is not None for found in seen),
        "eye_distance": _known(float(np.nanmedian(apart))) if np.isfinite(apart).any() else None,
        "detector": detector.name,
        "calibrated": calibrated,
    }


def _pupils(
    image: RGBImage, detector: FaceDetector, finders: Mapping[str, PupilFinder]
) -> NDArray[np.float64] | None:
    """(methods, 2, 2) of the largest face; None without one."""
    (faces,) = detector.detect([image])
    if not len(faces):
        return None
    sides = sides_of(faces.boxes)
    face = faces[np.array([sides.prod(axis=1).argmax()])]
    found = [finder.find(image, face).centres[0] for finder in finders.values()]
    return np.array(found, np.float64)


def _record(track: NDArray[np.float64], apart: NDArray[np.float64]) -> dict[str, float | None]:
    """The figures of one method's (n, 2, 2) track with ``apart`` (n,) between the eyes."""
    left = residuals(track)
    shares = left / apart[:, None, None]
    record = {"eyes_found": float(np.isfinite(track).all(axis=(1, 2)).mean())}
    jitter = {
        "jitter_pixels": _known(spread(left)),
        "jitter_eye_distances": _known(spread(shares)),
    }
    for eye, name in enumerate(_EYES):
        jitter[f"jitter_pixels_{name}"] = _known(spread(left[:, eye]))
        jitter[f"jitter_eye_distances_{name}"] = _known(spread(shares[:, eye]))
    return {**record, **jitter}


def _known(value: float) -> float | None:
    return round(value, 5) if np.isfinite(value) else None
