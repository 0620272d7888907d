"""``closeup evaluate pupils --video``: the jitter of the pupils of a still face."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from closeup.errors import InputError
from closeup.frames import RGBImage
from closeup.geometry import sides_of
from closeup.media.pictures import PictureSource, SourceKind, open_pictures
from closeup.open_models import Models
from closeup.pipeline.evaluation.pupil_evaluation import Methods, open_finders
from closeup.pipeline.search.each_picture import each_picture
from closeup.progress import Progress, Silent
from closeup.protocols import FaceDetector, PupilFinder

_EYES = ("right", "left")


def evaluate_jitter(
    video: PictureSource,
    methods: Methods = (),
    *,
    detector: str | FaceDetector = "auto",
    calibrations: Sequence[Path | str] = (),
    rotate: int = 0,
    models: Models | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Measure the jitter of methods on the largest face of every frame.

    Args:
        video: Shows one face, still or moving smoothly; a path or an iterable of frames.
        methods: The methods to measure.
        detector: A detector, or a name of :data:`closeup.opening.DETECTORS`.
        calibrations: Files of ``closeup calibrate pupils``, at most one per method.
        rotate: See :func:`closeup.find_faces`.
        models: Opens models given by name; None for a new :class:`Models`.
        progress: Receives stages and messages; silent if None.

    Returns:
        ``methods``: by name ``jitter_pixels`` and ``jitter_eye_distances``, the robust
        standard deviation along one axis of the :func:`jitter_residuals`, for both eyes and as
        ``…_right`` and ``…_left``; None if no nine consecutive frames have the eye; and
        ``eyes_found``, the share of frames with both eyes.
        ``frames``, ``faces`` (frames with a face), ``eye_distance`` (median of all methods,
        in pixels), ``detector`` and ``calibrated``.

    Raises:
        InputError: ``video`` is an image or a folder.
        ModelError: a model is unknown, missing, damaged, or not free for commercial use.
        ValueError: ``rotate`` is no quarter turn.

    """
    pictures = open_pictures(video, rotate=rotate)
    if pictures.kind in (SourceKind.IMAGE, SourceKind.FOLDER):
        raise InputError(f"{pictures.path} is no video; give photos with --truth and --images")
    models, progress = models or Models(), progress or Silent()
    finders, calibrated = open_finders(methods, calibrations, models, progress)
    opened = models.detector(detector, threads=1, progress=progress)

    def look(image: RGBImage) -> NDArray[np.float64] | None:
        return _pupils(image, opened, finders)

    seen = [found for _, found in each_picture(pictures, look, progress, "finding pupils")]
    nowhere = np.full((len(finders), 2, 2), np.nan)
    tracks = np.array([nowhere if found is None else found for found in seen])
    apart = np.linalg.norm(tracks[:, :, 1] - tracks[:, :, 0], axis=2)
    return {
        "methods": {name: _record(tracks[:, i], apart[:, i]) for i, name in enumerate(finders)},
        "frames": len(seen),
        "faces": sum(found is not None for found in seen),
        "eye_distance": _known(float(np.nanmedian(apart))) if np.isfinite(apart).any() else None,
        "detector": opened.name,
        "calibrated": calibrated,
    }


def _pupils(
    image: RGBImage, detector: FaceDetector, finders: Mapping[str, PupilFinder]
) -> NDArray[np.float64] | None:
    """(methods, 2, 2) pupils of the largest face in pixels; None without a face."""
    faces = detector.detect(image)
    if not len(faces):
        return None
    sides = sides_of(faces.boxes)
    face = faces[np.array([sides.prod(axis=1).argmax()])]
    found = [finder.find(image, face).centres[0] for finder in finders.values()]
    return np.array(found, np.float64)


def _record(track: NDArray[np.float64], apart: NDArray[np.float64]) -> dict[str, float | None]:
    """The figures of one method's (n, 2, 2) track with ``apart`` (n,) between the eyes."""
    left = jitter_residuals(track)
    shares = left / apart[:, None, None]
    record = {"eyes_found": float(np.isfinite(track).all(axis=(1, 2)).mean())}
    jitter = {
        "jitter_pixels": _known(jitter_spread(left)),
        "jitter_eye_distances": _known(jitter_spread(shares)),
    }
    for eye, name in enumerate(_EYES):
        jitter[f"jitter_pixels_{name}"] = _known(jitter_spread(left[:, eye]))
        jitter[f"jitter_eye_distances_{name}"] = _known(jitter_spread(shares[:, eye]))
    return {**record, **jitter}


def _known(value: float) -> float | None:
    return round(value, 5) if np.isfinite(value) else None


WINDOW = 9
"""Frames of one local fit."""

_NORMAL = 1.4826
"""Median absolute deviation to standard deviation, for normal errors."""


def jitter_residuals(places: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return what remains of a track after its smooth movement is subtracted.

    Around each frame a parabola is fitted to :data:`WINDOW` frames by least squares (Savitzky
    and Golay, Anal. Chem. 1964) and subtracted. The middle frame takes part in its own fit,
    which reduces the variance of white noise by the share 59/231, its weight; the residuals are
    rescaled, so that white noise keeps its standard deviation.

    Args:
        places: (n, …) positions, one row per frame; NaN where none was found.

    Returns:
        (n, …) float64; NaN where a frame of the window is missing, and at both ends.

    """
    weights = _middle_weights()
    half, left = WINDOW // 2, np.full(places.shape, np.nan)
    if len(places) >= WINDOW:
        windows = np.lib.stride_tricks.sliding_window_view(places.astype(np.float64), WINDOW, 0)
        apart = windows[..., half] - windows @ weights
        left[half : len(places) - half] = apart / np.sqrt(1 - weights[half])
    return left


def jitter_spread(values: NDArray[np.floating]) -> float:
    """Robust standard deviation about zero of all finite values; NaN where there is none.

    The median of the absolute values, scaled as for normal errors: a glance aside or a blink
    is an outlier and does not count as jitter.
    """
    known = np.abs(values[np.isfinite(values)])
    return _NORMAL * float(np.median(known)) if len(known) else float("nan")


def _middle_weights() -> NDArray[np.float64]:
    """Weights (WINDOW,) that give a fitted parabola's value at the middle frame."""
    steps = np.arange(WINDOW) - WINDOW // 2
    return np.asarray(np.linalg.pinv(np.vander(steps, 3))[2], np.float64)
