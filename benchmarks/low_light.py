"""Whether the defects of photos agree with recognition, for dark and for light skin alike.

People of Labeled Faces in the Wild are sorted by the colour of their cheeks, as individual typology
angle (Chardon, Cretois and Hourseau 1991), the mean of up to three photos. The darkest and the
lightest fifth are compared: a photo of each person, made worse in several ways, is verified
against another photo that is left as it is. Only people whose two photos match unchanged count.

The limits are fitted to one half of the people; all other figures are of the other half. A limit
is the value at which 85 % of the faces still match, by logistic regression.

How to read it: "match" is the share of photos in which the face is found and accepted as the same
person (one false accept in a thousand); the columns after it are the shares of found faces that
are named as a defect. "mean below 30" is a limit of the mean grey, for comparison. Of two rows with
an equal share of matches, equal shares of defects are fair. The second table sums this up: how
many faces that match are called defective, and how many that do not match.
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from benchmarks.recording import save, settings, shared_data, show
from closeup.evaluation.photo_vectors import nearest_the_middle
from closeup.evaluation.sensitivity import recompressed, relit, shrunk
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Size, iou
from closeup.identity.calibration import calibration_of
from closeup.identity.defects import BLURRED, BRIGHT, WEAK, Defect, defects
from closeup.identity.description import mirrored_mean
from closeup.identity.quality import contrast, detail, middle_luma
from closeup.identity.verification import verify
from closeup.media.images import read_image
from closeup.opening import open_detector, open_embedder
from closeup.progress import Silent

_TONES = ("dark", "light")
_TONE_PHOTOS = 3
_SAME_PLACE = 0.3
_STILL = 0.85
_GREY = 30.0
_HAZE = 190


@dataclass(frozen=True, slots=True)
class Change:
    """How a photo is made worse.

    Attributes:
        group: ``light``, ``bright``, ``blur`` or ``dark blur``.
        light: Factor of the linear light.
        noise: Whether a small sensor adds noise.
        values: Factor of the 8-bit values; 1/5 is about 1/30 of the light.
        contrast: Share of the contrast that is left behind a light grey haze.
        blur: Standard deviation of a Gaussian filter in pixels.
        height: Height in pixels to which the face is shrunk; None to keep its size.
        quality: Quality of a last JPEG compression; None for none.

    """

    group: str = "light"
    light: float = 1.0
    noise: bool = False
    values: float = 1.0
    contrast: float = 1.0
    blur: float = 0.0
    height: int | None = None
    quality: int | None = None

    def made(self, image: RGBImage, height: float, random: np.random.Generator) -> RGBImage:
        """Return the worse photo.

        Args:
            image: The photo.
            height: Height of its face in pixels.
            random: Source of the noise.

        """
        worse = image if self.height is None else shrunk(image, self.height / height)
        if self.blur:
            worse = np.asarray(cv2.GaussianBlur(worse, (0, 0), self.blur), np.uint8)
        if self.light != 1 or self.noise:
            worse = relit(worse, self.light, random if self.noise else None)
        haze = _HAZE * (1 - self.contrast)
        worse = np.round(worse * (self.values * self.contrast) + haze).astype(np.uint8)
        return worse if self.quality is None else recompressed(worse, self.quality)


CHANGES = {
    "unchanged": Change(),
    **{f"light 1/{part}": Change(light=1 / part) for part in (2, 5, 10, 20, 40)},
    **{f"light 1/{part}, noise": Change(light=1 / part, noise=True) for part in (2, 5, 10, 20, 40)},
    **{
        f"light 1/{part}, noise, JPEG": Change(light=1 / part, noise=True, quality=75)
        for part in (10, 20, 40)
    },
    **{f"values 1/{part}": Change(values=1 / part) for part in (5, 10)},
    **{f"haze, {share:.0%} left": Change(contrast=share) for share in (0.5, 0.25, 0.12)},
    **{f"light × {factor}": Change("bright", light=factor) for factor in (2, 4, 8)},
    **{f"blur {deviation}": Change("blur", blur=deviation) for deviation in (1.5, 2.5, 4.0)},
    **{f"{height} pixels high": Change("blur", height=height) for height in (40, 24)},
    **{
        f"blur {deviation}, light 1/5, noise": Change("dark blur", 0.2, noise=True, blur=deviation)
        for deviation in (1.5, 2.5, 4.0)
    },
}


@dataclass(frozen=True, slots=True)
class Trial:
    """One worse photo of a person, and what became of its face.

    If ``found`` is false, no face was found in its place, and the rest is meaningless.
    """

    person: str
    tone: str
    change: str
    found: bool = False
    same: bool = False
    named: frozenset[str] = frozenset()
    contrast: float = 0.0
    detail: float = 0.0
    mean: float = 0.0

    @property
    def fitted(self) -> bool:
        """Whether its person belongs to the half to which the limits are fitted."""
        return zlib.crc32(self.person.encode()) % 2 == 0


class Examiner:
    """Verifies worse photos against good ones."""

    def __init__(self) -> None:
        here = settings()
        self._detector = open_detector("yunet-n", settings=here, progress=Silent(), threads=1)
        self._embedder = open_embedder(settings=here, threads=1)
        self._calibration = calibration_of(self._embedder)

    def tone(self, photos: Sequence[Path]) -> float:
        """Return the mean typology angle of the cheeks in degrees; NaN if no face is found."""
        angles = [
            typology_angle(image, face.landmarks[0])
            for image in map(read_image, photos[:_TONE_PHOTOS])
            for face in self._face(image)
            if face.landmarks is not None
        ]
        return float(np.mean(angles)) if angles else np.nan

    def trials(self, person: str, tone: str, photos: Sequence[Path]) -> list[Trial]:
        """Return all trials of a person's first photo; none if it does not match as it is."""
        image, other = map(read_image, photos[:2])
        face, second = self._face(image), self._face(other)
        if not (len(face) and len(second)):
            return []
        height = float(face.boxes[0, 3] - face.boxes[0, 1])
        found: list[Trial] = []
        chips = self._embedder.chips(other, second)
        for number, (name, change) in enumerate(CHANGES.items()):
            random = np.random.default_rng([zlib.crc32(person.encode()), number])
            worse = change.made(image, height, random)
            scale = len(worse) / len(image)
            trial, chip = self._seen(Trial(person, tone, name), worse, face.scaled(scale, scale))
            found.append(trial)
            chips += chip
        vectors = iter(mirrored_mean(self._embedder, chips))
        known = next(vectors)
        judged = [
            replace(trial, same=verify(next(vectors), known, self._calibration).same)
            if trial.found
            else trial
            for trial in found
        ]
        return judged if judged[0].same else []

    def _face(self, image: RGBImage) -> Faces:
        return nearest_the_middle(self._detector.detect(image), Size.of(image))

    def _seen(self, trial: Trial, worse: RGBImage, before: Faces) -> tuple[Trial, list[RGBImage]]:
        """Return the trial with what its chip shows, and the chip; no chip if no face is found."""
        face = self._face(worse)
        if not len(face) or iou(face.boxes, before.boxes)[0, 0] < _SAME_PLACE:
            return trial, []
        (chip,) = self._embedder.chips(worse, face)
        seen = replace(
            trial,
            found=True,
            named=frozenset(defect.name for defect in defects(face, chip)),
            contrast=contrast(chip),
            detail=detail(chip),
            mean=float(middle_luma(chip).mean()),
        )
        return seen, [chip]


def typology_angle(image: RGBImage, points: NDArray[np.float32]) -> float:
    """Return ``atan((L − 50) / b)`` in degrees, of the medians of L and b of both cheeks."""
    right, left, _, right_mouth, left_mouth = points
    radius = max(1, round(0.12 * float(np.linalg.norm(left - right))))
    cheeks = []
    for eye, corner in ((right, right_mouth), (left, left_mouth)):
        x, y = np.round(0.45 * eye + 0.55 * corner).astype(int).tolist()
        rows = slice(max(0, y - radius), y + radius + 1)
        columns = slice(max(0, x - radius), x + radius + 1)
        cheeks.append(image[rows, columns].reshape(-1, 3))
    pixels = (np.concatenate(cheeks)[None] / 255).astype(np.float32)
    light, _, yellow = np.median(cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)[0], axis=0).tolist()
    return float(np.degrees(np.arctan2(light - 50, max(yellow, 1e-3))))


def tones(examiner: Examiner, people: Mapping[str, Sequence[Path]]) -> dict[str, list[str]]:
    """Return the people of the darkest and of the lightest fifth."""
    angles = {name: examiner.tone(photos) for name, photos in people.items()}
    known = sorted((name for name in angles if np.isfinite(angles[name])), key=angles.__getitem__)
    fifth = len(known) // 5
    return {"dark": known[:fifth], "light": known[-fifth:]}


def fitted_limit(trials: Sequence[Trial], values: Sequence[float]) -> float:
    """Return the value at which the share :data:`_STILL` of the faces match."""
    logs = np.log(np.maximum(values, 1e-3))
    same = np.array([trial.same for trial in trials])
    middle, scale = logs.mean(), logs.std()
    x = (logs - middle) / scale

    def cost(weights: NDArray[np.float64]) -> float:
        answer = weights[0] + weights[1] * x
        return float(np.logaddexp(0, np.where(same, -answer, answer)).sum())

    constant, slope = minimize(cost, np.zeros(2)).x
    wanted = (np.log(_STILL / (1 - _STILL)) - constant) / slope
    return float(np.exp(wanted * scale + middle))


def limits(trials: Sequence[Trial]) -> list[dict[str, object]]:
    """Return each limit in the code beside the one that is fitted here."""

    def fitted(group: str, value: Callable[[Trial], float]) -> float:
        own = [
            trial
            for trial in trials
            if trial.fitted and trial.found and trial.change in {"unchanged", *_of_group(group)}
        ]
        return fitted_limit(own, [value(trial) for trial in own])

    rows = {
        "contrast": (WEAK, fitted("light", lambda trial: trial.contrast)),
        "detail": (BLURRED, fitted("blur", lambda trial: trial.detail)),
        # What counts is how far the luma is from white.
        "mean luma": (BRIGHT, 256 - fitted("bright", lambda trial: 256 - trial.mean)),
    }
    return [
        {"limit of": name, "in the code": limit, "fitted": round(found, 2)}
        for name, (limit, found) in rows.items()
    ]


def _of_group(group: str) -> list[str]:
    return [name for name, change in CHANGES.items() if change.group == group]


def percent(flags: Sequence[bool]) -> float | None:
    """Return the share of true values in percent; None of nothing."""
    return round(100 * sum(flags) / len(flags), 1) if flags else None


def row(change: str, tone: str, trials: Sequence[Trial]) -> dict[str, object]:
    """Return the figures of one change and tone."""
    found = [trial for trial in trials if trial.found]
    named = {
        defect.name.lower(): percent([defect.name in trial.named for trial in found])
        for defect in (Defect.DARK, Defect.FLAT, Defect.BRIGHT, Defect.BLURRED)
    }
    return {
        "change": change,
        "skin": tone,
        "found": percent([trial.found for trial in trials]),
        "match": percent([trial.same for trial in found]),
        **named,
        "mean below 30": percent([trial.mean < _GREY for trial in found]),
    }


def summary(trials: Sequence[Trial]) -> list[dict[str, object]]:
    """Return the shares of matching and of other faces that are called defective."""
    rules: dict[str, tuple[set[str], Callable[[Trial], bool]]] = {
        "too dark, without contrast": ({"light"}, lambda t: bool(t.named & {"DARK", "FLAT"})),
        "mean below 30": ({"light"}, lambda t: t.mean < _GREY),
        "too blurred": ({"blur", "dark blur"}, lambda t: "BLURRED" in t.named),
        "too blurred, in little light": ({"light"}, lambda t: "BLURRED" in t.named),
        "too bright": ({"bright"}, lambda t: "BRIGHT" in t.named),
    }
    rows: list[dict[str, object]] = []
    for name, (groups, rule) in rules.items():
        own = [t for t in trials if t.found and CHANGES[t.change].group in groups]
        figures = {
            f"{tone}, {kind}": percent([rule(t) for t in own if t.tone == tone and t.same == same])
            for tone in _TONES
            for kind, same in (("match", True), ("no match", False))
        }
        rows.append({"defect": name, **figures})
    return rows


def main() -> None:
    """Measure, print the tables and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=3, help="take every N-th person; default 3")
    every: int = parser.parse_args().every
    folders = sorted((shared_data() / "lfw" / "images").iterdir())
    people = {folder.name: sorted(folder.glob("*.jpg")) for folder in folders}
    several = [name for name, photos in people.items() if len(photos) > 1][::every]
    examiner = Examiner()
    trials = [
        trial
        for tone, names in tones(examiner, {name: people[name] for name in several}).items()
        for name in names
        for trial in examiner.trials(name, tone, people[name])
    ]
    reported = [trial for trial in trials if not trial.fitted]
    rows = [
        row(change, tone, [t for t in reported if (t.change, t.tone) == (change, tone)])
        for change in CHANGES
        for tone in _TONES
    ]
    fitted, defective = limits(trials), summary(reported)
    dark, light = (len({t.person for t in reported if t.tone == tone}) for tone in _TONES)
    save(
        "low_light",
        {"dark": dark, "light": light, "limits": fitted, "defects": defective, "rows": rows},
    )
    show("Limits", fitted)
    show("Faces named as defective, of those that match and of the others, in percent", defective)
    show(f"Worse photos of {dark} people of dark and {light} of light skin, in percent", rows)


if __name__ == "__main__":
    main()
