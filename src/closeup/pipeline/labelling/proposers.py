"""Programs that propose labels for people to judge and correct: faces, pupils, members."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from closeup.annotations import Annotation, KeyPoint
from closeup.faces import Faces
from closeup.frames import RGBImage
from closeup.geometry import Size
from closeup.labels import EYES, FIVE_POINTS, Box
from closeup.landmarks.warping import warped
from closeup.pipeline.labelling.method_origins import origin_of
from closeup.pipeline.people.identify import FaceIdentifier
from closeup.pipeline.search.pupils import FaceAndPupilFinder
from closeup.protocols import FaceDetector
from closeup.pupils.eye_crops import CropShape, EyeCrop
from closeup.pupils.method import EyeMethod
from closeup.similarity import Similarity


class LabelProposer(Protocol):
    """Proposes labels of a picture; any thread may call it."""

    @property
    def method(self) -> str:
        """Name of the method, which the labels carry."""
        ...

    @property
    def version(self) -> str:
        """Version of the method; another one proposes anew."""
        ...

    def propose(self, image: RGBImage) -> tuple[Annotation, ...]:
        """The labels of a picture; their keys are unique among all methods."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class FaceProposer:
    """Proposes a box with five points for each face.

    Attributes:
        detector: Finds the faces; a detector without points proposes boxes only.
        version: Version of the detector.

    """

    detector: FaceDetector
    version: str

    @property
    def method(self) -> str:
        """Name of the detector."""
        return self.detector.name

    def propose(self, image: RGBImage) -> tuple[Annotation, ...]:
        """See :meth:`LabelProposer.propose`."""
        faces = self.detector.detect(image)
        return tuple(
            _of_face(faces, number, self.method, self.version) for number in range(len(faces))
        )


@dataclass(frozen=True, slots=True, eq=False)
class MemberProposer:
    """Proposes a box for each face, with the member's name where one is accepted.

    Attributes:
        identifier: Finds and names the faces.
        version: Version of detector and embedding.
        guesses: Whether a face for which no member is accepted gets the name of the likeliest one,
            for people to judge; its score is half of that member's confidence.

    """

    identifier: FaceIdentifier
    version: str
    guesses: bool = False

    @property
    def method(self) -> str:
        """Names of the detector and the embedding."""
        return f"{self.identifier.detector.name}+{self.identifier.embedder.name}"

    def propose(self, image: RGBImage) -> tuple[Annotation, ...]:
        """See :meth:`LabelProposer.propose`; the score of a named face is its confidence."""
        faces = self.identifier.find(image)
        found = tuple(
            _of_face(faces, number, self.method, self.version, points=False)
            for number in range(len(faces))
        )
        return self._guessed(faces, found) if self.guesses else found

    def _guessed(self, faces: Faces, found: tuple[Annotation, ...]) -> tuple[Annotation, ...]:
        best = [identity.best for identity in faces.identities or ()]
        return tuple(
            label
            if label.name
            else replace(label, name=likely.name, score=_score(likely.confidence / 2))
            for label, likely in zip(found, best, strict=True)
        )


@dataclass(frozen=True, slots=True, eq=False)
class PupilProposer:
    """Proposes the pupils of each face, as the points of the two eyes.

    Attributes:
        finder: Finds faces and pupils.
        version: Version of the method that finds the pupils.

    """

    finder: FaceAndPupilFinder
    version: str

    @property
    def method(self) -> str:
        """Name of the method that finds the pupils."""
        return self.finder.finder.name

    def propose(self, image: RGBImage) -> tuple[Annotation, ...]:
        """See :meth:`LabelProposer.propose`; a face without a pupil gets no label."""
        eyes = self.finder.find(image).eyes
        if eyes is None:
            return ()
        labels = []
        for number, (centres, found) in enumerate(zip(eyes.centres, eyes.found, strict=True)):
            if found.any():
                labels.append(
                    Annotation(
                        points=_points(EYES, centres, found),
                        key=f"{self.method}-{number}",
                        origin=origin_of(self.method),
                        method=self.method,
                        version=self.version,
                        score=_score(float(eyes.confidence[number][found].min())),
                    )
                )
        return tuple(labels)


@dataclass(frozen=True, slots=True, eq=False)
class EyeProposer:
    """Proposes the pupil in a crop of one eye, as an eye data set has them.

    Attributes:
        finder: Finds the pupil in a crop.
        version: Version of the method.
        width: Width of the crops, in eye distances.
        shape: Shape of crops that the method expects.

    """

    finder: EyeMethod
    version: str
    width: float
    shape: CropShape

    @property
    def method(self) -> str:
        """Name of the method."""
        return self.finder.name

    def propose(self, image: RGBImage) -> tuple[Annotation, ...]:
        """See :meth:`LabelProposer.propose`; an eye without a pupil gets no label."""
        crop = recut(image, self.width, self.shape)
        found = self.finder.locate(crop)
        if found.point is None:
            return ()
        x, y = crop.to_source(found.point).tolist()
        label = Annotation(
            points={"pupil": KeyPoint(x, y)},
            key=self.method,
            origin=origin_of(self.method),
            method=self.method,
            version=self.version,
            score=_score(found.confidence),
        )
        return (label,)


def recut(image: RGBImage, width: float, shape: CropShape) -> EyeCrop:
    """The same eye in the middle of a crop of the shape that a method expects.

    Args:
        image: A crop of an eye data set.
        width: Its width in eye distances.
        shape: The shape that is expected.

    """
    distance = image.shape[1] / width
    size, scale = shape.size(distance), shape.unit / distance
    middle = (np.array(Size.of(image)) - 1) / 2
    shift = (np.array(size) - 1) / 2 - scale * middle
    similarity = Similarity(np.column_stack([scale * np.eye(2), shift]))
    pixels = warped(image, similarity, size, fill=None)
    return EyeCrop(pixels, similarity, mirrored=False, unit=shape.unit)


def _of_face(
    faces: Faces, number: int, method: str, version: str, *, points: bool = True
) -> Annotation:
    box: Box = tuple(faces.boxes[number].tolist())
    name = faces.names[number] or ""
    score = float(faces.scores[number])
    if name and faces.identities is not None:
        score = faces.identities[number].best.confidence
    own = faces.landmarks if points else None
    return Annotation(
        name=name,
        box=box,
        points={} if own is None else _points(FIVE_POINTS, own[number], np.ones(5, np.bool_)),
        key=f"{method}-{number}",
        origin=origin_of(method),
        method=method,
        version=version,
        score=_score(score),
    )


def _points(
    names: tuple[str, ...], places: NDArray[np.floating], found: NDArray[np.bool_]
) -> dict[str, KeyPoint]:
    rows = zip(names, places.tolist(), found.tolist(), strict=True)
    return {name: KeyPoint(x, y) for name, (x, y), there in rows if there}


def _score(value: float) -> float:
    return round(min(max(value, 0.0), 1.0), 4)
