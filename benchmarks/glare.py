"""Whether the effect ``glare`` moves the gaze by what it intends, and nothing outside the lids.

On photos of LFW of people on whom nothing was tuned (``eyes/truth_validation.csv``), with each
direction and several amounts, with the lids as they are:

- ``gaze``: the change of :func:`closeup.pupils.gaze.gaze` with the pupils of the network, found
  again in the changed picture, against the shift of the irises that the effect intends after its
  own limits, in the same unit: correlation and slope, across, down and of both together. The
  corners of the eyes are those of the original, since the head does not move. ``corners again`` is
  the correlation with corners found again as well: dlib's follow the irises.
- ``iris``: the shift of the iris measured without any method of Closeup: the visible iris, four
  times enlarged, is found again as a template in the changed picture, by least squares.
- ``outside``: pixels that change farther from the contour of an eye than the edge of a lid, and
  with narrowed lids farther than the lids.

The same for the webcam video, with faces steadied as in videos, and the time for a face whose eyes
are 100 pixels apart, beside the time in which the network finds its pupils.

*Into the camera*: with ``--direction camera``, the median angle between the gaze and the lens
``before`` and ``after``, measured like ``gaze`` above, the share of faces that are ``nearer``
after, and the pixels that change. Faces are grouped by the angle that the effect knows, in videos
that of the steadied gaze: up to 15 degrees are corrected, from 25 on nothing changes. Of faces
whose eyes are closed or whose heads are turned, on which the effect fades out by itself, only those
beyond 25 degrees count.

    python -m benchmarks.glare [--part train|validation] [--photos N] [--lids NAME]
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.pupils import part
from benchmarks.recording import save, settings, shared_data, show
from closeup.effects.eye_opening import MARGIN, MARGIN_PIXELS
from closeup.effects.face_shapes import IRIS, EyeShape, FaceShape, face_shapes
from closeup.effects.glare import EYEBALL, Direction, GlaringEyes, shift_to_camera
from closeup.errors import ModelMissingError
from closeup.evaluation.pupil_reading import face_of
from closeup.executors.threads import ordered_map
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.media.video_reader import VideoReader
from closeup.models.files import locate
from closeup.open_models import Models
from closeup.pipeline.effects.parts import FollowedFaces
from closeup.protocols import FaceDetector, Landmarker, PupilFinder
from closeup.pupils.gaze import REACH, gaze
from closeup.pupils.with_eyes import with_eyes

PHOTOS, EVERY_FRAME = 200, 10
AMOUNTS = (0.5, 1.0)
_LID = 0.11
"""Height of the part of a lid that moves with its edge, in eye distances."""
_NEARER = 1.1
"""Enlargement of the nearer eye of a turned head, at most."""
_ENLARGED = 4
"""Enlargement of eyes in which irises are found again."""
_SEARCH = 0.14
"""Largest shift of an iris that is searched, in eye distances."""
_ANGLES = (0, 5, 10, 15, 25, 90)
"""Limits of the groups by the angle from the lens, in degrees."""
_STRAIGHT, _OPEN = 25, 0.8
"""Largest turn of a head in degrees and least openness, of faces that are made to look ahead."""
_APART, _CALLS = 100, 5
"""Pixels between the eyes of the faces whose time is measured, and calls for each."""

Numbers = NDArray[np.float64]
Picture = tuple[RGBImage, Faces]


@dataclass(frozen=True, slots=True)
class Parts:
    """What finds faces and their eyes."""

    detector: FaceDetector
    landmarker: Landmarker
    finder: PupilFinder

    def described(self, image: RGBImage, pupils: Numbers) -> Faces | None:
        """Return the face with these pupils and its eyes; None if it is not found."""
        face = face_of(self.detector.detect(image), pupils)
        return None if face is None else with_eyes(image, face, self.finder, self.landmarker)


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """One face, changed by the effect; vectors are in units of the gaze.

    Attributes:
        asked: (2,) by which the irises are meant to move.
        gaze: (2,) by which the gaze moved.
        again: (2,) the same with corners found again.
        iris: (2,) by which irises were found to have moved.
        outside: Changed pixels beyond the edges of the lids.
        narrowed: Changed pixels beyond the lids, if they are narrowed.

    """

    asked: Numbers
    gaze: Numbers
    again: Numbers
    iris: Numbers
    outside: int
    narrowed: int


def main() -> None:
    """Measure, print and save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--part", default="validation", choices=("train", "validation"))
    parser.add_argument("--photos", type=int, default=PHOTOS)
    parser.add_argument("--lids", help="landmarks from which lids and corners come; default: all")
    asked = parser.parse_args()
    models, rows, ahead, times = Models(settings()), [], [], []
    for name in [asked.lids] if asked.lids else schemes():
        parts = Parts(
            models.detector("yunet-n"), models.landmarker(name), models.pupil_finder("network")
        )
        photos = list(photos_of(asked.part, asked.photos, parts))
        for title, pictures in (
            (f"{len(photos)} photos", photos), ("webcam video", list(video_of(parts)))
        ):  # fmt: skip
            rows += rows_of(title, name, pictures, parts)
            ahead += camera_rows(title, name, pictures, parts)
        times.append(time_row(name, photos, parts))
    show("gaze asked and measured", rows)
    show("into the camera", ahead)
    show(f"a face of {_APART} pixels between the eyes", times)
    if asked.part == "validation" and asked.photos == PHOTOS and not asked.lids:
        save("glare", {"amounts": AMOUNTS, "gaze": rows, "camera": ahead, "time": times})


def schemes() -> list[str]:
    """Return the landmarkers whose models are there."""
    try:
        locate("mediapipe-468", settings())
    except ModelMissingError:
        return ["dlib-5-points"]
    return ["dlib-5-points", "mediapipe-468"]


def photos_of(name: str, count: int, parts: Parts) -> Iterator[Picture]:
    """Yield random photos of a table of which the effect changes at least one eye."""
    truth = part(name, 1)
    order = np.random.default_rng(0).permutation(len(truth))
    for index in order.tolist():
        image = truth.image(index)
        faces = parts.described(image, truth.centres[index])
        if faces is not None and asked_of(GlaringEyes(amount=1.0), faces) is not None:
            yield image, faces
            count -= 1
        if not count:
            return


def video_of(parts: Parts) -> Iterator[Picture]:
    """Yield some frames of a man in front of his webcam, with the faces that effects get."""
    followed = FollowedFaces(parts.detector, parts.finder, parts.landmarker)
    with VideoReader(shared_data() / "video" / "webcam_face.avi") as video:
        for index, frame in enumerate(video.frames()):
            image = frame.rgb()
            faces = followed.find(frame, image)
            if index % EVERY_FRAME == 0 and len(faces):
                yield image, faces[np.array([0])]


def asked_of(effect: GlaringEyes, faces: Faces) -> Numbers | None:
    """Return the intended change of the gaze (2,) of one face; None if no eye is changed."""
    shifts = [eye.offset for _, _, eye in effect.moved_eyes(faces)]
    asked = np.mean(shifts, axis=0) / REACH if shifts else np.zeros(2)
    return asked if np.abs(asked).max() > 1e-3 else None


def changes(picture: Picture, parts: Parts) -> list[Change]:
    """Return what each direction and amount does to a picture's face."""
    found = []
    for direction in (Direction.LEFT, Direction.RIGHT, Direction.UP, Direction.DOWN):
        for amount in AMOUNTS:
            change = change_by(GlaringEyes(direction, amount, 0.0), direction, picture, parts)
            found += [] if change is None else [change]
    return found


def change_by(
    effect: GlaringEyes, direction: Direction, picture: Picture, parts: Parts
) -> Change | None:
    """Return what an effect does; None if it changes nothing, or no gaze is measured."""
    image, faces = picture
    asked, shape = asked_of(effect, faces), next(face_shapes(faces), None)
    if asked is None or shape is None:
        return None
    drawn = effect(image, faces)
    before, after = (look_of(one, faces, parts) for one in (image, drawn))
    points = parts.landmarker.find(drawn, faces)
    again = gaze(points, parts.finder.find(drawn, faces.with_columns(points=points)))[0]
    narrowed = GlaringEyes(direction, 1.0, 1.0)(image, faces)
    return Change(
        asked,
        after - before,
        again - before,
        np.mean([iris_shift(image, drawn, shape, eye) for eye in shape.eyes], axis=0) / REACH,
        outside(image, drawn, shape, 0.0),
        outside(image, narrowed, shape, _LID),
    )


def camera_rows(
    name: str, lids: str, pictures: Iterable[Picture], parts: Parts
) -> list[dict[str, object]]:
    """Return a row for each group of faces by their angle from the lens."""
    turned = [turned_to_camera(picture, parts) for picture in pictures]
    found = np.array([one for one in turned if one is not None and np.isfinite(one).all()])
    rows: list[dict[str, object]] = []
    for low, high in itertools.pairwise(_ANGLES):
        _, before, after, pixels = found[(found[:, 0] >= low) & (found[:, 0] < high)].T
        if len(before):
            rows.append({
                "on": name, "lids": lids, "angle": f"{low} to {high}", "faces": len(before),
                "before": round(float(np.median(before)), 1),
                "after": round(float(np.median(after)), 1),
                "nearer": f"{(after < before).mean():.0%}",
                "changed pixels": round(float(np.median(pixels))), "most": int(pixels.max()),
            })  # fmt: skip
    return rows


def turned_to_camera(picture: Picture, parts: Parts) -> tuple[float, float, float, int] | None:
    """Return angles from the lens and the number of changed pixels.

    The angles are those that the effect knows, and that are measured before and after it.

    None if an eye is unknown, or if the effect fades out by itself, on closed eyes and turned
    heads, while the angle is not too large for it.
    """
    image, faces = picture
    shape = next(face_shapes(faces), None)
    if shape is None or len(shape.eyes) < 2:
        return None
    turned = abs(np.degrees(shape.yaw)) > _STRAIGHT
    fading = turned or min(eye.openness for eye in shape.eyes) < _OPEN
    assert faces.points is not None
    assert faces.eyes is not None
    points = faces.points.shape[1]
    drawn = GlaringEyes(Direction.CAMERA, 1.0)(image, faces)
    looks = [gaze(faces.points, faces.eyes)[0]]
    looks += [look_of(one, faces, parts) for one in (image, drawn)]
    known, before, after = (angle_of(shift_to_camera(shape, look, points)) for look in looks)
    if fading and known < _ANGLES[-2]:
        return None
    return known, before, after, int((image != drawn).any(axis=-1).sum())


def angle_of(shift: Numbers) -> float:
    """Return the angle in degrees by which an eye turns if its iris moves by ``shift`` (2,)."""
    return float(np.degrees(np.arcsin(min(1.0, float(np.linalg.norm(shift)) / EYEBALL))))


def look_of(image: RGBImage, faces: Faces, parts: Parts) -> Numbers:
    """Return the gaze (2,) of a face with its points, and pupils found in this picture."""
    assert faces.points is not None
    return np.asarray(gaze(faces.points, parts.finder.find(image, faces))[0])


def iris_shift(before: RGBImage, after: RGBImage, face: FaceShape, eye: EyeShape) -> Numbers:
    """Return the shift (2,) of an iris, in eye distances, by least squares of its pixels."""
    reach = IRIS + _SEARCH
    first, second = (
        enlarged(one, eye.pupil, reach * face.unit, _ENLARGED) for one in (before, after)
    )
    side, radius = first.shape[0], round(0.85 * IRIS * face.unit * _ENLARGED)
    middle = side // 2
    mask, disc = np.zeros(first.shape[:2], np.uint8), np.zeros(first.shape[:2], np.uint8)
    lids = (eye.lids - eye.pupil) * _ENLARGED + middle
    cv2.fillPoly(mask, [np.rint(lids).astype(np.int32)], 1)
    cv2.circle(disc, (middle, middle), radius, 1, -1)
    inner = slice(middle - radius, middle + radius + 1)
    template, weights = first[inner, inner], (mask * disc)[inner, inner]
    errors = cv2.matchTemplate(second, template, cv2.TM_SQDIFF, mask=weights)
    y, x = np.unravel_index(int(np.argmin(errors)), errors.shape)
    moved = (np.array([x, y], float) - (middle - radius)) / _ENLARGED
    return np.asarray(face.axes.T @ moved / face.unit)


def enlarged(image: RGBImage, centre: Numbers, reach: float, scale: float) -> NDArray[np.float32]:
    """Return the square around a place, enlarged, with the place in its middle."""
    side = 2 * round(reach * scale) + 1
    matrix = np.column_stack([np.eye(2) * scale, side // 2 - centre * scale])
    drawn = cv2.warpAffine(
        image, matrix, (side, side), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(drawn, np.float32)


def outside(before: RGBImage, after: RGBImage, face: FaceShape, reach: float) -> int:
    """Return the number of changed pixels farther than ``reach`` from the edges of the lids."""
    rows, columns = np.nonzero((before != after).any(axis=-1))
    left, margin = 0, max(MARGIN, MARGIN_PIXELS / face.unit)
    far = _NEARER * (margin + reach) * face.unit
    for x, y in zip(columns.tolist(), rows.tolist(), strict=True):
        near = [
            cv2.pointPolygonTest(eye.lids.astype(np.float32), (x, y), True) for eye in face.eyes
        ]
        left += max(near) < -far
    return left


def rows_of(
    name: str, lids: str, pictures: Iterable[Picture], parts: Parts
) -> list[dict[str, object]]:
    """Return one row for each axis and one for both."""
    found = [one for some in ordered_map(lambda p: changes(p, parts), pictures) for one in some]
    columns = {
        column: np.array([getattr(one, column) for one in found])
        for column in ("asked", "gaze", "again", "iris")
    }
    known = np.isfinite(columns["gaze"]).all(axis=1) & np.isfinite(columns["again"]).all(axis=1)
    columns = {column: values[known] for column, values in columns.items()}
    rows = []
    for axes, title in (([0], "across"), ([1], "down"), ([0, 1], "both")):
        asked, look, again, iris = (values[:, axes].ravel() for values in columns.values())
        rows.append({
            "on": name, "lids": lids, "axis": title, "changes": int(known.sum()),
            "gaze": alike(asked, look), "its slope": slope(asked, look),
            "corners again": alike(asked, again),
            "iris": alike(asked, iris), "slope of the iris": slope(asked, iris),
            "outside": sum(one.outside for one in found),
            "outside, narrowed": sum(one.narrowed for one in found),
        })  # fmt: skip
    return rows


def alike(asked: Numbers, measured: Numbers) -> float:
    """Return the correlation."""
    return round(float(np.corrcoef(asked, measured)[0, 1]), 3)


def slope(asked: Numbers, measured: Numbers) -> float:
    """Return the measured share of what was asked, by least squares."""
    return round(float(asked @ measured / (asked @ asked)), 2)


def time_row(name: str, photos: list[Picture], parts: Parts) -> dict[str, object]:
    """Return the median processor time of the effect, and of the pupils' network."""
    effect, drawing, finding = GlaringEyes(amount=1.0), [], []
    for image, faces in photos[:40]:
        shape = next(face_shapes(faces))
        scale = _APART / shape.unit
        large = np.asarray(cv2.resize(image, None, fx=scale, fy=scale), np.uint8)
        described = parts.described(large, np.array([eye.pupil for eye in shape.eyes]) * scale)
        if described is None:
            continue
        drawing.append(seconds_of(lambda: effect(large, described)))  # noqa: B023
        finding.append(seconds_of(lambda: parts.finder.find(large, described)))  # noqa: B023
    effect_ms, network_ms = (1000 * float(np.median(values)) for values in (drawing, finding))
    return {
        "lids": name, "glare, ms": round(effect_ms, 2), "pupils, ms": round(network_ms, 2),
        "ratio": round(effect_ms / network_ms, 2),
    }  # fmt: skip


def seconds_of(work: Callable[[], object]) -> float:
    """Return the processor time of a call, the least of several."""
    times = []
    for _ in range(_CALLS):
        start = time.thread_time()
        work()
        times.append(time.thread_time() - start)
    return min(times)


if __name__ == "__main__":
    main()
