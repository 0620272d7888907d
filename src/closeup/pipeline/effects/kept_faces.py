"""Faces of named members that privacy effects leave visible."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from closeup.errors import MembersError
from closeup.faces import Faces
from closeup.fancam.options import FancamOptions
from closeup.frames import RGBImage
from closeup.geometry import Size, centres_of, sides_of
from closeup.identity.description import described
from closeup.identity.gallery import Gallery
from closeup.open_models import Models
from closeup.pipeline.fancams.fancams import make_fancams
from closeup.progress import Progress
from closeup.protocols import Embedder, FaceDetector
from closeup.tracks import PositionSource, Trajectory

_CERTAIN = 0.95
"""Confidence of a name from which a face stays visible."""
_SAME = 0.35
"""Distance of two centres, in sides of the known face, up to which a box covers it."""


class KeptFaces(Protocol):
    """Decides which faces stay visible."""

    def visible(self, image: RGBImage, faces: Faces, frame: int | None) -> NDArray[np.bool_]:
        """Which faces of a picture stay visible; shape (n,).

        Args:
            image: RGB uint8 of shape (H, W, 3).
            faces: n faces of it.
            frame: Number of the frame in its video; None for a photo.

        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class KeptInPhotos:
    """Keeps the faces that a gallery names.

    Attributes:
        gallery: The members.
        embedder: The gallery's embedder.
        keep: Names of the members to keep.

    """

    gallery: Gallery
    embedder: Embedder
    keep: frozenset[str]

    def visible(self, image: RGBImage, faces: Faces, frame: int | None) -> NDArray[np.bool_]:  # noqa: ARG002
        """See :meth:`KeptFaces.visible`."""
        known = described(faces, self.embedder.chips(image, faces), self.embedder, Size.of(image))
        names = self.gallery.identify(known).names
        return np.array([name in self.keep for name in names], bool)


@dataclass(frozen=True, slots=True, eq=False)
class KeptInVideo:
    """Keeps the faces of members whose trajectories are known.

    A position that was interpolated, or that is uncertain, does not keep a face visible, and each
    position keeps the nearest cover only.

    Attributes:
        trajectories: Those of the members to keep.

    """

    trajectories: Sequence[Trajectory]

    def visible(self, image: RGBImage, faces: Faces, frame: int | None) -> NDArray[np.bool_]:  # noqa: ARG002
        """See :meth:`KeptFaces.visible`."""
        kept = np.zeros(len(faces), bool)
        for trajectory in self.trajectories if frame is not None and len(faces) else ():
            sure = trajectory.confidence[frame] >= _CERTAIN
            if sure and trajectory.sources[frame] >= PositionSource.TRACKED:
                box = trajectory.boxes[frame]
                away = np.abs(centres_of(faces.boxes) - centres_of(box)) / sides_of(box)
                nearest = int(away.max(axis=1).argmin())
                kept[nearest] |= bool(away[nearest].max() <= _SAME)
        return kept


def kept_in_video(
    video: Path,
    members: Path | str | Gallery,
    keep: Collection[str],
    *,
    rotate: int,
    detector: str | FaceDetector,
    models: Models,
    progress: Progress,
) -> KeptInVideo:
    """Find the members of a video that stay visible, as :func:`closeup.make_fancams` does.

    Args:
        video: The video.
        members: See :func:`closeup.make_fancams`.
        keep: Names of those who stay visible.
        rotate: Rotation of the pictures in degrees clockwise.
        detector: See :func:`closeup.make_fancams`.
        models: Opens models.
        progress: Receives stages and messages.

    Raises:
        MembersError: there is no member of such a name.

    """
    with TemporaryDirectory(prefix="closeup-") as folder:
        options = FancamOptions(video=False, rotate=rotate)
        made = make_fancams(
            video, members, Path(folder) / "members", options,
            detector=detector, models=models, progress=progress,
        )  # fmt: skip
    check_kept(keep, made.solution.names)
    return KeptInVideo([t for t in made.solution.trajectories if t.name in keep])


def check_kept(keep: Collection[str], names: Collection[str]) -> None:
    """Refuse names of faces to keep that no member has.

    Raises:
        MembersError: a name is unknown; the message lists the members.

    """
    if unknown := sorted(set(keep) - set(names)):
        raise MembersError(f"there is no member {unknown[0]!r}; there are {', '.join(names)}")
